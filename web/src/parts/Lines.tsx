// Lines of a formula beneath each other. What is too wide scrolls together, and by keyboard, too.

import { useCalm } from "../calm.ts";
import type { Line } from "../messages.ts";
import { Formula } from "./Formula.tsx";

export function Lines({ lines, label, testid }: { lines: Line[]; label: string; testid?: string }) {
  const calm = useCalm(lines);
  return (
    <div class="lines" role="group" aria-label={label} tabIndex={0}>
      {calm.map((line, place) => (
        <div key={place} data-testid={testid}>
          <Formula line={line} />
        </div>
      ))}
    </div>
  );
}
