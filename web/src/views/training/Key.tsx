// Which line is which run: a stroke in its colour and dash, and its name.

import { colours } from "../../theme.ts";
import { styleOf } from "./curves.ts";

export function Key({ runs, places }: { runs: string[]; places: Map<string, number> }) {
  return (
    <span class="key">
      {runs.map((run) => {
        const { colour, dash } = styleOf(places.get(run) ?? 0, colours.value);
        return (
          <span key={run}>
            <svg viewBox="0 0 30 8" aria-hidden="true">
              <path d="M0 4H30" style={{ stroke: colour, strokeDasharray: dash.join(" ") }} />
            </svg>{" "}
            {run}
          </span>
        );
      })}
    </span>
  );
}
