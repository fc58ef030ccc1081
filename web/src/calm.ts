// What is costly to draw, such as formulas, follows numbers that fly by at a calm pace; the last of them is always shown.

import { useEffect, useRef, useState } from "preact/hooks";

export function useCalm<T>(value: T, every = 100): T {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + every - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      setShown(() => value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value]);
  return shown;
}
