// What is drawn, and how: by weight or contribution, forward or backward, how many edges, how near.

import type { ComponentChildren } from "preact";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { WHOLE } from "./camera.ts";
import { canZoomIn, zoomBy } from "./keyboard.ts";
import type { Stage } from "./stage.ts";

const T = TEXTS.network;
const CHOICES = [0, 50, 150, 500];

export function Controls({ stage, forwardOnly, children }: { stage: Stage; forwardOnly: boolean; children: ComponentChildren }) {
  return (
    <div class="network-controls">
      <By />
      {!forwardOnly && <Flow />}
      <Edges />
      <span class="spring" />
      <Zoom stage={stage} />
      {children}
    </div>
  );
}

function By() {
  const explorer = useExplorer();
  const by = explorer.sample.value ? explorer.by.value : "weight";
  return (
    <span class="network-choice" role="group" aria-label={T.by}>
      {(["weight", "contribution"] as const).map((one) => (
        <button
          key={one}
          type="button"
          class="small"
          aria-pressed={by === one}
          disabled={one === "contribution" && !explorer.sample.value}
          title={T.bys[one].what}
          onClick={() => (explorer.by.value = one)}
        >
          {T.bys[one].name}
        </button>
      ))}
    </span>
  );
}

function Flow() {
  const { flow } = useExplorer();
  return (
    <span class="network-choice" role="group" aria-label={T.flow}>
      {(["forward", "backward"] as const).map((one) => (
        <button key={one} type="button" class="small" aria-pressed={flow.value === one} title={T.flows[one].what} onClick={() => (flow.value = one)}>
          {T.flows[one].name}
        </button>
      ))}
    </span>
  );
}

function Edges() {
  const explorer = useExplorer();
  return (
    <label class="network-edges">
      <span>{T.edgesEach} </span>
      <select value={explorer.edges.value} onChange={(event) => (explorer.edges.value = Number(event.currentTarget.value))}>
        {CHOICES.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}

function Zoom({ stage }: { stage: Stage }) {
  const whole = stage.camera.value.k === 1;
  return (
    <span class="network-choice" role="group" aria-label={T.zoom}>
      <button type="button" class="small" aria-label={T.zoomOut} title={T.zoomOut} disabled={whole} onClick={() => zoomBy(stage, 1 / 1.6)}>
        −
      </button>
      <button type="button" class="small" aria-label={T.zoomWhole} title={T.zoomWhole} disabled={whole} onClick={() => stage.setCamera(WHOLE)}>
        ⤢
      </button>
      <button type="button" class="small" aria-label={T.zoomIn} title={T.zoomIn} disabled={!canZoomIn(stage)} onClick={() => zoomBy(stage, 1.6)}>
        +
      </button>
    </span>
  );
}
