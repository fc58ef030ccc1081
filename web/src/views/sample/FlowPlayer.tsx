// The sample flows forward layer by layer to the loss, then its error backward: played, stepped or scrubbed.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { number } from "../../format.ts";
import type { Looked } from "../../messages.ts";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { largest, useLooked } from "./looked.ts";
import { stageAt, stages, type Stage } from "./stages.ts";

const T = TEXTS.sample;
const PACE = 900; // ms a stage
const STRONGEST = 4;

/** `help`: what is said before it is played; else what it will show. */
export function FlowPlayer({ help }: { help?: string }) {
  const explorer = useExplorer();
  const looked = useLooked();
  const at = useSignal<number | null>(null);
  const playing = useSignal(false);
  const layers = explorer.about.value?.layers.map((layer) => layer.name) ?? [];
  const labelled = looked !== null && looked.sample_loss !== null;
  const all = stages(layers.length, labelled);
  const place = useComputed(() => at.value);
  useEffect(() => {
    const stage = place.value === null ? null : stageAt(all, place.value);
    explorer.flow.value = stage?.way === "backward" ? "backward" : "forward";
    explorer.reached.value = stage === null ? null : stage.reached;
  }, [place.value, all.length]);
  useEffect(() => () => ((explorer.flow.value = "forward"), (explorer.reached.value = null)), []);
  useEffect(() => {
    if (!playing.value) return;
    const timer = setTimeout(() => {
      const next = (at.value ?? -1) + 1;
      if (next < all.length) at.value = next;
      else stop();
    }, PACE);
    return () => clearTimeout(timer);
  }, [playing.value, at.value, all.length]);
  const play = (): void => {
    if (at.value === null || at.value >= all.length - 1) at.value = 0;
    playing.value = true;
  };
  const stop = (): void => {
    playing.value = false;
    at.value = null;
  };
  const still = typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;
  const stage = at.value === null ? null : stageAt(all, at.value);
  return (
    <section class="flow" aria-label={T.flow}>
      <h3>{T.flow}</h3>
      <div class="row">
        <button type="button" data-testid="flow-play" disabled={still} onClick={() => (playing.value ? (playing.value = false) : play())}>
          {playing.value ? T.pause : T.play}
        </button>
        <button type="button" data-testid="flow-step" onClick={() => (at.value = Math.min(all.length - 1, (at.value ?? -1) + 1))}>
          {T.stepOn}
        </button>
        <input
          type="range"
          aria-label={T.stage}
          aria-valuetext={stage ? nameOf(stage, layers) : T.all}
          data-testid="flow-slider"
          min={0}
          max={all.length - 1}
          value={at.value ?? all.length - 1}
          onInput={(event) => (at.value = Number(event.currentTarget.value))}
        />
        <button type="button" disabled={at.value === null} onClick={stop}>
          {T.all}
        </button>
      </div>
      <div class="told" data-testid="flow-told" aria-live="polite">
        {stage && looked ? <Told stage={stage} looked={looked} layers={layers} /> : <Help still={still} text={help ?? (labelled ? T.flowHelp : T.flowForward)} />}
      </div>
    </section>
  );
}

function Help({ still, text }: { still: boolean; text: string }) {
  return (
    <p class="note">
      {text} {still && T.still}
    </p>
  );
}

function nameOf({ way, layer }: Stage, layers: string[]): string {
  if (way === "input") return T.stageInput;
  if (way === "loss") return T.stageLoss;
  return way === "forward" ? (layers[layer] ?? "") : T.stageBack(layers[layer] ?? "");
}

/** What happens at a stage, in words and numbers. */
function Told({ stage: { way, layer }, looked, layers }: { stage: Stage; looked: Looked; layers: string[] }) {
  const explorer = useExplorer();
  const name = layers[layer] ?? "";
  const numbers = looked.layers[layer];
  if (way === "input") return <p>{T.toldInput(looked.inputs.length)}</p>;
  if (way === "loss")
    return (
      <p>
        {T.toldLoss(looked.truth)} L = <b data-value={looked.sample_loss}>{number(looked.sample_loss)}</b>
      </p>
    );
  const values = (way === "forward" ? numbers?.a : numbers?.delta) ?? new Float32Array();
  return (
    <>
      <p>{way === "forward" ? T.toldForward(name, values.length) : T.toldBackward(name)}</p>
      <ul>
        {largest(values, STRONGEST).map((node) => (
          <li key={node}>
            <button type="button" class="link" onClick={() => explorer.select({ layer, node, input: null }, "neuron")}>
              {`node_${node + 1}`}
            </button>{" "}
            {way === "forward" ? "a" : "δ"} = <span data-value={values[node]}>{number(values[node])}</span>
          </li>
        ))}
      </ul>
      {way === "forward" && layer === layers.length - 1 && <p>{T.toldSays(looked.says)}</p>}
    </>
  );
}
