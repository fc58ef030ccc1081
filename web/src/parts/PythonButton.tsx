// "Show me the Python": copies the line that returns the numbers of a view, and shows it.

import { useState } from "preact/hooks";
import { TEXTS } from "../texts.ts";

export function PythonButton({ code, of }: { code: string | null | undefined; of: string }) {
  const [shown, setShown] = useState(false);
  if (!code) return null;
  const copy = async (): Promise<void> => {
    setShown(true);
    try {
      await navigator.clipboard.writeText(code);
    } catch {
      // Where the clipboard is closed to us, the code stands there to be copied by hand.
    }
  };
  return (
    <span class="python">
      <button type="button" class="small" title={TEXTS.python} aria-label={`${TEXTS.python}: ${of}`} onClick={() => void copy()}>
        {TEXTS.pythonShort}
      </button>
      {shown && (
        <span class="python-code">
          <code tabIndex={0}>{code}</code>
          <button type="button" class="small" aria-label={TEXTS.close} onClick={() => setShown(false)}>
            ×
          </button>
        </span>
      )}
    </span>
  );
}
