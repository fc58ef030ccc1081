// Every layer of a deep network, a pixel a neuron, and the window of those that are drawn large.

import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { dark, colours } from "../../theme.ts";
import { Bitmap } from "./bitmap.ts";
import { shadeOf } from "./brush.ts";
import { isNarrow } from "./layout.ts";
import { isReached } from "./mode.ts";
import type { Stage } from "./stage.ts";

const T = TEXTS.network;

/** Into how many columns each layer is broken, how long they are, and how high the strip is: `most` at most, in px. */
export function stripShape(layers: number, widest: number, width: number, most: number): { columns: number; rows: number; height: number } {
  const columns = Math.max(1, Math.ceil(widest / most));
  const rows = Math.ceil(widest / columns);
  const pitch = width / layers / columns;
  return { columns, rows, height: Math.max(24, Math.min(most, rows * Math.max(1, Math.min(6, pitch)))) };
}

export function Strip({ stage }: { stage: Stage }) {
  const explorer = useExplorer();
  const layers = explorer.about.value?.layers.length ?? 0;
  const { first, count } = explorer.window.value;
  if (layers <= count) return null;
  const last = Math.min(layers, first + count);
  const turn = (event: KeyboardEvent): void => {
    const to = { ArrowLeft: first - 1, ArrowRight: first + 1, PageUp: first - count, PageDown: first + count, Home: 0, End: layers }[event.key];
    if (to === undefined) return;
    stage.setWindow(to);
    event.preventDefault();
    event.stopPropagation();
  };
  const drag = (event: PointerEvent): void => {
    if (event.buttons === 0) return;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    stage.setWindow(Math.round(((event.clientX - box.left) / box.width) * layers - count / 2));
  };
  return (
    <div
      class="network-strip"
      role="slider"
      tabIndex={0}
      aria-label={T.strip}
      aria-valuemin={1}
      aria-valuemax={layers - count + 1}
      aria-valuenow={first + 1}
      aria-valuetext={T.window(first + 1, last, layers)}
      title={T.window(first + 1, last, layers)}
      data-testid="strip"
      onKeyDown={turn}
      onPointerDown={drag}
      onPointerMove={drag}
    >
      <StripPicture stage={stage} />
      <span class="window" style={{ left: `${(100 * first) / layers}%`, width: `${(100 * (last - first)) / layers}%` }} />
    </div>
  );
}

/** Drawn from signals, once a frame, like the large picture. */
function StripPicture({ stage }: { stage: Stage }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const bitmap = new Bitmap();
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      if (canvas.current) drawStrip(stage, canvas.current, bitmap);
    };
    const stop = effect(() => {
      void [stage.explorer.looked.value, stage.size.value, dark.value, stage.explorer.flow.value, stage.explorer.reached.value];
      frame ||= requestAnimationFrame(draw);
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [stage]);
  return <canvas ref={canvas} />;
}

function drawStrip(stage: Stage, canvas: HTMLCanvasElement, bitmap: Bitmap): void {
  const looked = stage.explorer.looked.peek();
  const { width, ratio } = stage.size.peek();
  const context = canvas.getContext("2d");
  if (!looked || !context || width === 0) return;
  const { layers } = looked;
  const back = stage.explorer.flow.peek() === "backward";
  const widest = Math.max(...layers.map((layer) => layer.biases.length));
  const { columns, rows, height } = stripShape(layers.length, widest, width * ratio, (isNarrow(width) ? 60 : 128) * ratio);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height);
  canvas.style.height = `${height / ratio}px`;
  const blocks = layers.map((layer, place) =>
    isReached(place, layers.length, stage.explorer.reached.peek(), back) ? shadeOf(layer, back) : { values: [], scale: 1 },
  );
  const image = bitmap.drawBlocks(blocks, rows, columns, dark.peek());
  context.imageSmoothingEnabled = false;
  context.setTransform(0, canvas.height / rows, canvas.width / (layers.length * columns), 0, 0, 0); // nodes run down, layers across
  context.drawImage(image, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = colours.peek().paper;
  for (let i = 1; i < layers.length; i++) context.fillRect(Math.round((canvas.width * i) / layers.length), 0, 1, canvas.height);
}
