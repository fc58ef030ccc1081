"""Random networks with tables of rows, on which every language must give the engine's own bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid import Dense, Network
from pellucid.core import ACTIVATIONS, Output, Spec, Task
from pellucid.export import Program, program_of

HOSTILE = (
    'a "quoted" name',
    "back\\slash, \\u0041, \\x41, \\",
    "two\nlines\r\n\tand a tab",
    "*/ int x; /* ${x} @name@ %d %s {0} ??/ ??' // # <!-- </script>",
    "\u202eright to left\u202c, אבג",
    "emoji 👩‍🔬 and 😀",
    "''' \"\"\" ` $ \x01\x1b\x7f\x85\u2028\u2029\ufeff",
    " ",
)
"""Texts that would end a string or a comment, or turn their lines around, where a language lets them."""

ROWS = 12

_ACTIVATIONS = tuple(ACTIVATIONS)
_SCALES = (None, "one", "each")


@dataclass(frozen=True)
class Case:
    """A network as a program, some rows of inputs, and what the engine makes of them.

    outputs : of each row float32, or float64 where they are in units of their own
    places : of the class that is chosen for each row, or −1
    """

    program: Program
    rows: Any
    outputs: Any
    places: list[int]


def cases(count: int, seed: int = 2019) -> list[Case]:
    """Random networks: depth 1 to 6, widths 1 to 24, every activation and head, and weights of every size."""
    rng = np.random.default_rng(seed)
    return [_finite(rng, place) for place in range(count)]


def hostile() -> Case:
    """A network whose classes and inputs have the names that are hardest to write."""
    n = len(HOSTILE)
    net = Network([n, Dense(3, "tanh"), n], classes=HOSTILE, features=HOSTILE[::-1], seed=3)
    return _case(net, "net_hostile", _rows(np.random.default_rng(0), n)[:ROWS])


def _finite(rng: np.random.Generator, place: int) -> Case:
    """A case with enough rows that leave the last layer's sums finite: of what does not, no bits are promised."""
    while True:
        net = _network(rng, place)
        rows = _rows(rng, net.spec.input.width)
        given = net.spec, net.parameters, rows
        kept = np.isfinite(net._backend.forward(*given)).all(axis=1)
        shown = np.isfinite(net._backend.use(*given, shown=True).output).all(axis=1)
        if kept.sum() >= ROWS and shown[kept][:ROWS].any():
            return _case(net, f"net_{place}", rows[kept][:ROWS])


def _network(rng: np.random.Generator, place: int) -> Network:
    loss, width, output, units = _HEADS[place % len(_HEADS)]
    depth = int(rng.integers(1, 7))
    n_in, *widths = (int(width) for width in rng.integers(1, 25, depth))
    hidden = [Dense(width, _ACTIVATIONS[(place + layer) % len(_ACTIVATIONS)]) for layer, width in enumerate(widths)]
    wide = width or int(rng.integers(2, 9))
    last = Dense(wide, _ACTIVATIONS[int(rng.integers(len(_ACTIVATIONS)))]) if output else Dense(wide)
    scale, shift = (_SCALES[int(rng.integers(3))] for _ in range(2))
    scaling: dict[str, Any] = {}
    if scale:
        scaling["input_scale"] = _of_size(rng, n_in, 0.2, 5)[: n_in if scale == "each" else 1].tolist()
    if shift:
        scaling["input_shift"] = rng.normal(size=n_in if shift == "each" else 1).tolist()
    scaling = {key: value if len(value) == n_in else value[0] for key, value in scaling.items()}
    spec = Spec.of([n_in, *hidden, last], loss=loss, **scaling)
    if units:
        sizes = [_of_size(rng, wide, 1e-3, 1e4).tolist(), (rng.normal(size=wide) * 100).tolist()]
        spec = replace(spec, output=Output(None, *(size if units == "each" else size[0] for size in sizes)))
    return Network.of_parts(spec, np.concatenate(list(_weights(rng, spec))).astype(np.float32))


# Loss, width of the output (0: any), whether it has an activation of its own, and units of its own.
_HEADS = (
    ("cross_entropy", 0, False, ""),
    ("binary_cross_entropy", 1, False, ""),
    ("binary_cross_entropy", 0, False, ""),
    ("mse", 0, False, ""),
    ("mse", 0, False, "one"),
    ("mse", 0, False, "each"),
    ("mse", 0, True, ""),
    ("mse", 0, True, "each"),
    ("mae", 1, False, "one"),
    ("huber", 0, False, ""),
    ("pinball", 6, False, "each"),
    ("poisson", 0, False, ""),
    ("cross_entropy", 2, False, ""),
)


def _of_size(rng: np.random.Generator, count: int, least: float, most: float) -> Any:
    """Numbers above 0 whose size is drawn, too."""
    return np.exp(rng.uniform(np.log(least), np.log(most), count))


def _weights(rng: np.random.Generator, spec: Spec) -> Iterator[Any]:
    """The weights and biases of each layer: of the usual size, ten times that, of every size, or near nothing."""
    before = spec.input.width
    for layer in spec.dense:
        size = before * layer.width
        style = int(rng.integers(8))
        weights = rng.normal(size=size) / np.sqrt(before)
        if style in {0, 1}:
            weights *= 10 * style + 10
        if style == 2:
            weights *= _of_size(rng, size, 1e-30, 30)
        if style == 3:
            weights *= 1e-41  # below the normal floats
        gone = rng.random(size) < 0.05
        weights[gone] = rng.choice([0.0, -0.0], size=gone.sum())
        yield weights
        yield rng.normal(size=layer.width) * rng.choice([0.0, 0.1, 1.0, 30.0, 1e-40], size=layer.width)
        before = layer.width


def _rows(rng: np.random.Generator, width: int) -> Any:
    """Usual rows, large and tiny ones, zeros of either sign, and mixtures."""
    usual = rng.normal(size=(4 * ROWS, width))
    usual[1] *= 30
    usual[2] *= 1000
    usual[3] *= 1e-30
    usual[4] *= 1e-42
    usual[5] = 0.0
    usual[6] = -0.0
    usual[7, ::2] = -0.0
    usual[8] = _of_size(rng, width, 1e-44, 1e4) * rng.choice([-1, 1], size=width)
    usual[9] = np.rint(usual[9] * 100)
    return usual.astype(np.float32)


def _case(net: Network, name: str, rows: Any) -> Case:
    spec, vector, engine = net.spec, net.parameters, net._backend
    sums = engine.forward(spec, vector, rows)
    shown = engine.use(spec, vector, rows, shown=True).output
    places = [-1] * len(rows)
    if spec.loss.task is Task.CLASSES:
        places = sums.argmax(axis=1).tolist()
    elif spec.loss.task is Task.YES_NO and spec.n_outputs == 1:
        places = (sums[:, 0] > 0).astype(int).tolist()
    program = program_of(spec, net._parameters, engine, name, rows[np.isfinite(shown).all(axis=1)])
    return Case(program, rows, net._in_own_units(shown), places)
