"""Weights as scikit-learn shows them: a list of matrices, into which one may write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ShapeError

__all__ = ["Views"]

Array = NDArray[Any]


class Views(list[Array]):
    """A list of views into a network's parameters: assigning to one of them copies in.

    Examples
    --------
    >>> vector = np.zeros(4)
    >>> views = Views([vector[:3], vector[3:]])
    >>> views[0] = [1, 2, 3]
    >>> vector
    array([1., 2., 3., 0.])
    """

    def __setitem__(self, place: Any, value: Any) -> None:
        if isinstance(place, slice):
            self.copy_in(value, list(range(len(self)))[place])
        else:
            self.copy_in([value], [place])

    def copy_in(self, values: Iterable[Any], places: list[int] | None = None) -> None:
        """Copy arrays into the views, all of them or those of some places; where one does not fit, none is changed."""
        views = list(self) if places is None else [self[place] for place in places]
        arrays = [np.asarray(value) for value in values]
        if [array.shape for array in arrays] != [view.shape for view in views]:
            raise ShapeError(
                f"The network's weights have the shapes {[view.shape for view in views]}; arrays of "
                f"{[array.shape for array in arrays]} were given. Fit another network, or give arrays of its shapes."
            )
        for view, array in zip(views, arrays, strict=True):
            view[...] = array
