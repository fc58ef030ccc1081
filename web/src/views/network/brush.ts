// What each part of the drawing needs: where to draw, what, and how it is zoomed.

import type { Palette } from "../../colours.ts";
import type { About, LayerLook, Looked } from "../../messages.ts";
import type { Camera } from "./camera.ts";
import type { Spot } from "./hit.ts";
import type { Layout, Point } from "./layout.ts";

export interface Brush {
  context: CanvasRenderingContext2D;
  about: About;
  looked: Looked;
  layout: Layout;
  camera: Camera;
  colours: Palette;
  back: boolean;
  reached: number | null;
  contributions: boolean;
  /** What stands out: pointed at, or else selected. */
  focus: Spot | null;
  selected: Spot | null;
  heading: number;
  headings: Map<number, [string, string]>;
  narrow: boolean;
  /** Pixels of the screen to a CSS pixel. */
  ratio: number;
  /** The corners of what is seen, in the layout's coordinates. */
  low: Point;
  high: Point;
}

export interface Shade {
  values: Float32Array;
  scale: number;
}

/** By which numbers the cells of a layer are coloured: a, δ, or the biases where there is no sample. */
export function shadeOf(look: LayerLook, back: boolean): Shade {
  if (back) return { values: look.delta, scale: look.delta_scale };
  return look.a.length > 0 ? { values: look.a, scale: look.a_scale } : { values: look.biases, scale: look.scale };
}

/** Text with … in its middle where it is wider than it may be (numbers stand at its end); what was measured is kept. */
export class Fitted {
  private readonly texts = new Map<string, string>();
  private readonly widths = new Map<string, number>();

  fit(context: CanvasRenderingContext2D, text: string, width: number): string {
    const key = `${context.font} ${Math.floor(width)} ${text}`;
    const found = this.texts.get(key);
    if (found !== undefined) return found;
    let fitted = text;
    for (let left = text.length - 1; left > 0 && context.measureText(fitted).width > width; left--) fitted = shortened(text, left);
    return remembered(this.texts, key, fitted);
  }

  width(context: CanvasRenderingContext2D, text: string): number {
    const key = `${context.font} ${text}`;
    return this.widths.get(key) ?? remembered(this.widths, key, context.measureText(text).width);
  }
}

function shortened(text: string, left: number): string {
  return `${text.slice(0, Math.ceil(left / 2))}…${text.slice(text.length - Math.floor(left / 2))}`;
}

function remembered<V>(kept: Map<string, V>, key: string, value: V): V {
  if (kept.size > 2000) kept.clear();
  kept.set(key, value);
  return value;
}
