"""What a page asks and what it is answered, defined once; `_typescript` makes the page's types from this file.

A question is a frozen dataclass of plain values; its answer is another, whose arrays travel as one binary buffer. What
a page may ask for is exactly what is told here: a field that is missing, of another type or beyond its bounds is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["QUESTIONS", "Answer", "Bounds", "Question"]

Floats = Annotated[NDArray[np.float32], "Float32Array"]
Doubles = Annotated[NDArray[np.float64], "Float64Array"]
Ints = Annotated[NDArray[np.int32], "Int32Array"]
Bytes = Annotated[NDArray[np.uint8], "Uint8Array"]


class Bounds(NamedTuple):
    """What a number of a question, or the length of a text or of a list, must lie between, both ends included."""

    low: float
    high: float


Count = Annotated[int, Bounds(0, 1_000_000_000)]
Real = Annotated[float, Bounds(-1e30, 1e30)]
Name = Annotated[str, Bounds(0, 100)]
Text = Annotated[str, Bounds(0, 300)]
Picture64 = Annotated[str, Bounds(0, 60_000)]

# What questions are about


@dataclass(frozen=True)
class Where:
    """The network that is meant: of a run, at a step.

    Attributes
    ----------
    run : its name; of a network without a run, ``"network"``
    step : None: the last one, while it is trained the newest
    """

    run: Name
    step: Count | None


@dataclass(frozen=True)
class Sample:
    """A row of a set of data, ``"test"`` or ``"training"``; or, of the set ``"own"``, one drawn or typed by hand."""

    set: Name
    row: Count


# The network and its runs


@dataclass(frozen=True)
class AskAbout:
    """Ask what there is to be looked at."""


@dataclass(frozen=True)
class LayerInfo:
    """A layer: ``dropout`` is the rate at which its inputs are dropped in training, or None."""

    name: str
    width: int
    n_in: int
    activation: str
    dropout: float | None


@dataclass(frozen=True)
class DataInfo:
    """A set of data; ``labelled``: whether it has targets."""

    name: str
    rows: int
    labelled: bool


@dataclass(frozen=True)
class About:
    """What never changes while a page is open.

    Attributes
    ----------
    title : such as ``784-32-32-10``
    image : height and width, where a row of inputs is a picture; else None
    inputs : names, at most 2,000 of them
    outputs : names of classes or targets
    task : "classes", "yes-no", "values" or "quantiles"
    plane : whether a row is a point in the plane, so that decision boundaries can be drawn
    measure : "accuracy", "r2", … : what `Network.score` gives
    tested_on : the set that scores are measured on, or None
    trainable : whether there is a run, or data to start one with
    """

    version: str
    title: str
    layers: list[LayerInfo]
    n_inputs: int
    n_parameters: int
    image: tuple[int, int] | None
    inputs: list[str]
    outputs: list[str]
    task: str
    loss: str
    dtype: str
    data: list[DataInfo]
    plane: bool
    measure: str
    tested_on: str | None
    trainable: bool
    exactness: str


@dataclass(frozen=True)
class AskStatus:
    """Ask where the runs stand. Cheap: a page asks it again and again."""


@dataclass(frozen=True)
class RunInfo:
    """A run and where it stands.

    Attributes
    ----------
    parent, parted : of a branch, the run from which it went another way, and the step at which it did
    training : whether steps are being made now
    paced : whether it goes in slow motion
    stopped : why it last came to rest, such as a breakpoint's reason; or empty
    breakpoint : what it will stop at, in words; or empty
    can_train : whether steps are left to make
    """

    name: str
    parent: str | None
    parted: int | None
    step: int
    total_steps: int
    epoch: int
    epochs: int
    training: bool
    paced: bool
    ended: str | None
    stopped: str
    breakpoint: str
    can_train: bool
    learning_rate: float
    batch_size: int
    dropout: float | None
    loss: float | None
    edits: int


@dataclass(frozen=True)
class Status:
    """Where the runs stand; ``hands``: how many changes by hand lie over what is shown."""

    runs: list[RunInfo]
    hands: int
    can_undo: bool
    can_redo: bool


# View 1: the network


@dataclass(frozen=True)
class Look:
    """Ask what the network looks like, and what a sample does in it.

    ``first`` and ``count``: the layers whose edges are asked for. ``edges``: how many of each, at most. ``by``: the
    largest by weight, or by what they contribute (a·w) for the sample. ``pictures``: how many neurons' pictures.
    """

    where: Where
    sample: Sample | None
    first: Count
    count: Annotated[int, Bounds(0, 12)]
    edges: Annotated[int, Bounds(0, 1000)]
    by: Literal["weight", "contribution"]
    pictures: Annotated[int, Bounds(0, 256)]


@dataclass(frozen=True)
class LayerLook:
    """A layer as it is drawn; arrays are empty where there is no sample, or where they were not asked for.

    Attributes
    ----------
    a, delta : of the sample; shape (width,); δ only where the sample has a target
    biases : shape (width,)
    froms, tos, values : edges into this layer, the largest first; values are weights, or contributions
    weights : of the same edges
    edges_shown, edges_all : how many, of how many
    scale : the colour scale of its edges' values, ±scale; the same at every step
    a_scale, delta_scale : the colour scales of its activations, and of its δ
    """

    name: str
    a: Floats
    delta: Floats
    biases: Floats
    froms: Ints
    tos: Ints
    values: Floats
    weights: Floats
    edges_shown: int
    edges_all: int
    scale: float
    a_scale: float
    delta_scale: float


@dataclass(frozen=True)
class Looked:
    """The network at a step.

    Attributes
    ----------
    fingerprint : SHA-256 of the parameters
    loss : of the step's batch, or None where no step is made
    rate : the learning rate of the step, or None
    hands : how many changes by hand lie over it
    pictures : first-layer neurons' weights as images, shape (n, n_in) flat; in the plane, every hidden neuron's
        activation over it, as a share of its layer's a_scale, shape (n, side·side)
    picture_side : height and width of each
    picture_layers : which layer (place) each picture belongs to; picture_nodes: which neuron
    shown : what the network says of the sample: probabilities, or values
    says : the answer in words, or empty
    truth : what the sample is, in words, or empty
    truth_place : place of the output that would be right, or None
    sample_loss : or None
    inputs, x_scale : of the sample, after scaling, and their colour scale
    raw : the same as they were given; empty where they are a picture
    """

    step: int
    epoch: int
    fingerprint: str
    loss: float | None
    rate: float | None
    hands: int
    layers: list[LayerLook]
    pictures: Floats
    picture_side: tuple[int, int]
    picture_layers: Ints
    picture_nodes: Ints
    picture_scale: float
    shown: Doubles
    says: str
    says_place: int | None
    truth: str
    truth_place: int | None
    sample_loss: float | None
    inputs: Floats
    x_scale: float
    raw: Doubles
    python: str


# View 2: a neuron


@dataclass(frozen=True)
class Line:
    """A line of a formula, as text and as MathML."""

    text: str
    mathml: str


@dataclass(frozen=True)
class AskNeuron:
    """Ask what a neuron does with a sample; ``node`` counts from 0, ``first``, ``count`` choose rows of its table."""

    where: Where
    sample: Sample | None
    layer: Name
    node: Count
    first: Count
    count: Annotated[int, Bounds(1, 200)]
    order: Literal["product", "weight", "place"]


@dataclass(frozen=True)
class Neuron:
    """A neuron with its numbers.

    Attributes
    ----------
    formula : z and a with their numbers; empty without a sample
    places, names, x, w, products : rows of the table of inputs × weights, sorted as asked
    gradients : dL/dw of the same rows; empty without a target
    n_in : how many rows the whole table has
    z, a, slope, dA, delta, db : or None without a sample, or a target
    curve_z, curve_a : the activation function, around the point
    picture_w, picture_x, picture_wx : images, where the inputs are one; else empty
    scale, scale_x, scale_wx : their colour scales, ±
    """

    name: str
    activation: str
    step: int
    formula: list[Line]
    places: Ints
    names: list[str]
    x: Floats
    w: Floats
    products: Doubles
    gradients: Doubles
    n_in: int
    bias: float
    z: float | None
    a: float | None
    slope: float | None
    dA: float | None
    delta: float | None
    db: float | None
    curve_z: Doubles
    curve_a: Doubles
    picture_w: Floats
    picture_x: Floats
    picture_wx: Floats
    scale: float
    scale_x: float
    scale_wx: float
    python: str


@dataclass(frozen=True)
class AskReceipt:
    """Ask how one weight (``input`` None: the bias) comes to its gradient, and in a run to its new value.

    ``of``: "step", the batch that the step from here sees; or "sample", the sample alone.
    """

    where: Where
    sample: Sample | None
    layer: Name
    node: Count
    input: Count | None
    of: Literal["step", "sample"]


@dataclass(frozen=True)
class ReceiptPart:
    """A heading and its lines."""

    heading: str
    lines: list[Line]


@dataclass(frozen=True)
class Receipt:
    """The receipt of one weight; ``product``: the multiplication x·w for the sample, or None."""

    name: str
    parts: list[ReceiptPart]
    product: Line | None
    gradient: float
    old: float
    new: float | None
    change: float | None
    python: str


@dataclass(frozen=True)
class AskHistory:
    """Ask how a neuron, or one weight of it, came to be what it is, at keyframes, at most ``points`` of them."""

    where: Where
    layer: Name
    node: Count
    input: Count | None
    points: Annotated[int, Bounds(2, 200)]


@dataclass(frozen=True)
class NeuronHistory:
    """Values by step: the weight asked for (or NaN), the bias, and √(Σ w²)."""

    steps: Ints
    weight: Doubles
    bias: Doubles
    norm: Doubles
    python: str


@dataclass(frozen=True)
class AskPortrait:
    """Ask what excites a neuron, and what it is worth."""

    where: Where
    layer: Name
    node: Count
    count: Annotated[int, Bounds(1, 24)]


@dataclass(frozen=True)
class Portrait:
    """Rows of the test set that excite it most and least, with their images (or inputs), and what is lost without it.

    ``most_x``, ``least_x``: shape (rows, n_in) flat, each from its least to its greatest input as 0 … 255.
    """

    set: str
    most: Ints
    most_a: Doubles
    most_x: Bytes
    least: Ints
    least_a: Doubles
    least_x: Bytes
    classes: list[str]
    edges: Doubles
    counts: Ints
    active: float
    saturated: float | None
    measure: str
    whole: float | None
    without: float | None
    python: str


# View 3: a sample


@dataclass(frozen=True)
class AskSamples:
    """Ask which rows a set holds; ``wrong``: only those that the network gets wrong."""

    where: Where
    set: Name
    first: Count
    count: Annotated[int, Bounds(1, 120)]
    wrong: bool


@dataclass(frozen=True)
class Samples:
    """Some rows of a set, with what they are and what the network says of them; ``x``: as 0 … 255, for thumbnails."""

    rows: Ints
    x: Bytes
    truths: list[str]
    says: list[str]
    total: int
    python: str


@dataclass(frozen=True)
class Draw:
    """Draw a digit: ``side`` × ``side`` bytes in base 64, 0 paper, 255 ink; it becomes a row of the set "own".

    ``row``: the row in whose place it comes, such as that of the same drawing before its last stroke; None: a new one.
    """

    pixels: Picture64
    side: Annotated[int, Bounds(28, 200)]
    row: Count | None


@dataclass(frozen=True)
class Enter:
    """Enter a row of inputs, or a point of the plane; it becomes a row of the set "own"."""

    values: Annotated[list[Real], Bounds(1, 2000)]


@dataclass(frozen=True)
class Entered:
    """The row that was made: its place in the set "own", and its inputs as given to the network."""

    row: int
    x: Floats


@dataclass(frozen=True)
class AskWhy:
    """Ask why this output, rather than another; None: what the network says, and the second likeliest."""

    where: Where
    sample: Sample
    this: Count | None
    rather: Count | None
    place: Name
    count: Annotated[int, Bounds(1, 100)]


@dataclass(frozen=True)
class Why:
    """Contributions that add up to a difference of two outputs.

    Attributes
    ----------
    places, names, bars : the largest
    others, n_others : the sum of the rest, and how many they are
    extra_names, extra : what stands beside the bars: biases, f(0), the baseline's own, rounding
    difference : Σ bars + others + Σ extra
    views : places that can be asked for, from the inputs to the last hidden layer
    all : every bar, as an image where the view is of the inputs and those are one; else empty
    """

    this: int
    rather: int | None
    this_name: str
    rather_name: str
    output: float
    other: float
    difference: float
    place: str
    views: list[str]
    places: Ints
    names: list[str]
    bars: Doubles
    others: float
    n_others: int
    extra_names: list[str]
    extra: Doubles
    all: Floats
    scale: float
    python: str


# View 4: training


@dataclass(frozen=True)
class Train:
    """Start, pause, or make some steps; ``pace``: seconds to wait after each step, 0 for none.

    ``start`` begins a run where there is a network alone; what was changed by hand at the last step is recorded first.
    """

    run: Name
    do: Literal["start", "pause", "step"]
    steps: Annotated[int, Bounds(1, 100_000)]
    pace: Annotated[float, Bounds(0, 5)]


@dataclass(frozen=True)
class Change:
    """Change settings of a run from its last step on: a recorded edit. None: leave it."""

    run: Name
    learning_rate: Annotated[float, Bounds(1e-12, 1e3)] | None
    batch_size: Annotated[int, Bounds(1, 1_000_000)] | None
    dropout: Annotated[float, Bounds(0, 0.99)] | None
    epochs: Annotated[int, Bounds(1, 1_000_000)] | None


@dataclass(frozen=True)
class Branch:
    """Go another way from a step, on a network of its own, with what was changed by hand and these settings."""

    where: Where
    learning_rate: Annotated[float, Bounds(1e-12, 1e3)] | None
    batch_size: Annotated[int, Bounds(1, 1_000_000)] | None
    dropout: Annotated[float, Bounds(0, 0.99)] | None


@dataclass(frozen=True)
class Branched:
    """The name of the new run."""

    run: str
    python: str


@dataclass(frozen=True)
class StopAt:
    """Stop a run where something holds; ``kind`` "none" takes the breakpoint away.

    loss: below or above ``bound``. weight: of ``layer``, ``node`` and ``input`` (None: bias). activation: of the
    sample. died, saturated: a hidden neuron, on the first test rows. flips: the answer for the sample.
    """

    run: Name
    kind: Literal["none", "loss", "weight", "activation", "died", "saturated", "flips"]
    side: Literal["below", "above"]
    bound: Real
    layer: Name
    node: Count
    input: Count | None
    sample: Sample | None


@dataclass(frozen=True)
class AskCurves:
    """Ask how loss and metrics went, by at most ``points`` of each run."""

    points: Annotated[int, Bounds(10, 2000)]


@dataclass(frozen=True)
class Curve:
    """A run's curves: the mean, least and greatest loss of stretches of steps; and what was measured by epoch."""

    run: str
    steps: Doubles
    loss: Doubles
    low: Doubles
    high: Doubles
    epoch_steps: Doubles
    metrics: list[str]
    values: Doubles


@dataclass(frozen=True)
class Curves:
    """Curves of all runs; ``values`` of a curve: metric by metric, one for each epoch."""

    curves: list[Curve]
    python: str


@dataclass(frozen=True)
class Compare:
    """Ask where two runs part, and how far they are apart."""

    one: Name
    other: Name


@dataclass(frozen=True)
class LayerApart:
    """How far a layer's neurons are apart: √(mean Δ²) by step, and the neuron that is farthest at the end."""

    name: str
    first: int
    rms: Doubles
    far_node: int
    far: float


@dataclass(frozen=True)
class Compared:
    """Two runs side by side; scores are of the last step that both have made."""

    one: str
    other: str
    parted: int | None
    because: list[str]
    until: int
    steps: Ints
    layers: list[LayerApart]
    measure: str
    score_one: float | None
    score_other: float | None
    text: str
    python: str


# View 5: hands


@dataclass(frozen=True)
class Hand:
    """Change something by hand, over what is shown: it can be undone, and is part of no run before `Keep`.

    weight, bias: set to ``value``. scale: the weights by which the next layer hears the neuron, times ``value``.
    silence: those weights to 0. ``input`` is of a weight.
    """

    where: Where
    kind: Literal["weight", "bias", "scale", "silence"]
    layer: Name
    node: Count
    input: Count | None
    value: Real


@dataclass(frozen=True)
class HandBack:
    """Take changes by hand back, or make them again."""

    where: Where
    do: Literal["undo", "redo", "drop"]


@dataclass(frozen=True)
class AskHands:
    """Ask what was changed by hand, and what the network is worth with it."""

    where: Where


@dataclass(frozen=True)
class Keep:
    """Make changes by hand part of the run: a recorded edit at its last step, a branch elsewhere."""

    where: Where


@dataclass(frozen=True)
class Hands:
    """Changes by hand, in words, and the scores on the test rows with and without them."""

    changes: list[str]
    can_undo: bool
    can_redo: bool
    measure: str
    rows: int
    score: float | None
    score_before: float | None
    loss: float | None
    loss_before: float | None
    python: str


# View 6: the plane


@dataclass(frozen=True)
class AskBoundary:
    """Ask what the network, or one neuron, says over the plane; ``layer`` empty: the network's answer."""

    where: Where
    side: Annotated[int, Bounds(8, 200)]
    layer: Name
    node: Count


@dataclass(frozen=True)
class Boundary:
    """The plane as a grid, rows from the top (greatest x₂) down.

    Attributes
    ----------
    values : side·side, −1 … 1 in the colour scale ±scale: of two classes, P(second) − P(first); of more, the
        greatest probability; values and activations as they are
    classes : side·side, the place of the likeliest class; empty for values
    low, high : the corners (x₁, x₂)
    x1, x2, labels : the points of the data, and what they are; ``test``: which of them are test points
    """

    side: int
    values: Floats
    classes: Ints
    scale: float
    low: tuple[float, float]
    high: tuple[float, float]
    x1: Floats
    x2: Floats
    labels: Floats
    test: Bytes
    label_scale: float
    python: str


# Refusals


@dataclass(frozen=True)
class Refused:
    """A question that was not answered, and why: what was wrong, what was given, what is accepted, what to do."""

    message: str


Question = (
    AskAbout
    | AskStatus
    | Look
    | AskNeuron
    | AskReceipt
    | AskHistory
    | AskPortrait
    | AskSamples
    | Draw
    | Enter
    | AskWhy
    | Train
    | Change
    | Branch
    | StopAt
    | AskCurves
    | Compare
    | Hand
    | HandBack
    | AskHands
    | Keep
    | AskBoundary
)
Answer = (
    About
    | Status
    | Looked
    | Neuron
    | Receipt
    | NeuronHistory
    | Portrait
    | Samples
    | Entered
    | Why
    | Branched
    | Curves
    | Compared
    | Hands
    | Boundary
    | Refused
)

QUESTIONS: Final[dict[type, type]] = {
    AskAbout: About,
    AskStatus: Status,
    Look: Looked,
    AskNeuron: Neuron,
    AskReceipt: Receipt,
    AskHistory: NeuronHistory,
    AskPortrait: Portrait,
    AskSamples: Samples,
    Draw: Entered,
    Enter: Entered,
    AskWhy: Why,
    Train: Status,
    Change: Status,
    Branch: Branched,
    StopAt: Status,
    AskCurves: Curves,
    Compare: Compared,
    Hand: Hands,
    HandBack: Hands,
    AskHands: Hands,
    Keep: Branched,
    AskBoundary: Boundary,
}
"""What each question is answered with."""
