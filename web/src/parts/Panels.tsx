// Views behind tabs, of which one is shown.

import type { ComponentType } from "preact";
import { useId } from "preact/hooks";
import { useExplorer, type Tab } from "../store.ts";
import { TEXTS } from "../texts.ts";

export type Views = Partial<Record<Tab, ComponentType>>;

export function Panels({ views, tabs }: { views: Views; tabs: Tab[] }) {
  const explorer = useExplorer();
  const chosen = tabs.includes(explorer.tab.value) ? explorer.tab.value : "sample";
  const View = views[chosen];
  const id = useId(); // a notebook may show several
  const turn = (event: KeyboardEvent): void => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (way === undefined) return;
    const next = tabs[(tabs.indexOf(chosen) + way + tabs.length) % tabs.length] ?? chosen;
    explorer.tab.value = next;
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="panel" aria-label={TEXTS.views[chosen]}>
      <div class="tabs" role="tablist" aria-label={TEXTS.views[chosen]} onKeyDown={turn}>
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            data-tab={tab}
            id={`${id}-${tab}`}
            aria-selected={tab === chosen}
            aria-controls={id}
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => (explorer.tab.value = tab)}
          >
            {TEXTS.tabs[tab]}
          </button>
        ))}
      </div>
      <div class="view" role="tabpanel" id={id} aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        {View && <View />}
      </div>
    </section>
  );
}
