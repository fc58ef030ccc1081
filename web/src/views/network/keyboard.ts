// The network by keyboard: arrows go from layer to layer and from neuron to neuron.

import { greatestZoom, seeing, WHOLE, zoomed } from "./camera.ts";
import type { Spot } from "./hit.ts";
import { columnOf, corner, type Point } from "./layout.ts";
import type { Stage } from "./stage.ts";

const STEP = 1.4;

type Move = (at: Spot, last: number, layers: number) => Spot;
const down = (by: number): Move => (at, last) => ({ ...at, node: Math.max(0, Math.min(last, at.node + by)) });
const across = (by: number): Move => (at, _, layers) => ({ ...at, layer: Math.max(-1, Math.min(layers - 1, at.layer + by)) });

const MOVES: Record<string, Move> = {
  ArrowUp: down(-1),
  ArrowDown: down(1),
  PageUp: down(-10),
  PageDown: down(10),
  Home: (at) => ({ ...at, node: 0 }),
  End: (at, last) => ({ ...at, node: last }),
  ArrowLeft: across(-1),
  ArrowRight: across(1),
};

/** How many nodes a layer has; of −1, the inputs. */
function width(stage: Stage, layer: number): number {
  const about = stage.explorer.about.peek();
  return (layer < 0 ? about?.n_inputs : about?.layers[layer]?.width) ?? 1;
}

/** Where the keyboard is, or would begin: at what is selected, or at the first neuron that is seen. */
export function startOf(stage: Stage): Spot {
  const { selected, window } = stage.explorer;
  return stage.cursor.peek() ?? { layer: window.peek().first, node: 0, ...selected.peek(), input: null };
}

/** Go to a node: bring it into view, point to it and say its numbers. */
export function goTo(stage: Stage, spot: Spot): void {
  const { first, count } = stage.explorer.window.peek();
  if (spot.layer < first && spot.layer >= 0) stage.setWindow(spot.layer);
  else if (spot.layer < 0) stage.setWindow(0);
  else if (spot.layer >= first + count) stage.setWindow(spot.layer - count + 1);
  const layout = stage.layout.peek();
  const column = columnOf(layout, spot.layer);
  if (column) stage.setCamera(seeing(stage.camera.peek(), layout, column, spot.node, stage.heading));
  stage.cursor.value = spot;
  stage.point(spot);
  stage.say(spot);
}

/** Zoom by a factor, around the keyboard's place if there is one, else around the middle. */
export function zoomBy(stage: Stage, factor: number): void {
  const layout = stage.layout.peek();
  const camera = stage.camera.peek();
  const middle: Point = { x: layout.width / 2, y: layout.height / 2 };
  const cursor = stage.cursor.peek();
  const column = cursor && columnOf(layout, cursor.layer);
  stage.setCamera(zoomed(camera, layout, factor, middle));
  if (!cursor || !column || factor < 1) return;
  const { x, y } = corner(column, cursor.node); // what is looked at comes to the middle as it grows
  const { k } = stage.camera.peek();
  const half = column.size / 2;
  stage.setCamera({ k, x: middle.x - (x + half) * k, y: middle.y - (y + half) * k });
}

function zoomKey(stage: Stage, key: string): boolean {
  if (key === "+" || key === "=") zoomBy(stage, STEP);
  else if (key === "-" || key === "−") zoomBy(stage, 1 / STEP);
  else if (key === "0") stage.setCamera(WHOLE);
  else return false;
  return true;
}

/** Do what a key asks for; return whether it asked for anything. */
export function keyPressed(stage: Stage, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const move = MOVES[event.key];
  const at = startOf(stage);
  if (move) {
    const layers = stage.explorer.about.peek()?.layers.length ?? 0;
    const to = stage.cursor.peek() ? move(at, width(stage, at.layer) - 1, layers) : at;
    goTo(stage, { ...to, node: Math.min(to.node, width(stage, to.layer) - 1) });
    return true;
  }
  if (event.key === "Enter") {
    if (at.layer >= 0) stage.explorer.select(at, "neuron");
    return true;
  }
  if (event.key === "Escape") {
    stage.point(null);
    stage.explorer.select(null);
    return true;
  }
  return zoomKey(stage, event.key);
}

export function canZoomIn(stage: Stage): boolean {
  return stage.camera.value.k < greatestZoom(stage.layout.value) - 1e-9;
}
