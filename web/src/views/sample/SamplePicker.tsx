// Rows to choose from, some at a time: with what they are, and what the network says of them.

import { useSignal } from "@preact/signals";
import type { Samples } from "../../messages.ts";
import { Field, typed } from "../../parts/Field.tsx";
import { Pager } from "../../parts/Pager.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { Thumb } from "../../parts/Thumb.tsx";
import { useAnswer, useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { useThrottled } from "../training/throttled.ts";
import { OWN } from "./own.ts";

const T = TEXTS.sample;
const PAGE = 12;
const CALM = 250; // ms between two drawings of the rows

export function SamplePicker() {
  const explorer = useExplorer();
  const set = useSignal(explorer.sample.value?.set ?? explorer.about.value?.data[0]?.name ?? OWN);
  const first = useSignal(0);
  const wrong = useSignal(false);
  const found = useAnswer("AskSamples", () => ({
    where: explorer.calm.value,
    set: set.value,
    first: first.value,
    count: PAGE,
    wrong: wrong.value,
  }));
  const samples = useThrottled(() => found.value, CALM).value;
  const data = explorer.about.value?.data.find((one) => one.name === set.value);
  const isValues = !isChoice(explorer);
  const sets = [...(explorer.about.value?.data ?? []).map((one) => one.name), OWN];
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
        {data?.labelled && (
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
            {isValues ? T.worst : T.wrong}
          </label>
        )}
        <GoTo
          rows={data?.rows ?? samples?.total ?? 0}
          onGo={(row) => {
            explorer.sample.value = { set: set.value, row };
            if (!wrong.value) first.value = row - (row % PAGE);
          }}
        />
        <PythonButton code={samples?.python} of={T.rows} />
      </div>
      {samples && <Rows samples={samples} set={set.value} />}
      {samples && samples.total > 0 && (
        <Pager first={first.value} count={PAGE} total={samples.total} of={T.rows} onGo={(place) => (first.value = place)} />
      )}
    </section>
  );
}

/** Whether an answer is right or wrong, and not near or far. */
function isChoice(explorer: Explorer): boolean {
  const task = explorer.about.value?.task;
  return task === "classes" || task === "yes-no";
}

function GoTo({ rows, onGo }: { rows: number; onGo: (row: number) => void }) {
  const text = useSignal("");
  const go = (event: Event): void => {
    event.preventDefault();
    const wanted = typed(text.value);
    if (wanted === null || rows === 0) return;
    const row = Math.max(0, Math.min(rows - 1, Math.round(wanted)));
    text.value = String(row);
    onGo(row);
  };
  return (
    <form class="row" onSubmit={go} noValidate>
      <Field label={T.goToRow} quiet placeholder={T.goToRow} text={text.value} onText={(typing) => (text.value = typing)} testid="go-to-row" whole least={0} most={Math.max(0, rows - 1)} />
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
        const isWrong = isChoice(explorer) && truth !== "" && truth !== says;
        return (
          <Thumb
            key={row}
            bytes={samples.x.subarray(place * wide, (place + 1) * wide)}
            image={image}
            label={T.thumb(row, truth, says)}
            chosen={sample?.set === set && sample.row === row}
            onChoose={() => (explorer.sample.value = { set, row })}
          >
            {truth !== "" && <span>{T.thumbTruth(truth)}</span>} <span class={isWrong ? "wrong" : ""}>{T.thumbSays(says)}</span>
          </Thumb>
        );
      })}
    </div>
  );
}
