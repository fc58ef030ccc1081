// The stages of a sample's way: its inputs, each layer, the loss, and each layer again as the error comes back.

export interface Stage {
  way: "input" | "forward" | "loss" | "backward";
  /** Which layer, by its place. */
  layer: number;
  /** How many layers are reached by then, from the side that it comes from. */
  reached: number;
}

/** All stages of a network of so many layers; without a target there is no way back. */
export function stages(layers: number, labelled: boolean): Stage[] {
  const places = Array.from({ length: layers }, (_, layer) => layer);
  const forward: Stage[] = places.map((layer) => ({ way: "forward", layer, reached: layer + 1 }));
  const backward: Stage[] = [...places].reverse().map((layer) => ({ way: "backward", layer, reached: layers - layer }));
  const start: Stage = { way: "input", layer: 0, reached: 0 };
  return labelled ? [start, ...forward, { way: "loss", layer: layers - 1, reached: layers }, ...backward] : [start, ...forward];
}

export function stageAt(all: Stage[], place: number): Stage | null {
  return all[Math.min(place, all.length - 1)] ?? null;
}
