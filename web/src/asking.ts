// An answer together with the question that it answers, or with the reason why it was refused: for views that say so in place.

import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { RefusedError, type Answered, type Asked, type Kind } from "./host.ts";
import { beatOf, follow, useExplorer } from "./store.ts";

export interface Asking<K extends Kind> {
  question: Asked<K>;
  answer: Answered<K> | null;
  /** Why there is no answer; else empty. */
  refusal: string;
}

/** As `useAnswer`, but a refusal belongs to the view that asked, and not to the page. */
export function useAsking<K extends Kind>(kind: K, question: () => Asked<K> | null): ReadonlySignal<Asking<K> | null> {
  const explorer = useExplorer();
  const state = useMemo(() => signal<Asking<K> | null>(null), [explorer, kind]);
  useEffect(() => {
    let asked: Asked<K> | null = null; // one question is on its way at a time
    const ask = async <A extends Kind>(which: A, what: Asked<A>): Promise<Answered<A> | null> => {
      asked = what as unknown as Asked<K>;
      try {
        return await explorer.host.ask(which, what);
      } catch (error) {
        if (error instanceof RefusedError) state.value = { question: asked, answer: null, refusal: error.message };
        return null;
      }
    };
    return follow({ ask }, kind, question, () => beatOf(explorer), (answer) => {
      state.value = asked && answer ? { question: asked, answer, refusal: "" } : null;
    });
  }, [explorer, kind]);
  return state;
}
