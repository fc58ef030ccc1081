// What can be done to one neuron. Each change is one step of undo, so it is made when a value is meant, not while it is typed.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { number } from "../../format.ts";
import type { Hand, Hands } from "../../messages.ts";
import { isOutput } from "../../names.ts";
import { useAnswer, useExplorer, type Pointed } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { Setting } from "./Setting.tsx";

const T = TEXTS.hands;

interface Props {
  selected: Pointed;
  onTold: (answer: Hands | null) => void;
}

export function Controls({ selected, onTold }: Props) {
  const explorer = useExplorer();
  const input = useSignal(selected.input ?? 0);
  useEffect(() => {
    input.value = selected.input ?? 0;
  }, [selected.layer, selected.node, selected.input]);
  const n_in = explorer.about.value?.layers[selected.layer]?.n_in ?? 1;
  const neuron = useAnswer("AskNeuron", () => {
    const chosen = explorer.selected.value;
    if (!chosen) return null;
    const layer = explorer.layerName(chosen.layer);
    return { where: explorer.calm.value, sample: null, layer, node: chosen.node, first: input.value, count: 1, order: "place" };
  }).value;
  const make = (kind: Hand["kind"], value: number): void => {
    const asked = { kind, layer: explorer.layerName(selected.layer), node: selected.node, value };
    void explorer.change("Hand", { where: explorer.calm.value, ...asked, input: kind === "weight" ? input.value : null }).then(onTold);
  };
  const name = neuron?.names[0] ?? "";
  return (
    <div class="controls">
      <Setting label={T.bias} testid="hand-bias" value={neuron?.bias ?? null} onSet={(value) => make("bias", value)} />
      <div class="weight">
        <label class="field">
          <span>{T.input(n_in)}</span>
          <input
            type="number"
            min={0}
            max={n_in - 1}
            data-testid="hand-input"
            value={input.value}
            onChange={(event) => (input.value = Math.max(0, Math.min(n_in - 1, Math.round(event.currentTarget.valueAsNumber || 0))))}
          />
        </label>
        <Setting label={T.weight(name)} testid="hand-weight" value={neuron?.w[0] ?? null} onSet={(value) => make("weight", value)} />
      </div>
      <Loudness isOutput={isOutput(explorer, selected)} onMake={make} />
    </div>
  );
}

/** How loud the next layer hears the neuron: a factor of the weights by which it does. */
function Loudness({ isOutput: output, onMake }: { isOutput: boolean; onMake: (kind: Hand["kind"], value: number) => void }) {
  const factor = useSignal("0.5");
  const value = Number(factor.value);
  const valid = factor.value.trim() !== "" && Number.isFinite(value);
  return (
    <form
      class="row"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onMake("scale", value);
      }}
    >
      <label>
        {T.scale}
        <input type="number" step="any" data-testid="hand-scale" value={factor.value} onInput={(event) => (factor.value = event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={!valid} aria-label={`${T.scaleApply} ${number(value)}`}>
        {T.scaleApply}
      </button>
      <button type="button" data-testid="hand-silence" disabled={output} onClick={() => onMake("silence", 0)}>
        {T.silence}
      </button>
      <span class="note">{output ? T.outputNote : T.silenceNote}</span>
    </form>
  );
}
