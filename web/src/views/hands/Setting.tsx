// A number that can be set: typed, or moved on a slider around what it is.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { number } from "../../format.ts";
import { Field, typed } from "../../parts/Field.tsx";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.hands;
const LEAST_REACH = 1;
const DIGITS = 6;

interface Props {
  label: string;
  testid: string;
  value: number | null;
  onSet: (value: number) => void;
}

export function Setting({ label, testid, value, onSet }: Props) {
  const text = useSignal("");
  const reach = useSignal(LEAST_REACH);
  useEffect(() => {
    text.value = value === null ? "" : String(Number(value.toPrecision(DIGITS)));
    reach.value = Math.max(LEAST_REACH, reach.value, 2 * Math.abs(value ?? 0));
  }, [value]);
  const set = (given: string): void => {
    const wanted = typed(given);
    if (wanted !== null && value !== null && wanted !== Number(value.toPrecision(DIGITS))) onSet(wanted);
  };
  return (
    <div class="setting">
      <Field label={label} text={text.value} value={value} testid={testid} onText={(typing) => (text.value = typing)} onDone={set} />
      <input
        type="range"
        aria-label={T.slider(label)}
        aria-valuetext={number(Number(text.value))}
        min={-reach.value}
        max={reach.value}
        step="any"
        value={text.value}
        disabled={value === null}
        onInput={(event) => (text.value = String(Number(Number(event.currentTarget.value).toPrecision(4))))}
        onChange={() => set(text.value)}
      />
    </div>
  );
}
