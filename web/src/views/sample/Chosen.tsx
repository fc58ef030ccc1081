// The chosen sample: its picture, what it is, and what the network says of it.

import { number, percent } from "../../format.ts";
import { nextSample } from "../../keys.ts";
import { Numbers } from "../../parts/Numbers.tsx";
import { Picture } from "../../parts/Picture.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { useLooked } from "./looked.ts";
import { OWN } from "./own.ts";

const T = TEXTS.sample;
const LARGE = 168; // CSS pixels

export function Chosen() {
  const explorer = useExplorer();
  const looked = useLooked();
  const sample = explorer.sample.value;
  const image = explorer.about.value?.image;
  if (!sample) return <p class="note">{T.none}</p>;
  const name = T.row(sample.set === OWN ? T.own : sample.set, sample.row);
  const sure = looked && looked.says_place !== null ? (looked.shown[looked.says_place] ?? null) : null;
  return (
    <section class="chosen" aria-label={name}>
      {image && looked && looked.inputs.length > 0 && (
        <Picture values={looked.inputs} width={image[1]} height={image[0]} scale={looked.x_scale} zoom={LARGE / image[1]} label={T.picture(name)} />
      )}
      <div>
        <div class="row">
          <b>{name}</b>
          {sample.set !== OWN && (
            <>
              <button type="button" class="small" aria-label={T.before} onClick={() => nextSample(explorer, -1)}>
                ‹
              </button>
              <button type="button" class="small" aria-label={T.after} onClick={() => nextSample(explorer, 1)}>
                ›
              </button>
            </>
          )}
        </div>
        <dl class="verdict">
          <dt>{T.truth}</dt>
          <dd data-testid="sample-truth">{looked?.truth || T.unknown}</dd>
          <dt>{T.says}</dt>
          <dd data-testid="sample-says">{looked?.says ?? ""}</dd>
        </dl>
        <Numbers
          items={[
            ...(sure === null ? [] : [{ label: T.sure, value: sure, text: percent(sure), testid: "sample-sure" }]),
            ...(looked?.sample_loss == null ? [] : [{ label: T.loss, value: looked.sample_loss, text: number(looked.sample_loss), testid: "sample-loss" }]),
          ]}
        />
      </div>
    </section>
  );
}
