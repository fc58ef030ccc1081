// One neuron: its formula with its numbers, its weights as a picture, and every input × weight.

import { useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useAsking } from "../asking.ts";
import type { Neuron } from "../messages.ts";
import { neuronName } from "../names.ts";
import { Lines } from "../parts/Lines.tsx";
import { Numbers } from "../parts/Numbers.tsx";
import { useExplorer, type Explorer, type Pointed } from "../store.ts";
import { TEXTS } from "../texts.ts";
import { ActivationCurve } from "../views/neuron/ActivationCurve.tsx";
import { Chooser } from "../views/neuron/Chooser.tsx";
import "../views/neuron/neuron.css";
import { NeuronPictures } from "../views/neuron/NeuronPictures.tsx";
import { PAGE, TablePlace } from "../views/neuron/table.ts";
import { WeightsTable } from "../views/neuron/WeightsTable.tsx";
import { useSamples } from "./context.ts";
import { productOf } from "./formula/neuron.ts";

const T = TEXTS.neuron;

export function NeuronView() {
  const explorer = useExplorer();
  const selected = explorer.selected.value;
  return (
    <div class="neuron">
      <h2>{selected ? neuronName(explorer, selected) : TEXTS.views.neuron}</h2>
      <Chooser />
      {selected ? <OpenNeuron /> : <p class="note">{T.nothing}</p>}
    </div>
  );
}

function OpenNeuron() {
  const explorer = useExplorer();
  const table = useMemo(() => new TablePlace(explorer), [explorer]);
  useSignalEffect(() => bringIntoView(explorer));
  const asking = useAsking("AskNeuron", () => {
    const selected = explorer.selected.value;
    if (!selected) return null;
    return {
      where: explorer.calm.value,
      sample: explorer.sample.value,
      layer: explorer.layerName(selected.layer),
      node: selected.node,
      first: table.first.value,
      count: PAGE,
      order: table.order.value,
    };
  }).value;
  const selected = explorer.selected.value;
  if (!asking?.answer || !selected) return <p class="note">{T.waiting}</p>;
  const { answer: neuron, question } = asking;
  return (
    <>
      <FormulaPart neuron={neuron} />
      {selected.input !== null && <Multiplication selected={selected} input={selected.input} />}
      <NeuronPictures neuron={neuron} />
      <WeightsTable neuron={neuron} first={question.first} table={table} forwardOnly />
      <ActivationCurve neuron={neuron} />
    </>
  );
}

/** Of a deep network, let the layers that are drawn large hold the neuron that is opened. */
function bringIntoView({ selected, window, about }: Explorer): void {
  const layer = selected.value?.layer ?? 0;
  const { first, count } = window.peek();
  const layers = about.peek()?.layers.length ?? 0;
  if (layer >= first && layer < first + count) return;
  window.value = { first: Math.max(0, Math.min(layers - count, layer - Math.floor(count / 2))), count };
}

function FormulaPart({ neuron }: { neuron: Neuron }) {
  const isLast = neuron.name.startsWith("output/");
  return (
    <section aria-label={T.numbers}>
      <div data-testid="neuron-formula">
        {neuron.formula.length > 0 ? <Lines lines={neuron.formula} label={T.formula} /> : <p class="note">{T.noSample}</p>}
      </div>
      <Numbers
        items={[
          { label: T.names.z, value: neuron.z, testid: "neuron-z" },
          { label: isLast ? TEXTS.offline.y : T.names.a, value: neuron.a, testid: "neuron-a" },
          { label: T.names.bias, value: neuron.bias, testid: "neuron-bias" },
        ]}
      />
    </section>
  );
}

/** The weight that is opened, with what it makes of the sample. */
function Multiplication({ selected: { layer, node }, input }: { selected: Pointed; input: number }) {
  const explorer = useExplorer();
  const samples = useSamples();
  const { network, beside } = samples;
  const sample = explorer.sample.value;
  const w = network.layers[layer]?.weights[input]?.[node];
  if (!sample || w === undefined) return null;
  const passed = samples.pass(sample);
  const x = (layer === 0 ? passed.scaled : passed.layers[layer - 1]?.activations)?.[input] ?? 0;
  const name = layer === 0 ? (beside.features?.[input] ?? `input_${input}`) : `${explorer.layerName(layer - 1)}/node_${input + 1}`;
  return (
    <div data-testid="multiplication">
      <Lines lines={[productOf(name, x, w)]} label={TEXTS.offline.multiplication} />
    </div>
  );
}
