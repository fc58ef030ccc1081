// What the page is given: the exported module as it is, and what stands beside it in the file.

/** A layer of the module: weights[i][j] is what its input i weighs for its neuron j. */
export interface Layer {
  readonly name: string;
  readonly activation: string;
  readonly weights: readonly Float32Array[];
  readonly biases: Float32Array;
}

/** Every number on a row's way. */
export interface Passed {
  readonly scaled: Float32Array;
  readonly layers: readonly { readonly sums: Float32Array; readonly activations: Float32Array | Float64Array }[];
  readonly y: Float32Array | Float64Array;
  /** The class that is chosen, where one is. */
  readonly place?: number;
}

/** The exported module, and what it keeps to itself: its activation functions, and the units of its values. */
export interface Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly layers: readonly Layer[];
  forward(x: ArrayLike<number>): Passed;
  selfTest(): boolean;
  readonly functions: Readonly<Record<string, (z: number) => number>>;
  readonly units: { readonly scale: Float64Array; readonly shift: Float64Array } | null;
}

/** Rows of the data, in base 64; `places`: which rows of how many they were. */
interface Packed {
  readonly kind: "uint8" | "float32";
  readonly places: readonly number[];
  readonly total: number;
  readonly bytes: string;
}

/** What stands beside the module, as JSON; `src/pellucid/export/_page.py` writes it. */
export interface Beside {
  readonly name: string;
  readonly version: string;
  readonly task: "classes" | "yes-no" | "values" | "quantiles";
  /** Height and width, where a row of inputs is a picture. */
  readonly image: [number, number] | null;
  readonly features: readonly string[] | null;
  /** What the outputs are called. */
  readonly outputs: readonly string[];
  /** What can be chosen, by `place`; null where nothing is chosen. */
  readonly classes: readonly string[] | null;
  /** How many examples the module checks itself by. */
  readonly examples: number;
  readonly rows: Packed | null;
  readonly labels: readonly string[] | null;
  /** From where to where an input can be moved, and in what steps; null for pictures. */
  readonly ranges: readonly (readonly [number, number, number])[] | null;
  /** What a pixel without ink is, and one of full ink. */
  readonly ink: readonly [number, number];
}

/** The rows of the data, one after the other, as they are given to the network. */
export function unpacked(rows: Packed | null): Uint8Array | Float32Array {
  if (rows === null) return new Uint8Array();
  const bytes = Uint8Array.from(atob(rows.bytes), (sign) => sign.charCodeAt(0));
  if (rows.kind === "uint8") return bytes;
  const view = new DataView(bytes.buffer); // the file is little-endian, whatever this machine is
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
