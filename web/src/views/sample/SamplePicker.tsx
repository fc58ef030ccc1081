// Rows to choose from, some at a time: with what they are, and what the network says of them.

import { useSignal } from "@preact/signals";
import { useCalm } from "../../calm.ts";
import type { Samples } from "../../messages.ts";
import { Field, typed } from "../../parts/Field.tsx";
import { Pager } from "../../parts/Pager.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { Thumb } from "../../parts/Thumb.tsx";
import { useAnswer, useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.sample;
const PAGE = 12;
const OWN = "own";

export function SamplePicker() {
  const explorer = useExplorer();
  const set = useSignal(explorer.sample.value?.set ?? explorer.about.value?.data[0]?.name ?? OWN);
  const first = useSignal(0);
  const wrong = useSignal(false);
  const found = useAnswer("AskSamples", () => {
    explorer.sample.value; // a new row of one's own is a new row of that set
    return { where: explorer.where.value, set: set.value, first: first.value, count: PAGE, wrong: wrong.value };
  });
  const samples = useCalm(found.value, 250);
  const sets = [...(explorer.about.value?.data ?? []).map((one) => one.name), OWN];
  const labelled = explorer.about.value?.data.some((one) => one.name === set.value && one.labelled) ?? false;
  const choose = (name: string): void => {
    set.value = name;
    first.value = 0;
  };
  return (
    <section aria-label={T.choose}>
      <h3>{T.choose}</h3>
      <div class="row">
        <label>
          {T.set}{" "}
          <select data-testid="sample-set" value={set.value} onChange={(event) => choose(event.currentTarget.value)}>
            {sets.map((name) => (
              <option key={name} value={name}>
                {name === OWN ? T.own : name}
              </option>
            ))}
          </select>
        </label>
        {labelled && (
          <label>
            <input
              type="checkbox"
              data-testid="wrong-only"
              checked={wrong.value}
              onChange={() => {
                wrong.value = !wrong.value;
                first.value = 0;
              }}
            />{" "}
            {T.wrong}
          </label>
        )}
        <GoTo set={set.value} />
        <PythonButton code={samples?.python} of={T.rows} />
      </div>
      {samples && <Rows samples={samples} set={set.value} />}
      {samples && samples.total > 0 && (
        <Pager first={first.value} count={PAGE} total={samples.total} of={T.rows} onGo={(place) => (first.value = place)} />
      )}
    </section>
  );
}

function GoTo({ set }: { set: string }) {
  const explorer = useExplorer();
  const text = useSignal("");
  const go = (event: Event): void => {
    event.preventDefault();
    const row = typed(text.value);
    if (row !== null && row >= 0) explorer.sample.value = { set, row: Math.round(row) };
  };
  return (
    <form class="row" onSubmit={go} noValidate>
      <Field label={T.goToRow} quiet placeholder={T.goToRow} text={text.value} onText={(typing) => (text.value = typing)} testid="go-to-row" whole least={0} />
    </form>
  );
}

function Rows({ samples, set }: { samples: Samples; set: string }) {
  const explorer = useExplorer();
  const image = explorer.about.value?.image ?? null;
  const sample = explorer.sample.value;
  if (samples.rows.length === 0) return <p class="note">{set === OWN ? T.noOwn : T.noSamples}</p>;
  const wide = samples.x.length / samples.rows.length;
  return (
    <div class="thumbs" data-testid="samples">
      {Array.from(samples.rows, (row, place) => {
        const truth = samples.truths[place] ?? "";
        const says = samples.says[place] ?? "";
        return (
          <Thumb
            key={row}
            bytes={samples.x.subarray(place * wide, (place + 1) * wide)}
            image={image}
            label={T.thumb(row, truth, says)}
            chosen={sample?.set === set && sample.row === row}
            onChoose={() => (explorer.sample.value = { set, row })}
          >
            {truth !== "" && <span>{T.thumbTruth(truth)}</span>} <span class={truth !== "" && truth !== says ? "wrong" : ""}>{T.thumbSays(says)}</span>
          </Thumb>
        );
      })}
    </div>
  );
}
