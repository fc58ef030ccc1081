// What a run is to stop at: the form says what it is of, which is whatever is chosen in the other views.

import { useSignal } from "@preact/signals";
import type { StopAt } from "../../messages.ts";
import { Field, typed } from "../../parts/Field.tsx";
import { useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.training;

type Kind = Exclude<StopAt["kind"], "none">;

const BOUNDED: Kind[] = ["loss", "weight", "activation"];
const OF_NEURON: Kind[] = ["weight", "activation"];
const OF_SAMPLE: Kind[] = ["activation", "flips"];

export function Breakpoints() {
  const explorer = useExplorer();
  const kind = useSignal<Kind>("loss");
  const side = useSignal<StopAt["side"]>("below");
  const bound = useSignal("0.1");
  const run = explorer.runInfo.value;
  if (run === null || !run.can_train) return null;
  const wanting = wants(explorer, kind.value);
  const number = BOUNDED.includes(kind.value) ? typed(bound.value) : 0;
  const ask = (what: StopAt["kind"]): void => {
    const { layer, node, input } = explorer.selected.value ?? { layer: 0, node: 0, input: null };
    const asked = { run: run.name, kind: what, side: side.value, bound: number ?? 0, layer: explorer.layerName(layer), node, input };
    void explorer.change("StopAt", { ...asked, sample: explorer.sample.value });
  };
  const set = (event: Event): void => {
    event.preventDefault();
    ask(kind.value);
  };
  return (
    <section aria-label={T.breakpoints}>
      <h3>{T.breakpoints}</h3>
      {run.breakpoint !== "" && (
        <p data-testid="breakpoint-now">
          {T.stopsAt} {run.breakpoint}{" "}
          <button type="button" class="small" disabled={run.training} onClick={() => ask("none")}>
            {T.takeAway}
          </button>
        </p>
      )}
      <form class="fields" onSubmit={set} noValidate>
        <label>
          {T.stopWhen}{" "}
          <select data-testid="breakpoint-kind" value={kind.value} onChange={(event) => (kind.value = event.currentTarget.value as Kind)}>
            {T.kinds.map(([one, name]) => (
              <option key={one} value={one}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {BOUNDED.includes(kind.value) && (
          <>
            <label>
              {T.side}{" "}
              <select value={side.value} onChange={(event) => (side.value = event.currentTarget.value as StopAt["side"])}>
                {T.sides.map(([one, name]) => (
                  <option key={one} value={one}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <Field label={T.bound} text={bound.value} onText={(typing) => (bound.value = typing)} testid="breakpoint-bound" />
          </>
        )}
        <button type="submit" data-testid="breakpoint-set" disabled={run.training || number === null || wanting.lacks}>
          {T.set}
        </button>
      </form>
      {wanting.told !== "" && <p class="note">{wanting.told}</p>}
    </section>
  );
}

/** What a breakpoint is of, in words, and whether that is still to be chosen. */
function wants(explorer: Explorer, kind: Kind): { told: string; lacks: boolean } {
  const chosen = explorer.selected.value;
  const sample = explorer.sample.value;
  if (OF_NEURON.includes(kind) && chosen === null) return { told: T.needsNeuron, lacks: true };
  if (OF_SAMPLE.includes(kind) && sample === null) return { told: T.needsSample, lacks: true };
  const name = chosen ? `${explorer.layerName(chosen.layer)}/node_${chosen.node + 1}` : "";
  const weight = chosen?.input === null || chosen === null ? T.ofBias(name) : T.ofWeight(name, chosen.input);
  const told = [
    OF_NEURON.includes(kind) ? (kind === "weight" ? weight : T.ofNeuron(name)) : "",
    OF_SAMPLE.includes(kind) && sample ? T.ofSample(sample.set, sample.row) : "",
  ];
  return { told: told.filter((one) => one !== "").join("; "), lacks: false };
}
