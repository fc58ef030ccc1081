"""Influence: which training examples helped and hurt one prediction most."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member, whole_number
from pellucid.core import Sgd, Spec
from pellucid.errors import KindError, RunError, SettingError, ShapeError
from pellucid.insight._names import signed
from pellucid.insight._products import gradient_products
from pellucid.insight._replay import Replayed, traced_step, walk
from pellucid.insight._rows import WIDTH, class_names, labels_of, largest, told_rows
from pellucid.training import Timeline

__all__ = ["Influence", "influence"]

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False, repr=False)
class Influence:
    """What each row of the training table did for one prediction.

    Attributes
    ----------
    scores : float64, shape (rows of X,)
        By how much each row lowered the loss of the prediction, to first order: above 0 helped, below 0 hurt.
    labels : int64, shape (rows of X,), or None
        The place of each row's class.
    names : names of the classes, or their places
    steps : int64
        The steps that were looked at.
    of_steps : int
        How many the run had made; scores are scaled from the former to these.
    loss_first, loss_last : float
        The loss of the prediction before the first of them and after the last.
    rule : str
        What was computed.
    """

    scores: Array
    labels: NDArray[np.int64] | None
    names: tuple[str | int, ...]
    steps: NDArray[np.int64]
    of_steps: int
    loss_first: float
    loss_last: float
    rule: str

    @property
    def predicted_change(self) -> float:
        """The change of the loss that all scores add up to: minus their sum."""
        return -float(self.scores.sum())

    @property
    def actual_change(self) -> float:
        """The change of the loss."""
        return self.loss_last - self.loss_first

    def helped(self, n: int = 5) -> tuple[tuple[int, float], ...]:
        """Return the n rows of X that lowered the loss most, each with its score."""
        return largest(self.scores, n)

    def hurt(self, n: int = 5) -> tuple[tuple[int, float], ...]:
        """Return the n rows of X that raised the loss most, each with its score, which is below 0."""
        return tuple((row, -score) for row, score in largest(-self.scores, n))

    def __repr__(self) -> str:
        whole = float(np.abs(self.scores).sum())
        told = [("Helped most, and its share of all influence:", self.helped()), ("Hurt most:", self.hurt())]
        rows = [line for title, top in told if top for line in (title, *told_rows(top, self.labels, self.names, whole))]
        return "\n".join([*self._heading(), *rows, *wrap(self.rule, WIDTH)])

    def _repr_html_(self) -> str:
        from pellucid.insight._html import influence_html

        return influence_html(self)

    def _heading(self) -> list[str]:
        every = len(self.steps) == self.of_steps
        looked = f"{self.of_steps} steps" if every else f"{len(self.steps)} of {self.of_steps} steps, scaled to all"
        return [
            f"Influence of {len(self.scores)} examples on one prediction, over {looked}",
            f"  {'loss of the prediction':<32}{self.loss_first:.6g} → {self.loss_last:.6g}",
            f"  {'its change':<32}{signed(self.actual_change)}",
            f"  {'its change by these scores':<32}{signed(self.predicted_change)}",
        ]


class _Slope(NamedTuple):
    """Where the judged loss's gradient is taken: at how many ends of a step, and how that is told."""

    ends: int
    told: str


_SLOPES: Final = {
    "before": _Slope(1, "the prediction's, before the step"),
    "mean": _Slope(2, "the prediction's, the mean of before and after the step"),
}


class _Judged(NamedTuple):
    """The row whose prediction is judged, and its target."""

    x: NDArray[Any]
    t: NDArray[Any]


def influence(timeline: Timeline, x: object, t: object, *, steps: object = None, slope: str = "before") -> Influence:
    """Return which training examples lowered, and raised, the loss of one prediction.

        score of i = Σ over the steps that saw i of η · wᵢ/total · ⟨∇Lᵢ, ∇L⟩

    with ∇Lᵢ, and as a rule ∇L too, at the parameters that the step began from: by how much the step's descent along
    example i lowered the loss L of the prediction, to first order. Of a layer, ⟨∇Lᵢ, ∇L⟩ is (δᵢ·δ)(xᵢ·x + 1), so no
    gradient is made. The first order promises too much where a step is long for how the loss bends; ``slope="mean"``,
    which takes ∇L at both ends of the step, adds up far nearer to what the loss of plain descent did.
    Example i is taken as the step saw it, dropout included; the prediction without. The steps are performed again, up
    to where the run stands.

    Parameters
    ----------
    timeline : Timeline
    x : array, shape (n_in,) or (1, n_in)
        A row as the user gives it.
    t : its target as the loss takes it
    steps : None for every step, an int n for every n-th, or an array of steps (0 for the first)
        Fewer are a quick estimate, scaled up to all.
    slope : "before", as in the paper, or "mean"
        Where ∇L is taken: before each step, or as the mean of before and after it, right to second order.

    Raises
    ------
    ShapeError
        x or t is not one row.
    RunError
        The run stands before its first step.
    SettingError, KindError, UnknownNameError
        The steps are none of those that were made, or there is no such slope.

    Examples
    --------
    >>> from pellucid.core import Sgd, Spec, initial_parameters
    >>> from pellucid.datasets import load_toy
    >>> from pellucid.engine import ReadableCore
    >>> from pellucid.training import Recipe, Timeline, TrainingData
    >>> toy, spec = load_toy("xor"), Spec.of([2, 8, 2], dtype="float64")
    >>> recipe = Recipe(spec, start="", epochs=5, optimizer=Sgd(), learning_rate=0.05)
    >>> start, data = initial_parameters(spec, 3).vector, TrainingData(toy.X, toy.y)
    >>> timeline = Timeline(recipe, start, data, ReadableCore())
    >>> timeline.advance()
    True
    >>> influence(timeline, toy.X[0], toy.y[0])
    Influence of 200 examples on one prediction, over 20 steps
      loss of the prediction          1.43609 → 0.809237
      its change                      −0.62685
      its change by these scores      −0.635343
    Helped most, and its share of all influence:
      row 8       class 0              +0.0591664      4.08%
      row 168     class 0               +0.045575      3.15%
      row 160     class 0              +0.0429253      2.96%
      row 96      class 0              +0.0387793      2.68%
      row 60      class 0              +0.0270037      1.86%
    Hurt most:
      row 91      class 1              −0.0108534      0.75%
      row 147     class 1              −0.0108342      0.75%
      row 23      class 1              −0.0105626      0.73%
      row 47      class 1              −0.0100569      0.69%
      row 93      class 1             −0.00939101      0.65%
    A row's score is the sum of rate · w/total · ⟨its gradient, the prediction's, before the step⟩ over
    the steps that saw it.
    >>> round(influence(timeline, toy.X[0], toy.y[0], slope="mean").predicted_change, 5)  # where it was −0.62685
    -0.62684

    Source: Pruthi, Liu, Sundararajan & Kale (2020), Estimating training data influence by tracing gradient descent.
    """
    spec, data = timeline.recipe.spec, timeline.data
    judged, taken = _judged(spec, x, t, data.T), member("slope", slope, _SLOPES)
    made = timeline.step
    if not made:
        raise RunError(
            "The run stands before its first step: nothing had any influence yet. Make steps, with advance()."
        )
    chosen = _chosen(steps, made)
    scores = np.zeros(len(data.X))
    for step in walk(timeline, chosen.tolist()):
        scores[step.rows] += _scores(timeline, step, judged, taken)
    scores *= made / len(chosen)
    first, last = (_loss(timeline, step, judged) for step in (0, made))
    names, labels = class_names(spec), labels_of(spec, data.T)
    return Influence(scores, labels, names, chosen, made, first, last, _rule(timeline, taken))


def _judged(spec: Spec, x: object, t: object, like: NDArray[Any]) -> _Judged:
    """Return the row and its target as the backend takes them."""
    row, target = np.asarray(x), np.asarray(t, dtype=like.dtype)
    if row.size != spec.input.width or row.dtype.kind not in "buif":
        raise ShapeError(
            f"x has shape {row.shape} and type {row.dtype}; one row of {spec.input.width} numbers is accepted. "
            "Give X[i], say."
        )
    shape = (1, *like.shape[1:])
    if target.size != np.prod(shape):
        raise ShapeError(f"t has shape {target.shape}; the target of one row, shape {shape}, is accepted. Give T[i].")
    kept = row.dtype if row.dtype.char in "Bfd" else np.dtype(np.float64)
    return _Judged(np.ascontiguousarray(row.reshape(1, -1), dtype=kept), target.reshape(shape))


def _chosen(steps: object, made: int) -> NDArray[np.int64]:
    """Return the steps to look at, sorted, each once."""
    if steps is None:
        return np.arange(made)
    if np.ndim(steps) == 0:  # type: ignore[arg-type]
        return np.arange(0, made, whole_number("steps", steps, 1))
    given = np.asarray(steps)
    if given.size and given.dtype.kind not in "iu":
        raise KindError(f"steps must be whole numbers, not {given.dtype}. Give range(0, {made}, 10), say.")
    if not given.size or given.min() < 0 or given.max() >= made:
        raise SettingError(f"steps must be some of 0 … {made - 1}; {steps!r} was given.")
    return np.unique(given).astype(np.int64)


def _scores(timeline: Timeline, made: Replayed, judged: _Judged, slope: _Slope) -> Array:
    """Return by how much each row that a step saw lowered the judged loss, to first order."""
    traced, spec = traced_step(timeline, made), made.job.spec
    products = np.zeros(len(made.rows))
    for state in (made.before, made.after)[: slope.ends]:
        one = timeline.backend.trace(spec, state.parameters, judged.x, judged.t, threads=1)
        products += gradient_products(made.job, traced, one)
    return made.rate / (traced.total * slope.ends) * products


def _loss(timeline: Timeline, step: int, judged: _Judged) -> float:
    """Return the judged loss at a step."""
    spec, parameters = timeline.recipe.spec, timeline.state_at(step).parameters
    output = timeline.backend.forward(spec, parameters, judged.x, threads=1)
    return float(timeline.backend.losses(spec, output, judged.t)[0])


def _rule(timeline: Timeline, slope: _Slope) -> str:
    """Return what was computed, as sentences."""
    optimizer = timeline.recipe.optimizer
    rule = f"A row's score is the sum of rate · w/total · ⟨its gradient, {slope.told}⟩ over the steps that saw it."
    if isinstance(optimizer, Sgd) and not optimizer.is_own and not optimizer.momentum:
        return rule
    return (
        f"{rule} The run's optimizer is {optimizer.name}; what it makes of a gradient beside the rate is left out, so "
        "ranks can be compared and the sum need not be the loss's change."
    )
