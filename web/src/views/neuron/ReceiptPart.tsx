// The receipt of the opened weight or bias: the loss, the way back, its gradient, and the step that was made with it.

import { useSignal } from "@preact/signals";
import { useAsking } from "../../asking.ts";
import { number, signed } from "../../format.ts";
import type { Receipt } from "../../messages.ts";
import { Lines } from "../../parts/Lines.tsx";
import { Numbers } from "../../parts/Numbers.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { Toggles } from "../../parts/Toggles.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import type { Opened } from "./opened.ts";

type Of = "step" | "sample";

export function ReceiptPart({ opened }: { opened: Opened }) {
  const explorer = useExplorer();
  const of = useSignal<Of>(explorer.runInfo.value ? "step" : "sample");
  const asking = useAsking("AskReceipt", () => {
    const selected = explorer.selected.value;
    if (!selected || opened.what.value === null) return null;
    return {
      where: explorer.calm.value,
      sample: explorer.sample.value,
      layer: explorer.layerName(selected.layer),
      node: selected.node,
      input: selected.input,
      of: of.value,
    };
  }).value;
  if (opened.what.value === null || !asking) return null;
  const { answer, refusal } = asking;
  return (
    <section data-testid="receipt" aria-label={TEXTS.neuron.receipt(answer?.name ?? "")}>
      <h3>{TEXTS.neuron.receipt(answer?.name ?? "")}</h3>
      <div class="row">
        <Toggles label={TEXTS.neuron.receiptOf} value={of.value} choices={TEXTS.neuron.receiptsOf} onChoose={(one) => (of.value = one)} />
        <PythonButton code={answer?.python} of={answer?.name ?? ""} />
        <button type="button" class="small" onClick={() => opened.shut()}>
          {TEXTS.neuron.shut}
        </button>
      </div>
      {answer ? <Parts receipt={answer} /> : <p class="refusal">{refusal || TEXTS.neuron.noReceipt}</p>}
    </section>
  );
}

function Parts({ receipt }: { receipt: Receipt }) {
  const texts = TEXTS.neuron;
  return (
    <>
      <Numbers
        items={[
          { label: texts.gradient, value: receipt.gradient, testid: "receipt-gradient" },
          { label: texts.old, value: receipt.old, text: number(receipt.old, 7), testid: "receipt-old" },
          { label: texts.change, value: receipt.change, text: signed(receipt.change), testid: "receipt-change" },
          { label: texts.new, value: receipt.new, text: number(receipt.new, 7), testid: "receipt-new" },
        ]}
      />
      {receipt.product && (
        <>
          <h4>{texts.product}</h4>
          <Lines lines={[receipt.product]} label={texts.product} testid="receipt-line" />
        </>
      )}
      {receipt.parts.map((part, place) => (
        <div key={place}>
          <h4>{part.heading}</h4>
          <Lines lines={part.lines} label={part.heading} testid="receipt-line" />
        </div>
      ))}
    </>
  );
}
