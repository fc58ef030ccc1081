// The inputs of a row that is no picture, as numbers; changing one makes a sample of one's own.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Field, typed } from "../../parts/Field.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { useLooked } from "./looked.ts";
import { takeOwn } from "./own.ts";

const T = TEXTS.sample;
const MOST = 60;
const DIGITS = 6;

export function InputsForm() {
  const explorer = useExplorer();
  const looked = useLooked();
  const texts = useSignal<string[]>([]);
  const names = explorer.about.value?.inputs ?? [];
  const inputs = looked?.raw;
  useEffect(() => {
    texts.value = Array.from(inputs ?? [], (value) => String(Number(value.toPrecision(DIGITS))));
  }, [inputs?.join()]); // another step brings the same inputs, and wipes nothing that is half typed
  if (!inputs || inputs.length === 0) return null;
  if (inputs.length > MOST) return <p class="note">{T.manyInputs(inputs.length, MOST)}</p>;
  const enter = (place: number, text: string): void => {
    const value = typed(text);
    const before = inputs[place];
    if (value === null || before === undefined || value === Number(before.toPrecision(DIGITS))) return;
    const values = Array.from(inputs, (one, at) => (at === place ? value : one));
    void explorer.ask("Enter", { values }).then((entered) => {
      if (entered) takeOwn(explorer, entered.row);
    });
  };
  return (
    <section aria-label={T.inputs}>
      <h3>{T.inputs}</h3>
      <p class="note">{T.edit}</p>
      <div class="inputs">
        {names.slice(0, inputs.length).map((name, place) => (
          <Field
            key={place}
            label={name}
            text={texts.value[place] ?? ""}
            value={inputs[place]}
            testid={`input-${place}`}
            onText={(text) => (texts.value = texts.value.map((one, at) => (at === place ? text : one)))}
            onDone={(text) => enter(place, text)}
          />
        ))}
      </div>
    </section>
  );
}
