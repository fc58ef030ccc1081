// Settings that can change while a run goes on; each change is an edit that is recorded, and replayed.

import { useSignal } from "@preact/signals";
import type { Change, RunInfo } from "../../messages.ts";
import { Field, typed } from "../../parts/Field.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.training;

type Setting = "learning_rate" | "batch_size" | "dropout" | "epochs";

interface Kind {
  name: Setting;
  label: string;
  whole: boolean;
  least: number;
  testid: string;
}

export const SETTINGS: Kind[] = [
  { name: "learning_rate", label: T.rate, whole: false, least: 0, testid: "learning-rate-input" },
  { name: "batch_size", label: T.batch, whole: true, least: 1, testid: "batch-size-input" },
  { name: "dropout", label: T.dropout, whole: false, least: 0, testid: "dropout-input" },
  { name: "epochs", label: T.epochs, whole: true, least: 1, testid: "epochs-input" },
];

export type Typed = Partial<Record<Setting, string>>;

/** What was typed as numbers; what was not, or is as it is already, is null. */
export function changes(text: Typed, run: RunInfo): Omit<Change, "run"> {
  const of = (name: Setting): number | null => {
    const value = typed(text[name]);
    return value === run[name] ? null : value;
  };
  return { learning_rate: of("learning_rate"), batch_size: of("batch_size"), dropout: of("dropout"), epochs: of("epochs") };
}

export function Settings() {
  const explorer = useExplorer();
  const text = useSignal<Typed>({});
  const run = explorer.runInfo.value;
  if (run === null || !run.can_train) return null;
  const asked = changes(text.value, run);
  const apply = (event: Event): void => {
    event.preventDefault();
    void explorer.change("Change", { run: run.name, ...asked }).then((answer) => {
      if (answer) text.value = {};
    });
  };
  return (
    <section aria-label={T.settings}>
      <h3>{T.settings}</h3>
      <form class="fields" onSubmit={apply} noValidate>
        {SETTINGS.filter(({ name }) => run[name] !== null).map(({ name, label, whole, least, testid }) => (
          <Field
            key={name}
            label={label}
            text={text.value[name] ?? String(run[name])}
            value={run[name]}
            onText={(typing) => (text.value = { ...text.value, [name]: typing })}
            testid={testid}
            whole={whole}
            least={least}
          />
        ))}
        <button type="submit" data-testid="apply-settings" disabled={Object.values(asked).every((one) => one === null)}>
          {T.apply}
        </button>
      </form>
      <p class="note">
        {T.applyNote(run.step)} {run.edits > 0 && <span data-testid="edits" data-value={run.edits}>{T.edits(run.edits)}</span>}
      </p>
    </section>
  );
}
