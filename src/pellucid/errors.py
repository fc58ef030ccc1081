"""One tree of errors; each class is also the built-in it resembles.

::

    PellucidError
    ├── DataError (ValueError)            arrays or labels that cannot be used
    │   └── ShapeError                    … because of their shape
    ├── SettingError (ValueError)         an argument outside what is accepted
    │   └── UnknownNameError (KeyError)   a name that is in no table
    ├── KindError (TypeError)             an object of a kind that cannot be used
    ├── MissingLibraryError (ImportError) an optional library that is not installed
    ├── RunError (RuntimeError)           a run asked for what it cannot do
    │   └── DivergedError                 the numbers of a run ceased to be finite
    └── ModelFileError (ValueError)       a file that is not a whole model or run file
        └── MissingPartError              … or names what its user wrote, and that was not given

    PellucidWarning (UserWarning)
    ├── ScaleWarning                      data whose range contradicts the input scale
    └── SlowEngineWarning                 there is no native engine for this machine

A message says what was wrong, what was given, what is accepted and what to do.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable
from typing import Any

__all__ = [
    "DataError",
    "DivergedError",
    "KindError",
    "MissingLibraryError",
    "MissingPartError",
    "ModelFileError",
    "PellucidError",
    "PellucidWarning",
    "RunError",
    "ScaleWarning",
    "SettingError",
    "ShapeError",
    "SlowEngineWarning",
    "UnknownNameError",
    "brief",
    "unknown_name",
    "warn",
]


class PellucidError(Exception):
    """Every error that Pellucid raises on purpose."""


class DataError(PellucidError, ValueError):
    """Arrays or labels that cannot be used."""


class ShapeError(DataError):
    """Arrays or labels that cannot be used because of their shape."""


class SettingError(PellucidError, ValueError):
    """An argument outside what is accepted."""


class UnknownNameError(SettingError, KeyError):
    """A name that is in no table."""

    def __str__(self) -> str:
        """Return the message as it is; ``KeyError`` alone would quote it."""
        return str(self.args[0])


class KindError(PellucidError, TypeError):
    """An object of a kind that cannot be used."""


class MissingLibraryError(PellucidError, ImportError):
    """An optional library is needed and not installed."""


class RunError(PellucidError, RuntimeError):
    """A run was asked for something that it cannot do."""


class DivergedError(RunError):
    """The numbers of a run became NaN or infinite.

    Attributes
    ----------
    run : the `Run`, standing on its last finite step, where it was made by one
    """

    run: Any = None


class ModelFileError(PellucidError, ValueError):
    """A file is not a whole model or run file, or not of a version that this release reads."""


class MissingPartError(ModelFileError):
    """A file names an activation, a loss or an optimiser that its user wrote, and it was not given at load."""


class PellucidWarning(UserWarning):
    """Every warning that Pellucid gives on purpose."""


class ScaleWarning(PellucidWarning):
    """The range of the data contradicts the scale that the network applies to its inputs."""


class SlowEngineWarning(PellucidWarning):
    """There is no native engine here: the readable core computes."""


def brief(text: object, most: int = 300) -> str:
    """Return a text, its middle left out where it is longer than ``most``: what is shown of something from outside.

    Examples
    --------
    >>> brief("abcdefghijklmnopqrstuvwxyz", most=10)
    'abcde … vwxyz'
    """
    whole = str(text)
    return whole if len(whole) <= most else f"{whole[: most // 2]} … {whole[-(most // 2) :]}"


def unknown_name(what: str, given: object, accepted: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is in no table, naming the nearest one.

    Examples
    --------
    >>> print(unknown_name("activation", "rellu", ["relu", "tanh"]))
    Unknown activation 'rellu'. Accepted: relu, tanh. Did you mean 'relu'?
    """
    names, shown = list(accepted), brief(repr(given), 100)
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(str(given)[:100].lower(), lower, n=1)
    hint = f" Did you mean {lower[near[0]]!r}?" if near else ""
    return UnknownNameError(f"Unknown {what} {shown}. Accepted: {', '.join(names)}.{hint}")


def warn(message: str, category: type[Warning], through: Iterable[str] = ()) -> None:
    """Give a warning that points at the line outside Pellucid, and outside some packages, from which it was called."""
    import inspect  # 10 ms, seldom needed

    frame, level, passed = inspect.currentframe(), 1, {"pellucid", *through}
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in passed:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
