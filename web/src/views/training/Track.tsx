// The slider over all steps that were made, and marks where epochs ended and branches parted.

import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { epochsOf, useCurves } from "./curves.ts";

const T = TEXTS.time;
const MOST_MARKS = 40; // of very many epochs, every second one is marked, or third, …
const FEW_POINTS = 10; // epochs are wanted, not the losses

/** The slider is moved by hand, or by the run; it is set as an element, since a scrub moves it on every frame. */
export function Track() {
  const explorer = useExplorer();
  const slider = useRef<HTMLInputElement>(null);
  useSignalEffect(() => {
    const last = explorer.runInfo.value?.step ?? 0;
    const looked = explorer.looked.value;
    if (!slider.current) return;
    slider.current.max = String(last);
    slider.current.value = String(explorer.step.value ?? last);
    slider.current.setAttribute("aria-valuetext", looked ? String(looked.step) : "");
  });
  return (
    <div class="track">
      <Marks />
      <input
        ref={slider}
        type="range"
        min={0}
        step={1}
        aria-label={T.slider}
        data-testid="time-slider"
        onInput={(event) => explorer.goTo(Number(event.currentTarget.value))}
      />
    </div>
  );
}

function Marks() {
  const explorer = useExplorer();
  const curves = useCurves(FEW_POINTS, epochsOf);
  const runs = explorer.status.value?.runs ?? [];
  const last = explorer.runInfo.value?.step ?? 0;
  const shown = explorer.run.value;
  const ends = Array.from(curves.value?.curves.find((one) => one.run === shown)?.epoch_steps ?? []);
  const branches = runs.filter((one) => one.parted !== null && (one.parent === shown || one.name === shown));
  const every = Math.ceil(ends.length / MOST_MARKS);
  const at = (step: number): string => `${last > 0 ? (100 * step) / last : 0}%`;
  return (
    <div class="marks" aria-hidden="true">
      {ends.filter((step, place) => step <= last && (place + 1) % every === 0).map((step) => (
        <span key={step} class="epoch" style={{ left: at(step) }} title={T.epochMark(step)} />
      ))}
      {branches.map(({ name, parted }) => (
        <span key={name} class="branch" style={{ left: at(parted ?? 0) }} title={T.branchMark(name, parted ?? 0)}>
          ◆
        </span>
      ))}
    </div>
  );
}
