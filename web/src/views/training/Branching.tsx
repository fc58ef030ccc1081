// Another future: a run that goes its own way from the step that is shown.

import { useSignal } from "@preact/signals";
import { Field } from "../../parts/Field.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { useMark } from "./curves.ts";
import { changes, SETTINGS, type Typed } from "./Settings.tsx";

const T = TEXTS.training;

export function Branching() {
  const explorer = useExplorer();
  const text = useSignal<Typed>({});
  const python = useSignal("");
  const step = useMark();
  const run = explorer.runInfo.value;
  if (run === null) return null;
  const branch = (event: Event): void => {
    event.preventDefault();
    const { learning_rate, batch_size, dropout } = changes(text.value, run);
    const where = { run: run.name, step: explorer.shownStep };
    void explorer.change("Branch", { where, learning_rate, batch_size, dropout }).then((answer) => {
      if (!answer) return;
      text.value = {};
      python.value = answer.python;
      explorer.show(answer.run);
    });
  };
  return (
    <section aria-label={T.branch}>
      <h3>{T.branch}</h3>
      <form class="fields" onSubmit={branch} noValidate>
        {SETTINGS.filter(({ name }) => name !== "epochs" && run[name] !== null).map(({ name, label, whole, least }) => (
          <Field
            key={name}
            label={label}
            text={text.value[name] ?? ""}
            placeholder={T.asItIs}
            onText={(typing) => (text.value = { ...text.value, [name]: typing })}
            testid={`branch-${name}`}
            whole={whole}
            least={least}
          />
        ))}
        <button type="submit" data-testid="branch-here">
          {T.branchHere(step.value ?? 0)}
        </button>
        <PythonButton code={python.value} of={T.branch} />
      </form>
      <p class="note">{T.branchNote}</p>
    </section>
  );
}
