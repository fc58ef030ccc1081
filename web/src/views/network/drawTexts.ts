// Names: of layers at the top, of inputs on the left, of outputs, with what the network says, on the right.

import { number, percent } from "../../format.ts";
import { TEXTS } from "../../texts.ts";
import type { Brush, Fitted } from "./brush.ts";
import { toScreen } from "./camera.ts";
import { columnOf, corner, type Column } from "./layout.ts";
import { isReached } from "./mode.ts";

const T = TEXTS.network;
const LINE = 15; // px a line of text needs

export function probable(task: string): boolean {
  return task === "classes" || task === "yes-no";
}

export function outputText(task: string, value: number | undefined): string {
  return probable(task) ? percent(value) : number(value);
}

export function drawTexts(brush: Brush, fitted: Fitted): void {
  drawInputNames(brush, fitted);
  drawOutputs(brush, fitted);
  drawHeadings(brush, fitted);
}

function drawHeadings(brush: Brush, fitted: Fitted): void {
  const { context, layout, colours, heading, headings, narrow } = brush;
  context.fillStyle = colours.paper;
  context.globalAlpha = 0.9;
  context.fillRect(0, 0, layout.width, heading);
  context.globalAlpha = 1;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const middles = layout.columns.map((one) => shownMiddle(one, brush));
  layout.columns.forEach((column, i) => {
    const middle = middles[i] ?? 0;
    if (middle < 0 || middle > layout.width) return;
    const before = middle - (middles[i - 1] ?? -Infinity);
    const after = (middles[i + 1] ?? Infinity) - middle;
    const room = Math.min(before, after, middle + after / 2, layout.width - middle + before / 2, layout.width) - 4;
    const [name, what] = headings.get(column.layer) ?? ["", ""];
    const write = (text: string, y: number): void => {
      const fit = fitted.fit(context, text, room);
      const half = fitted.width(context, fit) / 2 + 3;
      context.fillText(fit, Math.max(half, Math.min(layout.width - half, middle)), y);
    };
    context.font = "600 12px system-ui, sans-serif";
    context.fillStyle = colours.ink;
    write(name, 14);
    context.font = `${narrow ? 10 : 11}px system-ui, sans-serif`;
    context.fillStyle = colours.faint;
    write(what, 28);
  });
}

/** The middle of what is seen of a column; outside the screen where nothing is. */
function shownMiddle(column: Column, { camera, layout }: Brush): number {
  const left = column.x * camera.k + camera.x;
  const right = left + column.columns * column.size * camera.k;
  if (right < 0 || left > layout.width) return (left + right) / 2;
  return (Math.max(0, left) + Math.min(layout.width, right)) / 2;
}

/** Whether each cell of a column has room for a line of text beside it. */
function roomy(column: Column, zoom: number): boolean {
  return column.size * zoom >= LINE - 3;
}

function drawInputNames(brush: Brush, fitted: Fitted): void {
  const { context, layout, camera, colours, looked, about, narrow } = brush;
  const column = columnOf(layout, -1);
  if (!column || column.kind !== "cells" || column.columns > 1 || !roomy(column, camera.k)) return;
  context.font = `${narrow ? 11 : 12}px system-ui, sans-serif`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = colours.ink;
  for (let node = 0; node < column.count; node++) {
    const at = toScreen(camera, corner(column, node));
    const room = column.x * camera.k - 10;
    const name = about.inputs[node] ?? "";
    const value = looked.inputs[node];
    const text = `${name} = ${number(value, 3)}`;
    const fits = value !== undefined && fitted.fit(context, text, room) === text;
    context.fillText(fits ? text : fitted.fit(context, name, room), at.x - 6, at.y + (column.size * camera.k) / 2);
  }
}

/** How wide names of outputs are, with what the network says, in px: short names need less on a phone. */
export function outputsRoom(names: readonly string[], narrow: boolean): number {
  if (!narrow) return 146;
  return names.some((name) => name.length > 2) ? 126 : 98;
}

function drawOutputs(brush: Brush, fitted: Fitted): void {
  const { context, layout, camera, colours, looked, about, narrow } = brush;
  const column = columnOf(layout, about.layers.length - 1);
  if (!column) return;
  const there = isReached(column.layer, about.layers.length, brush.reached, brush.back);
  const each = about.outputs.length === column.count;
  if (each && (column.columns > 1 || !roomy(column, camera.k))) return;
  const size = column.size * camera.k;
  const at = toScreen(camera, column);
  const left = at.x + size + 6;
  const room = outputsRoom(about.outputs, narrow);
  context.textBaseline = "middle";
  about.outputs.forEach((name, i) => {
    const middle = each
      ? at.y + (i + 0.5) * size
      : at.y + (column.rows * size) / 2 + (i - (about.outputs.length - 1) / 2) * LINE;
    const says = there && looked.says_place === i;
    const value = there && looked.shown.length > 0 ? outputText(about.task, looked.shown[i]) : "";
    const mark = (says ? T.saysMark : "") + (looked.truth_place === i ? T.truthMark : "");
    context.font = `${says ? "600 " : ""}${narrow ? 11 : 12}px system-ui, sans-serif`;
    context.fillStyle = colours.ink;
    context.textAlign = "left";
    context.fillText(fitted.fit(context, name, value ? room - 86 : room - 24), left, middle);
    context.fillText(mark, left + room - 24, middle);
    context.textAlign = "right";
    context.fillText(value, left + room - 28, middle);
  });
}
