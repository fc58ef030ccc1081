"""Scikit-learn's own estimator checks: all of them pass, for every kind of instance."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from pellucid.estimators import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning"),
    pytest.mark.filterwarnings("ignore:Got `batch_size` less than 1:UserWarning"),
]

SOME = {"max_iter": 100}  # as scikit-learn has its own checked


@parametrize_with_checks(
    [
        *(kind(**SOME) for kind in (MLPClassifier, MLPRegressor)),
        *(kind(**SOME, solver="lbfgs") for kind in (MLPClassifier, MLPRegressor)),
        *(kind(**SOME, batch_size=10_000, learning_rate_init=0.01) for kind in (MLPClassifier, MLPRegressor)),
        MLPRegressor(**SOME, loss="huber"),
        MLPRegressor(
            **SOME, hidden_layer_sizes=(20, 10), solver="sgd", learning_rate="adaptive", learning_rate_init=0.05
        ),
    ]
)
def test_every_check_passes(estimator: Any, check: Any) -> None:
    """Default, L-BFGS, full-batch and other instances; y of several outputs is among the checks."""
    check(estimator)
