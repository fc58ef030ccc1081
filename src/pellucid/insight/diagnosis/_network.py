"""The diagnosis of a network as it is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import SparseRows, Spec
from pellucid.engine import Backend
from pellucid.insight.diagnosis._classes import outputs_vary
from pellucid.insight.diagnosis._dead import dead_neurons
from pellucid.insight.diagnosis._finding import Diagnosis, Finding, ordered
from pellucid.insight.diagnosis._gradients import gradients_through_depth
from pellucid.insight.diagnosis._inputs import inputs_scaled
from pellucid.insight.diagnosis._look import Check, Look, look_at, sampled
from pellucid.insight.diagnosis._saturated import saturated_neurons
from pellucid.insight.diagnosis._twins import twin_neurons

__all__ = ["CHECKS", "diagnose_network", "findings_of"]

Array = NDArray[Any]

CHECKS: Final[tuple[Check, ...]] = (
    inputs_scaled,
    dead_neurons,
    saturated_neurons,
    twin_neurons,
    gradients_through_depth,
    outputs_vary,
)


def findings_of(look: Look) -> list[Finding]:
    """Return what every check finds in a network's numbers."""
    return [finding for check in CHECKS for finding in check(look)]


def diagnose_network(
    spec: Spec, parameters: Array, backend: Backend, X: Array | SparseRows, T: Array | None = None
) -> Diagnosis:
    """Return what is wrong with a network, as far as its numbers on some rows tell.

    Of more than 2,000 rows as many are looked at, drawn by chance, always the same.

    Parameters
    ----------
    spec : Spec
    parameters : vector, shape (spec.n_parameters,)
    backend : Backend
    X : array, shape (rows, n_in), or `SparseRows`; as the user gives it
    T : targets as the loss takes them; None: gradients and classes are not judged

    Returns
    -------
    Diagnosis

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.core import Parameters
    >>> from pellucid.engine import ReadableCore
    >>> parameters = Parameters(Spec.of([2, 4, 2]))
    >>> parameters["layer_1"].W[:] = [[1, 2], [3, 1], [2, -1], [-1, 1]]
    >>> parameters["layer_1"].b[:] = [0, 0, -9, -9]
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    >>> diagnose_network(Spec.of([2, 4, 2]), parameters.vector, ReadableCore(), X)
    1 finding, on 4 rows
    <BLANKLINE>
    warning: dead_neurons
      2 of layer_1's 4 neurons (50%) answer 0 on each of 4 rows: node_3, node_4. With a slope of 0 there, no row's
      gradient reaches the weights that lead into them.
      → Give the layer leaky_relu instead of relu, which passes a little on everywhere; where they died in the
      run, a lower learning rate, too.
    """
    places = sampled(len(X), spec.input.width)
    with np.errstate(all="ignore"):  # what is to be found may not be finite
        look = look_at(spec, parameters, backend, X[places], None if T is None else T[places], X.shape[0])
        return Diagnosis(ordered(findings_of(look)), len(places))
