"""What users write themselves: a file names it, and it is given again when the file is loaded.

A file holds no code, so all that it can tell of an own activation, loss or optimiser is its name and its settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import KindError, MissingPartError, ModelFileError, SettingError

__all__ = ["Custom", "check_derivative", "check_like", "check_settings", "given_again", "is_own", "told"]

Custom = Mapping[str, object]
"""By name, what was written by the user: activations; classes of losses and optimisers."""

_OWN = "custom"


def told(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in JSON for something of the user's own."""
    if _OWN in settings:
        raise SettingError(f"No setting of {name!r} may be called {_OWN!r}, by which files name it. Rename it.")
    return {_OWN: name, **settings}


def given_again(what: str, told_as: Mapping[str, Any], custom: Custom | None, kind: type, *, made: bool) -> Any:
    """Return what was given for the name in a file: an object of this kind.

    Parameters
    ----------
    what : what it is, for messages
    told_as : what `told` returned
    custom : what the user gives
    kind : of the object
    made : whether a class is given, of which the object is made with the settings in the file

    Raises
    ------
    ModelFileError
        Nothing was given for it, or something of another kind.
    """
    settings = dict(told_as)
    name = settings.pop(_OWN)
    if not isinstance(name, str) or name not in (custom or {}):
        raise MissingPartError(
            f"The file names the {what} {name!r}, which its user wrote; a file holds no code. Give it when loading, "
            f"with custom={{{name!r}: …}}, the same as the file was made with."
        )
    given: Any = (custom or {})[name]
    fits = isinstance(given, type) and issubclass(given, kind) if made else isinstance(given, kind) and not settings
    if not fits or given.name != name:
        raise ModelFileError(
            f"custom[{name!r}] must be the {what} of this name, {'a class' if made else 'an object'} of the kind "
            f"{kind.__name__}; {given!r} was given."
        )
    return given(**settings) if made else given


def is_own(told_as: object) -> bool:
    """Return whether this stands in JSON for something of the user's own."""
    return isinstance(told_as, Mapping) and _OWN in told_as


def check_settings(what: str, settings: Mapping[str, Any]) -> None:
    """Raise `SettingError` unless JSON gives back the settings of something of the user's own."""
    try:
        same = json.loads(json.dumps(settings, allow_nan=False)) == settings
    except (TypeError, ValueError):
        same = False
    if not same:
        raise SettingError(
            f"The settings of {what} must be numbers, texts, or lists of them, so that a file can hold them; "
            f"{dict(settings)!r} was given."
        )


def check_derivative(
    what: str, numeric: NDArray[np.float64], given: NDArray[np.float64], at: NDArray[np.float64]
) -> None:
    """Raise `SettingError` where a derivative that the user wrote is not that of the function."""
    apart = ~(np.abs(numeric - given) <= 1e-4 * np.maximum(1, np.abs(numeric)))
    if apart.any():
        place = int(apart.argmax())
        raise SettingError(
            f"The derivative of {what} is not that of its function: at {np.round(at[place], 6).tolist()} it says "
            f"{given[place]:.6g}, a central difference {numeric[place]:.6g}. Mend it; where it is meant to differ, set "
            "surrogate=True."
        )


def check_like(what: str, found: object, like: NDArray[Any]) -> None:
    """Raise `KindError` unless a function of the user's own returned an array of this shape and type."""
    if not isinstance(found, np.ndarray) or found.shape != like.shape or found.dtype != like.dtype:
        shown = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
        raise KindError(f"{what} must return an array of {like.dtype} and shape {like.shape}; it returned {shown}.")
