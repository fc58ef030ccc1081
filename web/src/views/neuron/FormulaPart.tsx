// What a neuron computes: the sum and the activation with their numbers, and the way back.

import type { Neuron } from "../../messages.ts";
import { Lines } from "../../parts/Lines.tsx";
import { Numbers } from "../../parts/Numbers.tsx";
import { TEXTS } from "../../texts.ts";
import type { Opened } from "./opened.ts";

export function FormulaPart({ neuron, opened }: { neuron: Neuron; opened: Opened }) {
  const { names } = TEXTS.neuron;
  const isOpen = opened.what.value === "bias";
  return (
    <section aria-label={TEXTS.neuron.numbers}>
      <div data-testid="neuron-formula">
        {neuron.formula.length > 0 ? (
          <Lines lines={neuron.formula} label={TEXTS.neuron.formula} />
        ) : (
          <p class="note">{TEXTS.neuron.noSample}</p>
        )}
      </div>
      <Numbers
        items={[
          { label: names.z, value: neuron.z, testid: "neuron-z" },
          { label: names.a, value: neuron.a, testid: "neuron-a" },
          { label: names.slope, value: neuron.slope, testid: "neuron-slope" },
          { label: names.dA, value: neuron.dA, testid: "neuron-da" },
          { label: names.delta, value: neuron.delta, testid: "neuron-delta" },
          { label: names.db, value: neuron.db, testid: "neuron-db" },
          { label: names.bias, value: neuron.bias, testid: "neuron-bias" },
        ]}
      />
      <button type="button" class="small" aria-pressed={isOpen} onClick={() => (isOpen ? opened.shut() : opened.openBias())}>
        {TEXTS.neuron.openBias}
      </button>
    </section>
  );
}
