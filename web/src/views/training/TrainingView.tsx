// View 4: how the runs went, what is in force, other futures, and what a run is to stop at.

import { useComputed } from "@preact/signals";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { Branching } from "./Branching.tsx";
import { Breakpoints } from "./Breakpoints.tsx";
import { Comparison } from "./Comparison.tsx";
import { LossCurves } from "./LossCurves.tsx";
import { MetricCurves } from "./MetricCurves.tsx";
import { Settings } from "./Settings.tsx";
import "./training.css";

const T = TEXTS.training;

export function TrainingView() {
  return (
    <div class="training">
      <h2>{T.title}</h2>
      <Rest />
      <LossCurves />
      <MetricCurves />
      <Settings />
      <Breakpoints />
      <Branching />
      <Comparison />
    </div>
  );
}

/** Why the run that is shown stands still, where there is more to say than that it was paused. */
function Rest() {
  const { runInfo } = useExplorer();
  const ended = useComputed(() => runInfo.value?.ended ?? "");
  const stopped = useComputed(() => (runInfo.value?.training ? "" : (runInfo.value?.stopped ?? "")));
  return (
    <p class="note" role="status">
      {ended.value !== "" && (
        <span data-testid="ended">
          {T.ended} {ended}.
        </span>
      )}
      {stopped.value !== "" && (
        <span data-testid="stopped">
          {T.stopped} {stopped}.
        </span>
      )}
    </p>
  );
}
