"""What a network is, apart from its numbers: a frozen description that goes to JSON and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, final

import numpy as np

from pellucid.checks import fraction, is_number, strict_json, whole_number
from pellucid.core.activations import ACTIVATIONS, Activation, activation_of
from pellucid.core.initializers import initializer_named
from pellucid.core.losses import CrossEntropy, Loss, Task, check_own_loss, loss_from_json, loss_of
from pellucid.core.own import Custom, is_own, told
from pellucid.errors import KindError, ModelFileError, SettingError, brief, unknown_name

__all__ = ["Dense", "Dropout", "Input", "Layer", "Output", "Spec"]

Name = str | int
Numbers = float | tuple[float, ...]

_DTYPES: Final = ("float32", "float64")


def _numbers(what: str, value: object, width: int) -> Numbers:
    """Return one finite number for all, or a tuple of one for each; raise `SettingError` otherwise."""
    try:
        # NumPy makes room for the longest text at every place of a list, so texts are sorted out before.
        array = np.asarray(value if _all_numbers(value) else math.nan)
    except ValueError:
        array = np.array(math.nan)
    fits = array.dtype.kind in "uif" and array.shape in {(), (width,)}
    if not fits or (array.ndim == 0 and not np.isfinite(array)):
        raise SettingError(f"{what} must be a finite number or {width} of them; {brief(repr(value))} was given.")
    if not np.isfinite(array).all():
        place = int(np.isfinite(array).argmin())
        raise SettingError(
            f"{what}[{place}] must be finite; {array[place]} was given. A column that never varies has no spread: "
            "give 1.0 there."
        )
    return float(array) if array.ndim == 0 else tuple(float(x) for x in array)


def _all_numbers(value: object) -> bool:
    """Return whether a list, if it is one, holds numbers alone."""
    return not isinstance(value, (list, tuple)) or all(is_number(one) for one in value)


def _names(what: str, names: Sequence[Name] | None, width: int) -> tuple[Name, ...] | None:
    """Return names as a tuple of str or int; raise unless there are ``width`` different ones of one kind."""
    if names is None:
        return None
    try:
        given = list(names)
    except TypeError:
        raise KindError(f"{what} must be a list of {width}, not {type(names).__name__} ({names!r}).") from None
    plain = [int(name) if isinstance(name, (int, np.integer)) else name for name in given]
    kinds = {type(name) for name in plain}
    if not (kinds <= {int} or all(isinstance(name, str) for name in plain)):
        raise KindError(f"{what} must be all texts or all whole numbers; {names!r} was given.")
    if any("\ud800" <= letter <= "\udfff" for name in plain if isinstance(name, str) for letter in name):
        raise SettingError(
            f"{what} hold half a character (a lone surrogate), which no file can hold; {names!r} was given."
        )
    if len(plain) != width or len(set(plain)) != width:
        raise SettingError(
            f"{what} must be {width} different names; {len(plain)} were given, {len(set(plain))} of them different."
        )
    return tuple(name if isinstance(name, int) else str(name) for name in plain)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


@final
@dataclass(frozen=True)
class Input:
    """What comes in: x is used as (x − shift)·scale.

    Parameters
    ----------
    width : int
        Number of inputs.
    scale, shift : float, or one for each input
    features : names of the inputs, or None

    Examples
    --------
    >>> Input(784, scale=1 / 255).scale
    0.00392156862745098
    """

    width: int
    scale: Numbers = 1.0
    shift: Numbers = 0.0
    features: tuple[Name, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", whole_number("The number of inputs", self.width, 1))
        object.__setattr__(self, "scale", _numbers("input_scale", self.scale, self.width))
        object.__setattr__(self, "shift", _numbers("input_shift", self.shift, self.width))
        object.__setattr__(self, "features", _names("features", self.features, self.width))
        if np.any(np.asarray(self.scale) == 0):
            raise SettingError("input_scale must not be 0: the input would be lost. Give 1.0 for no scaling.")


def _named(activation: Activation) -> str | Activation:
    """Return the name of an activation, or one of the user's own as it is."""
    return activation.name if ACTIVATIONS.get(activation.name) is activation else activation


@final
@dataclass(frozen=True)
class Dense:
    """A layer whose every neuron sees every input.

    Parameters
    ----------
    width : int
        Number of neurons.
    activation : str, an `Activation` of one's own, or None for the network's (hidden layers) or identity (the output)
    initializer : str, or None for the activation's usual one: ``glorot`` for identity, sigmoid and tanh, ``lecun`` for
        selu, ``he`` for the others

    Examples
    --------
    >>> from pellucid import Dense, Network
    >>> Network([4, Dense(8, "tanh"), 3])["layer_1"]
    layer_1: 8 neurons of 4 inputs, tanh
    """

    width: int
    activation: str | Activation | None = None
    initializer: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", whole_number("The width of a layer", self.width, 1))
        if self.activation is not None:
            object.__setattr__(self, "activation", _named(activation_of(self.activation)))
        if self.initializer is not None:
            initializer_named(self.initializer)

    def resolved(self, activation: str | Activation, initializer: str | None) -> Dense:
        """Return this layer with what was left open filled in."""
        chosen = activation_of(self.activation or activation)
        return Dense(self.width, chosen, self.initializer or initializer or chosen.initializer)


@final
@dataclass(frozen=True)
class Dropout:
    """In training, leave each unit of the layer before out with probability ``rate``, 0 ≤ rate < 1.

    Examples
    --------
    >>> from pellucid import Dropout, Network
    >>> Network([4, 8, Dropout(0.1), 3]).n_parameters
    67
    """

    rate: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", fraction("The rate of Dropout", self.rate, usual=0.1))


Layer = Dense | Dropout
_LAYERS: Final = {"dense": Dense, "dropout": Dropout}


def _told(layer: Layer) -> dict[str, Any]:
    """Return what stands for a layer in JSON."""
    if isinstance(layer, Dropout):
        return {"kind": "dropout", "rate": layer.rate}
    activation = told(layer.activation.name, {}) if isinstance(layer.activation, Activation) else layer.activation
    return {"kind": "dense", "width": layer.width, "activation": activation, "initializer": layer.initializer}


@final
@dataclass(frozen=True)
class Output:
    """What goes out: names of the classes or targets; for values, in their own units a·scale + shift.

    Parameters
    ----------
    names : names of the classes (or of the targets), or None
    scale, shift : float, or one for each target; both None: taken from the first y that is fitted
        (standard deviation and mean), and 1 and 0 until then
    """

    names: tuple[Name, ...] | None = None
    scale: Numbers | None = 1.0
    shift: Numbers | None = 0.0


@final
@dataclass(frozen=True)
class Spec:
    """What a network is: input, layers, loss, output and number type.

    Use `Spec.of` to build one from short forms.

    Attributes
    ----------
    input : Input
    layers : tuple of Dense and Dropout; the last is a Dense, the output layer
    loss : Loss; a name is made one
    output : Output
    dtype : "float32" or "float64"

    Raises
    ------
    SettingError, KindError, UnknownNameError
        A part is outside what is accepted.

    Examples
    --------
    >>> spec = Spec.of([784, 32, 32, 10])
    >>> spec.n_parameters, spec.names
    (26506, ('layer_1', 'layer_2', 'output'))
    >>> Spec.from_json(spec.to_json()) == spec
    True
    """

    input: Input
    layers: tuple[Layer, ...]
    loss: Loss = field(default_factory=CrossEntropy)
    output: Output = Output()
    dtype: str = "float32"

    def __post_init__(self) -> None:
        if self.dtype not in _DTYPES:
            raise unknown_name("dtype", self.dtype, _DTYPES)
        if not self.layers or not isinstance(self.layers[-1], Dense):
            raise SettingError(
                "The last layer must be the output layer, a whole number or a Dense; "
                f"{self.layers[-1] if self.layers else 'none'} was given."
            )
        own = {layer.activation for layer in self.dense if isinstance(layer.activation, Activation)}
        if len({activation.name for activation in own}) < len(own):
            raise SettingError(
                f"Two different activations of one's own have the same name ({', '.join(sorted(map(str, own)))}), by "
                "which a file tells them. Give each a name of its own."
            )
        loss, last = loss_of(self.loss), self.layers[-1]
        object.__setattr__(self, "loss", loss)
        if loss.owns_output and last.activation != "identity":
            raise SettingError(
                f"The loss {loss.name!r} contains its own output function, so the output layer's activation must be "
                f"'identity'; {last.activation!r} was given. Leave it out."
            )
        if loss.task is Task.CLASSES and last.width < 2:
            raise SettingError(
                f"The loss {loss.name!r} needs an output for each of at least 2 classes; {last.width} was given. "
                "For yes or no give loss='binary_cross_entropy', for a number loss='mse'."
            )
        each = loss.outputs_per_target
        if last.width % each:
            raise SettingError(
                f"The loss {loss.name!r} needs {each} outputs for each target; {last.width} were given. "
                f"Give the output layer {each} for one target, {2 * each} for two."
            )
        check_own_loss(loss, last.width)
        out = self.output
        names = _names("The names of classes or targets", out.names, self.n_names)
        scale = None if out.scale is None else _numbers("The output's scale", out.scale, last.width)
        shift = None if out.shift is None else _numbers("The output's shift", out.shift, last.width)
        if (scale is None) != (shift is None) or (scale is not None and np.any(np.asarray(scale) <= 0)):
            raise SettingError(f"The output's scale must be above 0, and given with its shift; {out} was given.")
        if loss.counts and (scale != 1.0 or shift != 0.0):
            raise SettingError(
                f"The loss {loss.name!r} takes counts as they are; a scale or shift was given. Leave it out."
            )
        object.__setattr__(self, "output", Output(names, scale, shift))

    @classmethod
    def of(
        cls,
        layers: Sequence[int | Layer],
        *,
        activation: str | Activation = "relu",
        initializer: str | None = None,
        loss: str | Loss = "cross_entropy",
        classes: Sequence[Name] | None = None,
        targets: Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        input_scale: float | Sequence[float] = 1.0,
        input_shift: float | Sequence[float] = 0.0,
        standardize_targets: bool | None = None,
        dtype: str = "float32",
    ) -> Spec:
        """Return the spec for a list such as ``[784, 32, Dropout(0.1), 10]``.

        Parameters
        ----------
        layers : the number of inputs, then widths, `Dense` and `Dropout`; the last is the output layer
        activation : of hidden layers that name none of their own
        initializer : of layers that name none of their own; see `Dense`
        loss : "cross_entropy" (classes), "binary_cross_entropy" (yes or no), "mse", "mae" or "huber" (values),
            "pinball" (quantiles of values), "poisson" (counts), or one with settings of its own
        classes, targets, features : names of the outputs' classes or targets, and of the inputs
        input_scale, input_shift : an input x is used as (x − shift)·scale
        standardize_targets : whether y is standardised inside; None: for values, where the output is identity
        dtype : "float32" or "float64"
        """
        if isinstance(layers, (str, bytes)) or not isinstance(layers, Sequence) or len(layers) < 2:
            raise SettingError(
                f"The layers must be a list of at least 2: the number of inputs and the output layer; "
                f"{layers!r} was given. Give [784, 32, 10], say."
            )
        activation_of(activation)
        first, *rest = layers
        if isinstance(first, (Dense, Dropout)):
            raise SettingError(f"The first of the layers must be the number of inputs; {first} was given.")
        built: list[Layer] = []
        for place, layer in enumerate(rest, start=1):
            if isinstance(layer, Dropout):
                built.append(layer)
                continue
            one = layer if isinstance(layer, Dense) else Dense(whole_number("The width of a layer", layer, 1))
            built.append(one.resolved("identity" if place == len(rest) else activation, initializer))
        the_loss = loss_of(loss)
        task = the_loss.task
        if classes is not None and task is Task.VALUES:
            raise SettingError(f"classes belong to losses for classes, not to {the_loss.name!r}. Give targets instead.")
        if targets is not None and task is not Task.VALUES:
            raise SettingError(f"targets belong to losses for values, not to {the_loss.name!r}. Give classes instead.")
        last = built[-1]
        if standardize_targets is None:
            identity = isinstance(last, Dense) and last.activation == "identity"
            standardize_targets = task is Task.VALUES and identity and not the_loss.counts
        if standardize_targets and (task is not Task.VALUES or the_loss.counts):
            raise SettingError(
                f"standardize_targets belongs to losses for values other than counts, not to {the_loss.name!r}. "
                "Leave it out."
            )
        names = classes if classes is not None else targets
        width = whole_number("The number of inputs", first, 1)
        return cls(
            Input(
                width,
                _numbers("input_scale", input_scale, width),
                _numbers("input_shift", input_shift, width),
                _names("features", features, width),
            ),
            tuple(built),
            the_loss,
            Output(
                names,  # type: ignore[arg-type]  # made a tuple, or refused, by Spec
                *((None, None) if standardize_targets else (1.0, 0.0)),
            ),
            dtype,
        )

    @property
    def dense(self) -> tuple[Dense, ...]:
        """The layers that have weights."""
        return tuple(layer for layer in self.layers if isinstance(layer, Dense))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers that have weights: layer_1, layer_2, …, output."""
        return (*(f"layer_{i}" for i in range(1, len(self.dense))), "output")

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(n_out, n_in) of each layer that has weights."""
        widths = [self.input.width, *(layer.width for layer in self.dense)]
        return tuple((n_out, n_in) for n_in, n_out in pairwise(widths))

    @cached_property
    def n_outputs(self) -> int:
        """Width of the output layer."""
        return self.dense[-1].width

    @property
    def n_names(self) -> int:
        """How many classes or targets there are to name: two for one yes-or-no output, else one an output.

        Where a target has several outputs (quantiles), it has one name.
        """
        if self.loss.task is Task.YES_NO and self.n_outputs == 1:
            return 2
        return self.n_outputs // self.loss.outputs_per_target

    @property
    def n_parameters(self) -> int:
        """Number of weights and biases."""
        return sum(n_out * (n_in + 1) for n_out, n_in in self.shapes)

    def to_json(self) -> str:
        """Return the spec as JSON that gives back every bit."""
        whole = {
            "input": asdict(self.input),
            "layers": [_told(layer) for layer in self.layers],
            "loss": self.loss.to_json(),
            "output": asdict(self.output),
            "dtype": self.dtype,
        }
        return json.dumps(whole, ensure_ascii=False)

    @cached_property
    def is_own(self) -> bool:
        """Whether an activation or the loss is of the user's own, so that the readable core computes."""
        return self.loss.is_own or any(isinstance(layer.activation, Activation) for layer in self.dense)

    @classmethod
    def from_json(cls, text: str, custom: Custom | None = None) -> Spec:
        """Return the spec that `to_json` wrote; ``custom`` gives what the user wrote, by name.

        Raises
        ------
        ModelFileError
            The text describes no network, or names what the user wrote and was not given again.
        """
        try:
            return cls._from_mapping(strict_json(text), custom)
        except ModelFileError:
            raise
        except (TypeError, KeyError, AttributeError, ValueError, OverflowError, RecursionError) as error:
            raise ModelFileError(
                f"The description of the network cannot be read: {brief(error)} It may come from a newer release."
            ) from None

    @classmethod
    def _from_mapping(cls, given: Mapping[str, Any], custom: Custom | None) -> Spec:
        def tuples(part: Mapping[str, Any]) -> dict[str, Any]:
            if any(value is True or value is False for given in part.values() for value in _as_list(given)):
                raise ValueError("true and false are no numbers and no names.")
            return {key: tuple(value) if isinstance(value, list) else value for key, value in part.items()}

        for part, told_names in (("input", "features"), ("output", "names")):
            if not isinstance(given[part].get(told_names), (list, type(None))):
                raise TypeError(f"its {told_names} are no list.")

        def layer_of(told: Mapping[str, Any]) -> Layer:
            settings = dict(told)
            if is_own(settings.get("activation")):
                settings["activation"] = activation_of(settings["activation"], custom)
            layer = _LAYERS[settings.pop("kind")](**settings)
            if isinstance(layer, Dense) and layer.activation is None:
                raise ValueError("a layer's activation is not told.")
            return layer

        if unknown := given.keys() - {"input", "layers", "loss", "output", "dtype"}:
            raise ValueError(f"it tells {min(unknown)!r}, which no network has.")
        layers = tuple(layer_of(layer) for layer in given["layers"])
        return cls(
            Input(**tuples(given["input"])),
            layers,
            loss_from_json(given["loss"], custom),
            Output(**tuples(given["output"])),
            given["dtype"],
        )
