// Bars to the left and right of zero: length, side, sign and colour all tell the same.

import { signed } from "../format.ts";

export interface Row {
  key: string;
  name: string;
  value: number;
  quiet?: boolean;
  onOpen?: () => void;
  onPoint?: (inside: boolean) => void;
  marked?: boolean;
}

export function Bars({ rows, scale, label, total }: { rows: Row[]; scale: number; label: string; total?: Row }) {
  const all = total ? [...rows, total] : rows;
  return (
    <table class="bars" aria-label={label}>
      <tbody>
        {all.map((row) => (
          <tr
            key={row.key}
            class={[row.quiet ? "quiet" : "", row.marked ? "marked" : "", row === total ? "total" : ""].join(" ")}
            onMouseEnter={() => row.onPoint?.(true)}
            onMouseLeave={() => row.onPoint?.(false)}
          >
            <th scope="row">
              {row.onOpen ? (
                <button type="button" class="link" onClick={row.onOpen}>
                  {row.name}
                </button>
              ) : (
                row.name
              )}
            </th>
            <td class="bar" aria-hidden="true">
              <span
                class={row.value < 0 ? "negative" : "positive"}
                style={{ width: `${scale > 0 ? Math.min(50, (50 * Math.abs(row.value)) / scale) : 0}%` }}
              />
            </td>
            <td class="number" data-value={row.value}>
              {signed(row.value)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
