// Formulas as text, and as MathML, as src/pellucid/insight/_notation.py writes them.

import type { Line } from "../../messages.ts";
import type { Equation, Expression } from "./expression.ts";
import type { Shown } from "./numbers.ts";

interface Notation {
  equals: string;
  plus: string;
  minus: string;
  times: string;
  comma: string;
  name(name: string): string;
  number(one: Shown): string;
  brackets(text: string): string;
  group(text: string): string;
  quotient(above: string, below: string): string;
  gathered(total: string, remark: string): string;
}

const TEXT: Notation = {
  equals: " = ",
  plus: " + ",
  minus: " − ",
  times: "·",
  comma: ", ",
  name: (name) => name,
  number: ({ text, note }) => text.replaceAll("-", "−") + (note && ` (${note})`),
  brackets: (text) => `(${text})`,
  group: (text) => text,
  quotient: (above, below) => `${above} / ${below}`,
  gathered: (total, remark) => `${total} (${remark})`,
};

const MATHML: Notation = {
  equals: "<mo>=</mo>",
  plus: "<mo>+</mo>",
  minus: "<mo>−</mo>",
  times: "<mo>·</mo>",
  comma: "<mo>,</mo>",
  name: (name) => `<mi>${escaped(name)}</mi>`,
  number({ text, note }) {
    const negative = text.startsWith("-");
    const [digits = "", exponent] = (negative ? text.slice(1) : text).split("e");
    const ten = exponent === undefined ? "" : `<mo>·</mo><msup><mn>10</mn><mn>${String(Number(exponent)).replace("-", "−")}</mn></msup>`;
    const whole = `${negative ? "<mo>−</mo>" : ""}<mn>${digits}</mn>${ten}${note && `<mtext>\u00a0(${escaped(note)})</mtext>`}`;
    return negative ? `<mrow>${whole}</mrow>` : whole; // where it comes first in its row, a minus is a sign
  },
  brackets: (text) => `<mo>(</mo>${text}<mo>)</mo>`,
  group: (text) => `<mrow>${text}</mrow>`,
  quotient: (above, below) => `<mfrac><mrow>${above}</mrow><mrow>${below}</mrow></mfrac>`,
  gathered: (total, remark) => `<munder><mrow>${total}</mrow><mtext>${remark}</mtext></munder>`,
};

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function lineOf(equation: Equation): Line {
  const written = (notation: Notation): string =>
    [
      notation.name(equation.name),
      ...(equation.symbols ? [notation.name(equation.symbols)] : []),
      ...(equation.expression ? [expressed(notation, equation.expression)] : []),
      notation.number(equation.result),
    ].join(notation.equals);
  return { text: written(TEXT), mathml: `<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>${written(MATHML)}</mrow></math>` };
}

function expressed(notation: Notation, expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return notation.number(expression);
    case "sum":
      return notation.group(sum(notation, expression.terms));
    case "product":
      return notation.group(expression.factors.map((factor, i) => bracketed(notation, factor, i === 0)).join(notation.times));
    case "quotient":
      return notation.quotient(expressed(notation, expression.above), expressed(notation, expression.below));
    case "apply":
      return notation.group(notation.name(expression.name) + notation.brackets(expression.arguments.map((one) => expressed(notation, one)).join(notation.comma)));
    case "gathered":
      return notation.gathered(notation.number(expression.total), remark(expression.count, expression.zeros));
  }
}

function remark(count: number, zeros: number): string {
  return `${count.toLocaleString("en")} more${zeros > 0 ? `, ${zeros.toLocaleString("en")} of them 0` : ""}`;
}

/** A sum takes a leading minus as its own sign. */
function sum(notation: Notation, terms: Expression[]): string {
  const [first, ...others] = terms;
  if (first === undefined) return "";
  return others.reduce((text, term) => {
    const negative = leadsNegative(term);
    return text + (negative ? notation.minus : notation.plus) + expressed(notation, negative ? positive(term) : term);
  }, expressed(notation, first));
}

/** In brackets if it is a sum, or, unless it stands first, begins with a minus. */
function bracketed(notation: Notation, factor: Expression, first: boolean): string {
  const text = expressed(notation, factor);
  return factor.kind === "sum" || (!first && leadsNegative(factor)) ? notation.brackets(text) : text;
}

function leadsNegative(expression: Expression): boolean {
  if (expression.kind === "number") return expression.text.startsWith("-");
  if (expression.kind === "gathered") return expression.total.text.startsWith("-");
  const first = expression.kind === "product" ? expression.factors[0] : undefined;
  return first !== undefined && leadsNegative(first);
}

function positive(expression: Expression): Expression {
  if (expression.kind === "number") return { ...expression, text: expression.text.slice(1) };
  if (expression.kind === "gathered") return { ...expression, total: { ...expression.total, text: expression.total.text.slice(1) } };
  if (expression.kind !== "product") return expression;
  const [first, ...others] = expression.factors;
  return first ? { ...expression, factors: [positive(first), ...others] } : expression;
}
