// What is costly follows signals that fly by at a calm pace; the last value always comes.

import { effect, untracked, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** A signal that follows what `read` reads, at most once in `every` milliseconds. */
export function useThrottled<T>(read: () => T, every: number): ReadonlySignal<T> {
  const shown = useSignal(untracked(read));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const stop = effect(() => {
      const value = read();
      clearTimeout(timer);
      const take = (): void => {
        last = performance.now();
        shown.value = value;
      };
      timer = setTimeout(take, Math.max(0, last + every - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return shown;
}
