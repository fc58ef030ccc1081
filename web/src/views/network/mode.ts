// How far a sample has come in the network.

/** Whether the sample has come to a layer yet; `back`: it comes from the output's side. */
export function isReached(layer: number, layers: number, steps: number | null, back: boolean): boolean {
  return steps === null || (back ? layers - 1 - layer : layer) < steps;
}
