// The network by mouse, pen and fingers: point, press, drag, pinch, turn the wheel.

import { moved, toLayout, zoomed } from "./camera.ts";
import { cellAt, edgeAt, type Spot } from "./hit.ts";
import type { Point } from "./layout.ts";
import type { Stage } from "./stage.ts";

const REACH = { mouse: 5, touch: 14 }; // px: how near to an edge is on it
const STILL = 4; // px: less than this is a press, more is a drag
const WHEEL = 0.0016; // zoom per px of the wheel

export function spotAt(stage: Stage, at: Point, reach: number): Spot | null {
  const layout = stage.layout.peek();
  const camera = stage.camera.peek();
  if (at.y < stage.heading) return null;
  const point = toLayout(camera, at);
  return cellAt(layout, point) ?? edgeAt(layout, stage.explorer.looked.peek()?.layers ?? [], point, reach / camera.k);
}

/** Listen to a canvas; returns what ends it. */
export function listen(stage: Stage, canvas: HTMLElement): () => void {
  const down = new Map<number, Point>();
  let travelled = 0;

  const place = (event: PointerEvent | MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const reach = (event: Event): number => ((event as PointerEvent).pointerType === "touch" ? REACH.touch : REACH.mouse);
  const point = (event: PointerEvent): void => {
    const at = place(event);
    const spot = spotAt(stage, at, reach(event));
    stage.point(spot, at);
    canvas.style.cursor = spot ? "pointer" : down.size > 0 ? "grabbing" : stage.camera.peek().k > 1 ? "grab" : "default";
  };
  const drag = (id: number, at: Point): void => {
    const was = down.get(id);
    const other = [...down].find(([key]) => key !== id)?.[1];
    if (!was) return;
    travelled += Math.hypot(at.x - was.x, at.y - was.y);
    const layout = stage.layout.peek();
    let camera = moved(stage.camera.peek(), layout, at.x - was.x, at.y - was.y);
    if (other) {
      const apart = (point: Point): number => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
      camera = zoomed(stage.camera.peek(), layout, apart(at) / apart(was), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    }
    stage.setCamera(camera);
    down.set(id, at);
  };

  const handlers: Record<string, (event: never) => void> = {
    pointerdown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      if (down.size === 0) travelled = 0;
      down.set(event.pointerId, place(event));
      canvas.setPointerCapture(event.pointerId);
    },
    pointermove: (event: PointerEvent) => {
      if (down.has(event.pointerId)) drag(event.pointerId, place(event));
      if (down.size < 2) point(event);
    },
    pointerup: (event: PointerEvent) => {
      if (down.delete(event.pointerId) && travelled < STILL) press(stage, spotAt(stage, place(event), reach(event)));
      if (event.pointerType !== "touch") return;
      if (travelled < STILL) point(event);
      else stage.point(null);
    },
    pointercancel: (event: PointerEvent) => down.delete(event.pointerId),
    pointerleave: (event: PointerEvent) => {
      if (event.pointerType === "touch") return; // what was touched stays named
      stage.point(null);
    },
    dblclick: (event: MouseEvent) => {
      const spot = spotAt(stage, place(event), REACH.mouse);
      if (spot && spot.layer >= 0) stage.explorer.select(spot, "neuron");
    },
    wheel: (event: WheelEvent) => {
      const embedded = canvas.closest(".embedded") !== null;
      if (embedded && !event.ctrlKey && !canvas.parentElement?.contains(document.activeElement)) return;
      if (stage.camera.peek().k === 1 && event.deltaY > 0) return; // nothing to zoom out of: let the page scroll
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 4 : 1); // a pinched pad turns little
      stage.setCamera(zoomed(stage.camera.peek(), stage.layout.peek(), Math.exp(-pixels * WHEEL), place(event)));
    },
  };
  for (const [name, handler] of Object.entries(handlers)) {
    canvas.addEventListener(name, handler as EventListener, { passive: false });
  }
  return () => {
    for (const [name, handler] of Object.entries(handlers)) canvas.removeEventListener(name, handler as EventListener);
  };
}

function press(stage: Stage, spot: Spot | null): void {
  if (spot && spot.layer < 0) return;
  stage.explorer.select(spot);
  if (spot) {
    stage.cursor.value = { ...spot, input: null };
    stage.say(spot);
  }
}
