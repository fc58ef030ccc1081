// Weights, inputs and products as pictures, where a row of inputs is one. A pixel of the weights opens its weight.

import { number } from "../../format.ts";
import type { Neuron } from "../../messages.ts";
import { Picture } from "../../parts/Picture.tsx";
import { useExplorer } from "../../store.ts";
import { TEXTS } from "../../texts.ts";

const LARGE = 224; // CSS pixels
const SMALL = 112;

export function NeuronPictures({ neuron }: { neuron: Neuron }) {
  const explorer = useExplorer();
  const image = explorer.about.value?.image;
  if (!image || neuron.picture_w.length === 0) return null;
  const [height, width] = image;
  const { w, x, xSigned, wx } = TEXTS.neuron.picture;
  const isSigned = neuron.picture_x.some((value) => value < 0);
  return (
    <section aria-label={TEXTS.neuron.pictures}>
      <h3>{TEXTS.neuron.pictures}</h3>
      <div class="pictures">
        <figure>
          <Pixels width={width} height={height}>
            <Picture values={neuron.picture_w} width={width} height={height} scale={neuron.scale} zoom={LARGE / width} label={w(number(neuron.scale))} marked />
          </Pixels>
          <figcaption>{w(number(neuron.scale))}</figcaption>
        </figure>
        <div class="pair">
          {neuron.picture_x.length > 0 && (
            <figure>
              <Picture values={neuron.picture_x} width={width} height={height} scale={neuron.scale_x} zoom={SMALL / width} label={TEXTS.neuron.columns.x} />
              <figcaption>{(isSigned ? xSigned : x)(number(neuron.scale_x))}</figcaption>
            </figure>
          )}
          {neuron.picture_wx.length > 0 && (
            <figure>
              <Picture values={neuron.picture_wx} width={width} height={height} scale={neuron.scale_wx} zoom={SMALL / width} label={TEXTS.neuron.columns.product} />
              <figcaption>{wx(number(neuron.scale_wx))}</figcaption>
            </figure>
          )}
        </div>
      </div>
      <p class="note">{TEXTS.neuron.notches}</p>
    </section>
  );
}

/** A picture whose pixels can be pointed at and pressed; by keyboard, the table does the same. */
function Pixels({ width, height, children }: { width: number; height: number; children: preact.ComponentChildren }) {
  const explorer = useExplorer();
  const selected = explorer.selected.value;
  const at = (event: MouseEvent): number => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    return Math.max(0, Math.min(height - 1, row)) * width + Math.max(0, Math.min(width - 1, column));
  };
  const opened = selected?.input ?? null;
  return (
    <div
      class="pixels"
      onClick={(event) => selected && explorer.select({ ...selected, input: at(event) })}
      onMouseMove={(event) => selected && (explorer.pointed.value = { ...selected, input: at(event) })}
      onMouseLeave={() => (explorer.pointed.value = null)}
    >
      {children}
      {opened !== null && (
        <span
          class="pixel-mark"
          style={{
            left: `${(100 * (opened % width)) / width}%`,
            top: `${(100 * Math.floor(opened / width)) / height}%`,
            width: `${100 / width}%`,
            height: `${100 / height}%`,
          }}
        />
      )}
    </div>
  );
}
