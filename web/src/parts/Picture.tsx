// Numbers as a picture, a pixel a number: weights in the colours of signs, or bytes in grey.

import { useEffect, useRef } from "preact/hooks";
import { paint, paintGrey } from "../colours.ts";
import { colours, dark } from "../theme.ts";

interface Props {
  values: ArrayLike<number>;
  width: number;
  height: number;
  /** The colour scale, ±; null: bytes, in grey. */
  scale: number | null;
  /** What a screen reader says; empty where a text beside the picture says it. */
  label: string;
  /** How large a pixel is drawn, in CSS pixels. */
  zoom?: number;
  /** Whether negative pixels have a notch, so that the sign is told by shape, too; for a zoom of 5 or more. */
  marked?: boolean;
}

export function Picture({ values, width, height, scale, label, zoom = 4, marked = false }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const cell = marked ? Math.max(5, Math.round(zoom)) : 1;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || values.length !== width * height) return;
    const image = context.createImageData(width, height);
    if (scale === null) paintGrey(values, dark.value, image.data);
    else paint(values, scale, dark.value, image.data);
    context.putImageData(image, 0, 0);
    if (!marked) return;
    enlarge(context, width, height, cell);
    notch(context, values, width, cell);
  }, [values, scale, width, height, cell, marked, dark.value]);
  return (
    <canvas
      ref={canvas}
      class="picture"
      {...(label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true as const })}
      width={width * cell}
      height={height * cell}
      style={{ width: `${width * zoom}px`, aspectRatio: `${width} / ${height}` }}
    />
  );
}

/** Draw the pixels of the corner over the whole canvas. */
function enlarge(context: CanvasRenderingContext2D, width: number, height: number, cell: number): void {
  context.imageSmoothingEnabled = false;
  context.globalCompositeOperation = "copy"; // the source is read whole before anything is overwritten
  context.drawImage(context.canvas, 0, 0, width, height, 0, 0, width * cell, height * cell);
  context.globalCompositeOperation = "source-over";
}

/** Cut a corner of the paper's colour out of negative pixels; near zero, where signs mean little, it fades by itself. */
function notch(context: CanvasRenderingContext2D, values: ArrayLike<number>, width: number, cell: number): void {
  const size = cell * 0.55;
  context.fillStyle = colours.value.paper;
  context.beginPath();
  for (let i = 0; i < values.length; i++) {
    if (!((values[i] ?? 0) < 0)) continue;
    const left = (i % width) * cell;
    const bottom = (Math.floor(i / width) + 1) * cell;
    context.moveTo(left, bottom - size);
    context.lineTo(left + size, bottom);
    context.lineTo(left, bottom);
  }
  context.fill();
}
