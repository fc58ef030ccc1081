"""Twins: neurons of a layer that compute the same, and so stay the same while they are trained."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Activation
from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._thresholds import TWIN, TWINS_SERIOUS, TWINS_WARNING

__all__ = ["twin_neurons"]

_MOST_NEURONS: Final = 2048
_ODD: Final = ("identity", "tanh")
_IN_PROPORTION: Final = ("identity", "relu", "leaky_relu")


def twin_neurons(look: Look) -> list[Finding]:
    """Return a finding for each hidden layer with neurons whose weights and bias are the same.

    The same in proportion, where f(c·z) = c·f(z) for c > 0; or with the other sign, where f(−z) = −f(z): what such
    neurons answer differs by a factor alone. Wide layers are compared in their first 2,048 neurons.
    """
    return [finding for layer in look.hidden if (finding := _of(look, layer)) is not None]


def _of(look: Look, layer: str) -> Finding | None:
    part = look.parameters[layer]
    rows = np.column_stack([part.W, part.b])[:_MOST_NEURONS].astype(np.float64)
    place = look.spec.names.index(layer)
    activation = look.spec.dense[place].activation
    name = "" if isinstance(activation, Activation) or activation is None else activation
    same = _same(rows, proportion=name in _IN_PROPORTION, odd=name in _ODD)
    first = same.argmax(axis=1)  # the first neuron that each is the same as; often itself
    twins = np.flatnonzero(same.sum(axis=1) > 1)
    if len(twins) == 0:
        return None
    width, groups = len(rows), len(np.unique(first[twins]))
    spare = len(twins) - groups
    share = spare / max(1, width - 1)
    outgoing = look.parameters[look.spec.names[place + 1]].W[:, : len(rows)].astype(np.float64).T
    kept = int(_same(outgoing, proportion=False, odd=False)[twins, first[twins]].sum()) - groups
    return Finding(
        "twin_neurons",
        severity(share, TWINS_WARNING, TWINS_SERIOUS),
        f"{len(twins)} of {layer}'s {width} neurons have the same weights and bias as another, in {groups} "
        f"{'group' if groups == 1 else 'groups'}: {spare} of them add nothing. {kept} have the same weights going "
        "out, too, and so get the same gradient at every step.",
        {"twins": len(twins), "groups": groups, "spare": spare, "width": width, "share": share, "outgoing": kept},
        "Start from random weights, which make neurons different; where there are few twins only, make the layer "
        "narrower.",
        {"initializer": "glorot" if name in {"identity", "sigmoid", "tanh"} else "he"},
        layer,
        tuple(int(j) + 1 for j in twins),
    )


def _same(rows: NDArray[np.float64], *, proportion: bool, odd: bool) -> NDArray[np.bool_]:
    """Return for each pair of rows whether they are the same, at the diagonal too; shape (rows, rows)."""
    lengths = np.linalg.norm(rows, axis=1)
    if proportion:
        rows = rows / np.where(lengths == 0, 1, lengths)[:, np.newaxis]
        lengths = np.minimum(lengths, 1)
    bound = (TWIN * np.maximum.outer(lengths, lengths)) ** 2
    products = rows @ rows.T
    squares = np.diag(products)
    sums = squares[:, np.newaxis] + squares
    noise = 1e-12 * sums  # of the difference of nearly equal squares, in float64
    same: NDArray[Any] = sums - 2 * products <= bound + noise
    if odd:
        same |= sums + 2 * products <= bound + noise
    np.fill_diagonal(same, val=True)
    return same
