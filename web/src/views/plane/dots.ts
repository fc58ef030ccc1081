// Points of the plane: where they lie in the picture, and their shapes.

import type { Boundary } from "../../messages.ts";
import { colours } from "../../theme.ts";

export interface Box {
  x: number;
  y: number;
}

export type Shape = "circle" | "triangle" | "square" | "diamond" | "cross";

/** Where a point lies in a picture of so many pixels; x₂ grows upwards. */
export function place({ low, high }: Pick<Boundary, "low" | "high">, x1: number, x2: number, size: number): Box {
  return { x: (size * (x1 - low[0])) / (high[0] - low[0]), y: (size * (high[1] - x2)) / (high[1] - low[1]) };
}

const R = 4;

/** Draw one: filled, or as an outline. */
export function dot(context: CanvasRenderingContext2D, { x, y }: Box, shape: Shape, shade: string, filled: boolean): void {
  context.beginPath();
  if (shape === "circle") context.arc(x, y, R, 0, 2 * Math.PI);
  else if (shape === "square") context.rect(x - R + 0.5, y - R + 0.5, 2 * R - 1, 2 * R - 1);
  else if (shape === "cross") cross(context, x, y);
  else polygon(context, shape === "triangle" ? [[0, -R - 1], [R, R - 1], [-R, R - 1]] : [[0, -R - 1], [R + 1, 0], [0, R + 1], [-R - 1, 0]], x, y);
  context.lineWidth = shape === "cross" ? 3 : filled ? 1 : 1.8;
  context.fillStyle = shade;
  context.strokeStyle = filled && shape !== "cross" ? colours.value.paper : shade;
  if (filled && shape !== "cross") context.fill();
  context.stroke();
}

function polygon(context: CanvasRenderingContext2D, corners: [number, number][], x: number, y: number): void {
  for (const [dx, dy] of corners) context.lineTo(x + dx, y + dy);
  context.closePath();
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  const long = 2 * R;
  context.moveTo(x - long, y);
  context.lineTo(x + long, y);
  context.moveTo(x, y - long);
  context.lineTo(x, y + long);
}
