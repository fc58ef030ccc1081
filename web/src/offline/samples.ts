// The samples: rows of the data, and rows of one's own; each is passed through the network but once.

import type { Sample } from "../messages.ts";
import { number } from "../format.ts";
import { unpacked, type Beside, type Network, type Passed } from "./given.ts";

export const DATA = "data";
export const OWN = "own";

const MOST_OWN = 100;
const MOST_KEPT = 512; // rows whose numbers are kept, of a network of usual size
const MOST_NUMBERS = 4e6; // of all rows that are kept

export type Row = Uint8Array | Float32Array;

export class Samples {
  private readonly rows: Uint8Array | Float32Array;
  private readonly own: Row[] = [];
  private readonly passed = new Map<string, Passed>();
  private readonly kept: number;
  /** Of one's own, the row that is typed or moved, if there is one. */
  private typedRow: number | null = null;

  constructor(
    readonly network: Network,
    readonly beside: Beside,
  ) {
    this.rows = unpacked(beside.rows);
    const numbers = network.layers.reduce((sum, layer) => sum + 2 * layer.biases.length, network.inputs);
    this.kept = Math.max(8, Math.min(MOST_KEPT, Math.floor(MOST_NUMBERS / numbers)));
  }

  /** How many products a row takes. */
  get products(): number {
    return this.network.layers.reduce((sum, layer) => sum + layer.weights.length * layer.biases.length, 0);
  }

  get count(): number {
    return this.beside.rows?.places.length ?? 0;
  }

  get ownCount(): number {
    return this.own.length;
  }

  row({ set, row }: Sample): Row {
    const width = this.network.inputs;
    const found = set === OWN ? this.own[row] : this.rows.subarray(row * width, (row + 1) * width);
    if (found === undefined || found.length !== width) throw new RangeError(`There is no row ${row} of ${set}.`);
    return found;
  }

  /** Which row of the data it was, before some were taken. */
  rowNumber({ row }: Sample): number {
    return this.beside.rows?.places[row] ?? row;
  }

  /** Every number on its way. */
  pass(sample: Sample): Passed {
    const key = `${sample.set} ${sample.row}`;
    const known = this.passed.get(key);
    if (known) return known;
    const passed = this.network.forward(this.row(sample));
    if (this.passed.size >= this.kept) this.passed.delete(this.passed.keys().next().value ?? "");
    this.passed.set(key, passed);
    return passed;
  }

  /** Keep a row of one's own, in the place of another one if one is named; of very many the last place is used again. */
  add(x: Row, row: number | null): number {
    const place = row !== null && row < this.own.length ? row : Math.min(this.own.length, MOST_OWN - 1);
    this.own[place] = x;
    this.passed.delete(`${OWN} ${place}`);
    return place;
  }

  /** Keep a row that is typed: there is one, whatever is changed in it. */
  addTyped(x: Row): number {
    this.typedRow = this.add(x, this.typedRow);
    return this.typedRow;
  }

  /** What a row is, in words; empty where nobody knows. */
  truth({ set, row }: Sample): string {
    return set === DATA ? (this.beside.labels?.[row] ?? "") : "";
  }

  /** What the network says of a row, in words. */
  says(sample: Sample): string {
    const { place, y, layers } = this.pass(sample);
    const { classes, outputs, task } = this.beside;
    if (classes && place !== undefined) return classes[place] ?? "";
    if (task !== "yes-no") return Array.from(y, (value) => number(value, 6)).join(", ");
    const sums = layers.at(-1)?.sums ?? [];
    return outputs.filter((_, j) => (sums[j] ?? 0) > 0).join(", ") || "none";
  }

  /** Whether what it says can be right or wrong, and is wrong. */
  isWrong(sample: Sample): boolean {
    const truth = this.truth(sample);
    return this.beside.classes !== null && truth !== "" && truth !== this.says(sample);
  }
}
