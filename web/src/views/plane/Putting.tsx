// A point that is typed: the way of a keyboard to put a sample into the plane.

import { useSignal } from "@preact/signals";
import { Field, typed } from "../../parts/Field.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { put } from "./Ground.tsx";

const T = TEXTS.plane;

export function Putting() {
  const explorer = useExplorer();
  const x1 = useSignal("");
  const x2 = useSignal("");
  const [first, second] = [typed(x1.value), typed(x2.value)];
  const names = explorer.about.value?.inputs ?? [];
  const submit = (event: Event): void => {
    event.preventDefault();
    if (first !== null && second !== null) void put(explorer, first, second);
  };
  return (
    <form class="row putting" onSubmit={submit} noValidate>
      <Field label={`${T.x1} ${names[0] ?? ""}`} text={x1.value} onText={(text) => (x1.value = text)} testid="plane-x1" />
      <Field label={`${T.x2} ${names[1] ?? ""}`} text={x2.value} onText={(text) => (x2.value = text)} testid="plane-x2" />
      <button type="submit" data-testid="plane-put" disabled={first === null || second === null}>
        {T.put}
      </button>
      <p class="note">{T.putNote}</p>
    </form>
  );
}
