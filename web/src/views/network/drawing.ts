// One frame: everything that is seen, from what the signals say now.

import { effect } from "@preact/signals";
import { colours } from "../../theme.ts";
import { Fitted, type Brush } from "./brush.ts";
import { toLayout } from "./camera.ts";
import { Cells } from "./drawCells.ts";
import { drawEdgeLabels, drawEdges } from "./drawEdges.ts";
import { drawTexts } from "./drawTexts.ts";
import { columnOf, isNarrow } from "./layout.ts";
import type { Stage } from "./stage.ts";

/** Draw whenever something changes, at most once a frame; returns what ends it. */
export function drawAlong(stage: Stage, canvas: HTMLCanvasElement, wrapper: HTMLElement): () => void {
  const cells = new Cells();
  const fitted = new Fitted();
  const context = canvas.getContext("2d", { alpha: false });
  let frame = 0;
  const draw = (): void => {
    frame = 0;
    const brush = context && brushOf(stage, context);
    if (!brush) return;
    fitCanvas(stage, canvas);
    drawAll(brush, cells, fitted);
    wrapper.dataset["step"] = String(brush.looked.step);
    wrapper.dataset["fingerprint"] = brush.looked.fingerprint;
  };
  const stop = effect(() => {
    watch(stage);
    frame ||= requestAnimationFrame(draw);
  });
  return () => {
    stop();
    cancelAnimationFrame(frame);
  };
}

/** Read all that a frame is made of, so that the effect is called again when it changes. */
function watch({ explorer, layout, camera, size }: Stage): unknown[] {
  const { looked, selected, pointed, by, about, flow, reached } = explorer;
  return [looked, selected, pointed, by, about, layout, camera, size, colours, flow, reached].map((one) => one.value);
}

function fitCanvas({ size }: Stage, canvas: HTMLCanvasElement): void {
  const { width, height, ratio } = size.peek();
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
}

function brushOf(stage: Stage, context: CanvasRenderingContext2D): Brush | null {
  const { explorer } = stage;
  const [about, looked, layout, camera] = [explorer.about.peek(), explorer.looked.peek(), stage.layout.peek(), stage.camera.peek()];
  if (!about || !looked || layout.columns.length === 0) return null;
  const selected = explorer.selected.peek();
  const focus = stage.spot.peek() ?? explorer.pointed.peek() ?? selected;
  return {
    context,
    about,
    looked,
    layout,
    camera,
    colours: colours.peek(),
    back: explorer.flow.peek() === "backward",
    reached: explorer.reached.peek(),
    contributions: explorer.by.peek() === "contribution" && explorer.sample.peek() !== null,
    focus: focus && columnOf(layout, focus.layer) ? focus : null, // what is not seen makes nothing fade
    selected,
    heading: stage.heading,
    headings: stage.headings.peek(),
    narrow: isNarrow(layout.width),
    ratio: stage.size.peek().ratio,
    low: toLayout(camera, { x: 0, y: 0 }),
    high: toLayout(camera, { x: layout.width, y: layout.height }),
  };
}

function drawAll(brush: Brush, cells: Cells, fitted: Fitted): void {
  const { context, layout, ratio } = brush;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = false;
  context.fillStyle = brush.colours.paper;
  context.fillRect(0, 0, layout.width, layout.height);
  const drawAbove = drawEdges(brush);
  cells.draw(brush);
  drawAbove();
  drawEdgeLabels(brush);
  drawTexts(brush, fitted);
}
