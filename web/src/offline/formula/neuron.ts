// A neuron's formula: its sum of products with their numbers, and what is made of it.

import type { Line } from "../../messages.ts";
import type { Network, Passed } from "../given.ts";
import { equation, multipliesOut, withDigits, type Equation, type Expression } from "./expression.ts";
import { lineOf } from "./notation.ts";
import { column, shown, type Shown } from "./numbers.ts";

const TERMS = 10;
const FEW = 4; // digits of what comes out
const MOST = 9;

/** The largest first; what is of equal size stays in the order of its places. */
export function bySize(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, place) => place).sort((one, other) => Math.abs(values[other] ?? 0) - Math.abs(values[one] ?? 0));
}

export function productsOf(x: ArrayLike<number>, w: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: w.length }, (_, i) => (x[i] ?? 0) * (w[i] ?? 0));
}

/** The products x·w as terms: of many the largest, the rest as their sum. */
function weighted(x: ArrayLike<number>, w: ArrayLike<number>): Expression[] {
  const products = productsOf(x, w);
  const largest = products.length > TERMS;
  const order = largest ? bySize(products) : Array.from(products.keys());
  const places = order.slice(0, TERMS).filter((place) => !largest || products[place] !== 0);
  if (places.length === 0) return [shown(0, { note: `all ${products.length.toLocaleString("en")} products are 0` })];
  const xs = column(places.map((place) => x[place] ?? 0));
  const ws = column(places.map((place) => w[place] ?? 0));
  const terms: Expression[] = xs.map((one, i) => ({ kind: "product", factors: [one, ws[i] ?? one] }));
  const rest = order.filter((place) => !places.includes(place)).sort((one, other) => one - other);
  if (rest.length === 0) return terms;
  const total = rest.reduce((sum, place) => sum + (products[place] ?? 0), 0);
  const zeros = rest.filter((place) => products[place] === 0).length;
  return [...terms, { kind: "gathered", total: shown(total), count: rest.length, zeros }];
}

/** f(z), with z as it is shown. */
function activated(network: Network, activation: string, z: Shown): Expression {
  const of = network.functions[activation];
  if (activation === "identity" || of === undefined) return z;
  if (activation === "relu") return { kind: "apply", name: "max", arguments: [shown(0), z], of: Math.max };
  return { kind: "apply", name: activation, arguments: [z], of };
}

/** z and a with their numbers; z with as many digits as a needs to come out. */
export function formulaOf(network: Network, passed: Passed, layer: number, node: number): Line[] {
  const { weights, biases, activation } = network.layers[layer]!;
  const numbers = passed.layers[layer]!;
  const x = layer === 0 ? passed.scaled : passed.layers[layer - 1]!.activations;
  const terms = weighted(x, Float32Array.from(weights, (row) => row[node] ?? 0));
  const sum: Expression = { kind: "sum", terms: [...terms, shown(biases[node] ?? 0, { single: true })] };
  const z = numbers.sums[node] ?? 0;
  const [digits, after] = afterwards(network, numbers, layer === network.layers.length - 1, activation, node);
  return [equation("z", sum, shown(z, { digits, single: true })), ...after].map(lineOf);
}

/** How many digits z is shown with, and the lines that follow it. */
function afterwards(network: Network, { sums, activations }: Passed["layers"][number], last: boolean, activation: string, node: number): [number, Equation[]] {
  const z = sums[node] ?? 0;
  if (activation === "softmax") return [FEW, share(network, sums, activations, node)];
  const units = last ? network.units : null;
  const value = units ? (network.functions[activation]?.(z) ?? z) : (activations[node] ?? 0);
  const name = last && units === null ? "y" : "a";
  const a = shown(value, { digits: FEW, single: true });
  if (activation === "identity" || network.functions[activation] === undefined) {
    const same: Equation = { name, symbols: "z", expression: null, result: a };
    return [FEW, units ? [same, inUnits(units, value, activations, node)] : [same]];
  }
  const at = (digits: number): Expression => activated(network, activation, shown(z, { digits, single: true }));
  const digits = withDigits(FEW, MOST, (more) => more, (more) => multipliesOut(at(more), a));
  const line = equation(name, at(digits), a);
  return [digits, units ? [line, inUnits(units, value, activations, node)] : [line]];
}

/** A value in its own units. */
function inUnits(units: NonNullable<Network["units"]>, a: number, y: ArrayLike<number>, node: number): Equation {
  const result = shown(y[node] ?? 0, { digits: FEW });
  const make = (digits: number): Expression => ({
    kind: "sum",
    terms: [{ kind: "product", factors: [shown(a, { digits, single: true }), shown(units.scale[node] ?? 1, { digits })] }, shown(units.shift[node] ?? 0, { digits })],
  });
  return equation("y", withDigits(FEW, MOST, make, (made) => multipliesOut(made, result)), result, "a·scale + shift");
}

/** The share of one class: e to the power of how far its sum is below the largest, over the same of all. */
function share(network: Network, sums: Float32Array, y: ArrayLike<number>, node: number): Equation[] {
  const exp = network.functions["exp"] ?? Math.exp;
  const largest = sums.reduce((most, one) => Math.max(most, one), -Infinity);
  const total = sums.reduce((sum, one) => Math.fround(sum + exp(Math.fround(one - largest))), 0);
  const below = Math.fround((sums[node] ?? 0) - largest);
  const result = shown(y[node] ?? 0, { digits: FEW, single: true });
  const make = (digits: number): { d: Shown; made: Expression } => {
    const d = shown(below, { digits, single: true });
    return { d, made: { kind: "quotient", above: { kind: "apply", name: "exp", arguments: [d], of: exp }, below: shown(total, { digits, single: true }) } };
  };
  const { d, made } = withDigits(FEW, MOST, make, (one) => multipliesOut(one.made, result));
  const parts: Expression = { kind: "sum", terms: [shown(sums[node] ?? 0, { digits: MOST, single: true }), shown(-largest, { digits: MOST, single: true })] };
  return [equation("d", parts, d, "z − largest z"), equation("y", made, result, "exp(d) / Σ exp(d)")];
}

/** One multiplication, with its numbers. */
export function productOf(name: string, x: number, w: number): Line {
  const factors = [shown(x, { single: true }), shown(w, { single: true })];
  return lineOf(equation(`${name}·w`, { kind: "product", factors }, shown(x * w)));
}
