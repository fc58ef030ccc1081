// What excites the neuron most and least, how often it is active, and what is lost without it.

import { useSignal } from "@preact/signals";
import { useAsking } from "../../asking.ts";
import { number, percent, score } from "../../format.ts";
import type { Portrait } from "../../messages.ts";
import { Numbers } from "../../parts/Numbers.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { Thumb } from "../../parts/Thumb.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { ClassHistogram } from "./ClassHistogram.tsx";

const ROWS = 6;

export function PortraitPart() {
  const explorer = useExplorer();
  const open = useSignal(false);
  const asking = useAsking("AskPortrait", () => {
    const selected = explorer.selected.value;
    if (!selected || !open.value) return null;
    return { where: explorer.calm.value, layer: explorer.layerName(selected.layer), node: selected.node, count: ROWS };
  }).value;
  return (
    <details class="portrait" data-testid="portrait" onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <h3>{TEXTS.neuron.portrait}</h3>
      </summary>
      {asking?.answer && <Painted portrait={asking.answer} />}
      {asking && !asking.answer && <p class="refusal">{asking.refusal || TEXTS.neuron.noPortrait}</p>}
      {!asking && <p class="note">{TEXTS.neuron.waiting}</p>}
      <p class="note">{TEXTS.neuron.portraitHelp}</p>
    </details>
  );
}

function Painted({ portrait }: { portrait: Portrait }) {
  const texts = TEXTS.neuron;
  const { measure } = portrait;
  const worth = [
    { label: texts.active, value: portrait.active, text: percent(portrait.active) },
    ...(portrait.saturated === null ? [] : [{ label: texts.saturated, value: portrait.saturated, text: percent(portrait.saturated) }]),
    ...(portrait.whole === null ? [] : [{ label: texts.whole(measure), value: portrait.whole, text: score(portrait.whole, measure) }]),
    ...(portrait.without === null ? [] : [{ label: texts.without(measure), value: portrait.without, text: score(portrait.without, measure) }]),
  ];
  return (
    <>
      <Numbers items={worth} />
      <PythonButton code={portrait.python} of={texts.portrait} />
      <Rows heading={texts.most(portrait.set)} set={portrait.set} rows={portrait.most} a={portrait.most_a} x={portrait.most_x} />
      <Rows heading={texts.least(portrait.set)} set={portrait.set} rows={portrait.least} a={portrait.least_a} x={portrait.least_x} />
      <ClassHistogram portrait={portrait} />
    </>
  );
}

interface RowsProps {
  heading: string;
  set: string;
  rows: Int32Array;
  a: Float64Array;
  x: Uint8Array;
}

function Rows({ heading, set, rows, a, x }: RowsProps) {
  const explorer = useExplorer();
  const image = explorer.about.value?.image ?? null;
  const wide = rows.length > 0 ? x.length / rows.length : 0;
  const sample = explorer.sample.value;
  return (
    <>
      <h4>{heading}</h4>
      <div class="thumbs">
        {Array.from(rows, (row, place) => (
          <Thumb
            key={row}
            bytes={x.subarray(place * wide, (place + 1) * wide)}
            image={image}
            label={TEXTS.neuron.thumb(row, number(a[place], 3))}
            chosen={sample?.set === set && sample.row === row}
            onChoose={() => (explorer.sample.value = { set, row })}
          >
            <span data-value={a[place]}>{number(a[place], 3)}</span>
          </Thumb>
        ))}
      </div>
    </>
  );
}
