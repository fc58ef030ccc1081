// The page: the network, a panel of views beside it, the time line beneath.

import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { About } from "./messages.ts";
import { Help, PageButtons } from "./parts/PageButtons.tsx";
import { Panels } from "./parts/Panels.tsx";
import { ExplorerContext, type Explorer, type Tab } from "./store.ts";
import { TEXTS } from "./texts.ts";
import { dark } from "./theme.ts";
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

function tabsOf(about: About): Tab[] {
  return (Object.keys(VIEWS) as Tab[]).filter((tab) => (tab !== "plane" || about.plane) && (tab !== "training" || about.trainable));
}

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
            <Panels views={VIEWS} tabs={tabsOf(about)} />
            {about.trainable && <TimeLine />}
          </Panel>
        )}
        {help && <Help keys={TEXTS.keys} onClose={() => setHelp(false)} />}
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
      <PageButtons onHelp={onHelp} />
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
