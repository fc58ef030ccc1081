// What the network says of the sample, as a list for those who do not see the picture.

import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useExplorer, type Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { outputText } from "./drawTexts.ts";

const T = TEXTS.network;
const MOST = 100;

export function Outputs() {
  const about = useExplorer().about.value;
  return (
    <ul class="sr-only network-outputs" aria-label={T.outputs} data-testid="outputs">
      {about?.outputs.slice(0, MOST).map((name, place) => <Output key={place} name={name} place={place} task={about.task} />)}
    </ul>
  );
}

function Output({ name, place, task }: { name: string; place: number; task: string }) {
  const explorer = useExplorer();
  const [value, mark] = useMemo(() => textsOf(explorer, place, task), [explorer, place, task]);
  return (
    <li>
      {name}: <span>{value}</span> <span>{mark}</span>
    </li>
  );
}

function textsOf({ looked }: Explorer, place: number, task: string) {
  const value = computed(() => outputText(task, looked.value?.shown[place]));
  const mark = computed(() => {
    const says = looked.value?.says_place === place ? T.says : "";
    const truth = looked.value?.truth_place === place ? T.truth : "";
    return [says, truth].filter(Boolean).join(", ");
  });
  return [value, mark] as const;
}
