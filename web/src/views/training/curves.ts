// The curves of all runs: how they are asked for, put into one table, and told apart.

import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import uPlot from "uplot";
import type { Palette } from "../../colours.ts";
import type { Curve, Curves } from "../../messages.ts";
import { follow, useExplorer, type Explorer } from "../../store.ts";
import { useThrottled } from "./throttled.ts";

const CALM = 250; // ms between two questions

/** Curves that are asked for again when `changes` does, four times a second at most. */
export function useCurves(points: number, changes: (explorer: Explorer) => string): ReadonlySignal<Curves | null> {
  const explorer = useExplorer();
  const curves = useSignal<Curves | null>(null);
  const beat = useThrottled(() => changes(explorer), CALM);
  useEffect(
    () => follow(explorer, "AskCurves", () => ({ points }), () => [beat.value, explorer.there.value], (found) => (curves.value = found)),
    [explorer],
  );
  return curves;
}

/** What moves loss curves: the steps that the runs have made. */
export function stepsMade(explorer: Explorer): string {
  return (explorer.status.value?.runs ?? []).map((one) => `${one.name} ${one.step} ${one.edits}`).join();
}

/** What moves curves by epoch. */
export function epochsOf(explorer: Explorer): string {
  return (explorer.status.value?.runs ?? []).map((one) => `${one.name} ${one.epoch} ${one.training}`).join();
}

/** The step that is shown, at a pace at which plots can be drawn. */
export function useMark(): ReadonlySignal<number | null> {
  const explorer = useExplorer();
  return useThrottled(() => explorer.looked.value?.step ?? null, 100);
}

const STYLES: { colour: "positive" | "negative" | "accent" | "ink" | "faint"; dash: number[] }[] = [
  { colour: "positive", dash: [] },
  { colour: "negative", dash: [8, 4] },
  { colour: "accent", dash: [3, 3] },
  { colour: "ink", dash: [10, 3, 2, 3] },
  { colour: "faint", dash: [1, 4] },
];

export interface Style {
  colour: string;
  dash: number[];
}

/** How a run's lines are drawn: by colour and by dash. */
export function styleOf(place: number, palette: Palette): Style {
  const { colour, dash } = STYLES[Math.max(0, place) % STYLES.length] ?? { colour: "ink", dash: [] };
  return { colour: palette[colour], dash };
}

export type Column = (number | null | undefined)[];

/** Tables with x of their own as one with a common x; what a table does not have there is left open, not a gap. */
export function joined(tables: ArrayLike<number>[][]): Column[] {
  const plain = tables.map((table) => table.map((column) => Array.from(column, (value) => (Number.isFinite(value) ? value : null))));
  return plain.length === 0 ? [] : (uPlot.join(plain as unknown as uPlot.AlignedData[]) as Column[]);
}

/** The values of a metric, one for each epoch; empty where it was not measured. */
export function valuesOf(curve: Curve, metric: string): Float64Array {
  const place = curve.metrics.indexOf(metric);
  const epochs = curve.epoch_steps.length;
  return place < 0 ? new Float64Array() : curve.values.subarray(place * epochs, (place + 1) * epochs);
}
