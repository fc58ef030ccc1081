// What a neuron is called on the page: as Python calls it, where the first one of a layer is node_1.

import type { Explorer, Pointed } from "./store.ts";

export function neuronName(explorer: Explorer, { layer, node }: Pointed): string {
  return `${explorer.layerName(layer)}/node_${node + 1}`;
}

/** Whether it is a neuron of the last layer, which is heard by nobody. */
export function isOutput(explorer: Explorer, { layer }: Pointed): boolean {
  return layer + 1 === explorer.about.value?.layers.length;
}
