"""The waist of all exports to source code: a network as a list of whole-layer steps, with examples that prove it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Activation, Name, Parameters, Pinball, Spec, Task, two_buffers
from pellucid.errors import SettingError

__all__ = ["Golden", "Layer", "Program", "body", "head", "layer_bodies", "scaled_input", "units_of", "unproven"]

Array = NDArray[Any]
Float32 = NDArray[np.float32]


@final
@dataclass(frozen=True)
class Layer:
    """One step: every neuron's weighted sum of the numbers before, and its activation.

    Attributes
    ----------
    name : such as layer_1; the last is called output
    weights : float32, shape (n_in, n_out)
        Row i holds what input i weighs for each neuron.
    biases : float32, shape (n_out,)
    activation : one of the family, or for the last also "softmax" or "exp"
        What is shown of the output belongs to it: the loss's own function.
    inputs : what each input is called, for comments
    """

    name: str
    weights: Float32
    biases: Float32
    activation: str
    inputs: tuple[str, ...]


@final
@dataclass(frozen=True)
class Golden:
    """Examples with the engine's own answers: inputs float32 (n, n_in), outputs (n, n_out), and places of classes."""

    inputs: Float32
    outputs: Array
    places: NDArray[np.int64] | None


@final
@dataclass(frozen=True)
class Program:
    """A network as every language is given it.

    Attributes
    ----------
    name : an identifier in every language
    scale, shift : float32, of no length where there is nothing to do, of one number for all inputs, or one for each
        An input x is used as (x − shift)·scale.
    layers : list of Layer
    units : float64 (2, n_out): values are given back as a·scale + shift, in 64 bits; or None
    task : what the outputs stand for
    names : of the classes where one is chosen, else of each output; or None
    features : names of the inputs, or None
    golden : Golden
    """

    name: str
    scale: Float32
    shift: Float32
    layers: tuple[Layer, ...]
    units: NDArray[np.float64] | None
    task: Task
    names: tuple[Name, ...] | None
    features: tuple[Name, ...] | None
    golden: Golden

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return len(self.layers[0].weights)

    @property
    def n_out(self) -> int:
        """Number of outputs."""
        return len(self.layers[-1].biases)

    @property
    def chooses(self) -> bool:
        """Whether one class is chosen: the largest output's, or yes where a single output's sum is above 0."""
        return self.task is Task.CLASSES or (self.task is Task.YES_NO and self.n_out == 1)

    @property
    def n_parameters(self) -> int:
        """Number of weights and biases."""
        return sum(layer.weights.size + layer.biases.size for layer in self.layers)

    @property
    def scratch(self) -> tuple[int, int]:
        """How many numbers layers 1, 3, … and layers 2, 4, … need at most: each reads the one and writes the other."""
        return two_buffers([len(layer.biases) for layer in self.layers])


def unproven(spec: Spec, parameters: Parameters, name: str) -> Program:
    """Return the program of a network, without examples yet.

    Parameters
    ----------
    spec, parameters : the network
    name : an identifier

    Raises
    ------
    SettingError
        It is of 64-bit floats, holds numbers that are not finite, or functions of the user's own.
    """
    _check(spec, parameters)
    scale, shift = (_used(given, usual) for given, usual in ((spec.input.scale, 1.0), (spec.input.shift, 0.0)))
    layers, before = [], _inputs(spec)
    for place, dense in zip(parameters, spec.dense, strict=True):
        part = parameters[place]
        activation = str(dense.activation or "identity")
        if place == "output":
            activation = spec.loss.output_name or activation
        layers.append(Layer(place, np.ascontiguousarray(part.W.T), part.b.copy(), activation, before))
        before = tuple(f"{place}/node_{j + 1}" for j in range(dense.width))
    return Program(
        name,
        scale,
        shift,
        tuple(layers),
        units_of(spec),
        spec.loss.task,
        _names(spec),
        spec.input.features,
        Golden(np.zeros((0, spec.input.width), np.float32), np.zeros((0, spec.n_outputs), np.float32), None),
    )


def _check(spec: Spec, parameters: Parameters) -> None:
    if spec.is_own:
        own = [layer.activation.name for layer in spec.dense if isinstance(layer.activation, Activation)]
        named = dict.fromkeys([*own, *([spec.loss.name] if spec.loss.is_own else [])])
        raise SettingError(
            f"The network has functions of its user's own ({', '.join(named)}), which no other language knows. Export "
            "one of Pellucid's own activations and losses."
        )
    if spec.dtype != "float32":
        raise SettingError(
            f"Source code computes in float32, and this network is {spec.dtype}. Export net.astype('float32'), whose "
            "outputs differ by roundings."
        )
    if not np.isfinite(parameters.vector).all():
        raise SettingError("The network holds NaN or infinity, so nothing is exported. Set finite weights first.")


def _used(given: float | tuple[float, ...], usual: float) -> Float32:
    """Return numbers as the engine uses them; none where they change nothing."""
    numbers = np.atleast_1d(np.asarray(given, dtype=np.float64)).astype(np.float32)
    return numbers[:0] if (numbers == usual).all() else numbers


def _inputs(spec: Spec) -> tuple[str, ...]:
    features = spec.input.features
    return tuple(f"input {i}" if features is None else str(features[i]) for i in range(spec.input.width))


def _names(spec: Spec) -> tuple[Name, ...] | None:
    """Return what classes, or outputs, are called: of several quantiles, which one of which target each is."""
    names, loss = spec.output.names, spec.loss
    if not isinstance(loss, Pinball) or loss.outputs_per_target == 1:
        return names
    targets = [f"{name}, " for name in names or (f"target {t + 1}" for t in range(spec.n_names))]
    quantiles = np.atleast_1d(loss.quantiles).tolist()
    return tuple(f"{target}quantile {quantile:g}" for target in targets for quantile in quantiles)


def units_of(spec: Spec) -> NDArray[np.float64] | None:
    """Return scale and shift of values in their own units, None where they are the network's own."""
    scale, shift = spec.output.scale, spec.output.shift
    if spec.loss.task is not Task.VALUES or scale is None or shift is None or (scale == 1.0 and shift == 0.0):
        return None
    return np.array([np.broadcast_to(scale, spec.n_outputs), np.broadcast_to(shift, spec.n_outputs)], np.float64)


def body(program: Program, *, keep_sums: bool = False) -> ast.Module:
    """Return what a program does, in the words of `_tongue.py`: one nest of loops for each layer, then the head.

    It reads ``x``, writes each layer's numbers into an array of the layer's name (with ``keep_sums`` its weighted sums
    into another, ``layer_1_sums``, and scaled inputs into ``scaled``), what is shown into ``y``, and the class that is
    chosen into ``best``.
    """
    lines: list[str] = []
    before = "x"
    for layer in program.layers:
        a = layer.name
        z = f"{a}_sums" if keep_sums else a
        lines += _layer(program, layer, before, z, a)
        before = a
    lines += _head(program, f"{before}_sums" if keep_sums else before)
    return ast.parse("\n".join(lines))


def layer_bodies(program: Program) -> list[ast.Module]:
    """Return the part of `body` that makes each layer's numbers: a comment, then loops; `head` is the rest."""
    before = ["x", *(layer.name for layer in program.layers)]
    parts = [
        _layer(program, layer, start, layer.name, layer.name)
        for start, layer in zip(before, program.layers, strict=False)
    ]
    return [ast.parse("\n".join(part)) for part in parts]


def head(program: Program) -> ast.Module:
    """Return the last part of `body` alone: what is shown of the last layer's sums, ``output``."""
    return ast.parse("\n".join(_head(program, "output")))


def scaled_input(program: Program) -> ast.expr:
    """Return what the first layer takes of input i, of ``x``."""
    value, statements = _scaled(program)
    return ast.parse(statements[0].removeprefix("value = ") if statements else value, mode="eval").body


def _layer(program: Program, layer: Layer, before: str, z: str, a: str) -> list[str]:
    n_in, n_out = layer.weights.shape
    last = layer is program.layers[-1]
    shown = (
        f"{layer.name}: {n_out:,} neuron{'s' * (n_out != 1)} of {n_in:,} input{'s' * (n_in != 1)}, {layer.activation}"
    )
    value, scaled = f"{before}[i]", list[str]()
    if before == "x":
        value, scaled = _scaled(program)
        if scaled and z != a:  # they are to be looked at, too
            value, scaled = "scaled[i]", [scaled[0].replace("value", "scaled[i]")]
    lines = [repr(shown), f"for j in range({n_out}):", f"    {z}[j] = 0.0", f"for i in range({n_in}):"]
    lines += [f"    {line}" for line in scaled]
    lines += [f"    for j in range({n_out}):", f"        {z}[j] = fused({value}, {a}_weights[i][j], {z}[j])"]
    sums = f"{z}[j] + {a}_biases[j] + 0.0"
    lines += [f"for j in range({n_out}):"]
    if last or layer.activation == "identity":
        lines += [f"    {z}[j] = {sums}"]
        if z != a and not last:
            lines += [f"    {a}[j] = {z}[j]"]
    elif z != a:
        lines += [f"    {z}[j] = {sums}", f"    {a}[j] = {layer.activation}({z}[j])"]
    else:
        lines += [f"    {a}[j] = {layer.activation}({sums})"]
    return lines


def _scaled(program: Program) -> tuple[str, list[str]]:
    """Return what the first layer takes, and the statement that makes it."""
    value = "x[i]"
    for numbers, name, sign in ((program.shift, "input_shift", "-"), (program.scale, "input_scale", "*")):
        if len(numbers):
            one = repr(float(numbers[0])) if len(numbers) == 1 else f"{name}[i]"
            value = f"({value}) {sign} {one}"
    return (value, []) if value == "x[i]" else ("value", [f"value = {value}"])


def _head(program: Program, z: str) -> list[str]:
    """Return what is shown of the last layer's sums, and which class is chosen."""
    n, activation = program.n_out, program.layers[-1].activation
    if activation == "softmax":
        return [
            "'The likeliest class is that of the largest sum.'",
            "best: i32 = 0",
            f"for j in range({n}):",
            f"    if {z}[j] > {z}[best]:",
            "        best = j",
            "'Of each sum e to its power, the largest first taken off; then its share of them all.'",
            f"largest = {z}[best]",
            "total = 0.0",
            f"for j in range({n}):",
            f"    below = 0.0 if {z}[j] == largest else {z}[j] - largest",
            "    y[j] = exp(below)",
            "    total = total + y[j]",
            f"for j in range({n}):",
            "    y[j] = y[j] / total",
        ]
    shown = f"{z}[j]" if activation == "identity" else f"{activation}({z}[j])"
    if program.units is not None:
        shown = f"in_own_units({shown}, output_scale[j], output_shift[j])"
    lines = [f"for j in range({n}):", f"    y[j] = {shown}"]
    if program.chooses:
        lines += ["'Yes where the sum is above 0.'", "best: i32 = 0", f"if {z}[0] > 0.0:", "    best = 1"]
    return lines
