// Inputs × weights, some rows at a time; by keyboard every one of them can be reached.

import { useEffect, useRef } from "preact/hooks";
import type { Neuron } from "../../messages.ts";
import { Pager } from "../../parts/Pager.tsx";
import { Toggles } from "../../parts/Toggles.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { PAGE, type TablePlace } from "./table.ts";
import { WeightRow } from "./WeightRow.tsx";

interface Props {
  neuron: Neuron;
  /** The place of the first row that is shown, in the order that was asked for. */
  first: number;
  table: TablePlace;
  /** Whether nothing comes back here, and no gradient is ever known. */
  forwardOnly?: boolean;
}

export function WeightsTable({ neuron, first, table, forwardOnly = false }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const row = table.row.value;
  useEffect(() => {
    const reached = body.current?.rows[row - first];
    // By now a further key may have asked for another row: then the focus is that row's to take.
    if (!table.focus || !reached || table.row.peek() !== row || table.first.peek() !== first) return;
    table.focus = false;
    reached.focus();
  }, [neuron, row, first]);
  const columns = TEXTS.neuron.columns;
  const widest = neuron.products.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    <section aria-label={TEXTS.neuron.table}>
      <h3>{TEXTS.neuron.table}</h3>
      <Tools neuron={neuron} first={first} table={table} />
      <div class="wide">
        <table class="weights" role="grid" aria-label={TEXTS.neuron.table} aria-rowcount={neuron.n_in} data-testid="weights-table" onKeyDown={(event) => walk(event, table)}>
          <thead>
            <tr>
              <th scope="col">{columns.name}</th>
              <th scope="col" class="number">{columns.x}</th>
              <th scope="col" class="number">{columns.w}</th>
              <th scope="col" class="number">{columns.product}</th>
              {!forwardOnly && <th scope="col" class="number">{columns.gradient}</th>}
            </tr>
          </thead>
          <tbody ref={body}>
            {neuron.names.map((_, at) => (
              <WeightRow key={at} neuron={neuron} at={at} row={first + at} table={table} widest={widest} forwardOnly={forwardOnly} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">{TEXTS.neuron.tableHelp}</p>
    </section>
  );
}

function Tools({ neuron, first, table }: Props) {
  const texts = TEXTS.neuron;
  // Inputs of the network count from 0, as in Python; neurons of the layer before are named from 1.
  const from = useExplorer().selected.value?.layer === 0 ? 0 : 1;
  return (
    <div class="row">
      <Toggles label={texts.order} value={table.order.value} choices={texts.orders} onChoose={(order) => table.sort(order)} />
      <Pager first={first} count={PAGE} total={neuron.n_in} of={texts.table} onGo={(to) => table.go(to, false)} />
      <label>
        {from === 0 ? texts.goToInput : texts.goToNode}{" "}
        <input
          type="number"
          min={from}
          max={neuron.n_in - 1 + from}
          onChange={(event) => {
            const wanted = event.currentTarget.valueAsNumber;
            if (!Number.isNaN(wanted)) table.find(Math.round(wanted) - from);
          }}
        />
      </label>
    </div>
  );
}

/** Go from row to row, across pages. */
function walk(event: KeyboardEvent, table: TablePlace): void {
  const row = table.row.value;
  const to: Record<string, number> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + PAGE,
    PageUp: row - PAGE,
    Home: 0,
    End: table.rows.value - 1,
  };
  const wanted = to[event.key];
  if (wanted === undefined) return;
  event.preventDefault();
  table.go(wanted, true);
}
