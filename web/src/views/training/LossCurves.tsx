// The loss of every run by step: means of stretches, and their least and greatest for the run that is shown.

import { useSignal } from "@preact/signals";
import type { Curve } from "../../messages.ts";
import { Plot, type Series } from "../../parts/Plot.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { colours } from "../../theme.ts";
import { joined, stepsMade, styleOf, useCurves, useMark } from "./curves.ts";
import { Key } from "./Key.tsx";

const T = TEXTS.training;
const POINTS = 400;
const NONE = new Float64Array();

export function LossCurves() {
  const explorer = useExplorer();
  const curves = useCurves(POINTS, stepsMade);
  const mark = useMark();
  const logarithmic = useSignal(false);
  const all = (curves.value?.curves ?? []).filter((one) => one.loss.length > 0);
  if (all.length === 0) return <p class="note">{T.noSteps}</p>;
  const shown = explorer.run.value;
  const places = new Map((explorer.status.value?.runs ?? []).map((one, place) => [one.name, place]));
  const [steps, ...columns] = joined(all.map((one) => [one.steps, one.loss, ...band(one, shown)]));
  const series = all.flatMap((one) => lines(one, places.get(one.run) ?? 0, shown));
  return (
    <section data-testid="curves" aria-label={T.loss}>
      <h3>{T.loss}</h3>
      <div class="row">
        <Key runs={all.map((one) => one.run)} places={places} />
        <label>
          <input type="checkbox" checked={logarithmic.value} onChange={() => (logarithmic.value = !logarithmic.value)} /> {T.logarithmic}
        </label>
        <PythonButton code={curves.value?.python} of={T.of} />
      </div>
      <Plot
        label={T.lossLabel}
        x={(steps ?? NONE) as ArrayLike<number>}
        xLabel={T.step}
        series={series.map((one, place) => ({ ...one, values: columns[place] ?? NONE }))}
        logarithmic={logarithmic.value}
        mark={mark.value}
        onPick={(step) => explorer.goTo(step)}
      />
      <p class="note">{T.pick}</p>
    </section>
  );
}

/** The least and the greatest losses, of the run that is shown alone: several bands could not be told apart. */
function band(curve: Curve, shown: string): Float64Array[] {
  return curve.run === shown ? [curve.low, curve.high] : [];
}

function lines(curve: Curve, place: number, shown: string): Omit<Series, "values">[] {
  const style = styleOf(place, colours.value);
  const mean = { label: T.legend(curve.run), ...style };
  const edge = { label: T.band(curve.run), colour: colours.value.line, dash: [] };
  return curve.run === shown ? [mean, edge, edge] : [mean];
}
