// The plane as a picture: the ground in the colours of what is said there, and the data's points by colour and shape.

import { useEffect, useRef } from "preact/hooks";
import { CLASSES, colour, paint } from "../../colours.ts";
import { number } from "../../format.ts";
import type { Boundary } from "../../messages.ts";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { colours, dark } from "../../theme.ts";
import { dot, place, type Box } from "./dots.ts";

const T = TEXTS.plane;
const SIZE = 420; // CSS pixels, at most

export function Ground({ boundary }: { boundary: Boundary }) {
  const explorer = useExplorer();
  const canvas = useRef<HTMLCanvasElement>(null);
  const chosen = explorer.looked.value?.raw;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const ratio = devicePixelRatio || 1;
    element.width = element.height = SIZE * ratio;
    context.scale(ratio, ratio);
    drawGround(context, boundary, (explorer.about.value?.outputs.length ?? 2) > 2);
    drawAxes(context, boundary);
    drawPoints(context, boundary, explorer.about.value?.task === "values");
    if (chosen?.length === 2) dot(context, place(boundary, chosen[0] ?? 0, chosen[1] ?? 0, SIZE), "cross", colours.value.accent, true);
  }, [boundary, chosen, dark.value]);
  const press = (event: MouseEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [x1, x2] = boundary.low;
    const [X1, X2] = boundary.high;
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    void put(explorer, x1 + across * (X1 - x1), X2 - down * (X2 - x2));
  };
  const [low, high] = [boundary.low, boundary.high].map((corner) => corner.map((one) => number(one, 3)).join(", "));
  return (
    <canvas
      ref={canvas}
      class="ground"
      data-testid="plane"
      role="img"
      aria-label={T.label(low ?? "", high ?? "", boundary.x1.length)}
      onClick={press}
    />
  );
}

/** Make a point a sample of one's own, and choose it. */
export async function put(explorer: ReturnType<typeof useExplorer>, x1: number, x2: number): Promise<void> {
  const entered = await explorer.ask("Enter", { values: [x1, x2] });
  if (entered) explorer.sample.value = { set: "own", row: entered.row };
}

function drawGround(context: CanvasRenderingContext2D, boundary: Boundary, manyClasses: boolean): void {
  const { side, values, classes, scale } = boundary;
  const small = new OffscreenCanvas(side, side);
  const inner = small.getContext("2d");
  if (!inner) return;
  if (manyClasses && classes.length > 0) {
    for (let i = 0; i < values.length; i++) {
      inner.globalAlpha = 0.15 + 0.55 * (values[i] ?? 0);
      inner.fillStyle = CLASSES[(classes[i] ?? 0) % CLASSES.length] ?? "";
      inner.fillRect(i % side, Math.floor(i / side), 1, 1);
    }
  } else {
    const image = inner.createImageData(side, side);
    paint(values, scale, dark.value, image.data);
    inner.putImageData(image, 0, 0);
  }
  context.imageSmoothingEnabled = true;
  context.fillStyle = colours.value.paper;
  context.fillRect(0, 0, SIZE, SIZE);
  context.globalAlpha = 0.6; // paler than the points that lie on it
  context.drawImage(small, 0, 0, SIZE, SIZE);
  context.globalAlpha = 1;
}

function drawAxes(context: CanvasRenderingContext2D, boundary: Boundary): void {
  const [x1, x2] = boundary.low;
  const [X1, X2] = boundary.high;
  const zero = place(boundary, 0, 0, SIZE);
  context.strokeStyle = colours.value.faint;
  context.setLineDash([3, 4]);
  context.beginPath();
  if (x1 < 0 && X1 > 0) (context.moveTo(zero.x, 0), context.lineTo(zero.x, SIZE));
  if (x2 < 0 && X2 > 0) (context.moveTo(0, zero.y), context.lineTo(SIZE, zero.y));
  context.stroke();
  context.setLineDash([]);
}

function drawPoints(context: CanvasRenderingContext2D, boundary: Boundary, areValues: boolean): void {
  for (let i = 0; i < boundary.x1.length; i++) {
    const at: Box = place(boundary, boundary.x1[i] ?? 0, boundary.x2[i] ?? 0, SIZE);
    const label = boundary.labels[i] ?? 0;
    const shape = areValues ? "circle" : (["circle", "triangle", "square", "diamond"] as const)[label % 4] ?? "circle";
    const shade = areValues ? colour(label, boundary.label_scale, dark.value) : pointColour(label);
    dot(context, at, shape, shade, boundary.test[i] === 0);
  }
}

function pointColour(label: number): string {
  return label === 0 ? colours.value.negative : label === 1 ? colours.value.positive : (CLASSES[label % CLASSES.length] ?? "");
}
