// View 5: change a weight or a bias, silence or scale a neuron, and see at once what the network is worth then.

import { computed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Hands } from "../../messages.ts";
import { neuronName } from "../../names.ts";
import { useAnswer, useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { Chooser } from "../neuron/Chooser.tsx";
import { Changes } from "./Changes.tsx";
import { Controls } from "./Controls.tsx";
import "./hands.css";
import { Worth } from "./Worth.tsx";

const T = TEXTS.hands;

export function HandsView() {
  const explorer = useExplorer();
  const asked = useAnswer("AskHands", () => ({ where: explorer.calm.value }));
  // The answer to a change tells all that asking once more would: it is shown at once.
  const told = useSignal<Hands | null>(null);
  useEffect(() => asked.subscribe((answer) => (told.value = answer)), [asked]);
  const count = useMemo(() => computed(() => explorer.looked.value?.hands ?? 0), [explorer]);
  const selected = explorer.selected.value;
  const take = (answer: Hands | null): void => {
    if (answer) told.value = answer;
  };
  return (
    <div class="hands">
      <h2>{T.title}</h2>
      {count.value > 0 && (
        <p class="banner" data-testid="hands-banner">
          {T.banner(count.value)}
        </p>
      )}
      {told.value ? <Worth hands={told.value} /> : <p class="note">{TEXTS.loading}</p>}
      <h3>{selected ? T.neuron(neuronName(explorer, selected)) : T.choose}</h3>
      <Chooser />
      {selected ? <Controls selected={selected} onTold={take} /> : <p class="note">{T.none}</p>}
      {told.value && <Changes hands={told.value} onTold={take} />}
    </div>
  );
}
