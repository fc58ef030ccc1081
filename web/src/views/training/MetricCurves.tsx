// What was measured by epoch: one metric at a time, of every run, as curves and as a table.

import { useSignal } from "@preact/signals";
import { number } from "../../format.ts";
import type { Curve } from "../../messages.ts";
import { Plot } from "../../parts/Plot.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { colours } from "../../theme.ts";
import { epochsOf, joined, styleOf, useCurves, useMark, valuesOf } from "./curves.ts";

const T = TEXTS.training;
const FEW_POINTS = 10;
const NONE = new Float64Array();

export function MetricCurves() {
  const explorer = useExplorer();
  const curves = useCurves(FEW_POINTS, epochsOf);
  const mark = useMark();
  const chosen = useSignal("");
  const all = (curves.value?.curves ?? []).filter((one) => one.epoch_steps.length > 0);
  const metrics = [...new Set(all.flatMap((one) => one.metrics))];
  if (all.length === 0) return <p class="note">{T.noEpochs}</p>;
  const metric = metrics.includes(chosen.value) ? chosen.value : (metrics.at(-1) ?? "loss");
  const places = new Map((explorer.status.value?.runs ?? []).map((one, place) => [one.name, place]));
  const having = all.filter((one) => one.metrics.includes(metric));
  const [steps, ...columns] = joined(having.map((one) => [one.epoch_steps, valuesOf(one, metric)]));
  const series = having.map((one, place) => ({
    label: T.measured(one.run),
    points: true,
    values: columns[place] ?? NONE,
    ...styleOf(places.get(one.run) ?? 0, colours.value),
  }));
  return (
    <section data-testid="metrics" aria-label={T.metrics}>
      <h3>{T.metrics}</h3>
      <label>
        {T.metric}{" "}
        <select value={metric} onChange={(event) => (chosen.value = event.currentTarget.value)}>
          {metrics.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <Plot
        label={T.metricLabel(metric)}
        x={(steps ?? NONE) as ArrayLike<number>}
        xLabel={T.step}
        series={series}
        height={130}
        mark={mark.value}
        onPick={(step) => explorer.goTo(step)}
      />
      <MetricTable curves={having} metric={metric} />
    </section>
  );
}

function MetricTable({ curves, metric }: { curves: Curve[]; metric: string }) {
  const explorer = useExplorer();
  const open = useSignal(false);
  return (
    <details onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{T.table}</summary>
      {open.value &&
        curves.map((curve) => (
          <table key={curve.run} class="plain" aria-label={`${metric}, ${curve.run}`}>
            <thead>
              <tr>
                <th scope="col">{T.step}</th>
                <th scope="col" class="number">{`${metric}, ${curve.run}`}</th>
              </tr>
            </thead>
            <tbody>
              {Array.from(curve.epoch_steps, (step, place) => (
                <tr key={step}>
                  <th scope="row">
                    <button type="button" class="link" onClick={() => explorer.goTo(step)}>
                      {step}
                    </button>
                  </th>
                  <td class="number" data-value={valuesOf(curve, metric)[place]}>
                    {number(valuesOf(curve, metric)[place], 5)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
    </details>
  );
}
