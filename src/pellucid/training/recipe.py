"""The recipe: every setting that decides the bits of a run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, final

from pellucid.arithmetic import ARITHMETIC
from pellucid.checks import checked_number, strict_json, whole_number, yes_or_no
from pellucid.core import (
    Adam,
    Custom,
    Metric,
    Name,
    Optimizer,
    Schedule,
    Spec,
    Task,
    check_settings,
    class_weights,
    metric_from_json,
    metrics_for,
    optimizer_from_json,
    schedule_from_json,
    schedule_of,
    usual_metrics,
)
from pellucid.errors import KindError, ModelFileError, SettingError, brief, unknown_name
from pellucid.random import LegacyShuffle, checked_seed
from pellucid.training.early_stopping import EarlyStopping

__all__ = ["Recipe"]

_MOST_EPOCHS: Final = 10**9


@final
@dataclass(frozen=True)
class Recipe:
    """Every setting that decides the bits of a run; with the data and the edits, nothing else does.

    Parameters
    ----------
    spec : Spec
    start : str
        Fingerprint of the parameters that the run starts from.
    epochs : int, 1 … 10⁹
        How often every row is seen.
    batch_size : int, ≥ 1
        Rows for each step; more than there are means all of them.
    optimizer : Optimizer
    learning_rate : float, ≥ 0
    schedule : Schedule, or the name of one
        How the learning rate goes through the run.
    l1, l2 : float, ≥ 0
        Add l1·Σ |w| + ½·l2·Σ w² to the loss.
    seed : int
        Of the order of rows, the dropout masks and the rows held out.
    shuffle : bool, or LegacyShuffle
        Whether each epoch has an order of its own; a `LegacyShuffle` draws them as scikit-learn does.
    class_weight : pairs (label, weight), "balanced" or None
    validation : float, 0 < f < 1, or None
        The fraction of rows that is held out.
    early_stopping : EarlyStopping or None
    metrics : tuple of Metric
        What is measured on the rows held out, beside the loss and, for classes, the accuracy.
    layer_rates : pairs (layer, factor), or a mapping
        Factors of the learning rate of single layers; 0 freezes one.
    alpha : float, ≥ 0
        Add ½·alpha·Σ w² / (the batch's total weight) to the loss: scikit-learn's penalty.
    steps_before : int, 0 … 2³¹
        How many steps the optimiser made in an earlier run that this one goes on from.
    arithmetic : int
        The version of the arithmetic; see `pellucid.arithmetic`.

    Raises
    ------
    SettingError, KindError, UnknownNameError
        A setting is outside what is accepted.

    Examples
    --------
    >>> recipe = Recipe(Spec.of([2, 4, 2]), start="", epochs=3)
    >>> recipe.optimizer, recipe.learning_rate
    (Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-08), 0.001)
    >>> Recipe.from_json(recipe.to_json()) == recipe
    True
    """

    spec: Spec
    start: str
    epochs: int = 10
    batch_size: int = 64
    optimizer: Optimizer = field(default_factory=Adam)
    learning_rate: float = Adam.learning_rate
    schedule: Schedule | str = "constant"
    l2: float = 0.0
    seed: int = 0
    shuffle: bool | LegacyShuffle = True
    class_weight: tuple[tuple[Name, float], ...] | str | None = None
    validation: float | None = None
    early_stopping: EarlyStopping | None = None
    l1: float = 0.0
    layer_rates: tuple[tuple[str, float], ...] = ()
    metrics: tuple[Metric, ...] = ()
    alpha: float = 0.0
    steps_before: int = 0
    arithmetic: int = ARITHMETIC

    def __post_init__(self) -> None:
        def set_(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        if not isinstance(self.optimizer, Optimizer):
            raise KindError(f"optimizer must be one such as Adam() or Sgd(), not {type(self.optimizer).__name__}.")
        self._check_told()
        set_("epochs", whole_number("epochs", self.epochs, 1))
        if self.epochs > _MOST_EPOCHS:
            raise SettingError(f"epochs must be at most {_MOST_EPOCHS:,}; {brief(self.epochs, 40)} was given.")
        set_("batch_size", whole_number("batch_size", self.batch_size, 1))
        set_("learning_rate", checked_number("learning_rate", self.learning_rate))
        set_("schedule", schedule_of(self.schedule))
        set_("l1", checked_number("l1", self.l1))
        set_("l2", checked_number("l2", self.l2))
        set_("alpha", checked_number("alpha", self.alpha))
        set_("steps_before", whole_number("steps_before", self.steps_before, 0, 2**31))
        set_("metrics", metrics_for(self.spec, self.metrics))
        set_("layer_rates", _layer_rates(self.spec, self.layer_rates))
        set_("seed", checked_seed(self.seed))
        if not isinstance(self.shuffle, LegacyShuffle):
            set_("shuffle", yes_or_no("shuffle", self.shuffle))
        if self.validation is not None:
            set_("validation", checked_number("validation", self.validation))
            if not 0 < self.validation < 1:
                raise SettingError(
                    f"validation must be a fraction between 0 and 1, or a pair (X, y); {self.validation!r} was given."
                )
        if self.early_stopping is not None and not isinstance(self.early_stopping, EarlyStopping):
            raise KindError(
                "early_stopping must be a number of epochs (its patience) or an EarlyStopping, "
                f"not {type(self.early_stopping).__name__}."
            )
        if self.early_stopping is not None:
            metrics_for(self.spec, self.early_stopping.metric)

    def _check_told(self) -> None:
        """Raise where a file could not tell the optimiser's settings, or the start."""
        if self.optimizer.is_own:
            check_settings(f"the optimizer {self.optimizer.name!r}", self.optimizer.to_json())
        if not isinstance(self.start, str):
            raise KindError(f"start must be a fingerprint, a text, not {type(self.start).__name__}.")

    @property
    def measured(self) -> tuple[Metric, ...]:
        """What rows held out are measured by: accuracy where there is any, what was asked for, what is watched."""
        usual = () if self.spec.loss.task is Task.VALUES else usual_metrics(self.spec)
        watched = None if self.early_stopping is None else self.early_stopping.metric
        return tuple(dict.fromkeys((*usual, *self.metrics, *metrics_for(self.spec, watched))))

    @property
    def digest(self) -> str:
        """The SHA-256 of the recipe's JSON, as 64 hexadecimal digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Return the recipe as JSON that gives back every bit."""
        given: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        given["spec"] = json.loads(self.spec.to_json())
        given["optimizer"] = self.optimizer.to_json()
        given["schedule"] = schedule_of(self.schedule).to_json()
        given["early_stopping"] = None if self.early_stopping is None else asdict(self.early_stopping)
        given["metrics"] = [metric.to_json() for metric in self.metrics]
        if isinstance(self.shuffle, LegacyShuffle):
            given["shuffle"] = asdict(self.shuffle)
        for later in (
            "l1",
            "layer_rates",
            "metrics",
            "alpha",
            "steps_before",
        ):  # so that a recipe without them is told as it always was
            if not given[later]:
                del given[later]
        return json.dumps(given, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, custom: Custom | None = None) -> Recipe:
        """Return the recipe that `to_json` wrote; ``custom`` gives what the user wrote, by name.

        Raises
        ------
        ModelFileError
            The text is no recipe.
        """
        try:
            given = strict_json(text)
            _same_arithmetic(given["arithmetic"])
            given["spec"] = Spec.from_json(json.dumps(given["spec"]), custom)
            given["optimizer"] = optimizer_from_json(given["optimizer"], custom)
            given["schedule"] = schedule_from_json(given["schedule"])
            if isinstance(given["shuffle"], dict):
                given["shuffle"] = LegacyShuffle(**given["shuffle"])
            if given["early_stopping"] is not None:
                given["early_stopping"] = EarlyStopping(**given["early_stopping"])
            given["metrics"] = tuple(metric_from_json(metric) for metric in _listed(given.get("metrics", [])))
            weighed = given["class_weight"]
            given["class_weight"] = class_weights(
                given["spec"], dict(weighed) if isinstance(weighed, list) else weighed
            )
            return cls(**given)
        except ModelFileError:
            raise
        except (TypeError, KeyError, AttributeError, ValueError, OverflowError, RecursionError) as error:
            raise ModelFileError(
                f"The recipe of the run cannot be read: {brief(error)} It may come from a newer release."
            ) from None


def _listed(metrics: object) -> list[object]:
    if not isinstance(metrics, list):
        raise TypeError("its metrics are no list.")
    return metrics


def _layer_rates(spec: Spec, given: object) -> tuple[tuple[str, float], ...]:
    """Return factors of the rate in the layers' order; factors of 1 say nothing and are left out."""
    try:
        factors = dict(given)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise KindError(
            f"layer_rates must be a dict of layer: factor, not {type(given).__name__}. Give {{'layer_1': 0.1}}, say."
        ) from None
    for layer in factors:
        if layer not in spec.names:
            raise unknown_name("layer, in layer_rates,", layer, spec.names)
    rates = {
        layer: checked_number(f"layer_rates[{layer!r}]", factors[layer], usual=0.1)
        for layer in spec.names
        if layer in factors
    }
    if len(rates) == len(spec.names) and not any(rates.values()):
        raise SettingError(
            "layer_rates freezes every layer: nothing would be learnt. Give one of them a factor above 0."
        )
    return tuple((layer, rate) for layer, rate in rates.items() if rate != 1.0)


def _same_arithmetic(version: object) -> None:
    """Raise `ModelFileError` unless steps of this version of the arithmetic would have the same bits here."""
    if type(version) is not int or version != ARITHMETIC:
        raise ModelFileError(
            f"The run was made with version {brief(version)} of the arithmetic; this release has version {ARITHMETIC} "
            "and would not give the same bits. Go on with the release that made the run."
        )
