// A formula, drawn by the browser's own MathML. It is parsed as XML and only known elements are taken over: no label of a
// network can become markup.

import { useEffect, useRef } from "preact/hooks";
import type { Line } from "../messages.ts";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const KNOWN = new Set(["math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msup", "msub", "msqrt", "munder"]);

function copied(node: Node): Node | null {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.nodeValue ?? "");
  if (!(node instanceof Element) || !KNOWN.has(node.localName)) return null;
  const made = document.createElementNS(MATHML, node.localName);
  for (const child of node.childNodes) {
    const copy = copied(child);
    if (copy) made.appendChild(copy);
  }
  return made;
}

/** One line; its text is what a screen reader says. */
export function Formula({ line }: { line: Line }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const parsed = new DOMParser().parseFromString(line.mathml.replaceAll("&#160;", "\u00a0"), "application/xml");
    const math = copied(parsed.documentElement);
    place.current?.replaceChildren(math ?? line.text);
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
