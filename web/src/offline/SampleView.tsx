// A sample: drawn, moved or chosen; how it flows through the network, and what comes out.

import { useMemo } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { DrawingPad } from "../views/sample/DrawingPad.tsx";
import { FlowPlayer } from "../views/sample/FlowPlayer.tsx";
import { OutputsTable } from "../views/sample/OutputsTable.tsx";
import "../views/sample/sample.css";
import { Chosen } from "./Chosen.tsx";
import { useSamples } from "./context.ts";
import { InputsForm } from "./InputsForm.tsx";
import { Picker } from "./Picker.tsx";

const T = TEXTS.offline;
const DIGIT = 28;

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
        <Chosen />
        {image ? (
          <DrawingPad
            image={image}
            ink={beside.ink}
            title={isDigit ? TEXTS.sample.draw : T.draw}
            caption={isDigit ? TEXTS.sample.prepared : T.shrunk(image[0], image[1])}
          />
        ) : (
          <InputsForm />
        )}
        <FlowPlayer help={T.flow} />
        <OutputsTable />
        {count > 0 && <Picker />}
      </div>
    ),
    [beside],
  );
}
