"""The examples that a program carries, with the answers that every language must give to the last bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Spec, Task
from pellucid.engine import Backend
from pellucid.errors import SettingError
from pellucid.export._program import Golden, Program, units_of, unproven
from pellucid.export._python import Python
from pellucid.random import Purpose, Stream

__all__ = ["program_of"]

Array = NDArray[Any]
Float32 = NDArray[np.float32]

_EXAMPLES: Final = 3


def program_of(spec: Spec, parameters: Parameters, backend: Backend, name: str, X: Array | None = None) -> Program:
    """Return the program of a network.

    Parameters
    ----------
    spec, parameters, backend : the network, and what computes its golden answers
    name : an identifier
    X : rows to take examples from, or None for some that are drawn

    Raises
    ------
    SettingError
        It is of 64-bit floats, holds numbers that are not finite, or functions of the user's own; or its outputs are
        not finite for any of the examples.
    """
    program = unproven(spec, parameters, name)
    rows = _drawn(spec) if X is None else X[np.linspace(0, len(X) - 1, min(len(X), _EXAMPLES)).round().astype(int)]
    inputs = np.ascontiguousarray(rows, dtype=np.float32)
    if backend.exactness == "everywhere":
        return replace(program, golden=_finite(_of_engine(spec, parameters, backend, inputs)))
    return replace(program, golden=_finite(_of_python(program, inputs)))


def _of_engine(spec: Spec, parameters: Parameters, backend: Backend, inputs: Float32) -> Golden:
    """Return the engine's own answers."""
    outputs: Array = backend.use(spec, parameters.vector, inputs, shown=True).output
    sums, places = backend.forward(spec, parameters.vector, inputs), None
    if spec.loss.task is Task.CLASSES:
        places = sums.argmax(axis=1)
    elif spec.loss.task is Task.YES_NO and spec.n_outputs == 1:
        places = (sums[:, 0] > 0).astype(np.int64)
    units = units_of(spec)
    return Golden(inputs, outputs if units is None else outputs * units[0] + units[1], places)


def _of_python(program: Program, inputs: Float32) -> Golden:
    """Return what the program itself answers in Python: the engine's bits, where there is no engine that has them."""
    module: dict[str, Any] = {"__name__": program.name}
    exec(Python(program).source(), module)  # noqa: S102  (our own text)
    answers = [module["forward"](row.tolist()) for row in inputs]
    kind = np.float32 if program.units is None else np.float64
    if not program.chooses:
        return Golden(inputs, np.array(answers, dtype=kind), None)
    return Golden(inputs, np.array([y for y, _ in answers], dtype=kind), np.array([place for _, place in answers]))


def _finite(golden: Golden) -> Golden:
    """Return the examples whose outputs are finite: not every language can write the others."""
    kept = np.isfinite(golden.outputs).all(axis=1)
    if not kept.any():
        raise SettingError(
            "The network's outputs are not finite for any of the examples that would prove the file. Give data that it "
            "was made for, as data=X."
        )
    places = None if golden.places is None else golden.places[kept]
    return Golden(golden.inputs[kept], golden.outputs[kept], places)


def _drawn(spec: Spec) -> Float32:
    """Return rows that lie between −2 and 2 after scaling, the same each time."""
    width = spec.input.width
    drawn = Stream(0, Purpose.DATASET).uniform(_EXAMPLES * width).reshape(_EXAMPLES, width) * 4 - 2
    scale, shift = (np.asarray(given, dtype=np.float64) for given in (spec.input.scale, spec.input.shift))
    return (drawn / scale + shift).astype(np.float32)
