// View 6: what the network, or one neuron, says everywhere in the plane of two inputs, and the data in it.

import { useSignal } from "@preact/signals";
import { useCalm } from "../../calm.ts";
import { number } from "../../format.ts";
import type { Boundary } from "../../messages.ts";
import { neuronName } from "../../names.ts";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { Toggles } from "../../parts/Toggles.tsx";
import { useAnswer, useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { Ground } from "./Ground.tsx";
import "./plane.css";
import { Putting } from "./Putting.tsx";

const T = TEXTS.plane;
const SIDE = 80;

type Of = "network" | "neuron";

export function PlaneView() {
  const explorer = useExplorer();
  const of = useSignal<Of>("network");
  const found = useAnswer("AskBoundary", () => {
    const selected = explorer.selected.value;
    const layer = of.value === "neuron" && selected ? explorer.layerName(selected.layer) : "";
    return { where: explorer.calm.value, side: SIDE, layer, node: layer && selected ? selected.node : 0 };
  });
  const boundary = useCalm(found.value);
  const selected = explorer.selected.value;
  const choices: [Of, string][] = [["network", T.network], ...(selected ? [["neuron", neuronName(explorer, selected)] as [Of, string]] : [])];
  return (
    <div class="plane-view">
      <h2>{T.title}</h2>
      <div class="row" data-testid="plane-of">
        <Toggles label={T.shows} value={selected ? of.value : "network"} choices={choices} onChoose={(one) => (of.value = one)} />
        <PythonButton code={boundary?.python} of={T.of} />
      </div>
      {!selected && <p class="note">{T.chooseNeuron}</p>}
      {boundary ? (
        <>
          <Ground boundary={boundary} />
          <Extent boundary={boundary} />
          <Legend boundary={boundary} explorer={explorer} />
        </>
      ) : (
        <p class="note">{T.waiting}</p>
      )}
      <Putting />
    </div>
  );
}

/** The plane's corners, as numbers beneath it. */
function Extent({ boundary: { low, high } }: { boundary: Boundary }) {
  return (
    <p class="note extent">
      <span>{`${T.x1} ${number(low[0], 3)}, ${T.x2} ${number(low[1], 3)}`}</span>
      <span>{`${T.x1} ${number(high[0], 3)}, ${T.x2} ${number(high[1], 3)}`}</span>
    </p>
  );
}

/** What colours and shapes mean, in words. */
function Legend({ boundary, explorer }: { boundary: Boundary; explorer: Explorer }) {
  const about = explorer.about.value;
  const outputs = about?.outputs ?? [];
  const isClasses = boundary.classes.length > 0;
  const names = about?.task === "yes-no" ? ["0", "1"] : outputs;
  const ground = !isClasses
    ? T.signed(number(boundary.scale))
    : names.length > 2
      ? T.manyClasses
      : T.twoClasses(names[0] ?? "0", names[1] ?? "1");
  const points = about?.task === "values" ? T.labels(number(boundary.label_scale)) : names.map((name, place) => `${SHAPES[place % SHAPES.length]} ${name}`).join(", ");
  return (
    <p class="note" data-testid="plane-legend">
      {ground} {T.points(points)}
    </p>
  );
}

const SHAPES = ["●", "▲", "■", "◆"];
