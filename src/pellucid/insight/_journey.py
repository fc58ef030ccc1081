"""What each step of a run made of one weight: the examples' shares of its gradient, penalties, decay, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member, whole_number
from pellucid.core import Parameters, Spec, Traced
from pellucid.engine import State
from pellucid.errors import RunError
from pellucid.insight._replay import Replayed, layer_rate, traced_step, walk
from pellucid.insight._shares import STANDING, Gains, bound_factor, carried, decay_of, gains_of, rule_told
from pellucid.training import Timeline

__all__ = ["Place", "Step", "by_example", "fed_into", "gradients_of", "journey", "rules_told", "span_of"]

Array = NDArray[np.float64]

_NOBODY = np.empty(0, dtype=np.int64), np.empty(0)


@final
@dataclass(frozen=True)
class Place:
    """Where a weight lies: its layer, neuron and input (None for the bias), and its place in the vector."""

    layer: str
    number: int
    node: int
    input: int | None
    at: int

    @classmethod
    def of(cls, spec: Spec, layer: str, node: int, input: int | None) -> Self:  # noqa: A002  # the user's word
        """Return the place, or raise where there is no such weight."""
        number = member("layer", layer, {name: number for number, name in enumerate(spec.names)})
        n_out, n_in = spec.shapes[number]
        node = whole_number(f"The node of {layer}", node, 0, n_out - 1)
        if input is not None:
            input = whole_number(f"The input of {layer}", input, 0, n_in - 1)  # noqa: A001
        begin = Parameters(spec).parts[number].start
        return cls(layer, number, node, input, begin + (n_in if input is None else input) * n_out + node)

    def value(self, state: State) -> float:
        """Return the weight, in a state."""
        return float(state.parameters[self.at])

    def shares(self, traced: Traced) -> Array:
        """Return each row's share of the weight's gradient, w·δ·x / total."""
        numbers = traced.layers[self.layer]
        assert numbers.delta is not None  # noqa: S101  # a step has targets
        delta = numbers.delta[:, self.node].astype(np.float64)
        return delta / traced.total if self.input is None else delta * numbers.X[:, self.input] / traced.total


class Step(NamedTuple):
    """What one step made of a weight.

    Attributes
    ----------
    before, after : float
        The weight.
    rows, shares : arrays, shape (batch,)
        The rows of X that it saw, and the share of each in the gradient as the optimiser saw it.
    l1, l2 : float
        The penalties' shares of it.
    gains : Gains
        What was made of the gradient.
    decay : float
        The movement by decay.
    kept : float
        The velocity or the mean that the optimiser carried into the step, if it is known to carry one.
    alone : float
        What an optimiser of the user's own moved where there was no gradient to split it by.
    own, frozen : bool
        Whether the optimiser is the user's own; whether the layer or the weight is frozen.
    """

    before: float
    after: float
    rows: NDArray[np.int64]
    shares: Array
    l1: float = 0.0
    l2: float = 0.0
    gains: Gains = STANDING
    decay: float = 0.0
    kept: float = 0.0
    alone: float = 0.0
    own: bool = False
    frozen: bool = False


def span_of(timeline: Timeline, first: int, last: int | None) -> tuple[int, int]:
    """Return checked ends of a journey."""
    end = timeline.step if last is None else whole_number("last", last, 0)
    begin = whole_number("first", first, 0)
    if not begin <= end <= timeline.frontier:
        raise RunError(
            f"A journey from step {begin} to step {end} is not recorded; 0 ≤ first ≤ last ≤ {timeline.frontier} is "
            "accepted. Make more steps, with advance(), or give other ends."
        )
    return begin, end


def journey(timeline: Timeline, place: Place, first: int, last: int) -> list[Step]:
    """Return what each of the steps first … last − 1 made of a weight."""
    return [_step(timeline, place, made) for made in walk(timeline, range(first, last))]


def _step(timeline: Timeline, place: Place, made: Replayed) -> Step:
    job, before, after = made.job, place.value(made.before), place.value(made.after)
    slot = carried(job.optimizer)
    kept = 0.0 if slot is None else float(made.before.slots[slot][place.at])
    factor = layer_rate(job, place.number)
    if not factor:
        return Step(before, after, *_NOBODY, kept=kept, frozen=True)
    traced = traced_step(timeline, made)
    assert traced.gradient is not None  # noqa: S101  # a step has targets
    shares, (l1, l2) = place.shares(traced), _penalties(made, place, before, traced.total)
    gradient = float(shares.sum()) + l1 + l2
    bound = bound_factor(job, made.before.parameters, traced.gradient, gradient, traced.total)
    rate = made.rate * factor
    decay = -rate * decay_of(job.optimizer) * before
    slots = {name: float(vector[place.at]) for name, vector in made.after.slots.items()}
    gains, alone = gains_of(job.optimizer, rate, job.steps_before + made.step + 1, slots), 0.0
    own, held = gains is None, job.held is not None and place.at in job.held
    if gains is None:
        gains, alone = _in_proportion(after - before - decay, gradient * bound)
    if held:  # though what the optimiser carries goes on
        gains, decay, alone = gains._replace(out=0.0, direct=0.0), 0.0, 0.0
    parts = (shares * bound, l1 * bound, l2 * bound)
    return Step(before, after, made.rows, *parts, gains, decay, kept, alone, own, held)


def _penalties(made: Replayed, place: Place, value: float, total: float) -> tuple[float, float]:
    """Return the penalties' shares of the gradient; biases are free."""
    if place.input is None:
        return 0.0, 0.0
    return made.job.l1 * float(np.sign(value)), made.job.l2_of(total) * value


def _in_proportion(moved: float, gradient: float) -> tuple[Gains, float]:
    """Return gains that make just this movement of a gradient, and what is left where there is none."""
    return (Gains(), moved) if gradient == 0 else (Gains(direct=-moved / gradient), 0.0)


def gradients_of(steps: list[Step], labels: NDArray[np.int64] | None, columns: int) -> Array:
    """Return the parts of each step's gradient: of each class, of l1, of l2, and none of what was there before."""
    table = np.zeros((len(steps), columns + 3))
    for row, step in zip(table, steps, strict=True):
        places = np.zeros(len(step.rows), dtype=np.int64) if labels is None else labels[step.rows]
        row[:columns] = np.bincount(places, step.shares, columns)
        row[columns:-1] = step.l1, step.l2
    return table


def fed_into(steps: list[Step]) -> Array:
    """Return what the optimiser had kept before the journey, or before it was one that is known."""
    unknown = [True, *(step.own for step in steps)]
    return np.array([step.kept if new else 0.0 for step, new in zip(steps, unknown[:-1], strict=True)])


def by_example(steps: list[Step], moved: Array, rows: int) -> Array:
    """Return how far each row of X moved the weight: its shares, times what a gradient of that step moves in all."""
    if not steps:
        return np.zeros(rows)
    shares = np.concatenate([step.shares * each for step, each in zip(steps, moved, strict=True)])
    return np.bincount(np.concatenate([step.rows for step in steps]), shares, rows).astype(np.float64)


def rules_told(timeline: Timeline, first: int, last: int) -> str:
    """Return the rule of each optimiser on the way."""
    steps = range(first, max(last, first + 1))
    return " Then: ".join(dict.fromkeys(rule_told(timeline.job(step).optimizer) for step in steps))
