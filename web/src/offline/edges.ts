// The largest of a layer's edges. A layer may have a million: they are not sorted, but counted by size first.

import type { Layer } from "./given.ts";

export interface Edges {
  froms: Int32Array;
  tos: Int32Array;
  values: Float32Array;
  weights: Float32Array;
}

const BINS = 1 << 15;

/**
 * The largest edges into a layer, at most so many: the largest first, equal ones by neuron and input.
 *
 * x : what comes in, where an edge's value is what it contributes, x·w; null: its weight
 */
export function largestEdges({ weights, biases }: Layer, x: ArrayLike<number> | null, most: number): Edges {
  const width = biases.length;
  const values = new Float32Array(weights.length * width); // rounded to 32 bits, as the network's numbers are
  weights.forEach((row, i) => {
    const times = x === null ? 1 : (x[i] ?? 0);
    for (let j = 0; j < width; j++) values[i * width + j] = times * (row[j] ?? 0);
  });
  const places = largestPlaces(values, Math.min(most, values.length)).map((place) => [place % width, Math.floor(place / width), place] as const);
  places.sort(([to, from, place], [otherTo, otherFrom, other]) => Math.abs(values[other] ?? 0) - Math.abs(values[place] ?? 0) || to - otherTo || from - otherFrom);
  const chosen = places.slice(0, most);
  return {
    froms: Int32Array.from(chosen, ([, from]) => from),
    tos: Int32Array.from(chosen, ([to]) => to),
    values: Float32Array.from(chosen, ([, , place]) => values[place] ?? 0),
    weights: Float32Array.from(chosen, ([to, from]) => weights[from]?.[to] ?? 0),
  };
}

/** The places of the largest numbers by size: at least so many of them, in no order. */
function largestPlaces(values: Float32Array, least: number): number[] {
  if (least === 0) return [];
  // Without their sign, floats are in the order of their bits: the upper half of these is a bin.
  const bits = new Uint32Array(values.buffer);
  const bin = (i: number): number => ((bits[i] ?? 0) >>> 16) & (BINS - 1);
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < bits.length; i++) counts[bin(i)]!++;
  let first = BINS;
  for (let seen = 0; first > 0 && seen < least; ) seen += counts[--first] ?? 0;
  const found: number[] = [];
  for (let i = 0; i < bits.length; i++) if (bin(i) >= first) found.push(i);
  return found;
}
