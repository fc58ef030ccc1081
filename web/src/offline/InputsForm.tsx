// The inputs of a row of a table: each by its name, with a slider and its number; changing one makes a row of one's own.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Field, typed } from "../parts/Field.tsx";
import { Pager } from "../parts/Pager.tsx";
import { useExplorer } from "../store.ts";
import { TEXTS } from "../texts.ts";
import { takeOwn } from "../views/sample/own.ts";
import { useSamples } from "./context.ts";

const T = TEXTS.sample;
const PAGE = 12;
const DIGITS = 6;

function short(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}

export function InputsForm() {
  const explorer = useExplorer();
  const samples = useSamples();
  const first = useSignal(0);
  const texts = useSignal<string[]>([]);
  const sample = explorer.sample.value;
  const names = explorer.about.value?.inputs ?? [];
  const ranges = samples.beside.ranges ?? [];
  const revision = explorer.revision.value; // a row of one's own was changed
  const values = useMemo(
    () => (sample ? samples.row(sample) : Float32Array.from(ranges, ([low, high]) => (low + high) / 2)),
    [sample?.set, sample?.row, revision],
  );
  useEffect(() => {
    texts.value = Array.from(values, short);
  }, [values]);
  const enter = (place: number, value: number | null): void => {
    if (value === null || !Number.isFinite(Math.fround(value)) || short(value) === short(values[place] ?? 0)) return;
    const changed = Array.from(values, (one, at) => (at === place ? value : one));
    void explorer.ask("Enter", { values: changed }).then((entered) => {
      if (entered) takeOwn(explorer, entered.row);
    });
  };
  return (
    <section aria-label={T.inputs}>
      <h3>{T.inputs}</h3>
      {values.length > PAGE && <Pager first={first.value} count={PAGE} total={values.length} of={T.inputs} onGo={(place) => (first.value = place)} />}
      <div class="sliders">
        {ranges.slice(first.value, first.value + PAGE).map(([low, high, step], at) => {
          const place = first.value + at;
          const name = names[place] ?? T.inputs;
          return (
            <div key={place} class="slider">
              <span class="slider-name" title={name}>
                {name}
              </span>
              <input
                type="range"
                aria-label={TEXTS.hands.slider(name)}
                data-testid={`slider-${place}`}
                min={low}
                max={high}
                step={step}
                value={values[place] ?? low}
                onInput={(event) => enter(place, event.currentTarget.valueAsNumber)}
              />
              <Field
                label={name}
                quiet
                text={texts.value[place] ?? ""}
                value={values[place]}
                testid={`input-${place}`}
                onText={(text) => (texts.value = texts.value.map((one, other) => (other === place ? text : one)))}
                onDone={(text) => enter(place, typed(text))}
              />
            </div>
          );
        })}
      </div>
    </section>
  );
}
