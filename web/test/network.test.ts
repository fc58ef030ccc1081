// The network's geometry: where cells stand, what lies under a point, and how it is zoomed.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayerLook } from "../src/messages.ts";
import { kept, seeing, toLayout, toScreen, WHOLE, zoomed } from "../src/views/network/camera.ts";
import { cellAt, distance, edgeAt, shownPart } from "../src/views/network/hit.ts";
import { columnOf, corner, grid, inset, layOut, port, type Content, type Space } from "../src/views/network/layout.ts";
import { isReached } from "../src/views/network/mode.ts";

const DESK: Space = { width: 920, height: 600, top: 34, left: 0, right: 150 };
const PHONE: Space = { width: 360, height: 240, top: 34, left: 0, right: 92 };
const DIGITS: Content[] = [
  { layer: -1, count: 784, kind: "image", across: 28 },
  { layer: 0, count: 32, kind: "pictures" },
  { layer: 1, count: 32, kind: "cells" },
  { layer: 2, count: 10, kind: "cells" },
];
const WIDE: Content[] = Array.from({ length: 13 }, (_, i) => ({ layer: i, count: 1000, kind: "cells" }));

for (const [name, contents, space] of [
  ["digits on a desk", DIGITS, DESK],
  ["digits on a phone", DIGITS, PHONE],
  ["thirteen layers of 1,000", WIDE, DESK],
] as const) {
  test(`${name}: every cell stands in the view, and columns do not overlap`, () => {
    const layout = layOut([...contents], space);
    let right = space.left;
    for (const column of layout.columns) {
      assert.ok(column.x >= right, `column ${column.layer} begins at ${column.x}, before ${right}`);
      right = column.x + column.columns * column.size;
      assert.ok(column.y >= space.top);
      assert.ok(column.y + column.rows * column.size <= space.height);
      assert.ok(column.columns * column.rows >= column.count);
    }
    assert.ok(right <= space.width - space.right);
  });

  test(`${name}: the middle of each cell is found as that cell`, () => {
    const layout = layOut([...contents], space);
    for (const column of layout.columns) {
      for (let node = 0; node < column.count; node++) {
        const { x, y } = corner(column, node);
        const expected = { layer: column.layer, node, input: null };
        assert.deepEqual(cellAt(layout, { x: x + column.size / 2, y: y + column.size / 2 }), expected);
      }
    }
  });
}

test("a grid has one column where its cells are comfortable, more where they are not", () => {
  assert.equal(grid({ layer: 0, count: 10, kind: "cells" }, 60, 500).columns, 1);
  assert.ok(grid({ layer: 0, count: 1000, kind: "cells" }, 60, 500).columns > 5);
});

test("nodes run down columns, pixels along rows", () => {
  const layout = layOut(DIGITS, DESK);
  const image = columnOf(layout, -1);
  const pictures = columnOf(layout, 0);
  assert.ok(image && pictures);
  assert.deepEqual(corner(image, 29), { x: image.x + image.size, y: image.y + image.size });
  assert.deepEqual(corner(pictures, 1), { x: pictures.x, y: pictures.y + pictures.size });
});

test("edges leave cells at the right and reach them at the left", () => {
  const column = columnOf(layOut(DIGITS, DESK), 1);
  assert.ok(column);
  assert.equal(port(column, 3, true).x - port(column, 3, false).x, column.size - 2 * inset(column));
});

test("nothing lies beside the cells, or after the last one of a grid", () => {
  const layout = layOut([{ layer: 0, count: 5, kind: "cells" }], { width: 100, height: 60, top: 0, left: 0, right: 0 });
  const column = layout.columns[0];
  assert.ok(column && column.columns > 1 && column.columns * column.rows > 5);
  assert.equal(cellAt(layout, { x: 99, y: 59 }), null);
  const last = { x: column.x + column.columns * column.size - 1, y: column.y + column.rows * column.size - 1 };
  assert.equal(cellAt(layout, last), null);
});

test("the nearest edge that was sent is found, within reach", () => {
  const layout = layOut(DIGITS, DESK);
  const [from, to] = [columnOf(layout, 1), columnOf(layout, 2)];
  assert.ok(from && to);
  const none = { froms: new Int32Array(), tos: new Int32Array() } as LayerLook;
  const sent = { froms: Int32Array.of(0, 31), tos: Int32Array.of(9, 2) } as LayerLook;
  const [start, end] = [port(from, 31, true), port(to, 2, false)];
  const on = { x: start.x + 0.3 * (end.x - start.x), y: start.y + 0.3 * (end.y - start.y) + 2 };
  assert.deepEqual(edgeAt(layout, [none, none, sent], on, 5), { layer: 2, node: 2, input: 31 });
  assert.equal(edgeAt(layout, [none, none, sent], { x: on.x, y: on.y + 40 }, 5), null);
});

test("the distance to a line is to its nearest point, ends included", () => {
  assert.equal(distance({ x: 5, y: 3 }, { x: 0, y: 0 }, { x: 10, y: 0 }), 3);
  assert.equal(distance({ x: 13, y: 4 }, { x: 0, y: 0 }, { x: 10, y: 0 }), 5);
});

test("of a line only the part inside is shown", () => {
  const [low, high] = [{ x: 0, y: 0 }, { x: 10, y: 10 }];
  const expected = [{ x: 0, y: 5 }, { x: 10, y: 5 }];
  assert.deepEqual(shownPart({ x: -5, y: 5 }, { x: 15, y: 5 }, low, high), expected);
  assert.equal(shownPart({ x: -5, y: 12 }, { x: 15, y: 12 }, low, high), null);
  assert.equal(shownPart({ x: 12, y: 1 }, { x: 15, y: 5 }, low, high), null);
});

test("a point stays where it is while one zooms around it", () => {
  const layout = layOut(DIGITS, DESK);
  const at = { x: 400, y: 300 };
  const camera = zoomed(WHOLE, layout, 3, at);
  const expected = toLayout(WHOLE, at);
  const actual = toLayout(camera, at);
  assert.ok(Math.abs(expected.x - actual.x) < 1e-9 && Math.abs(expected.y - actual.y) < 1e-9);
});

test("the camera never leaves the picture, and out of it is the whole", () => {
  const layout = layOut(DIGITS, DESK);
  assert.deepEqual(kept({ k: 0.2, x: 50, y: -50 }, layout), { k: 1, x: 0, y: 0 });
  assert.deepEqual(kept({ k: 2, x: 50, y: -5000 }, layout), { k: 2, x: 0, y: -600 });
});

test("a neuron outside the view is brought into it, below the headings", () => {
  const layout = layOut(DIGITS, DESK);
  const column = columnOf(layout, 2);
  assert.ok(column);
  const camera = seeing({ k: 6, x: 0, y: 0 }, layout, column, 9, 34);
  const { x, y } = toScreen(camera, corner(column, 9));
  assert.ok(x >= 0 && x + column.size * 6 <= 920 && y >= 34 && y + column.size * 6 <= 600);
});

test("a sample reaches layers from the left, its error from the right", () => {
  const forward = [0, 1, 2].map((layer) => isReached(layer, 3, 1, false));
  const back = [0, 1, 2].map((layer) => isReached(layer, 3, 1, true));
  assert.deepEqual(forward, [true, false, false]);
  assert.deepEqual(back, [false, false, true]);
  assert.ok(isReached(2, 3, null, false));
});
