// How answers are read, how numbers are written, and that the newest question is the last one asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { count, number, percent, score, signed } from "../src/format.ts";
import { follow } from "../src/store.ts";
import { stages } from "../src/views/sample/stages.ts";
import { joined, valuesOf } from "../src/views/training/curves.ts";
import { place } from "../src/views/plane/dots.ts";
import { readMessage } from "../src/wire.ts";

test("arrays of a message are views of its buffer, wherever they stand in the header", () => {
  const header = { id: 7, answer: "X", a: { at: 0, length: 2, kind: "Float32Array" }, b: [{ c: { at: 8, length: 1, kind: "Float64Array" } }], d: null };
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (text.length % 8)) % 8);
  const message = new ArrayBuffer(8 + text.length + 16);
  new DataView(message).setUint32(0, text.length, true);
  new Uint8Array(message, 8, text.length).set(new TextEncoder().encode(text));
  new Float32Array(message, 8 + text.length, 2).set([1.5, -2]);
  new Float64Array(message, 16 + text.length, 1).set([0.1]);
  const { id, answer, content } = readMessage(message);
  const read = content as { a: Float32Array; b: { c: Float64Array }[]; d: null };
  assert.deepEqual([7, "X", [1.5, -2], [0.1], null], [id, answer, [...read.a], [...(read.b[0]?.c ?? [])], read.d]);
  assert.equal(message, read.a.buffer);
});

test("numbers have a true minus sign, few digits, and a sign where it is asked for", () => {
  assert.deepEqual(["−1.235", "0", "1.235e−5", "1.235e+7", "–", "∞", "−∞"], [-1.23456, 0, 1.23456e-5, 12345678, NaN, Infinity, -Infinity].map((x) => number(x)));
  assert.deepEqual(["+0.5", "−0.5", "0", "–"], [signed(0.5), signed(-0.5), signed(0), signed(null)]);
  assert.deepEqual(["97.48 %", "97.48 %", "0.9748", "5,628"], [percent(0.9748), score(0.9748, "accuracy"), score(0.9748, "r2"), count(5628)]);
});

test("a sample goes forward to the loss and back, and only forward without a target", () => {
  assert.deepEqual(["input", "forward 0", "forward 1", "loss 1", "backward 1", "backward 0"], names(stages(2, true)));
  assert.deepEqual(["input", "forward 0", "forward 1"], names(stages(2, false)));
  assert.deepEqual([0, 1, 2, 2, 1, 2], stages(2, true).map((stage) => stage.reached));
});

function names(all: ReturnType<typeof stages>): string[] {
  return all.map(({ way, layer }) => (way === "input" ? way : `${way} ${layer}`));
}

test("curves of several runs share one axis; what one lacks is left open", () => {
  const table = joined([
    [[1, 3], [10, 30]],
    [[2, 3], [0.2, NaN]],
  ]);
  assert.deepEqual([1, 2, 3], table[0]);
  assert.deepEqual([10, undefined, 30], table[1]);
  assert.deepEqual([undefined, 0.2, null], table[2]);
  const curve = { metrics: ["loss", "accuracy"], epoch_steps: new Float64Array(2), values: new Float64Array([1, 2, 3, 4]) };
  assert.deepEqual([3, 4], [...valuesOf(curve as never, "accuracy")]);
  assert.deepEqual([], [...valuesOf(curve as never, "r2")]);
});

test("the plane's second axis grows upwards", () => {
  const plane = { low: [-1, -2] as [number, number], high: [1, 2] as [number, number] };
  assert.deepEqual({ x: 0, y: 100 }, place(plane, -1, -2, 100));
  assert.deepEqual({ x: 75, y: 25 }, place(plane, 0.5, 1, 100));
});

test("one question is on its way at a time, and the newest comes last", async () => {
  const wanted = signal(0);
  const asked: number[] = [];
  const taken: number[] = [];
  let release: (() => void)[] = [];
  const asker = {
    ask: async (_: string, question: unknown): Promise<never> => {
      asked.push((question as { points: number }).points);
      await new Promise<void>((resolve) => release.push(resolve));
      return question as never;
    },
  };
  const stop = follow(asker as never, "AskCurves", () => ({ points: wanted.value }), () => [], (answer) => taken.push((answer as unknown as { points: number }).points));
  const settle = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const now = release;
    release = [];
    for (const one of now) one();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (const value of [1, 2, 3]) wanted.value = value;
  await settle();
  await settle();
  await settle();
  assert.deepEqual([0, 3], asked);
  assert.deepEqual([0, 3], taken);
  stop();
  wanted.value = 4;
  await settle();
  assert.deepEqual([0, 3], asked);
});
