// What the view knows: the size it has, how it is zoomed, what is under the pointer or the keyboard's cursor.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { pointText } from "./describe.ts";
import { outputsRoom } from "./drawTexts.ts";
import { kept, WHOLE, type Camera } from "./camera.ts";
import { isNarrow, layOut, type Content, type Layout, type Point } from "./layout.ts";
import type { Spot } from "./hit.ts";
import type { Explorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const T = TEXTS.network;

const MOST_LAYERS = 12; // whose edges may be asked for at once
const LEAST_PITCH = { narrow: 84, wide: 60 }; // px from layer to layer
const HEADING = 34; // px for names of layers, at the top
const NAMED = 40; // inputs, or outputs, that are few enough for their names to stand beside them

export class Stage {
  readonly size = signal({ width: 0, height: 0, ratio: 1 });
  readonly camera = signal<Camera>(WHOLE);
  /** What the pointer or the keyboard is on: beside neurons and weights also inputs, of which other views know nothing. */
  readonly spot = signal<Spot | null>(null);
  /** Where the pointer is, if that is what is on the spot. */
  readonly at = signal<Point | null>(null);
  readonly cursor = signal<Spot | null>(null);
  readonly said = signal("");
  readonly heading = HEADING;

  /** Layers that have pictures of their neurons, as text, so that what follows from it changes no more often. */
  private readonly pictured: ReadonlySignal<string>;
  readonly layout: ReadonlySignal<Layout>;
  /** What stands above each layer, by its place: a name, and what it is. */
  readonly headings: ReadonlySignal<Map<number, [string, string]>>;

  constructor(readonly explorer: Explorer) {
    this.pictured = computed(() => [...new Set(explorer.looked.value?.picture_layers)].join());
    this.headings = computed(() => {
      const about = explorer.about.value;
      const layers = (about?.layers ?? []).map((one, i): [number, [string, string]] => [i, [one.name, T.layer(one.width, one.activation)]]);
      return new Map([[-1, [T.inputs, T.width(about?.n_inputs ?? 0)]], ...layers]);
    });
    this.layout = computed(() => {
      const { width, height } = this.size.value;
      const contents = this.contents();
      const narrow = isNarrow(width);
      return layOut(contents, {
        width,
        height,
        top: HEADING,
        left: this.namesInputs(contents) ? (narrow ? 56 : 110) : 0,
        right: this.showsOutputs(contents) ? outputsRoom(this.explorer.about.value?.outputs ?? [], narrow) + 2 : 0,
      });
    });
  }

  /** How many layers fit beside one another. */
  fits(): number {
    const layers = this.explorer.about.peek()?.layers.length ?? 0;
    const { width } = this.size.peek();
    const pitch = LEAST_PITCH[isNarrow(width) ? "narrow" : "wide"];
    return Math.max(1, Math.min(MOST_LAYERS, layers, Math.floor(width / pitch) - 1));
  }

  setWindow(first: number, count = this.explorer.window.peek().count): void {
    const layers = this.explorer.about.peek()?.layers.length ?? 0;
    const kept = { first: Math.max(0, Math.min(layers - count, first)), count };
    const now = this.explorer.window.peek();
    if (now.first !== kept.first || now.count !== kept.count) this.explorer.window.value = kept;
  }

  setCamera(camera: Camera): void {
    this.camera.value = kept(camera, this.layout.peek());
  }

  /** Put the pointer or the cursor on something, and tell the other views. */
  point(spot: Spot | null, at: Point | null = null): void {
    this.at.value = spot && at;
    const was = this.spot.peek();
    if (was?.layer === spot?.layer && was?.node === spot?.node && was?.input === spot?.input) return;
    this.spot.value = spot;
    this.explorer.pointed.value = spot && spot.layer >= 0 ? spot : null;
  }

  say(spot: Spot): void {
    this.said.value = pointText(this.explorer, spot).join(", ");
  }

  private contents(): Content[] {
    const about = this.explorer.about.value;
    if (!about) return [];
    const { first, count } = this.explorer.window.value;
    const pictured = this.pictured.value.split(",");
    const contents: Content[] = first === 0 ? [inputContent(about.n_inputs, about.image)] : [];
    for (let layer = Math.max(0, first - 1); layer < Math.min(about.layers.length, first + count); layer++) {
      const kind = pictured.includes(String(layer)) ? "pictures" : "cells";
      contents.push({ layer, count: about.layers[layer]?.width ?? 0, kind });
    }
    return contents;
  }

  private namesInputs(contents: Content[]): boolean {
    const first = contents[0];
    return first !== undefined && first.layer === -1 && first.kind === "cells" && first.count <= NAMED;
  }

  private showsOutputs(contents: Content[]): boolean {
    const last = contents.at(-1);
    return last !== undefined && last.layer === (this.explorer.about.value?.layers.length ?? 0) - 1;
  }
}

function inputContent(count: number, image: [number, number] | null): Content {
  return image ? { layer: -1, count, kind: "image", across: image[1] } : { layer: -1, count, kind: "cells" };
}
