// Zoom and pan: screen = layout · k + (x, y). At k = 1 the whole window of layers is seen.

import { corner, type Column, type Layout, type Point } from "./layout.ts";

export interface Camera {
  k: number;
  x: number;
  y: number;
}

export const WHOLE: Camera = { k: 1, x: 0, y: 0 };
const CELL = 320; // px: how large the smallest cell can be drawn

export function greatestZoom(layout: Layout): number {
  const least = Math.min(...layout.columns.map((one) => one.size));
  return Math.max(8, CELL / least);
}

/** The camera, but never beyond the picture's border. */
export function kept({ k, x, y }: Camera, layout: Layout): Camera {
  const zoom = Math.max(1, Math.min(greatestZoom(layout), k));
  return {
    k: zoom,
    x: Math.min(0, Math.max(layout.width * (1 - zoom), x)),
    y: Math.min(0, Math.max(layout.height * (1 - zoom), y)),
  };
}

/** Zoom by a factor around a point of the screen, which stays where it is. */
export function zoomed(camera: Camera, layout: Layout, factor: number, at: Point): Camera {
  const k = Math.max(1, Math.min(greatestZoom(layout), camera.k * factor));
  const change = k / camera.k;
  return kept({ k, x: at.x - (at.x - camera.x) * change, y: at.y - (at.y - camera.y) * change }, layout);
}

export function moved(camera: Camera, layout: Layout, dx: number, dy: number): Camera {
  return kept({ k: camera.k, x: camera.x + dx, y: camera.y + dy }, layout);
}

/** The camera moved as little as needed to see a node's cell, clear of the headings at the top. */
export function seeing(camera: Camera, layout: Layout, column: Column, node: number, top: number): Camera {
  const { x, y } = corner(column, node);
  const size = column.size * camera.k;
  const [left, upper] = [x * camera.k + camera.x, y * camera.k + camera.y];
  const dx = Math.max(0, 24 - left) + Math.min(0, layout.width - 24 - (left + size));
  const dy = Math.max(0, top + 8 - upper) + Math.min(0, layout.height - 8 - (upper + size));
  return moved(camera, layout, dx, dy);
}

export function toScreen(camera: Camera, point: Point): Point {
  return { x: point.x * camera.k + camera.x, y: point.y * camera.k + camera.y };
}

export function toLayout(camera: Camera, point: Point): Point {
  return { x: (point.x - camera.x) / camera.k, y: (point.y - camera.y) / camera.k };
}
