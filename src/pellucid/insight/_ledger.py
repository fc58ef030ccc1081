"""The ledger of a weight: its whole journey through a run as a sum, of what each example, class and setting added."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.insight._journey import Place, Step, by_example, fed_into, gradients_of, journey, rules_told, span_of
from pellucid.insight._names import input_names, signed
from pellucid.insight._rows import WIDTH, class_names, labels_of, largest, told_rows
from pellucid.insight._shares import carried_on, reach
from pellucid.training import Timeline

__all__ = ["Ledger", "Movers", "ledger"]

Array = NDArray[np.float64]

_CLASSES_SHOWN: Final = 12
_NOTHING: Final = 1e-12
_TOLD: Final = {
    "l1": "penalty l1",
    "l2": "penalty l2",
    "decay": "weight decay",
    "before": "from before",
    "optimizer": "optimizer, without gradient",
    "by hand": "changes by hand",
}


class Movers(NamedTuple):
    """The rows of X that moved a weight most, up and down, each with how far."""

    up: tuple[tuple[int, float], ...]
    down: tuple[tuple[int, float], ...]


@final
@dataclass(frozen=True, eq=False, repr=False)
class Ledger:
    """The journey of one weight: value_first + what each row of the table added = value_last.

    Attributes
    ----------
    layer, node, input : as given; input is None for the bias
    first, last : int
        Steps made where the journey begins and ends.
    value_first, value_last : float
        The weight there, the engine's own numbers.
    by_example : float64, shape (rows of X,)
        How far each row moved the weight, in all its steps and by what was carried on of it.
    by_class : float64, shape (classes,), or None where targets are no single class
        The same by class.
    labels : int64, shape (rows of X,), or None
        The place of each row's class.
    names : names of the classes, or their places
    by_step : float64, shape (last − first,)
        What each step moved the weight by, the engine's own difference; changes by hand are not in it.
    by_step_and_class : float64, shape (last − first, classes), or (last − first, 1) of all examples
    others : float64 arrays, shape (last − first,), by name
        What each step added apart from examples: "l1" and "l2" (penalties), "decay" (of the weight itself), "before"
        (what the optimiser had kept before ``first``), "optimizer" (what one of the user's own moved where there was
        no gradient), "by hand" (changes after the step, before the next) and "rounding" (all that is left).
    frozen_steps : int
        Steps in which the layer was frozen.
    rule : str
        By which rule movements are split.
    """

    layer: str
    node: int
    input: int | None
    first: int
    last: int
    value_first: float
    value_last: float
    by_example: Array
    by_class: Array | None
    labels: NDArray[np.int64] | None
    names: tuple[str | int, ...]
    by_step: Array
    by_step_and_class: Array
    others: dict[str, Array]
    frozen_steps: int
    rule: str
    input_name: str | None = None

    @property
    def totals(self) -> dict[str, float]:
        """What was added in all: by the examples together, and by each of the others."""
        others = {name: float(each.sum()) for name, each in self.others.items()}
        return {"examples": float(self.by_example.sum()), **others}

    def top(self, n: int = 5) -> Movers:
        """Return the n rows of X that moved the weight most upwards, and the n most downwards."""
        return Movers(
            largest(self.by_example, n),
            tuple((row, -far) for row, far in largest(-self.by_example, n)),
        )

    def __repr__(self) -> str:
        return "\n".join([self._title(), *self._sum(), *self._movers(), *wrap(self.rule, WIDTH)])

    def _repr_html_(self) -> str:
        from pellucid.insight._html import ledger_html

        return ledger_html(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw the weight at each step; return Matplotlib's axes.

        Raises
        ------
        MissingLibraryError
            Matplotlib is not installed.
        """
        from pellucid.insight._plots import ledger_plot

        return ledger_plot(self, ax)

    def _title(self) -> str:
        of = "bias" if self.input is None else f"weight of {self.input_name}"
        return f"Ledger of {self.layer}/node_{self.node + 1}, {of}, from step {self.first} to step {self.last}"

    def _sum(self) -> list[str]:
        frozen = [f"  frozen in {self.frozen_steps} of {len(self.by_step)} steps"] if self.frozen_steps else []
        rounding = self.totals["rounding"]
        return [
            _line(f"at step {self.first}", f"{self.value_first:.6g}".replace("-", "−")),
            *(_line(what, signed(far)) for what, far in self.told()),
            _line("rounding", signed(rounding, 2) if abs(rounding) > _NOTHING else "under 1e-12"),
            _line(f"at step {self.last}", f"{self.value_last:.6g}".replace("-", "−")),
            *frozen,
        ]

    def told(self) -> list[tuple[str, float]]:
        """Return what was added, by name: by the examples of each class, and by whatever else but rounding added."""
        others = [(_TOLD[name], far) for name, far in self.totals.items() if name in _TOLD and far]
        return [*self._examples(), *others]

    def _examples(self) -> list[tuple[str, float]]:
        """Return the rows that tell of examples: one for each class, or, where there are none, one for all."""
        if self.by_class is None:
            return [("examples", self.totals["examples"])]
        shown = np.sort(np.argsort(-np.abs(self.by_class), kind="stable")[:_CLASSES_SHOWN])
        rows = [(f"examples of {self.names[place]!r}", float(self.by_class[place])) for place in shown]
        rest = len(self.by_class) - len(rows)
        others = float(np.delete(self.by_class, shown).sum())
        return [*rows, (f"examples of {rest} other classes", others)] if rest else rows

    def _movers(self) -> list[str]:
        whole, top = float(np.abs(self.by_example).sum()), self.top()
        told = [("Most upwards, and its share of all examples' movement:", top.up), ("Most downwards:", top.down)]
        return [
            line for title, rows in told if rows for line in (title, *told_rows(rows, self.labels, self.names, whole))
        ]


def _line(what: str, value: str) -> str:
    return f"  {what:<32}{value:>14}"


def ledger(
    timeline: Timeline,
    layer: str,
    node: int,
    input: int | None,  # noqa: A002  # the user's word
    first: int = 0,
    last: int | None = None,
) -> Ledger:
    """Return the journey of one weight as a sum: its value at first + what was added = its value at last.

    A step of plain descent moves the weight by −η·Σᵢ wᵢ·δᵢ·xᵢ / total, a sum over the examples of its batch. Every
    other optimiser is linear in the gradients once its roots, bounds and corrections are taken as given, so each
    example's share is carried on through velocity and means, from step to step. The steps are performed again.

    Parameters
    ----------
    timeline : Timeline
    layer : str
    node, input : int, 0 for the first; input None for the bias
    first, last : int, 0 ≤ first ≤ last
        Steps made where the journey begins and ends; last None for where the run stands.

    Raises
    ------
    UnknownNameError, SettingError, KindError
        There is no such weight.
    RunError
        The steps are not recorded.

    Examples
    --------
    >>> from pellucid.core import Sgd, Spec, initial_parameters
    >>> from pellucid.datasets import load_toy
    >>> from pellucid.engine import ReadableCore
    >>> from pellucid.training import Recipe, Timeline, TrainingData
    >>> toy, spec = load_toy("xor"), Spec.of([2, 8, 2], dtype="float64")
    >>> recipe = Recipe(spec, start="", epochs=5, optimizer=Sgd(momentum=0.9), learning_rate=0.05)
    >>> start, data = initial_parameters(spec, 3).vector, TrainingData(toy.X, toy.y)
    >>> timeline = Timeline(recipe, start, data, ReadableCore())
    >>> timeline.advance()
    True
    >>> ledger(timeline, "output", node=1, input=2)
    Ledger of output/node_2, weight of layer_1/node_3, from step 0 to step 20
      at step 0                             0.119979
      examples of 0                        −0.438613
      examples of 1                        +0.136984
      rounding                           under 1e-12
      at step 20                           −0.181651
    Most upwards, and its share of all examples' movement:
      row 55      class 1              +0.0133541      2.32%
      row 67      class 1              +0.0129065      2.24%
      row 121     class 1             +0.00732835      1.27%
      row 65      class 1             +0.00567229      0.99%
      row 87      class 1              +0.0053083      0.92%
    Most downwards:
      row 146     class 0              −0.0276772      4.81%
      row 90      class 0              −0.0234922      4.08%
      row 10      class 0              −0.0231424      4.02%
      row 154     class 0              −0.0178393      3.10%
      row 70      class 0              −0.0176748      3.07%
    Each example's share of the gradient, w·δ·x / total, is carried on in the velocity, from step to
    step; that is exact.
    """
    place = Place.of(timeline.recipe.spec, layer, node, input)
    first, last = span_of(timeline, first, last)
    value_last = place.value(timeline.state_at(last))
    return _summed(timeline, place, (first, last), value_last, journey(timeline, place, first, last))


def _summed(timeline: Timeline, place: Place, span: tuple[int, int], value_last: float, steps: list[Step]) -> Ledger:
    """Return the ledger of what the steps of a journey made of a weight."""
    spec, data = timeline.recipe.spec, timeline.data
    labels, names = labels_of(spec, data.T), class_names(spec)
    columns = 1 if labels is None else spec.n_names
    gains = [step.gains for step in steps]
    parts = carried_on(gains, gradients_of(steps, labels, columns), fed_into(steps))
    values = np.array([*(step.before for step in steps), value_last])
    moved = np.array([step.after - step.before for step in steps])
    decay, alone = np.array([step.decay for step in steps]), np.array([step.alone for step in steps])
    others = {"l1": parts[:, -3], "l2": parts[:, -2], "before": parts[:, -1], "decay": decay, "optimizer": alone}
    others["by hand"] = np.diff(values) - moved
    others["rounding"] = moved - parts.sum(axis=1) - decay - alone
    return Ledger(
        place.layer,
        place.node,
        place.input,
        *span,
        float(values[0]),
        value_last,
        by_example(steps, reach(gains), len(data.X)),
        None if labels is None else parts[:, :columns].sum(axis=0),
        labels,
        names,
        moved,
        parts[:, :columns],
        others,
        sum(step.frozen for step in steps),
        rules_told(timeline, *span),
        None if place.input is None else input_names(spec, place.layer)[place.input],
    )
