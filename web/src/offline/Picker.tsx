// Rows of the data to choose from: as pictures where they are some, else as a table of their values.

import { useComputed, useSignal } from "@preact/signals";
import { number } from "../format.ts";
import type { Sample } from "../messages.ts";
import { Pager } from "../parts/Pager.tsx";
import { Thumb } from "../parts/Thumb.tsx";
import { useExplorer } from "../store.ts";
import { TEXTS } from "../texts.ts";
import { useSamples } from "./context.ts";
import type { OfflineHost } from "./host.ts";
import { DATA, type Samples } from "./samples.ts";

const T = TEXTS.sample;
const PICTURES = 16; // on a page
const ROWS = 10;
const MOST_VALUES = 6; // of a row in the table
const MOST_JUDGED = 1e8; // products, about a second, that are made to find what is wrong

export function Picker() {
  const samples = useSamples();
  const wrong = useSignal(false);
  const first = useSignal(0);
  const { image, rows } = samples.beside;
  const page = image ? PICTURES : ROWS;
  const wanted = useComputed(() => {
    const all = Array.from({ length: samples.count }, (_, row): Sample => ({ set: DATA, row }));
    return wrong.value ? all.filter((sample) => samples.isWrong(sample)) : all;
  });
  const shown = wanted.value.slice(first.value, first.value + page);
  return (
    <section aria-label={T.choose}>
      <h3>{T.choose}</h3>
      <div class="row">
        {canJudge(samples) && (
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
        {wanted.value.length > page && <Pager first={first.value} count={page} total={wanted.value.length} of={T.rows} onGo={(place) => (first.value = place)} />}
      </div>
      {shown.length === 0 ? <p class="note">{T.noSamples}</p> : image ? <Pictures shown={shown} image={image} /> : <Table shown={shown} />}
      {rows && rows.total > samples.count && (
        <p class="note" data-testid="rows-taken">
          {TEXTS.offline.taken(samples.count, rows.total)}
        </p>
      )}
    </section>
  );
}

/** Whether there is right and wrong here, and few enough products to be made for all rows. */
function canJudge({ products, beside, count }: Samples): boolean {
  return beside.labels !== null && beside.classes !== null && products * count <= MOST_JUDGED;
}

function Pictures({ shown, image }: { shown: Sample[]; image: [number, number] }) {
  const explorer = useExplorer();
  const samples = useSamples();
  const chosen = explorer.sample.value;
  return (
    <div class="thumbs" data-testid="samples">
      {shown.map((sample) => {
        const [truth, says] = [samples.truth(sample), samples.says(sample)];
        return (
          <Thumb
            key={sample.row}
            bytes={(explorer.host as OfflineHost).bytes(samples.row(sample))}
            image={image}
            label={T.thumb(samples.rowNumber(sample), truth, says)}
            chosen={chosen?.set === DATA && chosen.row === sample.row}
            onChoose={() => (explorer.sample.value = sample)}
          >
            <span class={samples.isWrong(sample) ? "wrong" : ""}>{says}</span>
          </Thumb>
        );
      })}
    </div>
  );
}

function Table({ shown }: { shown: Sample[] }) {
  const explorer = useExplorer();
  const samples = useSamples();
  const chosen = explorer.sample.value;
  const names = explorer.about.value?.inputs ?? [];
  const values = Math.min(MOST_VALUES, samples.network.inputs);
  return (
    <>
      <div class="wide" tabIndex={0} role="group" aria-label={T.rows}>
        <table class="plain rows" data-testid="samples">
          <thead>
            <tr>
              <th scope="col">{TEXTS.offline.rowHead}</th>
              <th scope="col">{T.says}</th>
              {samples.beside.labels && <th scope="col">{T.truth}</th>}
              {names.slice(0, values).map((name, place) => (
                <th key={place} scope="col" class="number" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((sample) => {
              const isChosen = chosen?.set === DATA && chosen.row === sample.row;
              return (
                <tr key={sample.row} class={isChosen ? "marked" : ""}>
                  <th scope="row">
                    <button type="button" class="small" aria-pressed={isChosen} aria-label={TEXTS.offline.choose(samples.rowNumber(sample))} onClick={() => (explorer.sample.value = sample)}>
                      {samples.rowNumber(sample)}
                    </button>
                  </th>
                  <td class={samples.isWrong(sample) ? "wrong" : ""}>{samples.says(sample)}</td>
                  {samples.beside.labels && <td>{samples.truth(sample)}</td>}
                  {Array.from(samples.row(sample).subarray(0, values), (value, place) => (
                    <td key={place} class="number">
                      {number(value)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {samples.network.inputs > values && <p class="note">{TEXTS.offline.firstValues(values, samples.network.inputs)}</p>}
    </>
  );
}
