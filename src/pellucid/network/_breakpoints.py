"""Breakpoints: what a run is to stop at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

import numpy as np
from numpy.typing import ArrayLike

from pellucid.checks import is_number, whole_number
from pellucid.core import Spec, Task
from pellucid.errors import KindError, RunError, SettingError, UnknownNameError
from pellucid.insight import input_names, input_place
from pellucid.network._moment import Moment
from pellucid.training import neuron_named

__all__ = ["Breakpoint", "Condition"]

Condition = Callable[[Moment], Any]
_Check = Callable[[Moment], str | None]

_SATURATED: Final = 0.01


@final
class Breakpoint:
    """What a run is to stop at, for `Run.until`, `Run.when` and `Run.first`: made by one of the functions here.

    A breakpoint looks at each moment after a step, and says why it stops. Those that tell of an event (a neuron died, a
    prediction flipped) compare with the moment before. A function of a `Moment` that returns
    something true will do, too.

    Examples
    --------
    >>> from pellucid import Breakpoint, Network
    >>> from pellucid.datasets import load_toy
    >>> toy = load_toy("moons")
    >>> run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=40, batch_size=20, learning_rate=0.02)
    >>> run.until(Breakpoint.loss(below=0.3))
    'step 41: the loss of the last 10 steps is 0.2863, below 0.3'
    """

    def __init__(self, begin: Callable[[Moment], _Check]) -> None:
        self._begin = begin

    def begun(self, moment: Moment) -> _Check:
        """Return the check of the moments after this one: why to stop there, or None."""
        return self._begin(moment)

    @classmethod
    def loss(cls, *, below: float | None = None, above: float | None = None, over: int = 10) -> Breakpoint:
        """Stop where the mean loss of the last ``over`` steps is below or above a bound."""
        holds, over = _bound(below, above), whole_number("over", over, 1)

        def check(moment: Moment) -> str | None:
            losses = moment.losses_before(over)
            return holds(f"the loss of the last {over} steps", float(losses.mean())) if len(losses) == over else None

        return cls(lambda _: check)

    @classmethod
    def metric(cls, name: str, *, below: float | None = None, above: float | None = None) -> Breakpoint:
        """Stop at the end of an epoch whose metric, such as ``val_accuracy``, is below or above a bound."""
        holds = _bound(below, above)

        def check(moment: Moment) -> str | None:
            row = moment.metrics
            if row.get("step") != moment.step:
                return None
            if name not in row:
                raise UnknownNameError(f"No metric {name!r} was measured; {', '.join(row)} were. Name one of these.")
            return holds(name, row[name])

        return cls(lambda _: check)

    @classmethod
    def gradient_norm(cls, *, below: float | None = None, above: float | None = None) -> Breakpoint:
        """Stop before a step whose gradient is shorter or longer than a bound: √(Σ g²) over all parameters."""
        holds = _bound(below, above)
        return cls(lambda _: lambda m: holds("the gradient's norm", m.gradient_norm))

    @classmethod
    def weight(
        cls,
        neuron: str,
        input: int | str | None = None,  # noqa: A002 (the user's word)
        *,
        below: float | None = None,
        above: float | None = None,
    ) -> Breakpoint:
        """Stop where a weight of a neuron (``layer_1/node_3``) is beyond a bound.

        ``input`` is the place from 0 or the name of the input that it weighs; None: the bias.
        """
        holds = _bound(below, above)

        def begin(first: Moment) -> _Check:
            spec = first.network.spec
            layer, j = _neuron(spec, neuron)
            i = None if input is None else input_place(spec, layer, input)
            what = f"the bias of {neuron}" if i is None else f"the weight of {input_names(spec, layer)[i]} in {neuron}"

            def check(moment: Moment) -> str | None:
                view = moment.network[layer]
                return holds(what, float(view.biases[j] if i is None else view.weights[j, i]))

            return check

        return cls(begin)

    @classmethod
    def activation(
        cls, x: ArrayLike, neuron: str, *, below: float | None = None, above: float | None = None
    ) -> Breakpoint:
        """Stop where a neuron's activation for a row x is below or above a bound."""
        holds = _bound(below, above)

        def begin(first: Moment) -> _Check:
            layer, j = _neuron(first.network.spec, neuron)
            return lambda moment: holds(f"the activation of {neuron}", float(moment.trace(x)[layer].a[j]))

        return cls(begin)

    @classmethod
    def dead(cls, X: ArrayLike) -> Breakpoint:
        """Stop where a hidden neuron has died: for no row of X, shape (rows, n_in), is its slope other than 0."""
        return cls._newly("died: its slope is 0", X, lambda slope: (slope == 0).all(axis=0))

    @classmethod
    def saturated(cls, X: ArrayLike) -> Breakpoint:
        """Stop where a hidden neuron has saturated: for every row of X its slope is below a hundredth of 1."""
        return cls._newly(
            f"saturated: its slope is below {_SATURATED}", X, lambda slope: (np.abs(slope) < _SATURATED).all(axis=0)
        )

    @classmethod
    def _newly(cls, what: str, X: ArrayLike, of_slopes: Callable[[Any], Any]) -> Breakpoint:
        rows: Any = X if hasattr(X, "tocsr") else np.asarray(X)
        if rows.ndim != 2 or not rows.shape[0]:
            raise SettingError(f"X must be rows, shape (rows, n_in); the shape {rows.shape} was given.")
        n = rows.shape[0]

        def found(moment: Moment) -> set[str]:
            trace = moment.network.trace(rows)
            return {
                f"{layer}/node_{j + 1}"
                for layer in list(trace)[:-1]
                for j in np.flatnonzero(of_slopes(trace[layer].slope))
            }

        def begin(first: Moment) -> _Check:
            before = found(first)

            def check(moment: Moment) -> str | None:
                nonlocal before
                now = found(moment)
                new, before = sorted(now - before, key=_in_order), now
                return f"{', '.join(new)} {what} for all {n} rows" if new else None

            return check

        return cls(begin)

    @classmethod
    def flips(cls, x: ArrayLike) -> Breakpoint:
        """Stop where the prediction for a row x is another than at the moment before."""
        row = x if hasattr(x, "tocsr") else np.atleast_2d(np.asarray(x))

        def begin(first: Moment) -> _Check:
            if first.network.spec.loss.task is Task.VALUES:
                raise SettingError(
                    "A value changes with every step, so no prediction flips. Give Breakpoint.activation(x, "
                    "'output/node_1', above=…), or a function of a moment."
                )
            before = first.network.predict(row)[0]

            def check(moment: Moment) -> str | None:
                nonlocal before
                was, before = before, moment.network.predict(row)[0]
                return None if np.array_equal(was, before) else f"the prediction has flipped from {was!s} to {before!s}"

            return check

        return cls(begin)

    @classmethod
    def of(cls, condition: Breakpoint | Condition) -> Breakpoint:
        """Return a breakpoint as it is, or one of a function of a moment.

        Raises
        ------
        KindError
            It is neither.
        """
        if isinstance(condition, Breakpoint):
            return condition
        if not callable(condition):
            raise KindError(
                f"What to stop at must be a Breakpoint or a function of a moment, not {type(condition).__name__}. "
                "Give Breakpoint.loss(below=0.1), say."
            )

        def check(moment: Moment) -> str | None:
            try:
                answer = condition(moment)
            except (RunError, TypeError):
                if moment.goes_on:
                    raise
                return None  # what is asked of a batch is not true where no step is made
            return None if not answer else answer if isinstance(answer, str) else "the condition holds"

        return cls(lambda _: check)


def _neuron(spec: Spec, name: str) -> tuple[str, int]:
    layer, j = neuron_named(spec, name)
    if j is None:
        raise SettingError(f"{name!r} is a layer; name one of its neurons, such as '{name}/node_1'.")
    return layer, j


def _in_order(name: str) -> tuple[str, int]:
    layer, _, node = name.partition("/node_")
    return layer, int(node)


def _bound(below: float | None, above: float | None) -> Callable[[str, float], str | None]:
    """Return what tells whether a value is beyond its bound, in words."""
    given = [bound for bound in (below, above) if bound is not None]
    if len(given) != 1 or not is_number(given[0]):
        raise SettingError(f"Give either below= or above=, a number; below={below!r}, above={above!r} were given.")

    def holds(what: str, value: float) -> str | None:
        if below is not None and value < below:
            return f"{what} is {value:.4g}, below {below:g}"
        if above is not None and value > above:
            return f"{what} is {value:.4g}, above {above:g}"
        return None

    return holds
