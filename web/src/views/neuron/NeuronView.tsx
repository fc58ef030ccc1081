// View 2: one neuron, with every number that makes it, what it learns from them, and what it is worth.

import { useMemo } from "preact/hooks";
import type { Asking } from "../../asking.ts";
import { useAsking } from "../../asking.ts";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { ActivationCurve } from "./ActivationCurve.tsx";
import { Chooser } from "./Chooser.tsx";
import { FormulaPart } from "./FormulaPart.tsx";
import { HistoryPart } from "./HistoryPart.tsx";
import "./neuron.css";
import { NeuronPictures } from "./NeuronPictures.tsx";
import { Opened } from "./opened.ts";
import { PortraitPart } from "./PortraitPart.tsx";
import { ReceiptPart } from "./ReceiptPart.tsx";
import { PAGE, TablePlace } from "./table.ts";
import { WeightsTable } from "./WeightsTable.tsx";

export function NeuronView() {
  const explorer = useExplorer();
  const selected = explorer.selected.value;
  const name = selected ? `${explorer.layerName(selected.layer)}/node_${selected.node + 1}` : TEXTS.views.neuron;
  return (
    <div class="neuron">
      <h2>{name}</h2>
      <Chooser />
      {selected ? <OpenNeuron /> : <p class="note">{TEXTS.neuron.nothing}</p>}
    </div>
  );
}

function OpenNeuron() {
  const explorer = useExplorer();
  const table = useMemo(() => new TablePlace(explorer), [explorer]);
  const opened = useMemo(() => new Opened(explorer), [explorer]);
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
  return (
    <>
      {asking ? <Told asking={asking} table={table} opened={opened} /> : <p class="note">{TEXTS.neuron.waiting}</p>}
      {useMemo(
        () => (
          <>
            <ReceiptPart opened={opened} />
            <HistoryPart opened={opened} />
            <PortraitPart />
          </>
        ),
        [opened],
      )}
    </>
  );
}

function Told({ asking, table, opened }: { asking: Asking<"AskNeuron">; table: TablePlace; opened: Opened }) {
  const { question, answer, refusal } = asking;
  if (!answer) return <p class="problem">{refusal}</p>;
  return (
    <>
      <FormulaPart neuron={answer} opened={opened} />
      <PythonButton code={answer.python} of={answer.name} />
      <NeuronPictures neuron={answer} />
      <WeightsTable neuron={answer} first={question.first} table={table} />
      <ActivationCurve neuron={answer} />
    </>
  );
}
