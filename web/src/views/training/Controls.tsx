// Start, pause, one step, and how fast.

import { useComputed, useSignal } from "@preact/signals";
import { useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.time;

function train(explorer: Explorer, what: "start" | "pause" | "step", pace: number): void {
  if (what !== "pause") explorer.goTo(null);
  void explorer.change("Train", { run: explorer.run.value, do: what, steps: 1, pace });
}

/** Go one step on: in what is recorded, or, at its end, by making one. */
function oneStep(explorer: Explorer): void {
  const last = explorer.runInfo.value?.step ?? 0;
  if (explorer.shownStep < last) explorer.goTo(explorer.shownStep + 1);
  else train(explorer, "step", 0);
}

export function Controls() {
  const explorer = useExplorer();
  const pace = useSignal(0);
  const training = useComputed(() => explorer.runInfo.value?.training ?? false);
  const canTrain = useComputed(() => explorer.runInfo.value?.can_train ?? true);
  const atEnd = useComputed(() => explorer.step.value === null);
  const runs = training.value;
  const setPace = (seconds: number): void => {
    pace.value = seconds;
    if (training.value) train(explorer, "start", seconds);
  };
  return (
    <div class="row controls">
      <button
        type="button"
        class="primary"
        data-testid="start-pause"
        aria-label={runs ? T.pauseLabel : T.startLabel}
        disabled={!runs && !canTrain.value}
        onClick={() => train(explorer, runs ? "pause" : "start", pace.value)}
      >
        <span aria-hidden="true">{runs ? "❚❚" : "▶"}</span> <span class="word">{runs ? T.pause : T.start}</span>
      </button>
      <button
        type="button"
        data-testid="one-step"
        aria-label={T.stepLabel}
        disabled={runs || (atEnd.value && !canTrain.value)}
        onClick={() => oneStep(explorer)}
      >
        <span aria-hidden="true">▸❘</span> <span class="word">{T.step}</span>
      </button>
      <select aria-label={T.pace} title={T.pace} data-testid="pace" value={pace.value} onChange={(event) => setPace(Number(event.currentTarget.value))}>
        {T.paces.map(([seconds, name]) => (
          <option key={seconds} value={seconds}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
