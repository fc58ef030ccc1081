// A digit drawn by hand: ink as bytes, sent as they are; the network's side prepares them as MNIST's were.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Picture } from "../../parts/Picture.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";
import { dark } from "../../theme.ts";
import { OWN, takeOwn } from "./own.ts";

const T = TEXTS.sample;
const SIDE = 112; // pixels that are sent
const PEN = 9;
const SMALL = 84; // CSS pixels of the prepared image
const CALM = 100; // ms between two drawings that are sent while a stroke goes on

interface Props {
  /** Height and width of what the network gets. */
  image?: readonly [number, number];
  /** What a pixel without ink is given as, and one of full ink. */
  ink?: readonly [number, number];
  title?: string;
  /** What is said of the picture that the network gets; empty where that is shown elsewhere. */
  caption?: string;
}

export function DrawingPad({ image = [28, 28], ink = [0, 255], title = T.draw, caption = T.prepared }: Props) {
  const explorer = useExplorer();
  const canvas = useRef<HTMLCanvasElement>(null);
  const pen = useRef<Pen | null>(null);
  const prepared = useSignal<Float32Array | null>(null);
  const isOwn = useComputed(() => explorer.sample.value?.set === OWN);
  useEffect(() => {
    if (!canvas.current) return;
    const made = new Pen(canvas.current, async (pixels) => {
      // One drawing is one row, however many strokes it takes.
      const entered = await explorer.ask("Draw", { pixels, side: SIDE, row: made.row });
      if (!entered || made.blank) return; // it was cleared meanwhile
      made.row = entered.row;
      prepared.value = entered.x;
      takeOwn(explorer, entered.row);
    });
    pen.current = made;
    return () => made.stop();
  }, [explorer]);
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <div class="pad-row">
        <canvas ref={canvas} class={`pad ${dark.value ? "inverted" : ""}`} data-testid="drawing-pad" role="img" aria-label={T.pad} width={SIDE} height={SIDE} />
        <div>
          <button
            type="button"
            data-testid="pad-clear"
            onClick={() => {
              pen.current?.clear();
              prepared.value = null;
            }}
          >
            {T.clear}
          </button>
          {caption && prepared.value && isOwn.value && (
            <figure>
              <Picture
                values={prepared.value.map((value) => (255 * (value - ink[0])) / (ink[1] - ink[0]))}
                width={image[1]}
                height={image[0]}
                scale={null}
                zoom={SMALL / image[1]}
                label={caption}
              />
              <figcaption>{caption}</figcaption>
            </figure>
          )}
          <p class="note">{T.padHelp}</p>
        </div>
      </div>
    </section>
  );
}

/** Draws on a canvas with mouse, touch or pen, and sends what is drawn: one drawing at a time, the last one always. */
class Pen {
  private readonly context: CanvasRenderingContext2D;
  private last: [number, number] | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private again = false;
  blank = true;
  /** Which row of one's own the drawing is; null: none yet. */
  row: number | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly send: (pixels: string) => Promise<void>,
  ) {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("This browser draws on no canvas.");
    this.context = context;
    this.clear();
    canvas.onpointerdown = (event) => this.down(event);
    canvas.onpointermove = (event) => this.move(event);
    canvas.onpointerup = canvas.onpointercancel = (event) => {
      if (event.isPrimary) this.last = null;
    };
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.blank = true;
    this.row = null;
    this.context.fillStyle = "#fff";
    this.context.fillRect(0, 0, SIDE, SIDE);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.canvas.onpointerdown = this.canvas.onpointermove = this.canvas.onpointerup = this.canvas.onpointercancel = null;
  }

  private at(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  }

  private down(event: PointerEvent): void {
    if (!event.isPrimary || event.button !== 0) return; // a second finger draws nothing
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.at(event);
    this.stroke(this.last);
    event.preventDefault();
  }

  private move(event: PointerEvent): void {
    if (this.last !== null && event.isPrimary) for (const one of event.getCoalescedEvents?.() ?? [event]) this.stroke(this.at(one));
  }

  private stroke(to: [number, number]): void {
    const from = this.last ?? to;
    this.last = to;
    const { context } = this;
    context.strokeStyle = "#000";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0], to[1] + 0.01); // a line of no length draws nothing
    context.stroke();
    this.blank = false;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.tell();
    }, CALM);
  }

  private async tell(): Promise<void> {
    this.again = this.busy;
    if (this.busy || this.blank) return;
    this.busy = true;
    const { data } = this.context.getImageData(0, 0, SIDE, SIDE);
    const ink = String.fromCharCode(...Array.from({ length: SIDE * SIDE }, (_, i) => 255 - (data[4 * i] ?? 255)));
    await this.send(btoa(ink));
    this.busy = false;
    if (this.again) await this.tell();
  }
}
