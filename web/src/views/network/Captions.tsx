// How many edges of how many are drawn, and what colours and shapes mean. As text, for every gap between two layers.

import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { number } from "../../format.ts";
import { useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.network;

export function Captions() {
  const explorer = useExplorer();
  const { first, count } = explorer.window.value;
  const layers = (explorer.about.value?.layers ?? []).slice(first, first + count);
  return (
    <ul class="network-captions" aria-label={T.captions}>
      {layers.map((layer, i) => (
        <Caption key={layer.name} name={layer.name} place={first + i} />
      ))}
    </ul>
  );
}

function Caption({ name, place }: { name: string; place: number }) {
  const explorer = useExplorer();
  const [edges, scales] = useMemo(() => captionOf(explorer, place), [explorer, place]);
  return (
    <li data-testid={`edges-${name}`}>
      <b>{name}</b> <span>{edges}</span> <span class="scales">{scales}</span>
    </li>
  );
}

/** The texts of one caption; bound as signals, so that a new step renders nothing. */
function captionOf({ looked, by, sample, flow }: Explorer, place: number): [ReadonlySignal<string>, ReadonlySignal<string>] {
  const look = computed(() => looked.value?.layers[place]);
  const shown = computed(() => look.value?.edges_shown ?? 0);
  const all = computed(() => look.value?.edges_all ?? 0);
  const edges = computed(() => T.edges(shown.value, all.value));
  const scales = computed(() => {
    if (!look.value) return "";
    const { scale, a_scale, delta_scale, a } = look.value;
    const contributions = by.value === "contribution" && sample.value !== null;
    const lines = T.scale(contributions ? "a·w" : "w", number(scale));
    if (flow.value === "backward") return `${lines}, ${T.scale("δ", number(delta_scale))}`;
    return `${lines}, ${a.length > 0 ? T.scale("a", number(a_scale)) : T.scale("b", number(scale))}`;
  });
  return [edges, scales];
}

/** What the colours of cells and pictures mean, with their scales. */
function cellsOf({ looked, flow }: Explorer, lacks: ReadonlySignal<boolean>, plane: boolean): ReadonlySignal<string> {
  return computed(() => {
    const look = looked.value;
    if (lacks.value || look === null) return lacks.value ? T.noDelta : "";
    const pictures = look.pictures.length > 0 ? (plane ? T.overPlane : T.scale("w", number(look.picture_scale))) : null;
    return T.cells(flow.value === "backward" ? "δ" : "a", number(look.x_scale), pictures);
  });
}

export function Legend() {
  const explorer = useExplorer();
  const { looked, about, flow } = explorer;
  const lacks = useMemo(() => computed(() => flow.value === "backward" && looked.value?.layers[0]?.delta.length === 0), [looked]);
  const cells = useMemo(() => cellsOf(explorer, lacks, about.value?.plane ?? false), [explorer, lacks]);
  return (
    <p class="network-legend">
      <svg viewBox="0 0 30 8" aria-hidden="true">
        <path class="positive" d="M0 4H30" />
      </svg>
      {T.positive}
      <svg viewBox="0 0 30 8" aria-hidden="true">
        <path class="negative" d="M0 4H30" />
      </svg>
      {T.negative}
      <span class="ramp" aria-hidden="true">
        <i>−</i>
        <i>0</i>
        <i>+</i>
      </span>
      <span>{cells}</span>
    </p>
  );
}
