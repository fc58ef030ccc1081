// Formulas as data: terms, and lines that multiply out as they are shown.

import { lastPlace, plain, valueOf, type Shown } from "./numbers.ts";

export type Expression =
  | Shown
  | { kind: "sum"; terms: Expression[] }
  | { kind: "product"; factors: Expression[] }
  | { kind: "quotient"; above: Expression; below: Expression }
  | { kind: "apply"; name: string; arguments: Expression[]; of: (...values: number[]) => number }
  /** Many terms as their sum, how many they are, and how many of them are 0. */
  | { kind: "gathered"; total: Shown; count: number; zeros: number };

/** ``name = symbols = expression = result``; without symbols or expression, so much shorter. */
export interface Equation {
  name: string;
  symbols: string;
  expression: Expression | null;
  result: Shown;
}

export function computed(expression: Expression): number {
  switch (expression.kind) {
    case "number":
      return valueOf(expression);
    case "sum":
      return expression.terms.reduce((sum, term) => sum + computed(term), 0);
    case "product":
      return expression.factors.reduce((product, factor) => product * computed(factor), 1);
    case "quotient":
      return computed(expression.above) / computed(expression.below);
    case "apply":
      return expression.of(...expression.arguments.map(computed));
    case "gathered":
      return valueOf(expression.total);
  }
}

/** Whether the expression, computed from what is shown, rounds to the result. */
export function multipliesOut(expression: Expression, result: Shown): boolean {
  return Math.abs(computed(expression) - valueOf(result)) <= 0.5 * 10 ** lastPlace(result) * (1 + 1e-9);
}

/** A line that multiplies out: with a term for the rounding of what is shown, where that is needed. */
export function equation(name: string, expression: Expression, result: Shown, symbols = ""): Equation {
  const made = computed(expression);
  if (!Number.isFinite(made) || !Number.isFinite(valueOf(result))) return { name, symbols, expression: null, result };
  if (multipliesOut(expression, result)) return { name, symbols, expression, result };
  const unit = 10 ** (lastPlace(result) - 1);
  const off = Number((Math.round((valueOf(result) - made) / unit) * unit).toPrecision(12));
  const terms = expression.kind === "sum" ? expression.terms : [expression];
  const rounding: Shown = { kind: "number", text: plain(off), note: "rounding" };
  return { name, symbols, expression: { kind: "sum", terms: [...terms, rounding] }, result };
}

/** Show numbers with more and more digits, until what is made of them comes out. */
export function withDigits<T>(few: number, most: number, make: (digits: number) => T, comesOut: (made: T) => boolean): T {
  let digits = few;
  while (digits < most && !comesOut(make(digits))) digits++;
  return make(digits);
}
