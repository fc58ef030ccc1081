// Numbers as pixels of small canvases of their own, kept from frame to frame; the view draws them enlarged.

import { paint } from "../../colours.ts";

const STEPS = 255; // colours on either side of zero

/** The colours of −1 … 1, a pixel each: looking them up paints the pictures of a layer in a tenth of a millisecond. */
function pixels(dark: boolean): Uint32Array {
  const values = Float32Array.from({ length: 2 * STEPS + 1 }, (_, i) => i / STEPS - 1);
  const bytes = new Uint8ClampedArray(4 * values.length);
  paint(values, 1, dark, bytes);
  return new Uint32Array(bytes.buffer);
}

const PIXELS = { light: pixels(false), dark: pixels(true) };

function fill(values: ArrayLike<number>, scale: number, dark: boolean, into: Uint32Array): void {
  const colours = dark ? PIXELS.dark : PIXELS.light;
  const factor = scale > 0 ? STEPS / scale : 0;
  for (let i = 0; i < values.length; i++) {
    const share = (values[i] ?? 0) * factor || 0; // no number is 0
    into[i] = colours[Math.floor(Math.max(-STEPS, Math.min(STEPS, share)) + STEPS + 0.5)] ?? 0;
  }
}

export interface Block {
  values: ArrayLike<number>;
  scale: number;
}

export class Bitmap {
  readonly canvas = document.createElement("canvas");
  private context: CanvasRenderingContext2D | null = null;
  private image: ImageData | null = null;
  private shown: unknown[] = [];

  /** Lines of numbers, `width` a line; the last one may be short. The same numbers again are not painted again. */
  draw(values: ArrayLike<number>, width: number, scale: number, dark: boolean): HTMLCanvasElement {
    const asked = [values, width, scale, dark];
    if (asked.some((one, i) => one !== this.shown[i])) this.drawBlocks([{ values, scale }], width, Math.ceil(values.length / width), dark);
    this.shown = asked;
    return this.canvas;
  }

  /** Blocks of numbers one below the other, each of `lines` lines, which it need not fill. */
  drawBlocks(blocks: Block[], width: number, lines: number, dark: boolean): HTMLCanvasElement {
    const image = this.fresh(width, Math.max(1, blocks.length * lines));
    const into = new Uint32Array(image.data.buffer);
    blocks.forEach(({ values, scale }, i) => fill(values, scale, dark, into.subarray(i * width * lines)));
    this.context?.putImageData(image, 0, 0);
    return this.canvas;
  }

  /** Pixels to be written, all of them clear. */
  private fresh(width: number, height: number): ImageData {
    if (this.image?.width !== width || this.image.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.context = this.canvas.getContext("2d");
      this.image = new ImageData(width, height);
    } else this.image.data.fill(0);
    return this.image;
  }
}

/** A bitmap for each place that asks for one. */
export class Bitmaps {
  private readonly kept = new Map<number, Bitmap>();

  of(key: number): Bitmap {
    const found = this.kept.get(key) ?? new Bitmap();
    this.kept.set(key, found);
    return found;
  }
}
