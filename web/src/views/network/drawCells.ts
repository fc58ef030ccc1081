// Cells: a colour by number, or a picture in a frame of that colour.

import { colour } from "../../colours.ts";
import { Bitmaps } from "./bitmap.ts";
import { shadeOf, type Brush } from "./brush.ts";
import { toScreen } from "./camera.ts";
import { cellText } from "./describe.ts";
import type { Spot } from "./hit.ts";
import { columnOf, corner, inset, type Column } from "./layout.ts";
import { isReached } from "./mode.ts";

const BITMAP_BELOW = 9; // px: smaller cells are drawn as one picture
const NUMBERS_FROM = 84; // px: a cell of this size has room for its numbers, a picture of
const NUMBERS_ON_PICTURES_FROM = 120; // this size
const PICTURES = -2; // keys of bitmaps that belong to no layer
const INPUT = -1;

export class Cells {
  private readonly bitmaps = new Bitmaps();

  draw(brush: Brush): void {
    const pictures = this.pictures(brush);
    for (const column of brush.layout.columns) {
      if (column.layer < 0) this.drawInputs(brush, column);
      else this.drawLayer(brush, column, pictures);
    }
    this.ring(brush, brush.selected, brush.colours.accent);
    this.ring(brush, brush.focus, brush.colours.ink);
  }

  /** All pictures below one another, and the place of each neuron's picture among them. */
  private pictures({ looked, colours }: Brush): { canvas: HTMLCanvasElement; places: Map<string, number> } | null {
    if (looked.pictures.length === 0) return null;
    const places = new Map<string, number>();
    looked.picture_nodes.forEach((node, i) => places.set(`${looked.picture_layers[i]} ${node}`, i));
    const canvas = this.bitmaps.of(PICTURES).draw(looked.pictures, looked.picture_side[1], looked.picture_scale, colours.dark);
    return { canvas, places };
  }

  private drawInputs(brush: Brush, column: Column): void {
    const { looked, context, camera, colours } = brush;
    const size = column.size * camera.k;
    const at = toScreen(camera, column);
    if (column.kind === "cells") return this.drawAll(brush, column, looked.inputs, looked.x_scale);
    context.fillStyle = colours.paper;
    context.fillRect(at.x, at.y, column.columns * size, column.rows * size);
    if (looked.inputs.length > 0) {
      const image = this.bitmaps.of(INPUT).draw(looked.inputs, column.columns, looked.x_scale, colours.dark);
      context.drawImage(image, at.x, at.y, column.columns * size, column.rows * size);
    }
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.strokeRect(at.x - 0.5, at.y - 0.5, column.columns * size + 1, column.rows * size + 1);
    if (size >= NUMBERS_FROM) this.eachSeen(brush, column, (node, x, y) => this.write(brush, INPUT, node, x, y, size));
  }

  private drawLayer(brush: Brush, column: Column, pictures: { canvas: HTMLCanvasElement; places: Map<string, number> } | null): void {
    const look = brush.looked.layers[column.layer];
    if (!look) return;
    const there = isReached(column.layer, brush.about.layers.length, brush.reached, brush.back);
    const shade = shadeOf(look, brush.back);
    this.drawAll(brush, column, there ? shade.values : new Float32Array(0), shade.scale);
    if (column.kind !== "pictures" || !pictures) return;
    const [height, width] = brush.looked.picture_side;
    const size = column.size * brush.camera.k;
    const frame = inset(column) * brush.camera.k + (size < 16 ? 0.5 : Math.min(4, Math.max(1.5, size * 0.06)));
    brush.context.globalAlpha = there ? 1 : 0.3;
    this.eachSeen(brush, column, (node, x, y) => {
      const place = pictures.places.get(`${column.layer} ${node}`);
      if (place === undefined) return;
      brush.context.drawImage(pictures.canvas, 0, place * height, width, height, x + frame, y + frame, size - 2 * frame, size - 2 * frame);
      if (size >= NUMBERS_ON_PICTURES_FROM) this.write(brush, column.layer, node, x, y, size, frame);
    });
    brush.context.globalAlpha = 1;
  }

  /** Every cell of a layer; without values, empty ones. */
  private drawAll(brush: Brush, column: Column, values: Float32Array, scale: number): void {
    const { context, camera, colours } = brush;
    const size = column.size * camera.k;
    if (size < BITMAP_BELOW) return this.drawBitmap(brush, column, values, scale);
    const gap = inset(column) * camera.k;
    this.eachSeen(brush, column, (node, x, y) => {
      const value = values[node];
      context.fillStyle = value === undefined ? colours.paper : colour(value, scale, colours.dark);
      context.fillRect(x + gap, y + gap, size - 2 * gap, size - 2 * gap);
      context.strokeStyle = colours.line;
      context.lineWidth = 1;
      context.strokeRect(x + gap, y + gap, size - 2 * gap, size - 2 * gap);
      if (size >= NUMBERS_FROM && column.kind === "cells") this.write(brush, column.layer, node, x, y, size, gap);
    });
  }

  /** A pixel a cell, enlarged. Nodes run down columns, pixels along lines: rows and columns change places. */
  private drawBitmap({ context, camera, colours }: Brush, column: Column, values: Float32Array, scale: number): void {
    const at = toScreen(camera, column);
    const size = column.size * camera.k;
    context.save();
    context.transform(0, size, size, 0, at.x, at.y);
    context.fillStyle = colours.line;
    context.globalAlpha = 0.35;
    context.fillRect(0, 0, column.rows, Math.ceil(column.count / column.rows));
    context.globalAlpha = 1;
    if (values.length > 0) context.drawImage(this.bitmaps.of(column.layer).draw(values, column.rows, scale, colours.dark), 0, 0);
    context.restore();
  }

  /** Visit the cells that are seen, with their corners on the screen. */
  private eachSeen({ low, high, camera }: Brush, column: Column, see: (node: number, x: number, y: number) => void): void {
    const { size } = column;
    const first = { x: Math.max(0, Math.floor((low.x - column.x) / size)), y: Math.max(0, Math.floor((low.y - column.y) / size)) };
    const endX = Math.min(column.columns, Math.ceil((high.x - column.x) / size));
    const endY = Math.min(column.rows, Math.ceil((high.y - column.y) / size));
    for (let across = first.x; across < endX; across++) {
      for (let down = first.y; down < endY; down++) {
        const node = column.kind === "image" ? down * column.columns + across : across * column.rows + down;
        if (node >= column.count) continue;
        const at = toScreen(camera, corner(column, node));
        see(node, at.x, at.y);
      }
    }
  }

  private write({ context, looked, colours }: Brush, layer: number, node: number, x: number, y: number, size: number, gap = 0): void {
    const lines = cellText(looked, { layer, node });
    const font = Math.min(15, Math.max(9, size * 0.12));
    context.font = `${font}px system-ui, sans-serif`;
    context.textAlign = "left";
    context.textBaseline = "top";
    const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 6;
    if (width > size - 4 || lines.length === 0) return;
    const top = y + size - gap - 4 - lines.length * font * 1.25;
    context.fillStyle = colours.paper;
    context.globalAlpha = 0.88;
    context.fillRect(x + (size - width) / 2, top - 2, width, lines.length * font * 1.25 + 2);
    context.globalAlpha = 1;
    context.fillStyle = colours.ink;
    lines.forEach((line, i) => context.fillText(line, x + (size - width) / 2 + 3, top + i * font * 1.25));
  }

  /** A frame around a neuron, and around what a weight of it comes from. */
  private ring(brush: Brush, spot: Spot | null, stroke: string): void {
    if (!spot) return;
    const { context, camera, layout } = brush;
    context.strokeStyle = stroke;
    context.lineWidth = 2;
    const ends = spot.input === null ? [spot] : [spot, { layer: spot.layer - 1, node: spot.input }];
    for (const { layer, node } of ends) {
      const column = columnOf(layout, layer);
      if (!column || node >= column.count) continue;
      const at = toScreen(camera, corner(column, node));
      const gap = Math.max(0, inset(column) * camera.k - 2);
      const size = Math.max(6, column.size * camera.k - 2 * gap);
      context.strokeRect(at.x + gap, at.y + gap, size, size);
    }
  }
}
