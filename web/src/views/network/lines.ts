// Lines, broken ones too. Those of one or two pixels are made of hairlines side by side: where no graphics card helps,
// Chromium draws these in a fraction of the time of a stroke, 450 broken edges in 2 ms instead of 12.

import type { Point } from "./layout.ts";

const DASH = 6; // px of a line that is broken, and of the gap after it
const GAP = 4;
const THICK = 2; // pixels of the screen; thicker lines are few, as they are seen near to, and are strokes

/** Lines of one colour and width, to be drawn in one go. */
export class Lines {
  private readonly ends: number[] = []; // x, y of one end, x, y of the other

  add(from: Point, to: Point): void {
    this.ends.push(from.x, from.y, to.x, to.y);
  }

  /** Trace them, `width` pixels of the screen thick; `ratio`: how many of these a CSS pixel has. */
  draw(context: CanvasRenderingContext2D, width: number, ratio: number, broken: boolean): void {
    if (this.ends.length === 0) return;
    const pixels = Math.round(width * ratio);
    const beside = pixels > THICK ? 1 : Math.max(1, pixels);
    context.lineWidth = pixels > THICK ? width : Math.min(1, width * ratio) / ratio;
    context.beginPath();
    for (let i = 0; i < this.ends.length; i += 4) {
      const [x, y, x2, y2] = [this.ends[i] ?? 0, this.ends[i + 1] ?? 0, this.ends[i + 2] ?? 0, this.ends[i + 3] ?? 0];
      const length = Math.hypot(x2 - x, y2 - y) || 1;
      const [alongX, alongY] = [(x2 - x) / length, (y2 - y) / length];
      for (let line = 0; line < beside; line++) {
        const off = (line - (beside - 1) / 2) / ratio;
        trace(context, x - alongY * off, y + alongX * off, alongX, alongY, length, broken);
      }
    }
    context.stroke();
  }
}

function trace(context: CanvasRenderingContext2D, x: number, y: number, alongX: number, alongY: number, length: number, broken: boolean): void {
  const dash = broken ? DASH : length;
  for (let at = 0; at < length; at += dash + GAP) {
    const end = Math.min(length, at + dash);
    context.moveTo(x + alongX * at, y + alongY * at);
    context.lineTo(x + alongX * end, y + alongY * end);
  }
}
