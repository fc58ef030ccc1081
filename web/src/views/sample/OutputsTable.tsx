// What comes out: a probability for each class, or a value for each target.

import { number, percent } from "../../format.ts";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { useLooked } from "./looked.ts";

const T = TEXTS.sample;
const MOST = 100;

export function OutputsTable() {
  const explorer = useExplorer();
  const looked = useLooked();
  const about = explorer.about.value;
  if (!looked || !about || looked.shown.length === 0) return null;
  const isShare = about.task === "classes" || about.task === "yes-no";
  const names = about.outputs;
  return (
    <section aria-label={T.outputs}>
      <h3>{T.outputs}</h3>
      <table class="bars outputs" data-testid="outputs-table" aria-label={T.outputs}>
        <tbody>
          {Array.from(looked.shown.subarray(0, MOST), (value, place) => (
            <tr key={place} class={place === looked.says_place ? "marked" : ""}>
              <th scope="row">
                {names[place] ?? place}{" "}
                {place === looked.says_place && <span class="tag">{T.isAnswer}</span>}{" "}
                {place === looked.truth_place && <span class="tag">{T.isTruth}</span>}
              </th>
              {isShare && (
                <td class="share" aria-hidden="true">
                  <span style={{ width: `${100 * value}%` }} />
                </td>
              )}
              <td class="number" data-value={value}>
                {isShare ? percent(value) : number(value, 6)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {looked.shown.length > MOST && <p class="note">{T.moreOutputs(MOST, looked.shown.length)}</p>}
    </section>
  );
}
