// How answers travel: a JSON header, in which an array is a place in the binary buffer beside it.

type Kind = "Float32Array" | "Float64Array" | "Int32Array" | "Uint8Array";
const KINDS = { Float32Array, Float64Array, Int32Array, Uint8Array };

interface Placed {
  at: number;
  length: number;
  kind: Kind;
}

function isPlaced(value: object): value is Placed {
  return "at" in value && "length" in value && "kind" in value && (value as Placed).kind in KINDS;
}

/** Put the arrays of a header in the places where they are named; nothing is copied. */
export function withArrays(value: unknown, buffer: ArrayBuffer, offset = 0): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((one) => withArrays(one, buffer, offset));
  if (isPlaced(value)) return new KINDS[value.kind](buffer, offset + value.at, value.length);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withArrays(one, buffer, offset)]));
}

/** Read a message of the socket: the header's length (4 bytes, little-endian), 4 bytes of nothing, header, buffer. */
export function readMessage(message: ArrayBuffer): { id: number; answer: string; content: unknown } {
  const length = new DataView(message).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 8, length))) as Record<string, unknown>;
  const content = withArrays(header, message, 8 + length);
  return { id: header["id"] as number, answer: header["answer"] as string, content };
}
