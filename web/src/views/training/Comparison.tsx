// Two runs side by side: where they part, what each is worth, and how far their layers are apart.

import { useSignal } from "@preact/signals";
import { number, score } from "../../format.ts";
import { useAsking } from "../../asking.ts";
import type { Compared } from "../../messages.ts";
import { Plot } from "../../parts/Plot.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { colours } from "../../theme.ts";
import { styleOf, useMark } from "./curves.ts";
import { Key } from "./Key.tsx";

const T = TEXTS.training;

export function Comparison() {
  const explorer = useExplorer();
  const chosen = useSignal<[string | null, string | null]>([null, null]);
  const runs = (explorer.status.value?.runs ?? []).map((one) => one.name);
  const one = chosen.value[0] ?? runs[0] ?? "";
  const other = chosen.value[1] ?? runs.at(-1) ?? "";
  return (
    <section aria-label={T.compare}>
      <h3>{T.compare}</h3>
      {runs.length < 2 ? (
        <p class="note">{T.oneRun}</p>
      ) : (
        <>
          <div class="fields">
            <Choice label={T.one} testid="compare-one" runs={runs} value={one} onChoose={(run) => (chosen.value = [run, other])} />
            <Choice label={T.other} testid="compare-other" runs={runs} value={other} onChoose={(run) => (chosen.value = [one, run])} />
          </div>
          {one === other ? <p class="note">{T.sameRun}</p> : <Told key={`${one} ${other}`} one={one} other={other} />}
        </>
      )}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  testid: string;
  runs: string[];
  value: string;
  onChoose: (run: string) => void;
}

function Choice({ label, testid, runs, value, onChoose }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select data-testid={testid} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {runs.map((run) => (
          <option key={run}>{run}</option>
        ))}
      </select>
    </label>
  );
}

function Told({ one, other }: { one: string; other: string }) {
  const explorer = useExplorer();
  // While steps are made they only grow apart: it is asked anew when they rest.
  const asking = useAsking("Compare", () => (explorer.training.value ? null : { one, other })).value;
  if (!asking) return <p class="note">{TEXTS.loading}</p>;
  if (!asking.answer) return <p class="note">{asking.refusal}</p>;
  const found = asking.answer;
  if (found.parted === null) return <p data-testid="compared">{T.same(found.until)}</p>;
  return (
    <div data-testid="compared" data-value={found.parted}>
      <Facts found={found} />
      <Apart found={found} />
    </div>
  );
}

function Facts({ found }: { found: Compared }) {
  return (
    <dl>
      <dt>{T.parted}</dt>
      <dd data-testid="parted" data-value={found.parted}>
        {found.parted?.toLocaleString("en")}
      </dd>
      <dt>{T.because}</dt>
      <dd>{found.because.join(", ") || T.nothingRecorded}</dd>
      <dt>{T.until}</dt>
      <dd>{found.until.toLocaleString("en")}</dd>
      {found.score_one !== null && (
        <>
          <dt>{T.scores(found.measure)}</dt>
          <dd>
            {found.one}{" "}
            <b data-testid="score-one" data-value={found.score_one}>
              {score(found.score_one, found.measure)}
            </b>
            , {found.other}{" "}
            <b data-testid="score-other" data-value={found.score_other}>
              {score(found.score_other, found.measure)}
            </b>
          </dd>
        </>
      )}
    </dl>
  );
}

function Apart({ found }: { found: Compared }) {
  const explorer = useExplorer();
  const mark = useMark();
  const names = found.layers.map((layer) => layer.name);
  const places = new Map(names.map((name, place) => [name, place]));
  const layers = explorer.about.value?.layers.map((layer) => layer.name) ?? [];
  return (
    <>
      <h4>{T.apart}</h4>
      <div class="row">
        <Key runs={names} places={places} />
        <PythonButton code={found.python} of={T.ofCompared} />
      </div>
      <Plot
        label={T.apartLabel}
        x={found.steps}
        xLabel={T.step}
        series={found.layers.map((layer, place) => ({ label: layer.name, values: layer.rms, ...styleOf(place, colours.value) }))}
        height={130}
        mark={mark.value}
        onPick={(step) => explorer.goTo(step)}
      />
      <p>
        {T.farthest}:{" "}
        {found.layers.map((layer, place) => (
          <span key={layer.name} class="far">
            <button
              type="button"
              class="link"
              onClick={() => explorer.select({ layer: layers.indexOf(layer.name), node: layer.far_node, input: null }, "neuron")}
            >
              {`${layer.name}/node_${layer.far_node + 1}`}
            </button>{" "}
            {number(layer.far)}
            {place < found.layers.length - 1 && ", "}
          </span>
        ))}
      </p>
    </>
  );
}
