// The activation function, with the point at which the neuron stands and its slope there.

import { number } from "../../format.ts";
import type { Neuron } from "../../messages.ts";
import { TEXTS } from "../../texts.ts";

const WIDE = 320;
const HIGH = 150;
const LEFT = 46; // room for the numbers of the axis
const TANGENT = 36;

/** From numbers to places in the drawing. */
function frame(neuron: Neuron): { x: (z: number) => number; y: (a: number) => number; ends: [number, number, number, number] } {
  const z = neuron.curve_z;
  const low = z[0] ?? 0;
  const high = z[z.length - 1] ?? 1;
  const least = neuron.curve_a.reduce((a, b) => Math.min(a, b));
  const most = neuron.curve_a.reduce((a, b) => Math.max(a, b));
  const tall = most - least || 1;
  return {
    x: (value) => LEFT + ((value - low) / (high - low || 1)) * (WIDE - LEFT - 12),
    y: (value) => HIGH - 24 - ((value - least) / tall) * (HIGH - 42),
    ends: [low, high, least, most],
  };
}

export function ActivationCurve({ neuron }: { neuron: Neuron }) {
  if (neuron.curve_z.length < 2) return null;
  const { x, y, ends } = frame(neuron);
  const [low, high, least, most] = ends;
  const path = Array.from(neuron.curve_z, (z, i) => `${x(z).toFixed(1)},${y(neuron.curve_a[i] ?? 0).toFixed(1)}`).join(" ");
  const { z, a } = neuron;
  const said = z !== null && a !== null ? TEXTS.neuron.point(number(z), number(a)) : "";
  return (
    <section aria-label={TEXTS.neuron.curve}>
      <h3>
        {TEXTS.neuron.curve} {neuron.activation}
      </h3>
      <svg class="curve" viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={TEXTS.neuron.curveLabel(neuron.activation, said && `, ${said}`)}>
        <line class="axis" x1={LEFT} x2={WIDE - 12} y1={HIGH - 24} y2={HIGH - 24} />
        <line class="axis" x1={LEFT} x2={LEFT} y1={18} y2={HIGH - 24} />
        {low < 0 && high > 0 && <line class="zero" x1={x(0)} x2={x(0)} y1={18} y2={HIGH - 24} />}
        <text x={LEFT} y={HIGH - 8}>{number(low, 3)}</text>
        {low < 0 && high > 0 && <text x={x(0)} y={HIGH - 8} text-anchor="middle">0</text>}
        <text x={WIDE - 12} y={HIGH - 8} text-anchor="end">{number(high, 3)}</text>
        <text x={LEFT - 4} y={HIGH - 24} text-anchor="end">{number(least, 3)}</text>
        <text x={LEFT - 4} y={26} text-anchor="end">{number(most, 3)}</text>
        <polyline points={path} />
        {z !== null && a !== null && (
          <>
            {neuron.slope !== null && <Tangent x={x} y={y} z={z} a={a} slope={neuron.slope} />}
            <circle cx={x(z)} cy={y(a)} r={4.5} />
            <text class="point" x={WIDE / 2 + 17} y={12} text-anchor="middle">{said}</text>
          </>
        )}
      </svg>
    </section>
  );
}

interface TangentProps {
  x: (z: number) => number;
  y: (a: number) => number;
  z: number;
  a: number;
  slope: number;
}

/** A short line through the point, as steep as the slope says, of the same length on the screen whatever it is. */
function Tangent({ x, y, z, a, slope }: TangentProps) {
  const across = x(z + 1) - x(z);
  const up = y(a + slope) - y(a);
  const share = TANGENT / Math.hypot(across, up);
  return <line class="tangent" x1={x(z) - across * share} x2={x(z) + across * share} y1={y(a) - up * share} y2={y(a) + up * share} />;
}
