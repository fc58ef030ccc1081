// The sample that is looked at: its picture, what it is, and what the network says of it.

import { percent } from "../format.ts";
import { nextSample } from "../keys.ts";
import type { Sample } from "../messages.ts";
import { Picture } from "../parts/Picture.tsx";
import { useExplorer } from "../store.ts";
import { TEXTS } from "../texts.ts";
import { probable } from "../views/network/drawTexts.ts";
import { useLooked } from "../views/sample/looked.ts";
import { useSamples } from "./context.ts";
import { DIGIT } from "./digits.ts";
import { OWN, type Samples } from "./samples.ts";

const T = TEXTS.sample;
const LARGE = 112; // CSS pixels

export function sampleName(samples: Samples, sample: Sample): string {
  if (sample.set === OWN) return samples.beside.image ? TEXTS.offline.drawn : TEXTS.offline.typed;
  return TEXTS.offline.row(samples.rowNumber(sample));
}

/** What is said of the picture that the network gets. */
function captionOf({ set }: Sample, [height, width]: [number, number]): string {
  if (set !== OWN) return TEXTS.offline.given;
  return height === DIGIT && width === DIGIT ? T.prepared : TEXTS.offline.fitted(height, width);
}

export function Chosen() {
  const explorer = useExplorer();
  const samples = useSamples();
  const looked = useLooked();
  const sample = explorer.sample.value;
  if (!sample) return <p class="note">{TEXTS.offline.none(samples.beside.image !== null)}</p>;
  const { image, task } = samples.beside;
  const name = sampleName(samples, sample);
  const isWrong = samples.isWrong(sample);
  const sure = looked && looked.says_place !== null && probable(task) ? (looked.shown[looked.says_place] ?? null) : null;
  return (
    <section class="chosen" aria-label={name}>
      <div>
        <div class="row">
          <b data-testid="sample-name">{name}</b>
          {sample.set !== OWN && samples.count > 1 && (
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
          <dt>{T.says}</dt>
          <dd data-testid="sample-says" class={isWrong ? "wrong" : ""}>
            {looked?.says ?? ""}
          </dd>
          {sure !== null && (
            <>
              <dt>{T.sure}</dt>
              <dd data-testid="sample-sure" data-value={sure}>
                {percent(sure)}
              </dd>
            </>
          )}
          {looked?.truth && (
            <>
              <dt>{T.truth}</dt>
              <dd data-testid="sample-truth">{looked.truth}</dd>
            </>
          )}
        </dl>
      </div>
      {image && looked && looked.inputs.length > 0 && (
        <figure>
          <Picture values={looked.inputs} width={image[1]} height={image[0]} scale={looked.x_scale} zoom={LARGE / image[1]} label={T.picture(name)} />
          <figcaption>{captionOf(sample, image)}</figcaption>
        </figure>
      )}
    </section>
  );
}
