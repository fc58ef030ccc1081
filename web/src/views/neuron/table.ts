// Where in the table of inputs × weights we are: its order, and the row that the keyboard stands on.

import { batch, computed, signal } from "@preact/signals";
import type { Asked } from "../../host.ts";
import type { Explorer } from "../../store.ts";

/** Rows of a page. */
export const PAGE = 12;

export type Order = Asked<"AskNeuron">["order"];

export class TablePlace {
  readonly order = signal<Order>("product");
  private readonly wanted = signal(0);
  /** Whether the focus follows, once the row is there. */
  focus = false;

  constructor(private readonly explorer: Explorer) {}

  /** How many rows the whole table has. */
  readonly rows = computed(() => {
    const selected = this.explorer.selected.value;
    return selected ? (this.explorer.about.value?.layers[selected.layer]?.n_in ?? 0) : 0;
  });

  /** The row in the whole table, in its order. */
  readonly row = computed(() => Math.max(0, Math.min(this.wanted.value, this.rows.value - 1)));
  readonly first = computed(() => this.row.value - (this.row.value % PAGE));

  go(row: number, focus: boolean): void {
    this.focus = focus;
    this.wanted.value = Math.max(0, Math.min(row, this.rows.value - 1));
  }

  sort(order: Order): void {
    batch(() => {
      this.order.value = order;
      this.wanted.value = 0;
    });
  }

  /** Any input is found by its place. */
  find(place: number): void {
    batch(() => {
      this.order.value = "place";
      this.go(place, true);
    });
  }
}
