// How often the neuron is how active, for each class of its own: small drawings to one scale.

import { number } from "../../format.ts";
import type { Portrait } from "../../messages.ts";
import { TEXTS } from "../../texts.ts";

const HIGH = 22;

export function ClassHistogram({ portrait }: { portrait: Portrait }) {
  const bins = portrait.edges.length - 1;
  if (bins < 1 || portrait.counts.length < bins) return null;
  const tallest = portrait.counts.reduce((most, one) => Math.max(most, one), 1);
  const classes = Array.from({ length: portrait.counts.length / bins }, (_, place) => portrait.classes[place] ?? "");
  const range = TEXTS.neuron.histogramRange(number(portrait.edges[0], 3), number(portrait.edges[bins], 3));
  return (
    <>
      <h4>{TEXTS.neuron.histogram}</h4>
      <div class="histograms">
        {classes.map((name, place) => {
          const counts = portrait.counts.subarray(place * bins, (place + 1) * bins);
          const rows = counts.reduce((sum, one) => sum + one, 0);
          return (
            <div key={place}>
              <span>{name}</span>
              <svg viewBox={`0 0 ${bins} ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={TEXTS.neuron.histogramOf(name, rows)}>
                <path d={outline(counts, tallest)} />
              </svg>
            </div>
          );
        })}
      </div>
      <p class="note">{range}</p>
    </>
  );
}

/** Bars side by side as one outline; by the square root, so that a few rows are seen beside many. */
function outline(counts: Int32Array, tallest: number): string {
  const tops = Array.from(counts, (one, bin) => {
    const top = (HIGH - HIGH * Math.sqrt(one / tallest)).toFixed(2);
    return `L${bin} ${top}L${bin + 1} ${top}`;
  });
  return `M0 ${HIGH}${tops.join("")}L${counts.length} ${HIGH}Z`;
}
