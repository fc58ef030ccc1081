// A row of the table: an input, its weight, and what they make together.

import { number } from "../../format.ts";
import type { Neuron } from "../../messages.ts";
import { useExplorer } from "../../store.ts";
import type { TablePlace } from "./table.ts";

interface Props {
  neuron: Neuron;
  /** Which of the rows that came. */
  at: number;
  /** Which row of the whole table. */
  row: number;
  table: TablePlace;
  /** The largest |x·w| of the page: a whole bar. */
  widest: number;
  forwardOnly: boolean;
}

export function WeightRow({ neuron, at, row, table, widest, forwardOnly }: Props) {
  const explorer = useExplorer();
  const selected = explorer.selected.value;
  const place = neuron.places[at] ?? 0;
  const product = neuron.products[at];
  const open = (): void => {
    table.go(row, true);
    if (selected) explorer.select({ ...selected, input: place });
  };
  const point = (inside: boolean): void => {
    explorer.pointed.value = inside && selected ? { ...selected, input: place } : null;
  };
  return (
    <tr
      data-place={place}
      aria-rowindex={row + 2}
      aria-selected={selected?.input === place}
      tabIndex={table.row.value === row ? 0 : -1}
      onClick={open}
      onKeyDown={(event) => event.key === "Enter" && open()}
      onFocus={() => point(true)}
      onBlur={() => point(false)}
      onMouseEnter={() => point(true)}
      onMouseLeave={() => point(false)}
    >
      <th scope="row" title={neuron.names[at]}>
        {neuron.names[at]}
      </th>
      <Cell field="x" value={neuron.x[at]} />
      <Cell field="w" value={neuron.w[at]} />
      <td class="number product" data-field="product" data-value={product}>
        {number(product)}
        {product !== undefined && widest > 0 && (
          <span class={product < 0 ? "negative" : "positive"} style={{ width: `${(50 * Math.abs(product)) / widest}%` }} />
        )}
      </td>
      {!forwardOnly && <Cell field="gradient" value={neuron.gradients[at]} />}
    </tr>
  );
}

function Cell({ field, value }: { field: string; value: number | undefined }) {
  return (
    <td class="number" data-field={field} data-value={value}>
      {number(value)}
    </td>
  );
}
