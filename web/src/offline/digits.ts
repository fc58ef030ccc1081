// A digit drawn by hand, prepared as MNIST's were: the arithmetic of src/pellucid/datasets/images.py, and of Pillow's
// bicubic resizing, which that uses; so the page's pixels are those that Python makes of the same drawing.

/** The side of MNIST's pictures. */
export const DIGIT = 28;

const BOX = 20;
const INKED = 64; // a quarter of full ink: what is cut out
const FINE = 2 ** 22; // Pillow's weights are whole numbers of this fraction

/** A picture in grey: 0 is paper, 255 is ink. */
export interface Grey {
  height: number;
  width: number;
  pixels: ArrayLike<number>;
}

/** 28 × 28 pixels: what is inked, fitted into 20 × 20, its centre of mass in the middle. Null where nothing is drawn. */
export function preparedDigit(ink: Grey): Uint8Array | null {
  const cut = cutOut(ink);
  if (cut === null) return null;
  const scale = BOX / Math.max(cut.height, cut.width);
  const height = Math.max(1, halfToEven(cut.height * scale));
  const width = Math.max(1, halfToEven(cut.width * scale));
  return centred(resized(cut, height, width));
}

/** A drawing as large as so many pixels hold it, for pictures that are not MNIST's; its strongest pixel is full ink. */
export function fittedPicture(ink: Grey, height: number, width: number): Uint8Array | null {
  const cut = cutOut(ink);
  if (cut === null) return null;
  const cell = Math.max(cut.height / height, cut.width / width); // pixels of the drawing, for each of the picture's
  const [down, across] = [(height - cut.height / cell) / 2, (width - cut.width / cell) / 2];
  const sums = new Float64Array(height * width);
  for (let i = 0; i < cut.height * cut.width; i++) {
    const y = Math.floor(down + (Math.floor(i / cut.width) + 0.5) / cell);
    const x = Math.floor(across + ((i % cut.width) + 0.5) / cell);
    sums[y * width + x]! += cut.pixels[i] ?? 0;
  }
  const most = sums.reduce((one, other) => Math.max(one, other));
  return Uint8Array.from(sums, (sum) => Math.round((255 * sum) / most));
}

/** Round as Python does: what lies half-way goes to the even number. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  return over > 0.5 || (over === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

function cutOut({ height, width, pixels }: Grey): Grey | null {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((pixels[y * width + x] ?? 0) < INKED) continue;
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
  }
  if (bottom < 0) return null;
  const cut = { height: bottom - top + 1, width: right - left + 1 };
  const at = (i: number): number => (top + Math.floor(i / cut.width)) * width + left + (i % cut.width);
  return { ...cut, pixels: Uint8Array.from({ length: cut.height * cut.width }, (_, i) => pixels[at(i)] ?? 0) };
}

// Pillow's resizing: along rows, then along columns, rounded to bytes in between. From its release 13 on (its pull request
// 9549) columns come first where the height shrinks by much more than the width; others differ there by some shades.

function resized(picture: Grey, height: number, width: number): Grey {
  const less = picture.height - height;
  const columnsFirst = less > 0 && less > 2 * (picture.width - width);
  return columnsFirst ? toWidth(toHeight(picture, height), width) : toHeight(toWidth(picture, width), height);
}

function toWidth(picture: Grey, width: number): Grey {
  return width === picture.width ? picture : alongRows(picture, width);
}

function toHeight(picture: Grey, height: number): Grey {
  return height === picture.height ? picture : turned(alongRows(turned(picture), height));
}

function turned({ height, width, pixels }: Grey): Grey {
  return { height: width, width: height, pixels: Uint8Array.from({ length: height * width }, (_, i) => pixels[(i % height) * width + Math.floor(i / height)] ?? 0) };
}

function alongRows({ height, width, pixels }: Grey, wanted: number): Grey {
  const made = new Uint8ClampedArray(height * wanted); // what lies outside 0 … 255 is put to its end
  for (let x = 0; x < wanted; x++) {
    const { first, weights } = kernel(width, wanted, x);
    for (let y = 0; y < height; y++) {
      let sum = FINE / 2;
      weights.forEach((weight, i) => (sum += weight * (pixels[y * width + first + i] ?? 0)));
      made[y * wanted + x] = Math.floor(sum / FINE);
    }
  }
  return { height, width: wanted, pixels: made };
}

/** Which pixels of a row make the new pixel x, and what each weighs, in whole numbers. */
function kernel(width: number, wanted: number, x: number): { first: number; weights: number[] } {
  const scale = width / wanted;
  const wide = Math.max(1, scale);
  const reach = 2 * wide;
  const centre = (x + 0.5) * scale;
  const first = Math.max(0, Math.trunc(centre - reach + 0.5));
  const end = Math.min(width, Math.trunc(centre + reach + 0.5));
  const shares = Array.from({ length: end - first }, (_, i) => bicubic((i + first - centre + 0.5) * (1 / wide)));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const weights = shares.map((share) => (total === 0 ? share : share / total) * FINE);
  return { first, weights: weights.map((weight) => Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5)) };
}

/** Keys's cubic, a = −1/2. */
function bicubic(signed: number): number {
  const a = -0.5;
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

function centred(box: Grey): Uint8Array {
  const { height, width, pixels } = box;
  let [total, down, across] = [0, 0, 0];
  for (let i = 0; i < height * width; i++) {
    const ink = pixels[i] ?? 0;
    total += ink;
    down += ink * Math.floor(i / width);
    across += ink * (i % width);
  }
  const begin = (centre: number, side: number): number => Math.min(Math.max(halfToEven(DIGIT / 2 - centre), 0), DIGIT - side);
  const [top, left] = [begin(down / total, height), begin(across / total, width)];
  const made = new Uint8Array(DIGIT * DIGIT);
  for (let i = 0; i < height * width; i++) made[(top + Math.floor(i / width)) * DIGIT + left + (i % width)] = pixels[i] ?? 0;
  return made;
}
