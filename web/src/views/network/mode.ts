// Which way the network is coloured, and how far a sample has come in it. The sample's player sets both.

import { signal } from "@preact/signals";

/** Colours tell activations a, or errors δ on their way back. */
export const flow = signal<"forward" | "backward">("forward");

/** How many layers the sample has reached, on its way forward or back; null: all of them. */
export const reached = signal<number | null>(null);

/** Whether the sample has come to a layer yet; `back`: it comes from the output's side. */
export function isReached(layer: number, layers: number, steps: number | null, back: boolean): boolean {
  return steps === null || (back ? layers - 1 - layer : layer) < steps;
}
