// The note beside the pointer or the keyboard's cursor: a name and numbers, kept up to date while the step changes.

import { effect } from "@preact/signals";
import { toScreen } from "./camera.ts";
import { pointText } from "./describe.ts";
import { columnOf, corner, type Point } from "./layout.ts";
import type { Stage } from "./stage.ts";

const OFF = 14; // px from the pointer

/** Where a note of the keyboard's cursor stands: at the right of its cell. */
function beside(stage: Stage): Point | null {
  const spot = stage.spot.peek();
  const column = spot && columnOf(stage.layout.peek(), spot.layer);
  if (!spot || !column) return null;
  const { x, y } = corner(column, spot.node);
  return toScreen(stage.camera.peek(), { x: x + column.size, y });
}

/** Show the note whenever there is something to tell; returns what ends it. */
export function noteAlong(stage: Stage, element: HTMLElement): () => void {
  let shown = "";
  return effect(() => {
    void [stage.camera.value, stage.layout.value, stage.explorer.looked.value];
    const spot = stage.spot.value;
    const at = stage.at.value ?? beside(stage);
    element.hidden = !spot || !at;
    if (!spot || !at) return;
    const text = pointText(stage.explorer, spot).join("\n");
    if (text !== shown) element.textContent = shown = text;
    put(stage, element, at);
  });
}

function put(stage: Stage, element: HTMLElement, at: Point): void {
  const { width, height } = stage.size.peek();
  const left = at.x + OFF + element.offsetWidth > width ? at.x - OFF - element.offsetWidth : at.x + OFF;
  const top = Math.min(at.y + OFF, height - element.offsetHeight - 4);
  element.style.transform = `translate(${Math.max(2, left)}px, ${Math.max(2, top)}px)`;
}
