// Colours of numbers: negative is dark orange to grey, positive grey to light blue, so that lightness tells the sign, too.

export interface Palette {
  dark: boolean;
  ink: string;
  faint: string;
  paper: string;
  line: string;
  positive: string;
  negative: string;
  accent: string;
}

const LIGHT: Palette = {
  dark: false,
  ink: "#1a1d21",
  faint: "#5a626b",
  paper: "#ffffff",
  line: "#c9d0d7",
  positive: "#1f6fb2",
  negative: "#b5480b",
  accent: "#6b3fa0",
};

const DARK: Palette = {
  dark: true,
  ink: "#e8eaed",
  faint: "#a7b0ba",
  paper: "#15181c",
  line: "#3a424b",
  positive: "#6db3f2",
  negative: "#f0955a",
  accent: "#c3a1f0",
};

export function palette(dark: boolean): Palette {
  return dark ? DARK : LIGHT;
}

type Rgb = [number, number, number];

function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => Math.round(from[i as 0] + (to[i as 0] - from[i as 0]) * share)) as Rgb;
}

/** 511 colours for −scale … +scale, as bytes r, g, b, 255; made once for each theme. */
function ramp(zero: Rgb, middle: [Rgb, Rgb], end: [Rgb, Rgb]): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(511 * 4);
  for (let place = 0; place < 511; place++) {
    const share = Math.abs(place - 255) / 255;
    const side = place < 255 ? 0 : 1;
    const rgb = share < 0.5 ? mixed(zero, middle[side], share * 2) : mixed(middle[side], end[side], share * 2 - 1);
    bytes.set([...rgb, 255], place * 4);
  }
  return bytes;
}

const RAMPS = {
  light: ramp([250, 250, 250], [[237, 154, 96], [110, 174, 226]], [[160, 52, 4], [13, 71, 133]]),
  dark: ramp([32, 36, 41], [[150, 72, 24], [38, 96, 150]], [[255, 176, 120], [150, 208, 255]]),
};

/** The place in the ramp of a value, 0 … 510. */
function place(value: number, scale: number): number {
  const share = scale > 0 ? value / scale : 0;
  return Math.round(255 + 255 * Math.max(-1, Math.min(1, Number.isNaN(share) ? 0 : share)));
}

export function colour(value: number, scale: number, dark: boolean): string {
  const at = place(value, scale) * 4;
  const bytes = dark ? RAMPS.dark : RAMPS.light;
  return `rgb(${bytes[at]},${bytes[at + 1]},${bytes[at + 2]})`;
}

/** Paint values as pixels, a value a pixel. */
export function paint(values: ArrayLike<number>, scale: number, dark: boolean, into: Uint8ClampedArray): void {
  const bytes = dark ? RAMPS.dark : RAMPS.light;
  for (let i = 0; i < values.length; i++) {
    const at = place(values[i] ?? 0, scale) * 4;
    into[i * 4] = bytes[at] ?? 0;
    into[i * 4 + 1] = bytes[at + 1] ?? 0;
    into[i * 4 + 2] = bytes[at + 2] ?? 0;
    into[i * 4 + 3] = 255;
  }
}

/** Paint bytes as grey: ink on paper, by theme. */
export function paintGrey(bytes: ArrayLike<number>, dark: boolean, into: Uint8ClampedArray): void {
  for (let i = 0; i < bytes.length; i++) {
    const shade = dark ? (bytes[i] ?? 0) : 255 - (bytes[i] ?? 0);
    into[i * 4] = into[i * 4 + 1] = into[i * 4 + 2] = shade;
    into[i * 4 + 3] = 255;
  }
}

/** Colours of classes, told apart by most eyes; texts and shapes tell them, too. */
export const CLASSES = ["#b5480b", "#1f6fb2", "#2e7d32", "#6b3fa0", "#a8890a", "#a33175", "#00798a", "#5d4037", "#455a64", "#827717"];
