// The look at the network, at a pace at which tables can be drawn.

import type { Looked } from "../../messages.ts";
import { useExplorer } from "../../store.ts";
import { useThrottled } from "../training/throttled.ts";

const CALM = 100; // ms

export function useLooked(): Looked | null {
  const { looked } = useExplorer();
  return useThrottled(() => looked.value, CALM).value;
}

/** The places of the largest values by size, the largest first. */
export function largest(values: Float32Array, count: number): number[] {
  return Array.from(values.keys())
    .sort((one, other) => Math.abs(values[other] ?? 0) - Math.abs(values[one] ?? 0))
    .slice(0, count);
}
