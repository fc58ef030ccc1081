"""PyTorch's models as a row of parts, read off their attributes: nothing is imported. Back, by `_torch_modules`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Spec
from pellucid.errors import KindError, MissingLibraryError, SettingError
from pellucid.files._apart import apart
from pellucid.files._parts import Activate, Drop, Linear, Part, Scaled, Scaling
from pellucid.files._reading import Usual, check_kind, check_untouched, check_usual, dtype_for, numbers_of

__all__ = ["is_torch", "parts_of_torch", "torch_of"]

Array = NDArray[Any]

_HOME: Final = "torch.nn.modules."
_OURS: Final = "pellucid.files._torch_modules"
_OUR_KINDS: Final = ("Scaled", "Scaling", "Exp")
_HOMES: Final = (_HOME, _OURS)
_ACTIVATIONS: Final[Mapping[str, tuple[str, Usual]]] = {
    "Sigmoid": ("sigmoid", {}),
    "Tanh": ("tanh", {}),
    "ReLU": ("relu", {}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": (0.01,)}),
    "ELU": ("elu", {"alpha": (1.0,)}),
    "SELU": ("selu", {}),
    "GELU": ("gelu", {"approximate": ("none",)}),
    "SiLU": ("silu", {}),
    "Softplus": ("softplus", {"beta": (1.0,), "threshold": (20.0,)}),
    "Softmax": ("softmax", {"dim": (-1, 1, None)}),
}
"""By PyTorch's name, ours, and the settings with which they are the same."""


def is_torch(model: object) -> bool:
    """Return whether this is a module of PyTorch's."""
    return any((kind.__module__, kind.__name__) == (f"{_HOME}module", "Module") for kind in type(model).__mro__)


def parts_of_torch(model: Any) -> tuple[int, list[Part], str]:
    """Return the number of inputs, the parts and the number type of a module.

    Batch norm uses its running statistics, as in evaluation, in whichever mode the module is.

    Raises
    ------
    KindError, SettingError
        A part cannot be represented; it is named.
    """
    parts = list(_parts(model, ""))
    width = next((part.W.shape[1] for part in parts if isinstance(part, Linear)), None)
    if width is None:
        raise SettingError(
            f"This {type(model).__name__} has no Linear, so no network can be made of it. Give a model with one."
        )
    return width, parts, dtype_for(weights.dtype for weights in model.parameters())


def _parts(module: Any, name: str) -> Iterator[Part]:
    """Go through a module, and the modules within it, in their order."""
    kind, what = type(module).__name__, f"{type(module).__name__} {name!r}" if name else type(module).__name__
    _check_readable(module, what)
    check_untouched(what, module)
    if type(module).forward.__module__ == f"{_HOME}container":  # a Sequential, or a kind of it that calls as it does
        check_kind(what, module, _HOMES)
        for place, child in module._modules.items():  # noqa: SLF001  # named_children() leaves out what stands twice
            yield from _parts(child, f"{name}.{place}" if name else place)
        return
    is_known = type(module).__module__ == _OURS if kind in _OUR_KINDS else type(module).__module__.startswith(_HOME)
    if is_known and (kind in _ACTIVATIONS or kind in _READERS):
        check_kind(what, module, _HOMES)
    if is_known and kind in _ACTIVATIONS:
        ours, usual = _ACTIVATIONS[kind]
        check_usual(what, module, usual)
        yield Activate(ours, what)
    elif is_known and kind in _READERS:
        yield from _READERS[kind](module, what)
    else:
        raise KindError(_refusal(kind, what))


def _check_readable(module: Any, what: str) -> None:
    """Raise where a module is compiled, or not made yet, so that it does not tell what it is."""
    homes = {kind.__name__ for kind in type(module).__mro__ if kind.__module__.startswith("torch.")}
    if "ScriptModule" in homes:
        raise KindError(
            f"{what} is compiled by torch.jit, and tells no more what it is made of. Give the model that was compiled; "
            "or its weights, model.state_dict(), with activation='relu', say, where all its layers are Linear."
        )
    if "OptimizedModule" in homes:
        raise KindError(
            f"{what} is compiled by torch.compile, and tells no more what it is made of. Give the model that was "
            "compiled."
        )
    if "LazyModuleMixin" in homes:
        raise SettingError(
            f"{what} has no weights yet: it makes them when it is first called. Run the model on a row of data first."
        )


def _refusal(kind: str, what: str) -> str:
    next_step = "Where a module of your own only calls such, give them in their order, as torch.nn.Sequential(…)."
    if kind == "LogSoftmax":
        next_step = "Take it off the model's end, model[:-1], and give loss='cross_entropy', which contains it."
    known = [name for name in _READERS if name not in _OUR_KINDS]
    return (
        f"The model has {what}, which no network of Pellucid's can represent. Accepted are {', '.join(known)} and "
        f"{', '.join(_ACTIVATIONS)}, in Sequentials. {next_step}"
    )


def _linear(module: Any, what: str) -> Iterator[Part]:
    W = numbers_of(module.weight)
    yield Linear(W, np.zeros(len(W)) if module.bias is None else numbers_of(module.bias))


def _batch_norm(module: Any, what: str) -> Iterator[Part]:
    if module.running_mean is None:
        raise SettingError(
            f"{what} keeps no running statistics, so what it does to a row depends on the other rows; such a network "
            "cannot be represented. Train it with track_running_stats=True."
        )
    yield Scaled(numbers_of(module.running_mean), 1 / np.sqrt(numbers_of(module.running_var) + module.eps))
    if module.affine:
        yield Scaling(numbers_of(module.weight), numbers_of(module.bias))


def _flatten(module: Any, what: str) -> Iterator[Part]:
    check_usual(what, module, {"start_dim": (1,), "end_dim": (-1,)})
    yield from ()


_READERS: Final[Mapping[str, Callable[[Any, str], Iterator[Part]]]] = {
    "Linear": _linear,
    "BatchNorm1d": _batch_norm,
    "Dropout": lambda module, what: iter([Drop(module.p)] if module.p else []),
    "Flatten": _flatten,
    "Identity": lambda module, what: iter([]),
    "Scaled": lambda module, what: iter([Scaled(*module.exact())]),
    "Scaling": lambda module, what: iter([Scaling(*module.exact())]),
    "Exp": lambda module, what: iter([Activate("exp", what)]),
}


def torch_of(spec: Spec, parameters: Parameters, *, logits: bool = False) -> Any:
    """Return the network as a `torch.nn.Sequential` with copies of its weights, in evaluation mode.

    Raises
    ------
    MissingLibraryError
        PyTorch is not installed.
    SettingError
        See `apart`.
    """
    try:
        from pellucid.files._torch_modules import sequential
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingLibraryError(
            "A model of PyTorch's needs PyTorch, which is not installed. Install it with: pip install torch"
        ) from None
    return sequential(apart(spec, parameters, logits=logits), spec.dtype)
