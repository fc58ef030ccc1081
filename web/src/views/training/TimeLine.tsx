// Always there: where the run stands, which step is shown, and the way to every other. What is shown is bound to signals,
// since a scrub changes it on every frame.

import { useComputed, useSignal } from "@preact/signals";
import { number } from "../../format.ts";
import { Field, typed } from "../../parts/Field.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { Controls } from "./Controls.tsx";
import "./TimeLine.css";
import { Track } from "./Track.tsx";

const T = TEXTS.time;
const FINGERPRINT_DIGITS = 12;

export function TimeLine() {
  return (
    <section class="time" aria-label={TEXTS.views.time}>
      <Controls />
      <Track />
      <Going />
      <Readings />
    </section>
  );
}

/** Back to the run's last step, or to one that is typed. */
function Going() {
  const explorer = useExplorer();
  const text = useSignal("");
  const go = (event: Event): void => {
    event.preventDefault();
    const step = typed(text.value);
    if (step === null) return;
    explorer.goTo(step);
    text.value = "";
  };
  return (
    <form class="row going" onSubmit={go} noValidate>
      <button type="button" data-testid="live" aria-label={T.liveLabel} aria-pressed={explorer.step.value === null} onClick={() => explorer.goTo(null)}>
        {T.live}
      </button>
      <Field label={T.goTo} quiet text={text.value} onText={(typing) => (text.value = typing)} placeholder={T.goToShort} testid="go-to-step" least={0} whole />
    </form>
  );
}

function Readings() {
  const { looked, runInfo, tab } = useExplorer();
  const step = useComputed(() => looked.value?.step ?? null);
  const total = useComputed(() => runInfo.value?.total_steps ?? 0);
  const epochs = useComputed(() => runInfo.value?.epochs ?? 0);
  const at = useComputed(() => T.at(step.value ?? 0, total.value, looked.value?.epoch ?? 0, epochs.value));
  const loss = useComputed(() => looked.value?.loss ?? null);
  const rate = useComputed(() => looked.value?.rate ?? null);
  const fingerprint = useComputed(() => looked.value?.fingerprint ?? "");
  const hands = useComputed(() => looked.value?.hands ?? 0);
  const lossText = useComputed(() => number(loss.value, 5));
  const rateText = useComputed(() => number(rate.value));
  const short = useComputed(() => fingerprint.value.slice(0, FINGERPRINT_DIGITS));
  const full = useComputed(() => T.fingerprint(fingerprint.value));
  return (
    <p class="row readings">
      <b data-testid="step" data-value={step}>
        {at}
      </b>
      <span class="reading">
        {T.loss} <span data-testid="loss" data-value={loss}>{lossText}</span>
      </span>
      <span class="reading">
        {T.rate} <span data-testid="rate" data-value={rate}>{rateText}</span>
      </span>
      <span class="reading">
        {T.bits} <code data-testid="fingerprint" data-value={fingerprint} title={full}>{short}</code>
      </span>
      {hands.value > 0 && (
        <button type="button" class="small by-hand" onClick={() => (tab.value = "hands")}>
          <span aria-hidden="true">✋</span> {T.hands(hands.value)}
        </button>
      )}
    </p>
  );
}
