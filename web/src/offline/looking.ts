// The network as it is drawn, and one neuron with its numbers: what a server's Python answers elsewhere (explorer/_looking.py).

import type { About, AskNeuron, LayerLook, Look, Looked, Neuron, Sample } from "../messages.ts";
import { TEXTS } from "../texts.ts";
import { largestEdges, type Edges } from "./edges.ts";
import { bySize, formulaOf, productsOf } from "./formula/neuron.ts";
import type { Layer } from "./given.ts";
import { activationScale, isPlane, maps, MOST_PRODUCTS, pictureScale, weightPictures, type Pictures } from "./pictures.ts";
import { greatest, Scales } from "./scales.ts";
import { DATA, type Samples } from "./samples.ts";

const MOST_NAMES = 2000;
const MOST_WIDTHS = 8; // of a title
const CURVE_POINTS = 121;
const LEAST_REACH = 4;

export class Looking {
  private readonly scales = new Scales();
  private readonly byWeight = new Map<string, Edges>();
  private readonly pictureScale: number;

  constructor(private readonly samples: Samples) {
    this.pictureScale = pictureScale(samples.network);
    samples.network.layers.forEach((layer) => this.scales.of(`w ${layer.name}`, layer.weights.map(greatest)));
    this.widen();
  }

  /** Let the scales of activations hold the data's: of a large network, those of some rows. */
  private widen(): void {
    const { samples } = this;
    const rows = Math.min(samples.count, Math.max(4, Math.floor(MOST_PRODUCTS / samples.products)));
    for (let row = 0; row < rows; row++) {
      const passed = samples.pass({ set: DATA, row });
      passed.layers.forEach(({ activations }, place) => this.scales.of(activationScale(place), activations));
      this.scales.of("x", passed.scaled);
    }
  }

  about(): About {
    const { network, beside, count } = this.samples;
    const widths = [network.inputs, ...network.layers.map((layer) => layer.biases.length)];
    return {
      version: beside.version,
      title: widths.length > MOST_WIDTHS ? TEXTS.offline.deep(network.inputs, network.layers.length, network.outputs) : widths.join("-"),
      layers: network.layers.map((layer) => ({
        name: layer.name,
        width: layer.biases.length,
        n_in: layer.weights.length,
        activation: layer.activation,
        dropout: null,
      })),
      n_inputs: network.inputs,
      n_parameters: network.layers.reduce((sum, layer) => sum + (layer.weights.length + 1) * layer.biases.length, 0),
      image: beside.image,
      inputs: Array.from({ length: Math.min(MOST_NAMES, network.inputs) }, (_, i) => this.inputName(0, i)),
      outputs: [...beside.outputs],
      task: beside.task,
      loss: "",
      dtype: "float32",
      data: count > 0 ? [{ name: DATA, rows: count, labelled: beside.labels !== null }] : [],
      plane: isPlane(this.samples),
      measure: "",
      tested_on: DATA,
      trainable: false,
      exactness: "everywhere",
    };
  }

  private inputName(layer: number, i: number): string {
    const { network, beside } = this.samples;
    return layer > 0 ? `${network.layers[layer - 1]?.name}/node_${i + 1}` : (beside.features?.[i] ?? `input_${i}`);
  }

  look(question: Look): Looked {
    const { samples } = this;
    const { network, beside } = samples;
    const { sample } = question;
    const passed = sample && samples.pass(sample);
    const layers = network.layers.map((layer, place) => this.layerLook(layer, place, question));
    const truth = sample ? samples.truth(sample) : "";
    const right = beside.task === "classes" && truth !== "" ? beside.outputs.indexOf(truth) : -1;
    return {
      step: 0,
      epoch: 0,
      fingerprint: "",
      loss: null,
      rate: null,
      hands: 0,
      layers,
      ...this.pictures(question.pictures),
      shown: Float64Array.from(passed?.y ?? []),
      says: sample ? samples.says(sample) : "",
      says_place: beside.task === "classes" ? (passed?.place ?? null) : null,
      truth,
      truth_place: right < 0 ? null : right,
      sample_loss: null,
      inputs: passed?.scaled ?? new Float32Array(),
      x_scale: this.scales.of("x", passed?.scaled ?? []),
      raw: Float64Array.from(sample && !beside.image ? samples.row(sample) : []),
      python: "",
    };
  }

  private layerLook(layer: Layer, place: number, { sample, by, edges, first, count }: Look): LayerLook {
    const a = sample ? this.samples.pass(sample).layers[place]!.activations : [];
    const wanted = first <= place && place < first + count ? edges : 0;
    const found = this.edges(layer, place, by === "contribution" ? sample : null, wanted);
    const weights = this.scales.of(`w ${layer.name}`, []);
    return {
      name: layer.name,
      a: Float32Array.from(a),
      delta: new Float32Array(),
      biases: layer.biases,
      ...found,
      edges_shown: found.froms.length,
      edges_all: layer.weights.length * layer.biases.length,
      scale: by === "contribution" && sample ? this.scales.of(`x·w ${layer.name}`, found.values) : weights,
      a_scale: this.scales.of(activationScale(place), a),
      delta_scale: 1,
    };
  }

  private edges(layer: Layer, place: number, sample: Sample | null, most: number): Edges {
    if (sample) return largestEdges(layer, this.comesIn(sample, place), most);
    const key = `${most} ${layer.name}`;
    const found = this.byWeight.get(key) ?? largestEdges(layer, null, most);
    this.byWeight.set(key, found);
    return found;
  }

  /** What comes into a layer. */
  private comesIn(sample: Sample, place: number): ArrayLike<number> {
    const passed = this.samples.pass(sample);
    return place === 0 ? passed.scaled : (passed.layers[place - 1]?.activations ?? []);
  }

  private drawn: Pictures | null = null;

  /** They never change: they are made once. */
  private pictures(most: number): Pictures {
    this.drawn ??= isPlane(this.samples) ? maps(this.samples, this.scales, most) : weightPictures(this.samples, most);
    return this.drawn;
  }

  neuron(question: AskNeuron): Neuron {
    const { network, beside } = this.samples;
    const place = network.layers.findIndex((one) => one.name === question.layer);
    const { weights, biases, activation } = network.layers[place]!;
    const { node, sample } = question;
    const w = Float32Array.from(weights, (row) => row[node] ?? 0);
    const x = sample ? Float32Array.from(this.comesIn(sample, place)) : new Float32Array();
    const products = sample ? productsOf(x, w) : new Float64Array();
    const passed = sample && this.samples.pass(sample);
    const order = question.order === "place" ? Array.from(w.keys()) : bySize(question.order === "product" && sample ? products : w);
    const places = Int32Array.from(order.slice(question.first, question.first + question.count));
    const pictured = place === 0 && beside.image !== null;
    const z = passed?.layers[place]?.sums[node] ?? null;
    const last = place === network.layers.length - 1;
    return {
      name: `${question.layer}/node_${node + 1}`,
      activation,
      step: 0,
      formula: passed ? formulaOf(network, passed, place, node) : [],
      places,
      names: Array.from(places, (i) => this.inputName(place, i)),
      x: sample ? Float32Array.from(places, (i) => x[i] ?? 0) : new Float32Array(),
      w: Float32Array.from(places, (i) => w[i] ?? 0),
      products: sample ? Float64Array.from(places, (i) => products[i] ?? 0) : new Float64Array(),
      gradients: new Float64Array(),
      n_in: w.length,
      bias: biases[node] ?? 0,
      z,
      a: passed?.layers[place]?.activations[node] ?? null,
      slope: null,
      dA: null,
      delta: null,
      db: null,
      ...(last && network.units ? { curve_z: new Float64Array(), curve_a: new Float64Array() } : this.curve(activation, z)),
      picture_w: pictured ? w : new Float32Array(),
      picture_x: pictured ? x : new Float32Array(),
      picture_wx: pictured ? Float32Array.from(products) : new Float32Array(),
      scale: pictured ? this.pictureScale : this.scales.of(`w ${question.layer}`, []),
      scale_x: this.scales.of(place === 0 ? "x" : activationScale(place - 1), x),
      scale_wx: this.scales.of(`products ${question.layer}`, products),
      python: "",
    };
  }

  /** Points of the activation function, around 0 and the neuron's own z; none of softmax, which is no function of z alone. */
  private curve(activation: string, z: number | null): { curve_z: Float64Array; curve_a: Float64Array } {
    const f = activation === "identity" ? (one: number) => one : this.samples.network.functions[activation];
    if (f === undefined) return { curve_z: new Float64Array(), curve_a: new Float64Array() };
    const reach = Math.max(LEAST_REACH, 1.25 * Math.abs(z ?? 0));
    const curve_z = Float64Array.from({ length: CURVE_POINTS }, (_, i) => Math.fround(reach * ((2 * i) / (CURVE_POINTS - 1) - 1)));
    return { curve_z, curve_a: curve_z.map((one) => f(one)) };
  }
}
