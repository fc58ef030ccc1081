// What stands at the top of every page: dark or light, and the list of keys.

import { useEffect, useRef } from "preact/hooks";
import { TEXTS } from "../texts.ts";
import { dark, toggleTheme } from "../theme.ts";

export function PageButtons({ onHelp }: { onHelp: () => void }) {
  return (
    <>
      <button type="button" class="small" aria-pressed={dark.value} aria-label={TEXTS.theme} title={TEXTS.theme} onClick={toggleTheme}>
        {dark.value ? "☾" : "☀"}
      </button>
      <button type="button" class="small" aria-label={TEXTS.help} title={TEXTS.help} onClick={onHelp}>
        ?
      </button>
    </>
  );
}

/** The list of keys. */
export function Help({ keys, onClose }: { keys: readonly (readonly [string, string])[]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label={TEXTS.help} onClose={onClose}>
      <h2>{TEXTS.help}</h2>
      <dl>
        {keys.map(([key, what]) => [<dt key={key}>{key}</dt>, <dd key={what}>{what}</dd>])}
      </dl>
      <form method="dialog">
        <button type="submit">{TEXTS.close}</button>
      </form>
    </dialog>
  );
}
