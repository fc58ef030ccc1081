// A formula, drawn by the browser's own MathML. It is parsed as XML and only known elements are taken over: no label of a
// network can become markup. MathML does not break lines by itself: a line is cut before each = and between the terms of a
// sum into elements of their own, which the browser may wrap.

import { useEffect, useRef } from "preact/hooks";
import type { Line } from "../messages.ts";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const KNOWN = new Set(["math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msup", "msub", "msqrt", "munder"]);

function copied(node: Node): Node | null {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.nodeValue ?? "");
  if (!(node instanceof Element) || !KNOWN.has(node.localName)) return null;
  const made = document.createElementNS(MATHML, node.localName);
  if (isBracket(node) && !node.parentElement?.querySelector("mfrac, munder")) made.setAttribute("stretchy", "false"); // fonts differ: some make them tall for a number
  for (const child of node.childNodes) {
    const copy = copied(child);
    if (copy) made.appendChild(copy);
  }
  return made;
}

function isBracket(element: Element): boolean {
  return element.localName === "mo" && (element.textContent === "(" || element.textContent === ")");
}

/** The parts of a line between which it may be broken. */
function pieces(line: Element): Node[][] {
  const found: Node[][] = [[]];
  const add = (node: Node, breaks: boolean): void => {
    const last = found[found.length - 1];
    if (breaks && last && last.length > 0) found.push([node]);
    else last?.push(node);
  };
  for (const part of line.children) {
    const terms = part.localName === "mrow" ? [...part.children] : [];
    if (terms.some((one, place) => place > 0 && isSign(one))) terms.forEach((one, place) => add(one, place > 0 && isSign(one)));
    else add(part, part.textContent === "=");
  }
  return found;
}

function isSign(element: Element): boolean {
  return element.localName === "mo" && (element.textContent === "+" || element.textContent === "−");
}

function math(nodes: Node[]): Element {
  const made = document.createElementNS(MATHML, "math");
  for (const node of nodes) {
    const copy = copied(node);
    // At a line's beginning a sign would lose the space that it has between two terms.
    if (copy instanceof Element && copy.localName === "mo" && made.childNodes.length === 0) copy.setAttribute("form", "infix");
    if (copy) made.appendChild(copy);
  }
  return made;
}

/** One line; its text is what a screen reader says. */
export function Formula({ line }: { line: Line }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const parsed = new DOMParser().parseFromString(line.mathml.replaceAll("&#160;", "\u00a0"), "application/xml");
    const row = parsed.documentElement.firstElementChild;
    const parts = row ? pieces(row).map(math) : [line.text];
    place.current?.replaceChildren(...parts.flatMap((part, at) => (at > 0 ? [document.createElement("wbr"), part] : [part])));
  }, [line.mathml]);
  return (
    <div class="formula" data-text={line.text}>
      <span class="sr-only">{line.text}</span>
      <span aria-hidden="true" ref={place} />
    </div>
  );
}

export function Formulas({ lines }: { lines: Line[] }) {
  return (
    <div class="formulas">
      {lines.map((line) => (
        <Formula key={line.text} line={line} />
      ))}
    </div>
  );
}
