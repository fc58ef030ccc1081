// The page: the network, and beside it the sample that flows through it, or one neuron of it.

import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { nextSample } from "../keys.ts";
import { Help, PageButtons } from "../parts/PageButtons.tsx";
import { Panels, type Views } from "../parts/Panels.tsx";
import { ExplorerContext, type Explorer, type Tab } from "../store.ts";
import { TEXTS } from "../texts.ts";
import { dark } from "../theme.ts";
import { NetworkView } from "../views/network/NetworkView.tsx";
import { SamplesContext, useSamples } from "./context.ts";
import { NeuronView } from "./NeuronView.tsx";
import { SampleView } from "./SampleView.tsx";
import type { Samples } from "./samples.ts";

const T = TEXTS.offline;
const VIEWS: Views = { sample: SampleView, neuron: NeuronView };
const TABS: Tab[] = ["sample", "neuron"];

export function App({ explorer, samples }: { explorer: Explorer; samples: Samples }) {
  const [help, setHelp] = useState(false);
  const turnHelp = (): void => setHelp((was) => !was);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (pressed(explorer, event, turnHelp)) event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [explorer]);
  return (
    <ExplorerContext.Provider value={explorer}>
      <SamplesContext.Provider value={samples}>
        <div class="pellucid whole offline" data-theme={dark.value ? "dark" : "light"}>
          <Header explorer={explorer} onHelp={turnHelp} />
          <Problem explorer={explorer} />
          {explorer.about.value && (
            <main class="rooms">
              <NetworkView forwardOnly />
              <Panels views={VIEWS} tabs={TABS} />
            </main>
          )}
          <Receipt />
          {help && <Help keys={T.keys} onClose={() => setHelp(false)} />}
        </div>
      </SamplesContext.Provider>
    </ExplorerContext.Provider>
  );
}

/** Do what a key asks for; return whether it asked for anything. */
function pressed(explorer: Explorer, event: KeyboardEvent, help: () => void): boolean {
  const target = event.target as HTMLElement | null;
  if (event.ctrlKey || event.altKey || event.metaKey || target?.matches("input:not([type=range]), select, textarea")) return false;
  if (event.key === "[" || event.key === "]") return nextSample(explorer, event.key === "]" ? 1 : -1);
  const tab = event.key.length === 1 ? TABS[Number(event.key) - 1] : undefined;
  if (tab) explorer.tab.value = tab;
  else if (event.key === "?") help();
  else return false;
  return true;
}

function Header({ explorer, onHelp }: { explorer: Explorer; onHelp: () => void }) {
  const { beside } = useSamples();
  const about = explorer.about.value;
  return (
    <header class="top">
      <h1>{beside.name}</h1>
      {about && (
        <span class="about" title={about.title}>
          {T.about(about.title)} · {TEXTS.parameters(about.n_parameters)}
        </span>
      )}
      <span class="spring" />
      <PageButtons onHelp={onHelp} />
    </header>
  );
}

function Problem({ explorer }: { explorer: Explorer }) {
  return (
    <div class="messages" role="status">
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

/** The module checks itself by its examples, once the page is drawn; what it finds is told. */
function Receipt() {
  const { network, beside } = useSamples();
  const right = useSignal<boolean | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => (right.value = network.selfTest()), 50);
    return () => clearTimeout(timer);
  }, [network]);
  const text = right.value === null ? T.checking : right.value ? T.right(beside.examples) : T.wrong;
  return (
    <footer class={`receipt-line ${right.value === false ? "problem" : ""}`}>
      <span role="status" data-testid="self-test" data-value={right.value === null ? undefined : String(right.value)}>
        {text}
      </span>{" "}
      <span class="note">{T.made(beside.version)}</span>
    </footer>
  );
}
