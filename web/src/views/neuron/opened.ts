// Which parameter of the selected neuron is opened: a weight, the bias, or none.

import { batch, computed, signal } from "@preact/signals";
import type { Explorer } from "../../store.ts";

export class Opened {
  /** The neuron whose bias is opened, as layer and node; another neuron's stays shut. */
  private readonly biasOf = signal("");

  constructor(private readonly explorer: Explorer) {}

  readonly what = computed<"weight" | "bias" | null>(() => {
    const selected = this.explorer.selected.value;
    if (!selected) return null;
    if (selected.input !== null) return "weight";
    return this.biasOf.value === `${selected.layer}/${selected.node}` ? "bias" : null;
  });

  openBias(): void {
    this.put((layer, node) => `${layer}/${node}`);
  }

  shut(): void {
    this.put(() => "");
  }

  private put(biasOf: (layer: number, node: number) => string): void {
    const selected = this.explorer.selected.value;
    if (!selected) return;
    batch(() => {
      this.biasOf.value = biasOf(selected.layer, selected.node);
      this.explorer.selected.value = { ...selected, input: null };
    });
  }
}
