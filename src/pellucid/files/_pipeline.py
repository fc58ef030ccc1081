"""Pipelines of scikit-learn's that scale before a network, as the scaling of its inputs: nothing is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from pellucid.core import Spec
from pellucid.errors import KindError, RunError, SettingError
from pellucid.files._parts import Part, Scaled, Scaling, entrance, input_of
from pellucid.files._reading import with_article
from pellucid.files._sklearn import features_of, is_perceptron

__all__ = ["is_pipeline", "last_step", "with_scaling"]


def is_pipeline(model: object) -> bool:
    """Return whether this is a `Pipeline` of scikit-learn's, or of a kind made from it."""
    return any((kind.__module__, kind.__name__) == ("sklearn.pipeline", "Pipeline") for kind in type(model).__mro__)


def last_step(pipeline: Any) -> Any:
    """Return the fitted network that a pipeline ends in.

    Raises
    ------
    KindError
        The pipeline is of a kind of its own, or ends in something else.
    """
    if type(pipeline).__module__ != "sklearn.pipeline":
        raise KindError(
            f"This {type(pipeline).__name__} is made from scikit-learn's Pipeline, and may do more than that, which "
            "would be lost. Give sklearn.pipeline.Pipeline(…) of its steps."
        )
    name, model = pipeline.steps[-1]
    if not is_perceptron(model) and not hasattr(type(model), "network_"):
        raise KindError(
            f"The pipeline's last step {name!r} is {_told(model)}; a fitted MLPClassifier or MLPRegressor, Pellucid's "
            "or scikit-learn's, is accepted. Give a pipeline that ends in one."
        )
    return model


def with_scaling(spec: Spec, pipeline: Any) -> Spec:
    """Return the spec of the network that a pipeline ends in with the scaling of the steps before as its own.

    Steps that scale become the network's `Input`, (x − shift)·scale. Features are called as those of the first of them.

    Parameters
    ----------
    spec : Spec
        Of the last step.
    pipeline : a fitted ``sklearn.pipeline.Pipeline``

    Raises
    ------
    KindError, SettingError
        A step does something else; it is named. Or it scales by what no number holds.
    RunError
        A step was not fitted.
    """
    steps = [(name, step) for name, step in pipeline.steps[:-1] if step is not None and step != "passthrough"]
    scaled, rest = entrance(
        [_part(name, step) for name, step in steps]
        + [Scaled(np.asarray(spec.input.shift), np.asarray(spec.input.scale))]
    )
    if rest:
        raise SettingError(
            f"The pipeline's steps {', '.join(repr(name) for name, _ in steps)} scale by numbers that are too large, "
            "too small or not finite. Look at the data that they were fitted to."
        )
    features = features_of(steps[0][1], spec.input.width) if steps else spec.input.features
    return replace(spec, input=input_of(spec.input.width, scaled, features))


def _part(name: str, step: Any) -> Part:
    """Return what a step does."""
    kind = type(step).__name__
    if kind not in _READERS or not type(step).__module__.startswith("sklearn.preprocessing."):
        raise KindError(
            f"The pipeline's step {name!r} is {_told(step)}, which would be lost: a network of Pellucid's scales its "
            f"inputs, and does nothing else before its first layer. {_ACCEPTED}"
        )
    if getattr(step, "clip", False):
        raise SettingError(
            f"The pipeline's step {name!r} is {_told(step)} with clip=True, which would be lost: a network of "
            f"Pellucid's scales its inputs, and clips none. {_ACCEPTED}"
        )
    if not hasattr(step, "n_features_in_"):
        raise RunError(
            f"The pipeline's step {name!r}, {_told(step)}, is not fitted yet. Call the pipeline's fit first."
        )
    return _READERS[kind](step)


def _told(step: object) -> str:
    return repr(step) if isinstance(step, str) else with_article(type(step).__name__)


def _standard(step: Any) -> Part:
    """StandardScaler: (x − mean) / scale."""
    return Scaled(step.mean_ if step.with_mean else 0.0, _inverse(step.scale_) if step.with_std else 1.0)


def _inverse(scale: Sequence[float]) -> Any:
    with np.errstate(all="ignore"):  # what is not finite is refused above
        return 1 / np.asarray(scale, dtype=np.float64)


_READERS: Final[Mapping[str, Callable[[Any], Part]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": lambda step: Scaling(step.scale_, step.min_),
    "MaxAbsScaler": lambda step: Scaled(0.0, _inverse(step.scale_)),
}
_ACCEPTED: Final = (
    f"Accepted before the last step are {', '.join(_READERS)} without clip, 'passthrough' and None. Fit a pipeline of "
    "these; or give its last step, pipeline[-1], whose inputs are what pipeline[:-1].transform(X) returns."
)
