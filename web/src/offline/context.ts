// What the page's own views share, beside the explorer: the samples, and with them the network.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Samples } from "./samples.ts";

export const SamplesContext = createContext<Samples | null>(null);

export function useSamples(): Samples {
  const samples = useContext(SamplesContext);
  if (samples === null) throw new Error("There are no samples here.");
  return samples;
}
