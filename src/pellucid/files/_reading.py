"""What readers of other libraries' models share: their numbers, and what is accepted of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import KindError, SettingError, brief

__all__ = ["Usual", "check_kind", "check_untouched", "check_usual", "dtype_for", "numbers_of", "with_article"]

Array = NDArray[Any]
Usual = Mapping[str, tuple[object, ...]]
"""By the name of an attribute, what is accepted of it."""

_DTYPES: Final = ("float16", "bfloat16", "float32", "float64")


def numbers_of(value: Any) -> Array:
    """Return a tensor or variable of another library, wherever it lies, as a float64 array of NumPy's."""
    if type(value).__module__.startswith("keras."):
        value = value.value  # the tensor that a variable of Keras's holds
    if hasattr(value, "detach"):
        value = value.detach().cpu().double()  # NumPy has no bfloat16
    return np.array(value.numpy() if hasattr(value, "numpy") else value, dtype=np.float64)


def dtype_for(dtypes: Iterable[object]) -> str:
    """Return the number type that holds weights of these types, which may be given by name, such as torch.float32.

    Raises
    ------
    KindError
        There are weights that are no floating-point numbers.
    """
    names = {str(dtype).rpartition(".")[-1] for dtype in dtypes}
    if odd := names.difference(_DTYPES):
        raise KindError(
            f"The model has weights of {min(odd)}; {', '.join(_DTYPES)} are accepted. Convert it to float32 first."
        )
    return "float64" if "float64" in names else "float32"


def with_article(name: str) -> str:
    """Return a name with a or an before it.

    Examples
    --------
    >>> with_article("Pipeline"), with_article("int")
    ('a Pipeline', 'an int')
    """
    return f"{'an' if name[:1].lower() in set('aeio') else 'a'} {name}"


_HOOKS: Final = ("_forward_hooks", "_forward_pre_hooks")
_CALLS: Final = ("forward", "call", "_call_impl", "quantized_call")
_CALLS_OF_KIND: Final = ("__call__", "__iter__", *_CALLS)


def check_untouched(what: str, part: object) -> None:
    """Raise `SettingError` where a module or layer computes otherwise than others of its kind.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> check_untouched("ReLU '1'", SimpleNamespace(forward=np.tanh))
    Traceback (most recent call last):
    pellucid.errors.SettingError: ReLU '1' has a forward of its own, so what it computes cannot be read. Take that off
    with del layer.forward, or put a layer that computes the same in its place.
    """
    held = vars(part)
    if any(held.get(hooks) for hooks in _HOOKS):
        raise SettingError(
            f"{what} has hooks, which may change what it computes. Remove them (the handles' remove()) first."
        )
    for name in _CALLS:
        if name in held:
            raise SettingError(
                f"{what} has a {name} of its own, so what it computes cannot be read. Take that off with del "
                f"layer.{name}, or put a layer that computes the same in its place."
            )


def check_kind(what: str, part: object, homes: tuple[str, ...]) -> None:
    """Raise `SettingError` where a kind of module or layer is called in a way that is not its library's.

    ``homes``: how the names of the library's own modules begin.
    """
    for name in _CALLS_OF_KIND:
        function = getattr(type(part), name, None)
        if function is not None and not str(getattr(function, "__module__", "")).startswith(homes):
            raise SettingError(
                f"{what} is of a kind whose {name} is not the library's, so what it computes cannot be read. Give its "
                "layers in a model of the library's own kinds, with the same weights."
            )


def check_usual(what: str, part: object, usual: Usual) -> None:
    """Raise `SettingError` where an attribute of a part is none that is accepted.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> check_usual("LeakyReLU '2'", SimpleNamespace(negative_slope=0.2), {"negative_slope": (0.01,)})
    Traceback (most recent call last):
    pellucid.errors.SettingError: LeakyReLU '2' has negative_slope=0.2, which no network of Pellucid's can represent;
    0.01 is accepted. Train the model with that, or take this part off.
    """
    for name, accepted in usual.items():
        given = getattr(part, name)
        if given not in accepted:
            raise SettingError(
                f"{what} has {name}={brief(repr(given), 60)}, which no network of Pellucid's can represent; "
                f"{' or '.join(map(repr, accepted))} is accepted. Train the model with that, or take this part off."
            )
