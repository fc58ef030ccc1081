// Rows of one's own, drawn or typed: each becomes the sample that is looked at.

import { batch } from "@preact/signals";
import type { Explorer } from "../../store.ts";

export const OWN = "own";

/** Look at a row of one's own. The session may have used a place again: everything is asked anew. */
export function takeOwn(explorer: Explorer, row: number): void {
  batch(() => {
    explorer.sample.value = { set: OWN, row };
    explorer.revision.value++;
  });
}
