// Why this answer and not another: contributions that add up to the difference of the two scores.

import { useSignal } from "@preact/signals";
import { useAsking } from "../../asking.ts";
import { useCalm } from "../../calm.ts";
import { number } from "../../format.ts";
import type { Why } from "../../messages.ts";
import { Bars, type Row } from "../../parts/Bars.tsx";
import { Picture } from "../../parts/Picture.tsx";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.sample;
const COUNT = 10;
const PICTURED = 168; // CSS pixels
const NONE = "";

export function WhyPart() {
  const explorer = useExplorer();
  const this_ = useSignal<number | null>(null);
  const rather = useSignal<number | null>(null);
  const place = useSignal("");
  const asking = useAsking("AskWhy", () => {
    const sample = explorer.sample.value;
    if (!sample) return null;
    return { where: explorer.calm.value, sample, this: this_.value, rather: rather.value, place: place.value, count: COUNT };
  });
  const calm = useCalm(asking.value);
  const why = calm?.answer ?? null;
  const outputs = explorer.about.value?.outputs ?? [];
  if (!calm) return null;
  return (
    <section class="why" aria-label={T.why}>
      <h3>{why ? T.whyTitle(why.this_name, why.rather_name) : T.why}</h3>
      {outputs.length > 1 && (
        <div class="row">
          <Choice label={T.whyThis} testid="why-this" usual={T.whyDefault} names={outputs} value={this_.value} onChoose={(one) => (this_.value = one)} />
          <Choice label={T.whyRather} testid="why-rather" usual={T.whyRatherDefault} names={outputs} value={rather.value} onChoose={(one) => (rather.value = one)} />
        </div>
      )}
      {why ? <Told why={why} onPlace={(one) => (place.value = one)} /> : <p class="note">{calm.refusal || T.noWhy}</p>}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  testid: string;
  usual: string;
  names: string[];
  value: number | null;
  onChoose: (place: number | null) => void;
}

function Choice({ label, testid, usual, names, value, onChoose }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select
        data-testid={testid}
        value={value === null ? NONE : String(value)}
        onChange={(event) => onChoose(event.currentTarget.value === NONE ? null : Number(event.currentTarget.value))}
      >
        <option value={NONE}>{usual}</option>
        {names.map((name, place) => (
          <option key={place} value={String(place)}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Told({ why, onPlace }: { why: Why; onPlace: (place: string) => void }) {
  const explorer = useExplorer();
  const rows = rowsOf(why, explorer);
  const scale = Math.max(...rows.map((row) => Math.abs(row.value)), Math.abs(why.difference));
  const image = explorer.about.value?.image;
  const total: Row = { key: "total", name: T.whyTotal, value: why.difference };
  return (
    <>
      <div class="row">
        <label>
          {T.whyPlace}{" "}
          <select data-testid="why-place" value={why.place} onChange={(event) => onPlace(event.currentTarget.value)}>
            {why.views.map((view) => (
              <option key={view}>{view}</option>
            ))}
          </select>
        </label>
        <PythonButton code={why.python} of={T.why} />
      </div>
      <p>
        {T.whyEquals(why.this_name, why.rather_name)}{" "}
        {why.rather !== null && `${number(why.output)} − ${why.other < 0 ? `(${number(why.other)})` : number(why.other)} = `}
        <b data-testid="why-total" data-value={why.difference}>
          {number(why.difference)}
        </b>
      </p>
      <div data-testid="why-table">
        <Bars rows={rows} scale={scale} label={T.whyBars} total={total} />
      </div>
      {why.all.length > 0 && image && (
        <figure>
          <Picture values={why.all} width={image[1]} height={image[0]} scale={why.scale} zoom={PICTURED / image[1]} label={T.whyPicture(number(why.scale))} />
          <figcaption>{T.whyPicture(number(why.scale))}</figcaption>
        </figure>
      )}
    </>
  );
}

/** The bars, the others' sum, and what stands beside them. */
function rowsOf(why: Why, explorer: Explorer): Row[] {
  const layer = explorer.about.value?.layers.findIndex((one) => one.name === why.place) ?? -1;
  const bars = Array.from(why.places, (node, at): Row => {
    const row = { key: `bar ${node}`, name: why.names[at] ?? "", value: why.bars[at] ?? 0 };
    if (layer < 0) return row;
    return {
      ...row,
      onOpen: () => {
        explorer.pointed.value = null; // this row goes away, and cannot hear that the mouse leaves
        explorer.select({ layer, node, input: null }, "neuron");
      },
      onPoint: (inside) => (explorer.pointed.value = inside ? { layer, node, input: null } : null),
    };
  });
  const others: Row[] = why.n_others > 0 ? [{ key: "others", name: T.whyOthers(why.n_others), value: why.others, quiet: true }] : [];
  const extra = why.extra_names.map((name, at): Row => ({ key: `extra ${name}`, name, value: why.extra[at] ?? 0, quiet: true }));
  return [...bars, ...others, ...extra];
}
