// The whole network: its layers from left to right, the largest edges between them, and what a sample does in it.

import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { PythonButton } from "../../parts/PythonButton.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { Captions, Legend } from "./Captions.tsx";
import { Controls } from "./Controls.tsx";
import { drawAlong } from "./drawing.ts";
import { keyPressed } from "./keyboard.ts";
import "./network.css";
import { noteAlong } from "./note.ts";
import { Outputs } from "./Outputs.tsx";
import { listen } from "./pointer.ts";
import { Stage } from "./stage.ts";
import { Strip } from "./Strip.tsx";

/** `forwardOnly`: where nothing comes back, there is no choice of what colours show. */
export function NetworkView({ forwardOnly = false }: { forwardOnly?: boolean }) {
  const explorer = useExplorer();
  const stage = useMemo(() => new Stage(explorer), [explorer]);
  return (
    <section class="network" aria-label={TEXTS.views.network}>
      <Controls stage={stage} forwardOnly={forwardOnly}>
        <Python />
      </Controls>
      <Strip stage={stage} />
      <Picture stage={stage} />
      <Captions />
      <Legend />
      <Outputs />
    </section>
  );
}

function Python() {
  return <PythonButton code={useExplorer().looked.value?.python} of={TEXTS.views.network} />;
}

/** The canvas and what lies over it. It is drawn from signals, and rendered here but once. */
function Picture({ stage }: { stage: Stage }) {
  const wrapper = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!wrapper.current || !canvas.current || !note.current) return;
    const ends = [
      measure(stage, wrapper.current),
      drawAlong(stage, canvas.current, wrapper.current),
      listen(stage, canvas.current),
      noteAlong(stage, note.current),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [stage]);
  useSignalEffect(() => {
    // A finger scrolls the page past the whole network, and moves one that is zoomed.
    if (canvas.current) canvas.current.style.touchAction = stage.camera.value.k > 1 ? "none" : "pan-y";
  });
  const press = (event: KeyboardEvent): void => {
    if (!keyPressed(stage, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={wrapper}
      class="network-picture"
      tabIndex={0}
      role="application"
      aria-label={TEXTS.network.label}
      aria-describedby="pellucid-network-keys"
      data-testid="network"
      onKeyDown={press}
      onFocus={() => stage.at.peek() ?? stage.point(stage.cursor.peek())}
      onBlur={() => stage.point(null)}
    >
      <canvas ref={canvas} />
      <div ref={note} class="network-note" aria-hidden="true" hidden />
      <p id="pellucid-network-keys" class="sr-only">
        {TEXTS.network.instructions}
      </p>
      <p class="sr-only" aria-live="polite" data-testid="network-live">
        {stage.said}
      </p>
    </div>
  );
}

/** Keep the size of the view, and how many layers fit into it; returns what ends it. */
function measure(stage: Stage, element: HTMLElement): () => void {
  const take = (): void => {
    stage.size.value = { width: element.clientWidth, height: element.clientHeight, ratio: devicePixelRatio || 1 };
    stage.setWindow(stage.explorer.window.peek().first, stage.fits());
    stage.setCamera(stage.camera.peek());
  };
  const sizes = new ResizeObserver(take);
  sizes.observe(element);
  return () => sizes.disconnect();
}
