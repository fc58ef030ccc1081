// How the neuron, or its opened weight, came to be what it is: at the steps that the run has kept.

import { useSignal } from "@preact/signals";
import { useAsking } from "../../asking.ts";
import { number } from "../../format.ts";
import type { NeuronHistory } from "../../messages.ts";
import { Plot } from "../../parts/Plot.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { Toggles } from "../../parts/Toggles.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { colours } from "../../theme.ts";
import type { Opened } from "./opened.ts";

const POINTS = 120;

type Of = keyof typeof TEXTS.neuron.histories;

export function HistoryPart({ opened }: { opened: Opened }) {
  const explorer = useExplorer();
  const asking = useAsking("AskHistory", () => {
    const selected = explorer.selected.value;
    if (!selected) return null;
    // The whole run's history is the same wherever one stands in it: scrubbing asks nothing anew.
    const where = { run: explorer.run.value, step: null };
    return { where, layer: explorer.layerName(selected.layer), node: selected.node, input: selected.input, points: POINTS };
  }).value;
  if (!asking) return null;
  const { question, answer, refusal } = asking;
  return (
    <section data-testid="history" aria-label={TEXTS.neuron.history}>
      <h3>{TEXTS.neuron.history}</h3>
      {answer ? (
        <Curves history={answer} hasWeight={question.input !== null} opened={opened} />
      ) : (
        <p class="refusal">{refusal || TEXTS.neuron.noHistory}</p>
      )}
    </section>
  );
}

function Curves({ history, hasWeight, opened }: { history: NeuronHistory; hasWeight: boolean; opened: Opened }) {
  const explorer = useExplorer();
  const chosen = useSignal<Of | null>(null);
  const usual: Of = hasWeight ? "weight" : opened.what.value === "bias" ? "bias" : "norm";
  const of = chosen.value === null || (chosen.value === "weight" && !hasWeight) ? usual : chosen.value;
  const names = TEXTS.neuron.histories;
  const choices = (Object.keys(names) as Of[]).filter((one) => one !== "weight" || hasWeight).map((one) => [one, names[one]] as const);
  return (
    <>
      <div class="row">
        <Toggles label={TEXTS.neuron.historyOf} value={of} choices={choices} onChoose={(one) => (chosen.value = one)} />
        <PythonButton code={history.python} of={TEXTS.neuron.history} />
      </div>
      <Plot
        label={`${TEXTS.neuron.historyOf} ${names[of]}`}
        x={history.steps}
        xLabel={TEXTS.neuron.step}
        series={[{ label: names[of], colour: colours.value.positive, values: history[of] }]}
        height={140}
        mark={explorer.shownStep}
        onPick={(step) => explorer.goTo(step)}
      />
      <p class="note">{TEXTS.neuron.historyHelp}</p>
      <HistoryTable history={history} of={of} />
    </>
  );
}

function HistoryTable({ history, of }: { history: NeuronHistory; of: Of }) {
  const open = useSignal(false);
  const explorer = useExplorer();
  return (
    <details onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{TEXTS.neuron.historyTable}</summary>
      {open.value && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{TEXTS.neuron.step}</th>
              <th scope="col" class="number">{TEXTS.neuron.histories[of]}</th>
            </tr>
          </thead>
          <tbody>
            {Array.from(history.steps, (step, place) => (
              <tr key={step}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => explorer.goTo(step)}>
                    {step}
                  </button>
                </th>
                <td class="number" data-value={history[of][place]}>
                  {number(history[of][place])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
