"""The regressor."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import check_array, column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from pellucid.core import Loss, Spec, Task, encoded_targets
from pellucid.errors import DataError, SettingError
from pellucid.estimators import _plan
from pellucid.estimators._perceptron import Perceptron

__all__ = ["MLPRegressor"]

Array = NDArray[Any]


@final
class MLPRegressor(RegressorMixin, Perceptron):  # type: ignore[misc]
    """A multi-layer perceptron that predicts values, under scikit-learn's contract.

    It minimises ½·Σ (ŷ − y)² over outputs, or another loss, with the penalty ½·alpha·Σ w² / (the batch's total weight).
    From the same ``random_state`` it follows the path of ``sklearn.neural_network.MLPRegressor`` up to rounding, with
    the same bits on any number of threads. ``loss_`` reports the mean over outputs, as there.

    Parameters
    ----------
    loss : "squared_error", "poisson", "absolute_error" (or "mae"), "huber", "pinball" (the median), or a `Loss`
        ``Pinball((0.1, 0.5, 0.9))``, say, for quantiles: predictions then have a column for each.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, learning_rate_init, power_t, max_iter : \
        see `MLPClassifier`
    shuffle, random_state, tol, verbose, warm_start, momentum, nesterovs_momentum, early_stopping : \
        see `MLPClassifier`
    validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun : see `MLPClassifier`
    dropout, optimizer, schedule, validation_data, eval_metric, callbacks, progress, n_threads : see `MLPClassifier`
        eval_metric: None for R², or of quantiles D².

    Attributes
    ----------
    network_, run_, coefs_, intercepts_, loss_, best_loss_, loss_curve_ : see `MLPClassifier`
    validation_scores_, validation_loss_curve_, best_validation_score_, early_stopped_ : see `MLPClassifier`
    n_iter_, t_, n_layers_, n_outputs_, n_features_in_, feature_names_in_ : see `MLPClassifier`
    out_activation_ : "identity", or "exp" for counts

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from pellucid.estimators import MLPRegressor
    >>> X, y = make_regression(200, 5, random_state=0)
    >>> model = MLPRegressor(hidden_layer_sizes=(20,), solver="lbfgs", tol=0.01, max_iter=1000, random_state=0)
    >>> model.fit(X, y / y.std()).score(X, y / y.std()) > 0.99
    True

    Source: scikit-learn's MLPRegressor, whose arguments and attributes these are.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Perceptron._parameter_constraints,
        "loss": [StrOptions({"squared_error", "poisson", "absolute_error", "mae", "huber", "pinball"}), Loss],
    }
    _shown: ClassVar[bool] = True
    _score_function: ClassVar[Any] = staticmethod(r2_score)

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        optimizer: Any = None,
        schedule: Any = None,
        validation_data: Any = None,
        eval_metric: Any = None,
        callbacks: Any = None,
        progress: bool = False,
        n_threads: int | None = None,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.optimizer = optimizer
        self.schedule = schedule
        self.validation_data = validation_data
        self.eval_metric = eval_metric
        self.callbacks = callbacks
        self.progress = progress
        self.n_threads = n_threads

    def _validated(self, X: Any, y: Any, *, incremental: bool, reset: bool) -> tuple[Any, Array]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=reset,
        )
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _encoded(self, y: Any) -> Array:
        return np.asarray(check_array(y, ensure_2d=False, dtype="numeric"))

    def _shape(self, y: Array) -> tuple[Loss, int]:
        loss = _plan.loss_of_values(self.loss)
        if loss.task is not Task.VALUES:
            raise SettingError(f"The loss {loss.name!r} is for {loss.task.value}; MLPRegressor predicts values.")
        return loss, (1 if y.ndim == 1 else y.shape[1]) * loss.outputs_per_target

    def _targets(self, spec: Spec, y: Array) -> Array:
        if spec.loss.counts and (y < 0).any():
            raise DataError(
                f"y holds {y[y < 0].flat[0]:g}; loss='poisson' takes counts, numbers ≥ 0. Give loss='squared_error' "
                "for numbers of either sign."
            )
        return encoded_targets(spec, y, len(y))

    def _usual_metric(self, spec: Spec) -> str:
        return "r2" if spec.loss.outputs_per_target == 1 else "d2"

    def _names(self) -> None:
        return None

    def _stratify(self, y: Array) -> None:
        return None

    def _labels(self, y: Array) -> Array:
        return y

    def _decided(self, output: Array) -> Array:
        return output[:, 0] if output.shape[1] == 1 else output

    @available_if(lambda estimator: estimator._check_solver())  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Go on learning with one pass over the given data.

        Parameters
        ----------
        X, y, sample_weight : see `fit`

        Returns
        -------
        self

        Raises
        ------
        ValueError
            The data cannot be used. The estimator is as it was.
        """
        return self._fit(X, y, sample_weight, incremental=True)  # type: ignore[no-any-return]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
