// The page of an exported network: drawings as Python prepares them, edges, formulas that multiply out, scales, samples.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { fittedPicture, preparedDigit, type Grey } from "../src/offline/digits.ts";
import { largestEdges } from "../src/offline/edges.ts";
import { computed, equation, multipliesOut } from "../src/offline/formula/expression.ts";
import { formulaOf, productOf } from "../src/offline/formula/neuron.ts";
import { column, lastPlace, plain, shown, valueOf } from "../src/offline/formula/numbers.ts";
import { unpacked, type Beside, type Layer, type Network, type Passed } from "../src/offline/given.ts";
import { DATA, OWN, Samples } from "../src/offline/samples.ts";
import { roundedUp, Scales } from "../src/offline/scales.ts";

const SIDE = 112;

function ink(at: (x: number, y: number) => number): Grey {
  return { height: SIDE, width: SIDE, pixels: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => at(i % SIDE, Math.floor(i / SIDE))) };
}

// Of the same pictures, what `pellucid.datasets.prepared_digit` gives with Pillow 13, as SHA-256 of its 784 bytes.
const PREPARED: [string, (x: number, y: number) => number, string][] = [
  ["a corner", (x, y) => ((x >= 30 && x < 40 && y >= 20 && y < 90) || (x >= 30 && x < 80 && y >= 80 && y < 90) ? 255 : 0), "12b85343b6c73a7e844049df6e5a80745fd25c0eca436f6e85c1607719bfef90"],
  ["a diagonal of many shades", (x, y) => (Math.abs(x - y) < 12 && x >= 20 && x <= 90 && y >= 15 ? 64 + ((7 * x + 13 * y) % 192) : 0), "e18d24ac5d8f29ed16b4622d16dad950935589cc025fa920afe3522b491eb33a"],
  ["a narrow stroke, whose columns come first", (x, y) => (x >= 50 && x < 60 && y >= 5 && y < 106 ? 200 + ((x * y) % 56) : 0), "33cef59a58cfd649bfbc69c7cc2986e8a4f7506eca468b6d514dc8a433ea8239"],
  ["a dot, which grows", (x, y) => (x >= 3 && x < 9 && y >= 100 && y < 104 ? 255 : 0), "dbf905c69585b264e46c4c55f3fee8b31f6c48b2a4e804582515ff974eb7a4d9"],
];

for (const [name, at, expected] of PREPARED) {
  test(`${name} is prepared as Python prepares it, to the last bit`, () => {
    const made = preparedDigit(ink(at));
    assert.ok(made);
    assert.equal(made.length, 784);
    assert.equal(createHash("sha256").update(made).digest("hex"), expected);
  });
}

test("nothing is made of an empty pad, or of strokes that are too faint", () => {
  assert.equal(preparedDigit(ink(() => 0)), null);
  assert.equal(preparedDigit(ink(() => 63)), null);
  assert.equal(fittedPicture(ink(() => 0), 8, 8), null);
});

test("a drawing for another picture fills its height, stands in the middle, and has full ink", () => {
  const made = fittedPicture(ink((x, y) => (x >= 70 && x < 90 && y >= 10 && y < 90 ? 255 : 0)), 8, 8);
  assert.ok(made);
  const rows = Array.from({ length: 8 }, (_, y) => Array.from(made.subarray(8 * y, 8 * y + 8)));
  for (const row of rows) assert.deepEqual(row, [0, 0, 0, 255, 255, 0, 0, 0]);
});

// Edges

function layer(weights: number[][], biases: number[], activation = "relu", name = "layer_1"): Layer {
  return { name, activation, weights: weights.map((row) => Float32Array.from(row)), biases: Float32Array.from(biases) };
}

test("the largest edges come first, equal ones by neuron and input", () => {
  const one = layer([[1, -3], [2, 1], [-2, 0.5]], [0, 0]);
  const found = largestEdges(one, null, 4);
  assert.deepEqual(Array.from(found.tos), [1, 0, 0, 0]);
  assert.deepEqual(Array.from(found.froms), [0, 1, 2, 0]);
  assert.deepEqual(Array.from(found.values), [-3, 2, -2, 1]);
  const carried = largestEdges(one, [0, 1, 10], 2);
  assert.deepEqual([Array.from(carried.froms), Array.from(carried.tos)], [[2, 2], [0, 1]]);
  assert.deepEqual([Array.from(carried.values), Array.from(carried.weights)], [[-20, 5], [-2, 0.5]]);
  assert.equal(largestEdges(one, null, 0).froms.length, 0);
  assert.equal(largestEdges(one, null, 100).froms.length, 6);
});

test("of a hundred thousand edges the largest are found as a sort finds them", () => {
  let state = 1;
  const next = (): number => ((state = (state * 48271) % 2147483647) / 2147483647) - 0.5;
  const wide = layer(Array.from({ length: 400 }, () => Array.from({ length: 250 }, next)), new Array<number>(250).fill(0));
  const sizes = wide.weights.flatMap((row) => Array.from(row, Math.abs)).sort((a, b) => b - a);
  const found = largestEdges(wide, null, 150);
  assert.deepEqual(Array.from(found.values, Math.abs), sizes.slice(0, 150));
});

// Numbers and formulas

test("numbers are shown by their shortest text, or rounded; large and small ones as powers of ten", () => {
  assert.deepEqual([0.45, 1 / 3, 1.5e-9, 0, 1e7, 123456.78].map((one) => shown(one).text), ["0.45", "0.333333", "1.5e-09", "0", "1e+07", "123457"]);
  assert.equal(shown(Math.fround(0.1), { single: true }).text, "0.1");
  assert.deepEqual([NaN, Infinity, -Infinity].map((one) => shown(one).text), ["nan", "inf", "-inf"]);
  assert.deepEqual(["1.25", "1.5e-07", "12", "1e+07"].map((text) => lastPlace({ kind: "number", text, note: "" })), [-2, -8, 0, 7]);
  assert.equal(plain(-0.00001), "-0.00001");
  assert.deepEqual(column([0.9, Math.fround(0.39), 1]).map((one) => one.text), ["0.90", "0.39", "1.00"]);
});

test("a line that does not come out has its rounding as a term", () => {
  const made = equation("z", { kind: "product", factors: [shown(0.3333), shown(3)] }, shown(1));
  assert.equal(made.expression?.kind, "product"); // 0.9999 rounds to 1
  const off = equation("z", { kind: "product", factors: [shown(0.3333), shown(3)] }, shown(1.0002));
  assert.ok(off.expression && multipliesOut(off.expression, off.result));
  assert.ok(Math.abs(computed(off.expression) - valueOf(off.result)) < 1e-9);
});

const NETWORK: Network = {
  inputs: 2,
  outputs: 2,
  layers: [layer([[0.5, -1], [0.25, 2]], [0.125, -3]), layer([[1, -1], [2, 0.5]], [0, 0], "softmax", "output")],
  forward(x): Passed {
    const sums = [0, 1].map((j) => [0, 1].reduce((sum, i) => sum + (x[i] ?? 0) * (this.layers[0]?.weights[i]?.[j] ?? 0), this.layers[0]?.biases[j] ?? 0));
    const a = sums.map((z) => Math.max(0, z));
    const z = [0, 1].map((j) => [0, 1].reduce((sum, i) => sum + (a[i] ?? 0) * (this.layers[1]?.weights[i]?.[j] ?? 0), 0));
    const e = z.map((one) => Math.exp(one - Math.max(...z)));
    const y = Float32Array.from(e, (one) => one / ((e[0] ?? 0) + (e[1] ?? 0)));
    const layers = [
      { sums: Float32Array.from(sums), activations: Float32Array.from(a) },
      { sums: Float32Array.from(z), activations: y },
    ];
    return { scaled: Float32Array.from(x), layers, y, place: (z[1] ?? 0) > (z[0] ?? 0) ? 1 : 0 };
  },
  selfTest: () => true,
  functions: { relu: (z) => Math.max(0, z), exp: Math.exp },
  units: null,
};

test("a hidden neuron's formula, and an output's share of them all", () => {
  const passed = NETWORK.forward([4, 1]);
  assert.deepEqual(formulaOf(NETWORK, passed, 0, 0).map((line) => line.text), ["z = 4·0.50 + 1·0.25 + 0.125 = 2.375", "a = max(0, 2.375) = 2.375"]);
  assert.deepEqual(formulaOf(NETWORK, passed, 0, 1).map((line) => line.text), ["z = 4·(−1) + 1·2 − 3 = −5", "a = max(0, −5) = 0"]);
  assert.deepEqual(formulaOf(NETWORK, passed, 1, 1).map((line) => line.text), [
    "z = 2.375·(−1.0) + 0.000·0.5 + 0 = −2.375",
    "d = z − largest z = −2.375 − 2.375 = −4.75",
    "y = exp(d) / Σ exp(d) = exp(−4.75) / 1.0087 = 0.008577",
  ]);
  assert.equal(productOf("a<b", 0.5, -2).text, "a<b·w = 0.5·(−2) = −1");
  assert.ok(productOf("a<b", 1, 1e-7).mathml.includes("<mi>a&lt;b·w</mi>"));
  assert.ok(productOf("w", 1, 1e-7).mathml.includes("<mn>−7</mn>"));
});

// Scales and samples

test("scales are round, grow, and decide nothing before there is something", () => {
  assert.deepEqual([0.37, 5, 12, 0, NaN].map(roundedUp), [0.5, 5, 15, 1, 1]);
  const scales = new Scales();
  assert.deepEqual([scales.of("a", []), scales.of("a", [0.02]), scales.of("a", [-40, 3]), scales.of("a", [1])], [1, 0.02, 50, 50]);
});

const BESIDE: Beside = {
  name: "two",
  version: "0",
  task: "classes",
  image: null,
  features: null,
  outputs: ["a", "b"],
  classes: ["a", "b"],
  examples: 1,
  rows: { kind: "float32", places: [3, 8], total: 9, bytes: btoa(String.fromCharCode(...new Uint8Array(Float32Array.of(4, 1, 0, 2).buffer))) },
  labels: ["a", "b"],
  ranges: [[0, 1, 0.1], [0, 1, 0.1]],
  ink: [0, 1],
};

test("rows are unpacked as they were, with the numbers that they had", () => {
  assert.deepEqual(Array.from(unpacked(BESIDE.rows)), [4, 1, 0, 2]);
  assert.deepEqual(Array.from(unpacked({ kind: "uint8", places: [0], total: 1, bytes: btoa("\u0000\u00ff") })), [0, 255]);
  const samples = new Samples(NETWORK, BESIDE);
  assert.deepEqual([samples.count, samples.rowNumber({ set: DATA, row: 1 })], [2, 8]);
  assert.deepEqual([samples.says({ set: DATA, row: 0 }), samples.truth({ set: DATA, row: 1 })], ["a", "b"]);
  assert.equal(samples.isWrong({ set: DATA, row: 0 }), false);
  assert.throws(() => samples.row({ set: DATA, row: 2 }), RangeError);
});

test("a row that is typed takes the place of the one before; drawings keep theirs", () => {
  const samples = new Samples(NETWORK, BESIDE);
  const drawn = samples.add(Float32Array.of(1, 1), null);
  const typed = samples.addTyped(Float32Array.of(2, 2));
  assert.equal(samples.pass({ set: OWN, row: typed }).scaled[0], 2);
  assert.equal(samples.addTyped(Float32Array.of(3, 3)), typed);
  assert.equal(samples.pass({ set: OWN, row: typed }).scaled[0], 3);
  assert.deepEqual([drawn, typed, samples.ownCount], [0, 1, 2]);
  assert.equal(samples.truth({ set: OWN, row: drawn }), "");
});
