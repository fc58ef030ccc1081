// A row of inputs, small: a grey picture where it is one, else a strip of greys; pressing it chooses the row.

import type { ComponentChildren } from "preact";
import { Picture } from "./Picture.tsx";

const MOST_IN_STRIP = 64;

interface Props {
  bytes: Uint8Array;
  /** Height and width, where a row is a picture. */
  image: [number, number] | null;
  label: string;
  chosen: boolean;
  onChoose: () => void;
  children: ComponentChildren;
}

export function Thumb({ bytes, image, label, chosen, onChoose, children }: Props) {
  const shown = image ? bytes : bytes.subarray(0, MOST_IN_STRIP);
  const [height, width] = image ?? [1, shown.length];
  const zoom = image ? 48 / width : Math.max(1, Math.min(16, 64 / width));
  return (
    <button type="button" class={`thumb ${image ? "" : "strip"}`} aria-pressed={chosen} aria-label={label} onClick={onChoose}>
      <Picture values={shown} width={width} height={height} scale={null} label="" zoom={zoom} />
      <span class="thumb-text">{children}</span>
    </button>
  );
}
