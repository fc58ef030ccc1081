// What lies under a point, in the layout's coordinates.

import type { LayerLook } from "../../messages.ts";
import { columnOf, port, type Column, type Layout, type Point } from "./layout.ts";

/** A neuron, or one of its weights; layer −1: an input. */
export interface Spot {
  layer: number;
  node: number;
  input: number | null;
}

function nodeAt(column: Column, { x, y }: Point): number | null {
  const across = Math.floor((x - column.x) / column.size);
  const down = Math.floor((y - column.y) / column.size);
  if (across < 0 || across >= column.columns || down < 0 || down >= column.rows) return null;
  const node = column.kind === "image" ? down * column.columns + across : across * column.rows + down;
  return node < column.count ? node : null;
}

export function cellAt(layout: Layout, point: Point): Spot | null {
  for (const column of layout.columns) {
    const node = nodeAt(column, point);
    if (node !== null) return { layer: column.layer, node, input: null };
  }
  return null;
}

/** How far a point is from a straight line between two. */
export function distance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((point.x - from.x) * dx + (point.y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const at = Math.max(0, Math.min(1, along));
  return Math.hypot(point.x - from.x - at * dx, point.y - from.y - at * dy);
}

/** The nearest of the edges that were sent, if it is no farther than `reach`. */
export function edgeAt(layout: Layout, layers: LayerLook[], point: Point, reach: number): Spot | null {
  let nearest: Spot | null = null;
  let least = reach;
  for (const to of layout.columns) {
    const from = columnOf(layout, to.layer - 1);
    const look = layers[to.layer];
    if (!from || !look || point.x < from.x || point.x > to.x + to.columns * to.size) continue;
    for (let i = 0; i < look.froms.length; i++) {
      const [input, node] = [look.froms[i] ?? 0, look.tos[i] ?? 0];
      const far = distance(point, port(from, input, true), port(to, node, false));
      if (far < least) [least, nearest] = [far, { layer: to.layer, node, input }];
    }
  }
  return nearest;
}

/** The part of a straight line that a rectangle shows, or null (Liang and Barsky, 1984). */
export function shownPart(from: Point, to: Point, low: Point, high: Point): [Point, Point] | null {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  let [start, end] = [0, 1];
  for (const [way, room] of [[-dx, from.x - low.x], [dx, high.x - from.x], [-dy, from.y - low.y], [dy, high.y - from.y]] as const) {
    if (way === 0 && room < 0) return null;
    if (way < 0) start = Math.max(start, room / way);
    if (way > 0) end = Math.min(end, room / way);
  }
  if (start > end) return null;
  return [
    { x: from.x + start * dx, y: from.y + start * dy },
    { x: from.x + end * dx, y: from.y + end * dy },
  ];
}
