"""Networks that scikit-learn has fitted, as a spec and parameters: read off their attributes, nothing is imported."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import BinaryCrossEntropy, CrossEntropy, Dense, HalfSquare, Loss, Name, Parameters, Poisson, Spec
from pellucid.errors import KindError, RunError

__all__ = ["features_of", "is_perceptron", "names_of", "parts_of_perceptron"]

_ACTIVATIONS: Final = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
_KINDS: Final = ("MLPClassifier", "MLPRegressor")


def is_perceptron(model: object) -> bool:
    """Return whether this is one of scikit-learn's networks."""
    homes = ((kind.__module__, kind.__name__) for kind in type(model).__mro__)
    return any(home.startswith("sklearn.neural_network") and name in _KINDS for home, name in homes)


def names_of(classes: NDArray[Any]) -> list[Name] | None:
    """Return classes as a network's names, texts or whole numbers; None where two would have the same name.

    Examples
    --------
    >>> names_of(np.array([1.0, 2.0])), names_of(np.array(["no", "yes"]))
    ([1, 2], ['no', 'yes'])
    """
    if classes.dtype.kind in "iu" or (classes.dtype.kind == "f" and (classes == np.floor(classes)).all()):
        return [int(name) for name in classes]
    names = [str(name) for name in classes]
    return list(names) if len(set(names)) == len(names) else None


def features_of(step: Any, width: int) -> list[str] | None:
    """Return the names of the features that an estimator was fitted to; None where it has none, or twice the same."""
    names = [str(name) for name in getattr(step, "feature_names_in_", [])]
    return names if len(set(names)) == len(names) == width else None


def parts_of_perceptron(model: Any) -> tuple[Spec, NDArray[Any]]:
    """Return spec and parameters of a fitted network of scikit-learn's, each weight to the last bit.

    Raises
    ------
    RunError
        It was not fitted.
    KindError
        Its number type is neither float32 nor float64.
    """
    if not hasattr(model, "coefs_"):
        raise RunError(f"This {type(model).__name__} is not fitted yet, so it has no weights. Call its fit first.")
    dtype = np.result_type(*model.coefs_, *model.intercepts_)
    if dtype not in (np.float32, np.float64):
        raise KindError(
            f"The weights are of {dtype}; float32 and float64 are accepted. Fit it on data of one of these."
        )
    widths = [model.coefs_[0].shape[0], *(weights.shape[1] for weights in model.coefs_)]
    spec = Spec.of(
        [widths[0], *(Dense(width, _ACTIVATIONS[model.activation]) for width in widths[1:-1]), widths[-1]],
        loss=_loss(model.out_activation_, widths[-1]),
        classes=_classes(model, widths[-1]),
        features=features_of(model, widths[0]),
        standardize_targets=False,
        dtype=dtype.name,
    )
    parameters = Parameters(spec)
    for part, weights, biases in zip(parameters.layers(), model.coefs_, model.intercepts_, strict=True):
        part.W[...], part.b[...] = weights.T, biases
    return spec, parameters.vector


def _loss(shown: str, n_outputs: int) -> Loss:
    """Return the loss that belongs to an output function, as scikit-learn minimises it."""
    of_shown: dict[str, Loss] = {
        "softmax": CrossEntropy(),
        "logistic": BinaryCrossEntropy(sum_outputs=n_outputs > 1),
        "exp": Poisson(sum_outputs=n_outputs > 1),
    }
    return of_shown.get(shown, HalfSquare())


def _classes(model: Any, n_outputs: int) -> list[Name] | None:
    """Return the classes' names, where each output, or each side of a single one, is one of them."""
    classes = getattr(model, "classes_", None)
    if classes is None or len(classes) != (2 if n_outputs == 1 else n_outputs):
        return None
    return names_of(np.asarray(classes))
