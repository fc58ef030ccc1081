"""What would have had to be different: the smallest change of one neuron that changes the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import whole_number
from pellucid.core import Name, Parameters, Spec, Task
from pellucid.engine import Backend
from pellucid.errors import DataError, SettingError
from pellucid.insight._answers import answer_name, answers, one_row
from pellucid.insight._flips import Change, Search, SmallestChanges, searched
from pellucid.insight._layers_apart import activations, layers_above
from pellucid.insight._ranges import range_of

__all__ = ["Change", "Counterfactual", "SmallestChanges", "counterfactual"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]


@final
@dataclass(frozen=True, repr=False)
class Counterfactual:
    """The smallest change of one hidden neuron's activation that changes the answer.

    Attributes
    ----------
    answer : int
        The place of the answer as it is.
    name : its name, or its place where answers have no names
    reachable, smallest : Change, or None where none was found
        The smallest that its neuron's activation function can give, and the smallest of all.
    layers : SmallestChanges by the hidden layers' names
    """

    answer: int
    name: Name
    reachable: Change | None
    smallest: Change | None
    layers: Mapping[str, SmallestChanges]

    @property
    def best(self) -> Change | None:
        """The smallest change within reach; where there is none, the smallest of all."""
        return self.reachable or self.smallest

    def __repr__(self) -> str:
        lines = [f"{self.name}; with one neuron changed as little as it takes:"]
        lines.append(
            f"  {self.best or 'no change of one neuron, within the bounds of the search, gives another answer'}"
        )
        if self.reachable and self.smallest != self.reachable:
            lines.append(f"  {self.smallest}")
        for name, found in self.layers.items():
            best = found.reachable or found.smallest
            line = f"  {best or f'{name}: none'}"
            if line not in lines:
                lines.append(line)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from pellucid.insight._html import counterfactual_html

        return counterfactual_html(self)


def counterfactual(
    spec: Spec, parameters: Parameters, backend: Backend, x: object, *, to: int | None = None
) -> Counterfactual:
    """Return the smallest change of one hidden neuron's activation that changes the answer.

    Every neuron of every hidden layer is tried, up and down, all others being held as they are; what lies above it
    follows. Sizes are compared as they are, also between layers whose activations differ in size.

    - In the last hidden layer outputs are linear in an activation, so the flip has a closed form.
    - In deeper layers the outputs are searched outward from the activation, at distances of 2⁻¹² to 2¹² times the
      layer's largest activation, four to a doubling; the first flip is then bisected. A stretch of another answer
      that lies between two such distances is not seen, and nothing beyond the last.

    What is found is confirmed by the engine: the change makes the answer the new one, and 0.999 of it does not, as
    far as the network's number type tells the two apart.

    Parameters
    ----------
    spec, parameters, backend : the network, and what computes it
    x : array, shape (n_in,), as the user gives it
    to : place of the answer wished for, from 0; None: any other

    Raises
    ------
    SettingError, KindError
        The network gives values, or several answers at once, or has no hidden layer; or the answer is ``to`` already.
    ShapeError, DataError, KindError
        x is not one row of finite numbers, or its outputs are not finite.

    Examples
    --------
    >>> from pellucid.engine import ReadableCore
    >>> spec = Spec.of([2, 2, 2], dtype="float64")
    >>> parameters = Parameters(spec)
    >>> parameters["layer_1"].W[...] = [[1, 0], [0, 1]]
    >>> parameters["output"].W[...] = [[1, 0], [0, 2]]
    >>> counterfactual(spec, parameters, ReadableCore(), [3.0, 1.0])
    0; with one neuron changed as little as it takes:
      layer_1/node_2: 1 → 1.5 (+0.5) gives 1

    Source: Wachter, Mittelstadt & Russell (2018), Counterfactual explanations without opening the black box, asked of
    hidden neurons in place of inputs.
    """
    _check(spec)
    row = one_row(spec, x)
    wished = None if to is None else whole_number("The answer wished for, counted from 0,", to, 0, spec.n_names - 1)
    output = backend.forward(spec, parameters.vector, row)
    if not np.isfinite(output).all():
        raise DataError(
            "The outputs for x are not finite, so there is no answer to change. Mend the network or the row."
        )
    answer = int(answers(spec, output)[0])
    if answer == wished:
        raise SettingError(f"The answer is {answer_name(spec, answer)} already. Give another one, or to=None for any.")
    hidden = activations(spec, parameters, backend, row)
    layers = {}
    for name, layer in zip(spec.names[:-1], spec.dense[:-1], strict=True):
        above, reach = layers_above(spec, parameters, name), range_of(layer.activation)
        search = Search(spec, name, hidden[name][0], above, backend, answer, wished, reach)
        layers[name] = searched(search, parameters)
    reachable = _least([found.reachable for found in layers.values()])
    smallest = _least([found.smallest for found in layers.values()])
    return Counterfactual(answer, answer_name(spec, answer), reachable, smallest, layers)


def _check(spec: Spec) -> None:
    """Raise where there is no one answer, or no hidden neuron."""
    if spec.loss.task is Task.VALUES:
        raise SettingError(
            f"The loss {spec.loss.name!r} gives values, which have no smallest change that makes them others. "
            "Ask for the contributions, with why, instead."
        )
    if spec.loss.task is Task.YES_NO and spec.n_outputs > 1:
        raise SettingError(
            f"The network gives {spec.n_outputs} answers of yes or no at once; one answer is accepted, "
            "of several classes or of yes or no. Ask for the contributions to one of them, with why, instead."
        )
    if len(spec.names) == 1:
        raise SettingError(
            "The network has no hidden layer, so it has no neuron to change. Build one with a layer more."
        )


def _least(changes: list[Change | None]) -> Change | None:
    """Return the smallest of those that there are; of equal ones, the first."""
    return min((change for change in changes if change), key=lambda change: abs(change.change), default=None)
