// Numbers with their names; each carries its full value beside the digits that are shown.

import { number } from "../format.ts";

export interface Labelled {
  label: string;
  value: number | null;
  testid?: string;
  /** What is written, where it is not the plain number. */
  text?: string;
}

export function Numbers({ items }: { items: Labelled[] }) {
  return (
    <dl class="numbers">
      {items.map(({ label, value, testid, text }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd data-testid={testid} data-value={value ?? undefined}>
            {text ?? number(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
