// Where everything stands, in CSS pixels of the view that shows the whole window of layers. Nothing is drawn here.

export interface Point {
  x: number;
  y: number;
}

/** The cells of a layer as a grid: node by node down its columns; the pixels of an input image along its rows. */
export interface Column {
  /** The place of the layer; −1: the inputs. */
  layer: number;
  count: number;
  kind: "image" | "pictures" | "cells";
  columns: number;
  rows: number;
  size: number;
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  columns: Column[];
}

/** What a column is to hold, before there is a place for it. */
export interface Content {
  layer: number;
  count: number;
  kind: Column["kind"];
  /** Of an image: how many pixels a row has. */
  across?: number;
}

export interface Space {
  width: number;
  height: number;
  /** Room for texts. */
  top: number;
  left: number;
  right: number;
}

/** Whether a view is as narrow as a phone. */
export function isNarrow(width: number): boolean {
  return width < 500;
}

const PAD = 8;
const GREATEST = { image: 240, pictures: 80, cells: 34 }; // px: of the whole image, of a picture, of a cell
const COMFORTABLE = { image: 0, pictures: 32, cells: 13 };
const SHARE = { image: 2.8, pictures: 2, cells: 1 };

/** The grid with the fewest columns whose cells are comfortably large; else the one with the largest cells. */
export function grid(content: Content, width: number, height: number): { columns: number; rows: number; size: number } {
  if (content.kind === "image") {
    const columns = content.across ?? 1;
    const rows = Math.ceil(content.count / columns);
    return { columns, rows, size: Math.min(width / columns, height / rows, GREATEST.image / Math.max(columns, rows)) };
  }
  let best = { columns: 1, rows: content.count, size: 0 };
  for (let columns = 1; columns <= content.count; columns++) {
    const rows = Math.ceil(content.count / columns);
    const size = Math.min(width / columns, height / rows, GREATEST[content.kind]);
    if (size > best.size) best = { columns, rows, size };
    if (best.size >= COMFORTABLE[content.kind] || width / columns < best.size) break;
  }
  return best;
}

/** Place columns from left to right, with the same gap between each two. */
export function layOut(contents: Content[], space: Space): Layout {
  const width = Math.max(1, space.width - space.left - space.right - 2 * PAD);
  const height = Math.max(1, space.height - space.top - 2 * PAD);
  const shares = contents.reduce((sum, one) => sum + SHARE[one.kind], 0);
  const ink = width * (isNarrow(space.width) ? 0.55 : 0.5); // the rest is for edges
  const grids = contents.map((one) => grid(one, (ink * SHARE[one.kind]) / shares, height));
  const used = grids.reduce((sum, one) => sum + one.columns * one.size, 0);
  const gap = contents.length > 1 ? (width - used) / (contents.length - 1) : 0;
  let x = space.left + PAD;
  const columns = contents.map((one, i) => {
    const { columns, rows, size } = grids[i] ?? { columns: 1, rows: 1, size: 1 };
    const y = space.top + PAD + (height - rows * size) / 2;
    const placed: Column = { layer: one.layer, count: one.count, kind: one.kind, columns, rows, size, x, y };
    x += columns * size + gap;
    return placed;
  });
  return { width: space.width, height: space.height, columns };
}

/** The left upper corner of a node's cell. */
export function corner(column: Column, node: number): Point {
  const across = column.kind === "image" ? node % column.columns : Math.floor(node / column.rows);
  const down = column.kind === "image" ? Math.floor(node / column.columns) : node % column.rows;
  return { x: column.x + across * column.size, y: column.y + down * column.size };
}

/** How far a cell stands off its neighbours' border: cells do not touch, pixels do. */
export function inset(column: Column): number {
  return column.kind === "image" ? 0 : Math.min(2, column.size * 0.1);
}

/** Where an edge leaves a node (`out`) or comes to it: at the side of a cell, in the middle of a pixel. */
export function port(column: Column, node: number, out: boolean): Point {
  const { x, y } = corner(column, node);
  const at = column.kind === "image" ? column.size / 2 : out ? column.size - inset(column) : inset(column);
  return { x: x + at, y: y + column.size / 2 };
}

export function columnOf(layout: Layout, layer: number): Column | undefined {
  return layout.columns.find((one) => one.layer === layer);
}
