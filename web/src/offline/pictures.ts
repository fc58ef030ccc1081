// Small pictures of neurons: images of their weights, where a row of inputs is a picture; in the plane, maps of what they say.

import type { Looked } from "../messages.ts";
import type { Network } from "./given.ts";
import { roundedUp, type Scales } from "./scales.ts";
import type { Samples } from "./samples.ts";

export const MOST_PRODUCTS = 2e7; // made at once, for scales or for maps: about 0.2 s
const PICTURED = 0.995; // of a picture's weights, all but the largest half per cent are told apart
const SAMPLED = 7;
const MOST_PICTURED = 128; // neurons of a first layer: in a wider one their pictures would be too small
const PLANE_SIDE = 24;

export type Pictures = Pick<Looked, "pictures" | "picture_side" | "picture_layers" | "picture_nodes" | "picture_scale">;

/** What the scale of a layer's activations is called. */
export function activationScale(place: number): string {
  return `a ${place}`;
}

/** Whether a row is a point in the plane, and the network small enough to ask it of the whole plane. */
export function isPlane({ network, beside, products }: Samples): boolean {
  return network.inputs === 2 && beside.ranges !== null && network.layers.length > 1 && products * PLANE_SIDE ** 2 <= MOST_PRODUCTS;
}

/** Hidden neurons' activations over the plane, from its upper left corner, as shares of their layer's scale. */
export function maps(samples: Samples, scales: Scales, most: number): Pictures {
  const { network } = samples;
  const points = plane(samples).map((point) => network.forward(point).layers);
  network.layers.forEach((_, place) => points.forEach((layers) => scales.of(activationScale(place), layers[place]?.activations ?? [])));
  const hidden = network.layers.slice(0, -1).flatMap((layer, place) => Array.from(layer.biases, (_, node) => [place, node] as const));
  const shown = hidden.slice(0, most);
  const share = (place: number, a: number | undefined): number => (a ?? 0) / scales.of(activationScale(place), []);
  return {
    pictures: Float32Array.from(shown.flatMap(([place, node]) => points.map((layers) => share(place, layers[place]?.activations[node])))),
    picture_side: [PLANE_SIDE, PLANE_SIDE],
    picture_layers: Int32Array.from(shown, ([place]) => place),
    picture_nodes: Int32Array.from(shown, ([, node]) => node),
    picture_scale: 1,
  };
}

/** Points of the plane where the data lie, row by row from above. */
function plane({ beside }: Samples): [number, number][] {
  const [across = [0, 1], down = [0, 1]] = beside.ranges ?? [];
  const share = (place: number): number => place / (PLANE_SIDE - 1);
  return Array.from({ length: PLANE_SIDE ** 2 }, (_, i) => [
    across[0] + (across[1] - across[0]) * share(i % PLANE_SIDE),
    down[1] - (down[1] - down[0]) * share(Math.floor(i / PLANE_SIDE)),
  ]);
}

/** First-layer neurons' weights as images, where the inputs are one; else nothing. */
export function weightPictures({ network, beside }: Samples, most: number): Pictures {
  const first = network.layers[0]!;
  const count = beside.image && first.biases.length <= MOST_PICTURED ? Math.min(most, first.biases.length) : 0;
  return {
    pictures: Float32Array.from({ length: count * network.inputs }, (_, i) => first.weights[i % network.inputs]?.[Math.floor(i / network.inputs)] ?? 0),
    picture_side: beside.image ?? [0, 0],
    picture_layers: new Int32Array(count),
    picture_nodes: Int32Array.from({ length: count }, (_, node) => node),
    picture_scale: pictureScale(network),
  };
}

/** The colour scale of weights as images. */
export function pictureScale({ layers }: Network): number {
  const { weights, biases } = layers[0]!;
  const some: number[] = [];
  for (let i = 0; i < weights.length * biases.length; i += SAMPLED) some.push(Math.abs(weights[i % weights.length]?.[Math.floor(i / weights.length)] ?? 0));
  some.sort((one, other) => one - other);
  return roundedUp(some[Math.floor(PICTURED * (some.length - 1))] ?? 0);
}
