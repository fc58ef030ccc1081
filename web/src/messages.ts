// Made from src/pellucid/explorer/_messages.py by `make web`; change it there.

/**
 * The network that is meant: of a run, at a step.
 *
 * Attributes
 * ----------
 * run : its name; of a network without a run, ``"network"``
 * step : None: the last one, while it is trained the newest
 */
export interface Where {
  run: string;
  step: number | null;
}

/** A row of a set of data, ``"test"`` or ``"training"``; or, of the set ``"own"``, one drawn or typed by hand. */
export interface Sample {
  set: string;
  row: number;
}

/** Ask what there is to be looked at. */
export type AskAbout = Record<string, never>;

/** A layer: ``dropout`` is the rate at which its inputs are dropped in training, or None. */
export interface LayerInfo {
  name: string;
  width: number;
  n_in: number;
  activation: string;
  dropout: number | null;
}

/** A set of data; ``labelled``: whether it has targets. */
export interface DataInfo {
  name: string;
  rows: number;
  labelled: boolean;
}

/**
 * What never changes while a page is open.
 *
 * Attributes
 * ----------
 * title : such as ``784-32-32-10``
 * image : height and width, where a row of inputs is a picture; else None
 * inputs : names, at most 2,000 of them
 * outputs : names of classes or targets
 * task : "classes", "yes-no", "values" or "quantiles"
 * plane : whether a row is a point in the plane, so that decision boundaries can be drawn
 * measure : "accuracy", "r2", … : what `Network.score` gives
 * tested_on : the set that scores are measured on, or None
 * trainable : whether there is a run, or data to start one with
 */
export interface About {
  version: string;
  title: string;
  layers: LayerInfo[];
  n_inputs: number;
  n_parameters: number;
  image: [number, number] | null;
  inputs: string[];
  outputs: string[];
  task: string;
  loss: string;
  dtype: string;
  data: DataInfo[];
  plane: boolean;
  measure: string;
  tested_on: string | null;
  trainable: boolean;
  exactness: string;
}

/** Ask where the runs stand. Cheap: a page asks it again and again. */
export type AskStatus = Record<string, never>;

/**
 * A run and where it stands.
 *
 * Attributes
 * ----------
 * parent, parted : of a branch, the run from which it went another way, and the step at which it did
 * training : whether steps are being made now
 * paced : whether it goes in slow motion
 * stopped : why it last came to rest, such as a breakpoint's reason; or empty
 * breakpoint : what it will stop at, in words; or empty
 * can_train : whether steps are left to make
 */
export interface RunInfo {
  name: string;
  parent: string | null;
  parted: number | null;
  step: number;
  total_steps: number;
  epoch: number;
  epochs: number;
  training: boolean;
  paced: boolean;
  ended: string | null;
  stopped: string;
  breakpoint: string;
  can_train: boolean;
  learning_rate: number;
  batch_size: number;
  dropout: number | null;
  loss: number | null;
  edits: number;
}

/** Where the runs stand; ``hands``: how many changes by hand lie over what is shown. */
export interface Status {
  runs: RunInfo[];
  hands: number;
  can_undo: boolean;
  can_redo: boolean;
}

/**
 * Ask what the network looks like, and what a sample does in it.
 *
 * ``first`` and ``count``: the layers whose edges are asked for. ``edges``: how many of each, at most. ``by``: the
 * largest by weight, or by what they contribute (a·w) for the sample. ``pictures``: how many neurons' pictures.
 */
export interface Look {
  where: Where;
  sample: Sample | null;
  first: number;
  count: number;
  edges: number;
  by: "weight" | "contribution";
  pictures: number;
}

/**
 * A layer as it is drawn; arrays are empty where there is no sample, or where they were not asked for.
 *
 * Attributes
 * ----------
 * a, delta : of the sample; shape (width,); δ only where the sample has a target
 * biases : shape (width,)
 * froms, tos, values : edges into this layer, the largest first; values are weights, or contributions
 * weights : of the same edges
 * edges_shown, edges_all : how many, of how many
 * scale : the colour scale of its edges' values, ±scale; the same at every step
 * a_scale, delta_scale : the colour scales of its activations, and of its δ
 */
export interface LayerLook {
  name: string;
  a: Float32Array;
  delta: Float32Array;
  biases: Float32Array;
  froms: Int32Array;
  tos: Int32Array;
  values: Float32Array;
  weights: Float32Array;
  edges_shown: number;
  edges_all: number;
  scale: number;
  a_scale: number;
  delta_scale: number;
}

/**
 * The network at a step.
 *
 * Attributes
 * ----------
 * fingerprint : SHA-256 of the parameters
 * loss : of the step's batch, or None where no step is made
 * rate : the learning rate of the step, or None
 * hands : how many changes by hand lie over it
 * pictures : first-layer neurons' weights as images, shape (n, n_in) flat; in the plane, every hidden neuron's
 *     activation over it, as a share of its layer's a_scale, shape (n, side·side)
 * picture_side : height and width of each
 * picture_layers : which layer (place) each picture belongs to; picture_nodes: which neuron
 * shown : what the network says of the sample: probabilities, or values
 * says : the answer in words, or empty
 * truth : what the sample is, in words, or empty
 * truth_place : place of the output that would be right, or None
 * sample_loss : or None
 * inputs, x_scale : of the sample, after scaling, and their colour scale
 * raw : the same as they were given; empty where they are a picture
 */
export interface Looked {
  step: number;
  epoch: number;
  fingerprint: string;
  loss: number | null;
  rate: number | null;
  hands: number;
  layers: LayerLook[];
  pictures: Float32Array;
  picture_side: [number, number];
  picture_layers: Int32Array;
  picture_nodes: Int32Array;
  picture_scale: number;
  shown: Float64Array;
  says: string;
  says_place: number | null;
  truth: string;
  truth_place: number | null;
  sample_loss: number | null;
  inputs: Float32Array;
  x_scale: number;
  raw: Float64Array;
  python: string;
}

/** A line of a formula, as text and as MathML. */
export interface Line {
  text: string;
  mathml: string;
}

/** Ask what a neuron does with a sample; ``node`` counts from 0, ``first``, ``count`` choose rows of its table. */
export interface AskNeuron {
  where: Where;
  sample: Sample | null;
  layer: string;
  node: number;
  first: number;
  count: number;
  order: "product" | "weight" | "place";
}

/**
 * A neuron with its numbers.
 *
 * Attributes
 * ----------
 * formula : z and a with their numbers; empty without a sample
 * places, names, x, w, products : rows of the table of inputs × weights, sorted as asked
 * gradients : dL/dw of the same rows; empty without a target
 * n_in : how many rows the whole table has
 * z, a, slope, dA, delta, db : or None without a sample, or a target
 * curve_z, curve_a : the activation function, around the point
 * picture_w, picture_x, picture_wx : images, where the inputs are one; else empty
 * scale, scale_x, scale_wx : their colour scales, ±
 */
export interface Neuron {
  name: string;
  activation: string;
  step: number;
  formula: Line[];
  places: Int32Array;
  names: string[];
  x: Float32Array;
  w: Float32Array;
  products: Float64Array;
  gradients: Float64Array;
  n_in: number;
  bias: number;
  z: number | null;
  a: number | null;
  slope: number | null;
  dA: number | null;
  delta: number | null;
  db: number | null;
  curve_z: Float64Array;
  curve_a: Float64Array;
  picture_w: Float32Array;
  picture_x: Float32Array;
  picture_wx: Float32Array;
  scale: number;
  scale_x: number;
  scale_wx: number;
  python: string;
}

/**
 * Ask how one weight (``input`` None: the bias) comes to its gradient, and in a run to its new value.
 *
 * ``of``: "step", the batch that the step from here sees; or "sample", the sample alone.
 */
export interface AskReceipt {
  where: Where;
  sample: Sample | null;
  layer: string;
  node: number;
  input: number | null;
  of: "step" | "sample";
}

/** A heading and its lines. */
export interface ReceiptPart {
  heading: string;
  lines: Line[];
}

/** The receipt of one weight; ``product``: the multiplication x·w for the sample, or None. */
export interface Receipt {
  name: string;
  parts: ReceiptPart[];
  product: Line | null;
  gradient: number;
  old: number;
  new: number | null;
  change: number | null;
  python: string;
}

/** Ask how a neuron, or one weight of it, came to be what it is, at keyframes, at most ``points`` of them. */
export interface AskHistory {
  where: Where;
  layer: string;
  node: number;
  input: number | null;
  points: number;
}

/** Values by step: the weight asked for (or NaN), the bias, and √(Σ w²). */
export interface NeuronHistory {
  steps: Int32Array;
  weight: Float64Array;
  bias: Float64Array;
  norm: Float64Array;
  python: string;
}

/** Ask what excites a neuron, and what it is worth. */
export interface AskPortrait {
  where: Where;
  layer: string;
  node: number;
  count: number;
}

/**
 * Rows of the test set that excite it most and least, with their images (or inputs), and what is lost without it.
 *
 * ``most_x``, ``least_x``: shape (rows, n_in) flat, each from its least to its greatest input as 0 … 255.
 */
export interface Portrait {
  set: string;
  most: Int32Array;
  most_a: Float64Array;
  most_x: Uint8Array;
  least: Int32Array;
  least_a: Float64Array;
  least_x: Uint8Array;
  classes: string[];
  edges: Float64Array;
  counts: Int32Array;
  active: number;
  saturated: number | null;
  measure: string;
  whole: number | null;
  without: number | null;
  python: string;
}

/** Ask which rows a set holds; ``wrong``: only those that the network gets wrong. */
export interface AskSamples {
  where: Where;
  set: string;
  first: number;
  count: number;
  wrong: boolean;
}

/** Some rows of a set, with what they are and what the network says of them; ``x``: as 0 … 255, for thumbnails. */
export interface Samples {
  rows: Int32Array;
  x: Uint8Array;
  truths: string[];
  says: string[];
  total: number;
  python: string;
}

/**
 * Draw a digit: ``side`` × ``side`` bytes in base 64, 0 paper, 255 ink; it becomes a row of the set "own".
 *
 * ``row``: the row in whose place it comes, such as that of the same drawing before its last stroke; None: a new one.
 */
export interface Draw {
  pixels: string;
  side: number;
  row: number | null;
}

/** Enter a row of inputs, or a point of the plane; it becomes a row of the set "own". */
export interface Enter {
  values: number[];
}

/** The row that was made: its place in the set "own", and its inputs as given to the network. */
export interface Entered {
  row: number;
  x: Float32Array;
}

/** Ask why this output, rather than another; None: what the network says, and the second likeliest. */
export interface AskWhy {
  where: Where;
  sample: Sample;
  this: number | null;
  rather: number | null;
  place: string;
  count: number;
}

/**
 * Contributions that add up to a difference of two outputs.
 *
 * Attributes
 * ----------
 * places, names, bars : the largest
 * others, n_others : the sum of the rest, and how many they are
 * extra_names, extra : what stands beside the bars: biases, f(0), the baseline's own, rounding
 * difference : Σ bars + others + Σ extra
 * views : places that can be asked for, from the inputs to the last hidden layer
 * all : every bar, as an image where the view is of the inputs and those are one; else empty
 */
export interface Why {
  this: number;
  rather: number | null;
  this_name: string;
  rather_name: string;
  output: number;
  other: number;
  difference: number;
  place: string;
  views: string[];
  places: Int32Array;
  names: string[];
  bars: Float64Array;
  others: number;
  n_others: number;
  extra_names: string[];
  extra: Float64Array;
  all: Float32Array;
  scale: number;
  python: string;
}

/**
 * Start, pause, or make some steps; ``pace``: seconds to wait after each step, 0 for none.
 *
 * ``start`` begins a run where there is a network alone; what was changed by hand at the last step is recorded first.
 */
export interface Train {
  run: string;
  do: "start" | "pause" | "step";
  steps: number;
  pace: number;
}

/** Change settings of a run from its last step on: a recorded edit. None: leave it. */
export interface Change {
  run: string;
  learning_rate: number | null;
  batch_size: number | null;
  dropout: number | null;
  epochs: number | null;
}

/** Go another way from a step, on a network of its own, with what was changed by hand and these settings. */
export interface Branch {
  where: Where;
  learning_rate: number | null;
  batch_size: number | null;
  dropout: number | null;
}

/** The name of the new run. */
export interface Branched {
  run: string;
  python: string;
}

/**
 * Stop a run where something holds; ``kind`` "none" takes the breakpoint away.
 *
 * loss: below or above ``bound``. weight: of ``layer``, ``node`` and ``input`` (None: bias). activation: of the
 * sample. died, saturated: a hidden neuron, on the first test rows. flips: the answer for the sample.
 */
export interface StopAt {
  run: string;
  kind: "none" | "loss" | "weight" | "activation" | "died" | "saturated" | "flips";
  side: "below" | "above";
  bound: number;
  layer: string;
  node: number;
  input: number | null;
  sample: Sample | null;
}

/** Ask how loss and metrics went, by at most ``points`` of each run. */
export interface AskCurves {
  points: number;
}

/** A run's curves: the mean, least and greatest loss of stretches of steps; and what was measured by epoch. */
export interface Curve {
  run: string;
  steps: Float64Array;
  loss: Float64Array;
  low: Float64Array;
  high: Float64Array;
  epoch_steps: Float64Array;
  metrics: string[];
  values: Float64Array;
}

/** Curves of all runs; ``values`` of a curve: metric by metric, one for each epoch. */
export interface Curves {
  curves: Curve[];
  python: string;
}

/** Ask where two runs part, and how far they are apart. */
export interface Compare {
  one: string;
  other: string;
}

/** How far a layer's neurons are apart: √(mean Δ²) by step, and the neuron that is farthest at the end. */
export interface LayerApart {
  name: string;
  first: number;
  rms: Float64Array;
  far_node: number;
  far: number;
}

/** Two runs side by side; scores are of the last step that both have made. */
export interface Compared {
  one: string;
  other: string;
  parted: number | null;
  because: string[];
  until: number;
  steps: Int32Array;
  layers: LayerApart[];
  measure: string;
  score_one: number | null;
  score_other: number | null;
  text: string;
  python: string;
}

/**
 * Change something by hand, over what is shown: it can be undone, and is part of no run before `Keep`.
 *
 * weight, bias: set to ``value``. scale: the weights by which the next layer hears the neuron, times ``value``.
 * silence: those weights to 0. ``input`` is of a weight.
 */
export interface Hand {
  where: Where;
  kind: "weight" | "bias" | "scale" | "silence";
  layer: string;
  node: number;
  input: number | null;
  value: number;
}

/** Take changes by hand back, or make them again. */
export interface HandBack {
  where: Where;
  do: "undo" | "redo" | "drop";
}

/** Ask what was changed by hand, and what the network is worth with it. */
export interface AskHands {
  where: Where;
}

/** Make changes by hand part of the run: a recorded edit at its last step, a branch elsewhere. */
export interface Keep {
  where: Where;
}

/** Changes by hand, in words, and the scores on the test rows with and without them. */
export interface Hands {
  changes: string[];
  can_undo: boolean;
  can_redo: boolean;
  measure: string;
  rows: number;
  score: number | null;
  score_before: number | null;
  loss: number | null;
  loss_before: number | null;
  python: string;
}

/** Ask what the network, or one neuron, says over the plane; ``layer`` empty: the network's answer. */
export interface AskBoundary {
  where: Where;
  side: number;
  layer: string;
  node: number;
}

/**
 * The plane as a grid, rows from the top (greatest x₂) down.
 *
 * Attributes
 * ----------
 * values : side·side, −1 … 1 in the colour scale ±scale: of two classes, P(second) − P(first); of more, the
 *     greatest probability; values and activations as they are
 * classes : side·side, the place of the likeliest class; empty for values
 * low, high : the corners (x₁, x₂)
 * x1, x2, labels : the points of the data, and what they are; ``test``: which of them are test points
 */
export interface Boundary {
  side: number;
  values: Float32Array;
  classes: Int32Array;
  scale: number;
  low: [number, number];
  high: [number, number];
  x1: Float32Array;
  x2: Float32Array;
  labels: Float32Array;
  test: Uint8Array;
  label_scale: number;
  python: string;
}

/** A question that was not answered, and why: what was wrong, what was given, what is accepted, what to do. */
export interface Refused {
  message: string;
}

/** Each question, and what it is answered with. */
export interface Exchange {
  AskAbout: [AskAbout, About];
  AskStatus: [AskStatus, Status];
  Look: [Look, Looked];
  AskNeuron: [AskNeuron, Neuron];
  AskReceipt: [AskReceipt, Receipt];
  AskHistory: [AskHistory, NeuronHistory];
  AskPortrait: [AskPortrait, Portrait];
  AskSamples: [AskSamples, Samples];
  Draw: [Draw, Entered];
  Enter: [Enter, Entered];
  AskWhy: [AskWhy, Why];
  Train: [Train, Status];
  Change: [Change, Status];
  Branch: [Branch, Branched];
  StopAt: [StopAt, Status];
  AskCurves: [AskCurves, Curves];
  Compare: [Compare, Compared];
  Hand: [Hand, Hands];
  HandBack: [HandBack, Hands];
  AskHands: [AskHands, Hands];
  Keep: [Keep, Branched];
  AskBoundary: [AskBoundary, Boundary];
}
