// The page: the network, a panel of views beside it, the time line beneath.

import type { ComponentType } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ExplorerContext, type Explorer, type Tab } from "./store.ts";
import { TEXTS } from "./texts.ts";
import { dark, toggleTheme } from "./theme.ts";
import { HandsView } from "./views/hands/HandsView.tsx";
import { NetworkView } from "./views/network/NetworkView.tsx";
import { NeuronView } from "./views/neuron/NeuronView.tsx";
import { PlaneView } from "./views/plane/PlaneView.tsx";
import { SampleView } from "./views/sample/SampleView.tsx";
import { TimeLine } from "./views/training/TimeLine.tsx";
import { TrainingView } from "./views/training/TrainingView.tsx";
import { pressed } from "./keys.ts";

const VIEWS: Record<Tab, ComponentType> = {
  sample: SampleView,
  neuron: NeuronView,
  training: TrainingView,
  hands: HandsView,
  plane: PlaneView,
};

export function App({ explorer, embedded }: { explorer: Explorer; embedded: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const [help, setHelp] = useState(false);
  useEffect(() => {
    const element: HTMLElement | Document | null = embedded ? root.current : document;
    const listen = (event: Event): void => {
      if (pressed(explorer, event as KeyboardEvent, () => setHelp((was) => !was))) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    element?.addEventListener("keydown", listen);
    return () => element?.removeEventListener("keydown", listen);
  }, [explorer, embedded]);
  const about = explorer.about.value;
  const Panel = embedded ? "div" : "main";
  return (
    <ExplorerContext.Provider value={explorer}>
      <div class={`pellucid ${embedded ? "embedded" : "whole"}`} data-theme={dark.value ? "dark" : "light"} ref={root}>
        <Header explorer={explorer} onHelp={() => setHelp((was) => !was)} />
        <Messages explorer={explorer} />
        {about === null ? (
          <p class="loading">{TEXTS.loading}</p>
        ) : (
          <Panel class="rooms">
            <NetworkView />
            <Panels explorer={explorer} plane={about.plane} />
            {about.trainable && <TimeLine />}
          </Panel>
        )}
        {help && <Help onClose={() => setHelp(false)} />}
      </div>
    </ExplorerContext.Provider>
  );
}

function Header({ explorer, onHelp }: { explorer: Explorer; onHelp: () => void }) {
  const about = explorer.about.value;
  const runs = explorer.status.value?.runs ?? [];
  return (
    <header class="top">
      <h1>{TEXTS.title}</h1>
      {about && (
        <span class="about" title={about.title}>
          {about.title} · {TEXTS.parameters(about.n_parameters)} · {about.loss}
        </span>
      )}
      <span class="spring" />
      {runs.length > 1 && (
        <label>
          {TEXTS.run}{" "}
          <select value={explorer.run.value} onChange={(event) => explorer.show(event.currentTarget.value)}>
            {runs.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="button" class="small" aria-pressed={dark.value} aria-label={TEXTS.theme} title={TEXTS.theme} onClick={toggleTheme}>
        {dark.value ? "☾" : "☀"}
      </button>
      <button type="button" class="small" aria-label={TEXTS.help} title={TEXTS.help} onClick={onHelp}>
        ?
      </button>
    </header>
  );
}

function Messages({ explorer }: { explorer: Explorer }) {
  return (
    <div class="messages" role="status">
      {!explorer.there.value && <p class="problem">{TEXTS.gone}</p>}
      {explorer.problem.value !== "" && (
        <p class="problem">
          {explorer.problem.value}{" "}
          <button type="button" class="small" aria-label={TEXTS.dismiss} onClick={() => (explorer.problem.value = "")}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}

function Panels({ explorer, plane }: { explorer: Explorer; plane: boolean }) {
  const about = explorer.about.value;
  const tabs = (Object.keys(VIEWS) as Tab[]).filter(
    (tab) => (tab !== "plane" || plane) && (tab !== "training" || about?.trainable),
  );
  const chosen = tabs.includes(explorer.tab.value) ? explorer.tab.value : "sample";
  const View = VIEWS[chosen];
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
        <View />
      </div>
    </section>
  );
}

function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label={TEXTS.help} onClose={onClose}>
      <h2>{TEXTS.help}</h2>
      <dl>
        {TEXTS.keys.map(([key, what]) => [<dt key={key}>{key}</dt>, <dd key={what}>{what}</dd>])}
      </dl>
      <form method="dialog">
        <button type="submit">{TEXTS.close}</button>
      </form>
    </dialog>
  );
}
