"""The native engine as a backend: C++ for this processor's instructions, the same bits on every one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import (
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    Chain,
    ClipNorm,
    ClipValue,
    CrossEntropy,
    Dropout,
    HalfSquare,
    Huber,
    LayerNumbers,
    Optimizer,
    Pinball,
    RMSprop,
    Sgd,
    SgdVelocity,
    SparseRows,
    Spec,
    Task,
    Traced,
    tree_sum,
)
from pellucid.engine._protocol import Job, State, Steps, Table, Used
from pellucid.engine._threads import usable_processors
from pellucid.random import Stream

try:
    from pellucid.engine import _native
except ImportError:  # built without a compiler, or for another processor
    _native = None  # type: ignore[assignment]

__all__ = ["NativeEngine", "instruction_sets", "is_built", "knows", "permutation"]

Array = NDArray[Any]
Vector = NDArray[Any]

_ACTIVATIONS: Final = {
    name: number
    for number, name in enumerate(
        ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus"]
    )
}
_LOSSES: Final = {
    name: number
    for number, name in enumerate(
        ["cross_entropy", "binary_cross_entropy", "mse", "mae", "huber", "pinball", "poisson"]
    )
}

_FEW: Final = 16


def is_built() -> bool:
    """Return whether the native engine was built, for whatever processor."""
    return _native is not None


def instruction_sets() -> list[str]:
    """Return the names of those that were built and that this processor can run, the fastest first."""
    return [] if _native is None else _native.variants()


def permutation(stream: Stream, n: int) -> NDArray[np.int64]:
    """Return ``stream.permutation(n)``, several times faster where there is a native engine."""
    native = instruction_sets()
    if not native or n >= 2**32:
        return stream.permutation(n)
    order = np.empty(n, dtype=np.int64)
    address = stream.purpose + 256 * stream.layer
    _native.permutation(native[0], stream.seed, stream.step, stream.epoch, address, order)
    return order


def knows(optimizer: Optimizer) -> bool:
    """Return whether the native engine can make this optimiser's steps."""
    rule = optimizer.rule if isinstance(optimizer, Chain) else optimizer
    return type(rule) in {Sgd, SgdVelocity, Adam, AdamHat, AdamW, RMSprop, Adagrad}


def _rule(optimizer: Optimizer) -> tuple[int, list[float]]:
    """Return what the engine calls it, and its β₁, β₂, ε, momentum, decay, two bounds, and whether ε is ε̂.

    The bounds are of the gradient's norm, and of each of its numbers.
    """
    match optimizer:
        case Sgd():
            kind = 1 if not optimizer.momentum else 3 if optimizer.nesterov else 2
            return kind, [0.0, 0.0, 0.0, optimizer.momentum, 0.0, 0.0, 0.0, 0.0]
        case SgdVelocity():
            return 8 if optimizer.nesterov else 7, [0.0, 0.0, 0.0, optimizer.momentum, 0.0, 0.0, 0.0, 0.0]
        case Adam():  # and AdamW, and AdamHat
            decay = optimizer.decay if isinstance(optimizer, AdamW) else 0.0
            return 4, [
                optimizer.beta_1,
                optimizer.beta_2,
                optimizer.epsilon,
                0.0,
                decay,
                0.0,
                0.0,
                float(isinstance(optimizer, AdamHat)),
            ]
        case RMSprop():
            return 5, [0.0, optimizer.beta, optimizer.epsilon, 0.0, 0.0, 0.0, 0.0, 0.0]
        case Adagrad():
            return 6, [0.0, 0.0, optimizer.epsilon, 0.0, 0.0, 0.0, 0.0, 0.0]
        case Chain():
            kind, settings = _rule(optimizer.rule)
            clip = optimizer.clip
            bounds = [clip.most if isinstance(clip, of) else 0.0 for of in (ClipNorm, ClipValue)]
            return kind, [*settings[:4], settings[4] or optimizer.decay, *bounds, settings[7]]
    raise TypeError(f"the native engine makes no steps of {type(optimizer).__name__}")


def _loss(spec: Spec) -> tuple[int, float, list[float]]:
    """Return what the engine calls the loss, what it multiplies a mean over outputs by, and the loss's settings."""
    loss, settings = spec.loss, [0.0]
    factor = float(spec.n_outputs) if loss.summed else 1.0
    match loss:
        case HalfSquare():
            return _LOSSES["mse"], factor / 2, settings
        case CrossEntropy():
            settings = [loss.smoothing]
        case Huber():
            settings = [loss.delta]
        case Pinball():
            settings = np.atleast_1d(loss.quantiles).tolist()
    return _LOSSES[loss.name], factor, settings


def _engine(spec: Spec, instructions: str) -> _native.Engine:
    """Return the engine for a network."""
    layers, drops = [], []
    n_in = spec.input.width
    for number, layer in enumerate(spec.layers, start=1):
        if isinstance(layer, Dropout):
            if layer.rate > 0:
                drops.append((number, min(round(layer.rate * 2.0**32), 2**32 - 1), 1.0 / (1.0 - layer.rate)))
            continue
        layers.append((n_in, layer.width, _ACTIVATIONS[str(layer.activation or "identity")], drops))
        n_in, drops = layer.width, []
    scale, shift = (np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (spec.input.scale, spec.input.shift))
    return _native.Engine(instructions, layers, _loss(spec), spec.dtype == "float64", scale.tolist(), shift.tolist())


def _fitting(X: Table) -> Any:
    """Return a table as the engine takes it."""
    return (X.data, X.indices, X.indptr) if isinstance(X, SparseRows) else X


class NativeEngine:
    """C++ behind the protocol `Backend`; see native/README.md for why its bits are the same everywhere.

    Parameters
    ----------
    instructions : str, or None for the fastest that this processor has
        One of `instruction_sets`.
    sparse : bool, or None for where it pays
        Whether tables of many zeros are read sparsely; no bit differs.
    """

    exactness = "everywhere"

    def __init__(self, instructions: str | None = None, *, sparse: bool | None = None) -> None:
        self._instructions = instruction_sets()[0] if instructions is None else instructions
        self._sparse = -1 if sparse is None else int(sparse)
        self._known: tuple[Spec | None, Any] = (None, None)  # the last one: a network asks for its own again and again

    @property
    def name(self) -> str:
        """Name, for screens and files."""
        return f"native engine ({self._instructions})"

    def __reduce__(self) -> tuple[Any, ...]:
        return NativeEngine, ()

    def _engine(self, spec: Spec) -> Any:
        known, engine = self._known
        if known is not spec:
            engine = _engine(spec, self._instructions)
            self._known = (spec, engine)
        return engine

    def forward(self, spec: Spec, parameters: Vector, X: Table, *, threads: int | None = None) -> Array:
        """Return the last layer's output for each row."""
        return self.use(spec, parameters, X, threads=threads).output

    def use(self, spec: Spec, parameters: Vector, X: Table, *, shown: bool = False, threads: int | None = None) -> Used:
        """Return the last layer's output, or what is shown of it, and what was met."""
        output = np.empty((X.shape[0], spec.n_outputs), parameters.dtype)
        few = len(output) < _FEW  # not worth asking how many threads there might be
        met = _native.forward(
            self._engine(spec), parameters, _fitting(X), output, shown, 1 if few else _threads(threads)
        )
        return Used(output, *met)

    def losses(self, spec: Spec, output: Array, T: Array) -> NDArray[np.float64]:
        """Return the loss of each row."""
        losses = np.empty(len(output))
        _native.row_losses(self._engine(spec), np.ascontiguousarray(output), np.ascontiguousarray(T), losses)
        return losses

    def loss_and_gradient(
        self,
        spec: Spec,
        parameters: Vector,
        X: Table,
        T: Array,
        weights: Array | None,
        l1: float,
        l2: float,
        *,
        threads: int | None = None,
    ) -> tuple[float, Vector]:
        """Return the loss of all rows and its gradient."""
        gradient = np.empty_like(parameters)
        loss = _native.loss_and_gradient(
            self._engine(spec),
            parameters,
            _fitting(X),
            np.ascontiguousarray(T),
            weights,
            np.arange(X.shape[0]),
            None,
            l1,
            l2,
            gradient,
            [],
            _threads(threads),
        )
        return loss, gradient

    def trace(
        self,
        spec: Spec,
        parameters: Vector,
        X: Table,
        T: Array | None = None,
        weights: Array | None = None,
        drop: tuple[int, int] | None = None,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        threads: int | None = None,
    ) -> Traced:
        """Return every number of a pass through the network and, with targets, of the way back."""
        rows, dtype = X.shape[0], parameters.dtype
        gradient = np.empty_like(parameters)
        seen = [
            (np.empty((rows, n_in), dtype), *(np.empty((rows, n_out), dtype) for _ in range(5)))
            for n_out, n_in in spec.shapes
        ]
        no_targets = np.zeros(
            *((rows, np.int64) if spec.loss.task is Task.CLASSES else ((rows, spec.n_outputs), dtype))
        )
        targets = np.ascontiguousarray(no_targets if T is None else T)
        _native.loss_and_gradient(
            self._engine(spec),
            parameters,
            _fitting(X),
            targets,
            weights,
            np.arange(rows),
            drop,
            l1,
            l2,
            gradient,
            seen,
            _threads(threads),
        )
        total = float(rows) if weights is None else float(tree_sum(weights.astype(np.float64))) or 1.0
        layers = {name: LayerNumbers(*arrays) for name, arrays in zip(spec.names, seen, strict=True)}
        if T is None:
            layers = {name: layer._replace(dA=None, delta=None) for name, layer in layers.items()}
        losses = None if T is None else self.losses(spec, layers["output"].A, T)
        return Traced(layers, losses, total, None if T is None else gradient)

    def train(
        self,
        job: Job,
        state: State,
        order: NDArray[np.int64],
        rates: NDArray[np.float64],
        *,
        epoch: int = 0,
        threads: int | None = None,
    ) -> Steps:
        """Make steps, changing the state in place."""
        losses, hits = np.zeros(len(rates)), np.zeros(len(rates), dtype=np.int64)
        made, diverged = _native.train(
            self._engine(job.spec),
            _fitting(job.X),
            np.ascontiguousarray(job.T),
            job.weights,
            np.ascontiguousarray(order),
            job.batch_size,
            epoch,
            state.step + job.steps_before,
            rates,
            (job.l1, job.l2, job.alpha),
            job.seed,
            _rule(job.optimizer),
            job.layer_rates,
            state.parameters,
            list(state.slots.values()),
            losses,
            hits,
            _threads(threads),
            self._sparse,
            job.recompute,
            job.held,
        )
        state.step += made
        return Steps(losses[:made], hits[:made], diverged)


def _threads(given: int | None) -> int:
    """Return a number as the engine takes it: negative for as many as the work is worth, up to that."""
    return -usable_processors() if given is None else given
