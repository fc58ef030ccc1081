// What a thing is called, and its numbers, in words: for the pointer's note, and for those who hear the page.

import { number, signed } from "../../format.ts";
import type { Looked } from "../../messages.ts";
import type { Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import type { Spot } from "./hit.ts";

const T = TEXTS.network;

export function spotName(explorer: Explorer, { layer, node }: { layer: number; node: number }): string {
  const about = explorer.about.peek();
  if (layer >= 0) return T.neuron(about?.layers[layer]?.name ?? "", node + 1);
  const across = about?.image?.[1];
  if (across) return T.pixel(Math.floor(node / across), node % across);
  return about?.inputs[node] ?? T.input(node + 1);
}

/** The number that goes into a weight: an input, or an activation. */
export function source(looked: Looked | null, { layer, node }: { layer: number; node: number }): number | undefined {
  return layer < 0 ? looked?.inputs[node] : looked?.layers[layer]?.a[node];
}

/** The place of a weight among the edges that were sent, or −1. */
export function edgePlace(looked: Looked | null, { layer, node, input }: Spot): number {
  const look = looked?.layers[layer];
  if (!look) return -1;
  for (let i = 0; i < look.froms.length; i++) if (look.froms[i] === input && look.tos[i] === node) return i;
  return -1;
}

/** The numbers of a neuron, as they stand in its cell. */
export function cellText(looked: Looked | null, { layer, node }: { layer: number; node: number }): string[] {
  const look = looked?.layers[layer];
  const x = source(looked, { layer, node });
  if (layer < 0) return x === undefined ? [] : [`x = ${number(x)}`];
  const lines = x === undefined ? [] : [`a = ${number(x)}`];
  if (look?.biases[node] !== undefined) lines.push(T.bias(signed(look.biases[node])));
  if (look?.delta[node] !== undefined) lines.push(`δ = ${signed(look.delta[node])}`);
  return lines;
}

/** What stands on an edge: its weight, or the multiplication that it makes of the sample. */
export function edgeText(looked: Looked, layer: number, place: number, contributions: boolean): string {
  const look = looked.layers[layer];
  const w = signed(look?.weights[place], 3);
  const x = source(looked, { layer: layer - 1, node: look?.froms[place] ?? 0 });
  if (!contributions || x === undefined) return `w = ${w}`;
  return `${number(x, 3)} · (${w}) = ${signed(look?.values[place], 3)}`;
}

/** A name, and numbers. */
export function pointText(explorer: Explorer, spot: Spot): string[] {
  const looked = explorer.looked.peek();
  const name = spotName(explorer, spot);
  if (spot.input === null) return [name, ...cellText(looked, spot)];
  const from = spotName(explorer, { layer: spot.layer - 1, node: spot.input });
  const place = edgePlace(looked, spot);
  const contributions = explorer.by.peek() === "contribution";
  return looked && place >= 0 ? [T.edge(from, name), edgeText(looked, spot.layer, place, contributions)] : [T.edge(from, name)];
}
