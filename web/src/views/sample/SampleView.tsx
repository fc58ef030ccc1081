// View 3: a sample, chosen or drawn; how it flows through the network, what comes out, and why.

import { useMemo } from "preact/hooks";
import { TEXTS } from "../../texts.ts";
import { useExplorer } from "../../store.ts";
import { Chosen } from "./Chosen.tsx";
import { DrawingPad } from "./DrawingPad.tsx";
import { FlowPlayer } from "./FlowPlayer.tsx";
import { InputsForm } from "./InputsForm.tsx";
import { OutputsTable } from "./OutputsTable.tsx";
import "./sample.css";
import { SamplePicker } from "./SamplePicker.tsx";
import { WhyPart } from "./WhyPart.tsx";

const DIGIT = 28;

export function SampleView() {
  const explorer = useExplorer();
  const about = explorer.about.value;
  const isDigit = about?.image?.[0] === DIGIT && about.image[1] === DIGIT;
  // Each part follows signals of its own: a new step renders none of the others.
  const parts = useMemo(
    () => (
      <>
        <Chosen />
        {isDigit && <DrawingPad />}
        {!about?.image && <InputsForm />}
        <SamplePicker />
        <FlowPlayer />
        <OutputsTable />
        <WhyPart />
      </>
    ),
    [about, isDigit],
  );
  return (
    <div class="sample">
      <h2>{TEXTS.views.sample}</h2>
      {parts}
    </div>
  );
}
