// A sample: drawn, moved or chosen; how it flows through the network, and what comes out.

import { useMemo } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { DrawingPad } from "../views/sample/DrawingPad.tsx";
import { FlowPlayer } from "../views/sample/FlowPlayer.tsx";
import { OutputsTable } from "../views/sample/OutputsTable.tsx";
import "../views/sample/sample.css";
import { Chosen } from "./Chosen.tsx";
import { useSamples } from "./context.ts";
import { DIGIT } from "./digits.ts";
import { InputsForm } from "./InputsForm.tsx";
import { Picker } from "./Picker.tsx";

const T = TEXTS.offline;

export function SampleView() {
  const { beside, count } = useSamples();
  const { image } = beside;
  const isDigit = image?.[0] === DIGIT && image[1] === DIGIT;
  // Each part follows signals of its own: a new sample renders none of the others.
  return useMemo(
    () => (
      <div class="sample">
        <h2>{TEXTS.views.sample}</h2>
        <p class="note">{image ? T.leadImage : T.leadTable}</p>
        <div class="top-row">
          {image && <DrawingPad image={image} title={isDigit ? TEXTS.sample.draw : T.draw} caption="" />}
          <Chosen />
        </div>
        {!image && <InputsForm />}
        {count > 0 && <Picker />}
        <FlowPlayer help={T.flow} />
        <OutputsTable />
      </div>
    ),
    [beside],
  );
}
