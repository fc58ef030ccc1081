// The page of an exported file: everything is in it. The module before it has left the network where it is read here.

import { render } from "preact";
import { Explorer } from "../store.ts";
import "../style.css";
import { TEXTS } from "../texts.ts";
import { App } from "./App.tsx";
import type { Beside, Network } from "./given.ts";
import { OfflineHost } from "./host.ts";
import "./offline.css";
import { Samples } from "./samples.ts";

declare global {
  var pellucidNetwork: Network | undefined;
}

const place = document.getElementById("pellucid-page");
const beside = document.getElementById("pellucid-beside")?.textContent;
if (place && beside && globalThis.pellucidNetwork) {
  const samples = new Samples(globalThis.pellucidNetwork, JSON.parse(beside) as Beside);
  const explorer = new Explorer(new OfflineHost(samples));
  explorer.by.value = "contribution"; // what flows is what is looked at first
  explorer.edges.value = 50;
  place.replaceChildren();
  render(<App explorer={explorer} samples={samples} />, place);
  void explorer.begin().catch((error: Error) => (explorer.problem.value = error.message));
} else if (place) place.textContent = TEXTS.offline.broken;
