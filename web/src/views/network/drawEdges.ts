// Edges: colour and width tell the size, a broken line a negative sign.

import { colour } from "../../colours.ts";
import type { LayerLook } from "../../messages.ts";
import type { Brush } from "./brush.ts";
import { toScreen } from "./camera.ts";
import { edgeText } from "./describe.ts";
import { shownPart, type Spot } from "./hit.ts";
import { columnOf, port, type Column, type Point } from "./layout.ts";
import { Lines } from "./lines.ts";
import { isReached } from "./mode.ts";

const LEVELS = 6;
const MOST_LABELS = 24;
const LABELS_FROM = 48; // px: the size of a cell at either end

/** One batch of lines for each level of size, of negative and of positive ones. */
class Batches {
  private readonly batches = Array.from({ length: 2 * LEVELS }, () => new Lines());

  add(value: number, scale: number, [from, to]: [Point, Point]): void {
    const level = Math.min(LEVELS - 1, Math.floor((LEVELS * Math.abs(value)) / (scale || 1)));
    this.batches[(value < 0 ? 0 : LEVELS) + level]?.add(from, to);
  }

  stroke({ context, colours, camera, narrow, ratio }: Brush, alpha: number): void {
    const weight = Math.min(2.5, Math.sqrt(camera.k)) * (narrow ? 0.6 : 1);
    context.globalAlpha = alpha;
    this.batches.forEach((lines, place) => {
      const size = ((place % LEVELS) + 1) / LEVELS;
      const positive = place >= LEVELS;
      context.strokeStyle = colour((positive ? 1 : -1) * (0.3 + 0.7 * size), 1, colours.dark);
      lines.draw(context, (0.35 + 1.6 * size) * weight, ratio, !positive);
    });
    context.globalAlpha = 1;
  }
}

/** Whether an edge belongs to what stands out: it is it, it leads to it, or comes from it. */
function belongs(focus: Spot, layer: number, from: number, to: number): boolean {
  if (focus.layer === layer && focus.node === to) return focus.input === null || focus.input === from;
  return focus.input === null && focus.layer === layer - 1 && focus.node === from;
}

/** Visit the edges that are seen, with what is seen of each, in px of the screen. */
function visit(brush: Brush, see: (look: LayerLook, layer: number, place: number, part: [Point, Point]) => void): void {
  const { layout, looked, camera, low, high } = brush;
  for (const to of layout.columns) {
    const from: Column | undefined = columnOf(layout, to.layer - 1);
    const look = looked.layers[to.layer];
    if (!from || !look) continue;
    for (let i = 0; i < look.froms.length; i++) {
      const part = shownPart(port(from, look.froms[i] ?? 0, true), port(to, look.tos[i] ?? 0, false), low, high);
      if (part) see(look, to.layer, i, [toScreen(camera, part[0]), toScreen(camera, part[1])]);
    }
  }
}

/** Draw the edges that lie beneath the cells; return how to draw, above them, those that stand out. */
export function drawEdges(brush: Brush): () => void {
  const { focus, about } = brush;
  const [under, faded, above] = [new Batches(), new Batches(), new Batches()];
  visit(brush, (look, layer, i, part) => {
    const there = isReached(layer, about.layers.length, brush.reached, brush.back);
    const out = focus !== null && belongs(focus, layer, look.froms[i] ?? 0, look.tos[i] ?? 0);
    const batch = out ? above : there && focus === null ? under : faded;
    batch.add(look.values[i] ?? 0, look.scale, part);
  });
  under.stroke(brush, 0.85);
  faded.stroke(brush, 0.15);
  return () => above.stroke(brush, 1);
}

/** Write weights on edges, where there is room: on those that stand out if anything does, the largest first. */
export function drawEdgeLabels(brush: Brush): void {
  const { context, colours, focus, looked, contributions } = brush;
  const large = new Set(brush.layout.columns.map((one) => one.layer).filter((layer) => isLarge(brush, layer)));
  if (large.size === 0) return;
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const taken: [number, number, number][] = [];
  visit(brush, (look, layer, i, [from, to]) => {
    if (taken.length >= MOST_LABELS || !large.has(layer) || Math.hypot(to.x - from.x, to.y - from.y) < 60) return;
    if (focus && !belongs(focus, layer, look.froms[i] ?? 0, look.tos[i] ?? 0)) return;
    const text = edgeText(looked, layer, i, contributions);
    const half = context.measureText(text).width / 2 + 4;
    const place = freePlace(from, to, half, taken, brush);
    if (!place) return;
    taken.push([place.x, place.y, half]);
    context.fillStyle = colours.paper;
    context.fillRect(place.x - half, place.y - 9, 2 * half, 18);
    context.fillStyle = colours.ink;
    context.fillText(text, place.x, place.y);
  });
}

/** Whether a layer, or the one before it, is drawn so large that the edges between them are to be told apart. */
function isLarge({ layout, camera }: Brush, layer: number): boolean {
  return [layer - 1, layer].some((one) => (columnOf(layout, one)?.size ?? 0) * camera.k >= LABELS_FROM);
}

/** A place on a line where a label covers neither another one nor a cell, and is not cut by the border. */
function freePlace(from: Point, to: Point, half: number, taken: [number, number, number][], brush: Brush): Point | null {
  const { layout, heading, camera } = brush;
  const covered = layout.columns.map((one) => [one.x * camera.k + camera.x, (one.x + one.columns * one.size) * camera.k + camera.x] as const);
  for (const share of [0.5, 0.35, 0.65, 0.2, 0.8]) {
    const x = from.x + share * (to.x - from.x);
    const y = from.y + share * (to.y - from.y);
    const inside = x >= half && x <= layout.width - half && y >= heading + 9 && y <= layout.height - 9;
    const alone = !taken.some(([x2, y2, half2]) => Math.abs(x - x2) < half + half2 && Math.abs(y - y2) < 19);
    if (inside && alone && !covered.some(([left, right]) => x + half > left && x - half < right)) return { x, y };
  }
  return null;
}
