"""What both estimators are: scikit-learn's multi-layer perceptron, over a `Network` and its `Run`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, _fit_context
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from pellucid.core import (
    ACTIVATIONS,
    OPTIMIZERS,
    SCHEDULES,
    Activation,
    Dropout,
    HalfSquare,
    Metric,
    Optimizer,
    Output,
    Parameters,
    Schedule,
    Slots,
    SparseRows,
    Spec,
    checked_inputs,
    fingerprint,
    metric_of,
    metrics_for,
    on_cache_lines,
)
from pellucid.engine import Backend, Job, backend_for, default_backend
from pellucid.errors import DataError, RunError, SettingError
from pellucid.estimators import _plan
from pellucid.estimators._epochs import Epochs, Judged, not_finite, outputs_of_loss, warn_user
from pellucid.estimators._lbfgs import Lbfgs, LbfgsSteps, minimized, objective
from pellucid.estimators._views import Views
from pellucid.network import Network, Run
from pellucid.random import LegacyShuffle
from pellucid.training import Recipe, Timeline, TrainingData

__all__ = ["Perceptron"]

Array = NDArray[Any]
Table = Array | SparseRows

_STOCHASTIC: Final = ("sgd", "adam")
_COUNTED: Final[dict[str, Any]] = {  # by solvers that make steps, from fit to fit where these go on
    "loss_curve_": [],
    "best_loss_": None,
    "validation_scores_": None,
    "validation_loss_curve_": None,
    "best_validation_score_": None,
    "_best": None,
    "_no_improvement_count": 0,
}


class Perceptron(BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn has no types
    """What `MLPClassifier` and `MLPRegressor` share; see there."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions({"logistic", *ACTIVATIONS}), "array-like", Activation],
        "solver": [StrOptions({"lbfgs", *_STOCHASTIC})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "optimizer": [StrOptions(set(OPTIMIZERS)), Optimizer, None],
        "schedule": [StrOptions(set(SCHEDULES)), Schedule, None],
        "validation_data": "no_validation",
        "eval_metric": [str, Metric, callable, None],
        "callbacks": [tuple, list, None],
        "progress": ["boolean"],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
    }

    _network: Network | None
    _run: Run | None
    _performed: tuple[Array, TrainingData, Lbfgs, float, str] | None  # of L-BFGS: start, data, rule, alpha, end
    _backend: Backend
    _optimizer_state: tuple[Optimizer, int, Slots] | None
    _loose: dict[str, list[Array]]  # weights given by hand before there was a network
    _adapted: float  # the learning rate
    _best: Array | None  # parameters
    best_loss_: float | None
    best_validation_score_: float | None
    validation_scores_: list[float] | None
    validation_loss_curve_: list[float] | None

    # What each kind of estimator says of itself

    @abstractmethod
    def _validated(self, X: Any, y: Any, *, incremental: bool, reset: bool) -> tuple[Any, Array]:
        """Return X and y as scikit-learn checks them, y encoded as `_targets` takes it; learn the classes."""

    @abstractmethod
    def _shape(self, y: Array) -> tuple[Any, int]:
        """Return the loss, and the number of outputs, for a y as `_validated` returns it."""

    @abstractmethod
    def _targets(self, spec: Spec, y: Array) -> Array:
        """Return y as the loss takes it."""

    @abstractmethod
    def _encoded(self, y: Any) -> Array:
        """Return another y, of validation data, as `_validated` returns it."""

    @abstractmethod
    def _names(self) -> Any:
        """Return the names of the network's classes, or None."""

    @abstractmethod
    def _stratify(self, y: Array) -> Array | None:
        """Return by what a validation set is stratified, if it is."""

    _shown: ClassVar[bool]  # whether predictions are made of what is shown of the output, or of the output itself
    _score_function: ClassVar[Any]  # scikit-learn's

    @abstractmethod
    def _usual_metric(self, spec: Spec) -> str | None:
        """Return the name of the metric that is scikit-learn's score; None: it is not one of the engine's."""

    # What was learnt

    @property
    def network_(self) -> Network:
        """The network: all that can be asked of one can be asked here."""
        network = self.__dict__.get("_network")
        if network is None:
            raise AttributeError(
                f"This {type(self).__name__} is not fitted yet, so it has no network_. Call fit first."
            )
        return network  # type: ignore[no-any-return]

    @property
    def run_(self) -> Run:
        """The run of the last fit: every step of it can be stood in. It refers to the data; ``del`` lets go of them.

        Of L-BFGS it is performed again when it is first asked for, which takes as long as the fit.
        """
        run = self.__dict__.get("_run") or self._lbfgs_run()
        if run is None:
            raise AttributeError(
                "There is no run_: the estimator is not fitted yet, comes from a pickle, which holds no data, or was "
                "fitted by L-BFGS in no iteration. Call its fit."
            )
        self._run = run
        return run

    @run_.deleter
    def run_(self) -> None:
        self._run = self._performed = None

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, shape (n_in, n_out): views into the network's parameters; assigning copies in."""
        return self._views("coefs_")

    @coefs_.setter
    def coefs_(self, values: Iterable[Any]) -> None:
        self._assign("coefs_", values)

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, shape (n_out,): views into the network's parameters; assigning copies in."""
        return self._views("intercepts_")

    @intercepts_.setter
    def intercepts_(self, values: Iterable[Any]) -> None:
        self._assign("intercepts_", values)

    def _views(self, name: str) -> list[Array]:
        network = self.__dict__.get("_network")
        if network is None:
            if name in self.__dict__.get("_loose", {}):
                return self._loose[name]
            raise AttributeError(f"This {type(self).__name__} is not fitted yet, so it has no {name}. Call fit first.")
        layers = Parameters(network.spec, network.parameters).layers()
        return Views([part.W.T if name == "coefs_" else part.b for part in layers])

    def _assign(self, name: str, values: Iterable[Any]) -> None:
        views = self._views(name) if self.__dict__.get("_network") is not None else None
        if isinstance(views, Views):
            views.copy_in(values)
        else:  # given by hand to what was never fitted: partial_fit begins there
            self._loose = {**self.__dict__.get("_loose", {}), name: list(values)}

    # Fitting

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fit the model to data.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            An array, a SciPy sparse table, or a data frame of pandas, polars or pyarrow. float32 is computed in
            float32, all else in float64.
        y : array-like, shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like, shape (n_samples,), or None

        Returns
        -------
        self

        Raises
        ------
        ValueError
            The data, or an argument of the constructor, cannot be used, or numbers ceased to be finite. The estimator
            is as it was.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    def _fit(self, X: Any, y: Any, sample_weight: Any, *, incremental: bool) -> Any:
        with self._unchanged_on_error():
            self._check_together(incremental=incremental)
            first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
            X, y = self._validated(X, y, incremental=incremental, reset=first)
            if sample_weight is not None:
                sample_weight = _check_sample_weight(sample_weight, X)
            random = check_random_state(self.random_state)
            spec = self._prepare(X, y, random, first=first, incremental=incremental)
            table = X if isinstance(X, np.ndarray) else checked_inputs(spec, X)
            sample_weight = None if sample_weight is None else sample_weight.astype(spec.dtype)
            if self._by_lbfgs:
                self._fit_lbfgs(spec, table, y, sample_weight)
            else:
                self._fit_stochastic(spec, table, y, sample_weight, random, incremental=incremental)
        return self

    @property
    def _by_lbfgs(self) -> bool:
        return self.solver == "lbfgs" and self.optimizer is None

    def _check_together(self, *, incremental: bool) -> None:
        """Raise where an argument would have no effect beside the others."""
        idle = ("dropout", "callbacks", "validation_data", "eval_metric", "schedule")
        values = [(name, getattr(self, name)) for name in idle]
        given = [name for name, value in values if value is not None and (name == "validation_data" or np.any(value))]
        if self._by_lbfgs and given:
            raise SettingError(
                f"{given[0]} is for training by steps, and solver='lbfgs' makes none. Leave it out, or give "
                "solver='adam' or 'sgd'."
            )
        if self.eval_metric is not None and not self._watches():
            raise SettingError(
                "eval_metric measures rows that are held out, and none are. Give early_stopping=True, or "
                "validation_data=(X, y)."
            )
        if isinstance(self.eval_metric, type):
            raise SettingError(f"eval_metric must be a metric, not the class {self.eval_metric.__name__}. Call it.")
        if incremental and self.schedule is not None:
            raise SettingError(
                "schedule goes through a whole fit, and partial_fit makes one epoch of it. Leave it out, and set "
                "learning_rate_init from part to part."
            )
        for callback in self.callbacks or ():
            if not callable(callback):
                raise SettingError(
                    f"callbacks must be functions of (event, run); {callback!r} was given. See pellucid.Network.fit."
                )

    @contextmanager
    def _unchanged_on_error(self) -> Iterator[None]:
        """Put everything back where an error is met: nothing is half-learnt."""
        before = {name: list(value) if isinstance(value, list) else value for name, value in self.__dict__.items()}
        network: Network | None = self.__dict__.get("_network")
        parameters = None if network is None else network.parameters.copy()
        try:
            yield
        except BaseException:  # Ctrl-C among them
            self.__dict__.clear()
            self.__dict__.update(before)
            if network is not None and parameters is not None:
                network.parameters = parameters
            raise

    def _prepare(self, X: Any, y: Array, random: np.random.RandomState, *, first: bool, incremental: bool) -> Spec:
        """Return the spec, having made the network that is to be trained."""
        before: Network | None = None if first else self.__dict__.get("_network")
        if incremental and before is not None:
            return before.spec
        hidden = _plan.widths(self.hidden_layer_sizes)
        loss, n_outputs = self._shape(y)
        dtype = X.dtype.name if before is None else before.spec.dtype
        spec = _plan.spec_for(
            X.shape[1],
            hidden,
            n_outputs,
            _plan.activations(self.activation, len(hidden)),
            _plan.dropout_rates(self.dropout, len(hidden)),
            loss,
            classes=self._names(),
            features=getattr(self, "feature_names_in_", None),
            dtype="float64" if self._by_lbfgs else dtype,  # SciPy computes in float64, and so did scikit-learn with it
        )
        if first:
            start = _plan.drawn_parameters(spec, random, X.dtype, logistic=self.activation == "logistic")
            self._forget()
        elif before is None or before.spec.dtype != spec.dtype:
            start = self._given(spec)
        else:
            start = before.parameters
        if before is not None and before.spec.shapes != spec.shapes:
            raise SettingError(
                f"warm_start goes on with a network of {_widths(before.spec)} units, and what is asked for has "
                f"{_widths(spec)}. Give hidden_layer_sizes, targets and label_smoothing as before, or warm_start=False "
                "to begin anew."
            )
        if before is None or before.spec != spec:
            self._network = Network.of_parts(spec, start)
        self._backend = backend_for(spec, default_backend())
        self._loose = {}
        self.n_layers_, self.n_outputs_ = len(spec.dense) + 1, n_outputs
        self.out_activation_ = _plan.shown_activation(loss)
        return spec

    def _given(self, spec: Spec) -> Array:
        """Return parameters of the spec, from what was given by hand, or learnt in another number type."""
        parameters = Parameters(spec)
        layers = parameters.layers()
        Views([part.W.T for part in layers]).copy_in(self.coefs_)
        Views([part.b for part in layers]).copy_in(self.intercepts_)
        return parameters.vector

    def _forget(self) -> None:
        """Begin anew: what fits and partial fits go on counting."""
        self._network, self._optimizer_state = None, None
        self.n_iter_, self.t_ = 0, 0
        for name in _COUNTED:
            self.__dict__.pop(name, None)

    def _watches(self) -> bool:
        return bool(self.early_stopping) or self.validation_data is not None

    def _begin_to_watch(self) -> None:
        """Have what is counted from now on: the loss, or with early stopping the validation score."""
        for name, value in _COUNTED.items():
            self.__dict__.setdefault(name, list(value) if isinstance(value, list) else value)
        if self._watches() and self.validation_scores_ is None:
            self.validation_scores_, self.validation_loss_curve_ = [], []
        if self.early_stopping and self.best_validation_score_ is None:
            self.best_loss_, self.best_validation_score_ = None, -self._sign() * np.inf
        elif not self.early_stopping and self.best_loss_ is None:
            self.best_loss_, self.best_validation_score_ = np.inf, None

    def _sign(self) -> int:
        """Return whether more (+1) or less (−1) of what is watched is better."""
        metric = self.eval_metric
        return metric_of(metric).better if isinstance(metric, (str, Metric)) else 1

    def _weighed(self, y: Array, weights: Array | None, dtype: str) -> Array | None:
        """Return the rows' weights, those of their classes among them; see `MLPClassifier`."""
        return weights

    # By L-BFGS

    def _fit_lbfgs(self, spec: Spec, X: Table, y: Array, weights: Array | None) -> None:
        start, rule = self.network_.parameters.copy(), Lbfgs(float(self.tol), int(self.max_fun))
        weights = self._weighed(y, weights, spec.dtype)
        data = TrainingData(X, self._targets(spec, y), weights)
        job = Job(spec, X, data.T, weights, rule, 0.0, data.n_rows, 0, alpha=float(self.alpha))
        of, parameters = objective(self._backend, job, self.n_threads), self.network_.parameters
        found = minimized(rule, of, parameters, int(self.max_iter), verbose=bool(self.verbose))
        if not np.isfinite(parameters).all():
            raise not_finite()
        self.n_iter_, self.loss_ = found.iterations, found.loss / outputs_of_loss(spec)
        self._run, self._performed = None, (start, data, rule, self.alpha, self.network_.fingerprint)

    def _lbfgs_run(self) -> Run | None:
        """Return the iterations of L-BFGS as a run, which performs them again when it is first asked for."""
        performed = self.__dict__.get("_performed")
        if performed is None or not self.n_iter_:
            return None
        start, data, rule, alpha, end = performed
        spec = self.network_.spec
        recipe = Recipe(
            spec, fingerprint(start), self.n_iter_, data.n_rows, rule, 1.0, shuffle=False, alpha=float(alpha)
        )
        network = Network.of_parts(spec, start.copy())
        timeline = Timeline(recipe, network.parameters, data, LbfgsSteps(self._backend, self.n_iter_), self.n_threads)
        run = Run(network, timeline).finish(progress=False)
        if run.fingerprint != end:
            raise RunError(
                "Performed again, L-BFGS does not come to the same weights: the training data were changed since. "
                "Call fit again."
            )
        return run

    # By steps

    def _fit_stochastic(
        self,
        spec: Spec,
        X: Table,
        y: Array,
        weights: Array | None,
        random: np.random.RandomState,
        *,
        incremental: bool,
    ) -> None:
        if self.early_stopping and incremental and self.validation_data is None:
            raise SettingError(
                "partial_fit does not support early_stopping=True without validation_data: a fraction of each part "
                "of the data would be another one each time. Give validation_data=(X, y)."
            )
        if not incremental or "early_stopped_" not in self.__dict__:
            self.early_stopped_ = False
        if self.early_stopping and self.early_stopped_:
            warn_user("Early stopping has ended the training; partial_fit changes nothing.")
            return
        self._begin_to_watch()
        if incremental and not self.__dict__.get("_in_parts"):  # what a fit has counted is not of these parts
            self._no_improvement_count = 0
        self._in_parts = incremental
        data, judged = self._split(spec, X, y, weights, random)
        rows = data.n_rows
        drops = any(isinstance(layer, Dropout) for layer in spec.layers)
        legacy = self.shuffle and random.get_state(legacy=False)["bit_generator"] == "MT19937"
        seed = int(random.randint(np.iinfo(np.int32).max)) if drops or legacy != bool(self.shuffle) else 0
        shuffle = LegacyShuffle.of(random) if legacy else bool(self.shuffle)  # of other generators, orders of our own
        rule = _plan.optimizer_for(self)
        state = self.__dict__.get("_optimizer_state") if incremental else None
        if state is not None and (state[0] != rule or any(s.dtype != spec.dtype for s in state[2].values())):
            state = None
        made, slots = 0, None
        if state is not None:  # in memory of its own, so that it stays as it is where an error is met
            made, slots = state[1], {name: on_cache_lines(slot) for name, slot in state[2].items()}
        batch = self._batch_size(rows)
        recipe = Recipe(
            spec,
            fingerprint(self.network_.parameters),
            1 if incremental else min(int(self.max_iter), 10**9),
            batch,
            rule,
            self._rate(incremental and state is not None),
            "constant" if incremental else _plan.schedule_for(self, -(-rows // batch), rows),
            seed=seed,
            shuffle=shuffle,
            metrics=self._metrics(spec),
            alpha=float(self.alpha),
            steps_before=made,
        )
        backend = backend_for(spec, self._backend, rule)
        timeline = Timeline(recipe, self.network_.parameters, data, backend, self.n_threads, slots=slots)
        self._run, self._performed = Run(self.network_, timeline, tuple(self.callbacks or ())), None
        Epochs(self, self._run, timeline, judged, part=incremental).make()
        self._optimizer_state = (rule, made + timeline.frontier, timeline.state.slots)
        if isinstance(recipe.shuffle, LegacyShuffle) and not isinstance(self.random_state, (int, np.integer)):
            kept = {name: random.get_state(legacy=False)[name] for name in ("has_gauss", "gauss")}
            random.set_state({**recipe.shuffle.after(rows, self.n_iter_), **kept})

    def _rate(self, continued: bool) -> float:
        """Return the learning rate of a fit, or of one more part of the data."""
        if continued and self.solver == "sgd" and self.optimizer is None:
            if self.learning_rate == "invscaling":
                return float(self.learning_rate_init / (self.t_ + 1) ** self.power_t)
            if self.learning_rate == "adaptive":
                return self._adapted
        self._adapted = float(self.learning_rate_init)
        return self._adapted

    def _batch_size(self, rows: int) -> int:
        if self.batch_size == "auto":
            return min(200, rows)
        if self.batch_size > rows:
            warn_user("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
        return int(np.clip(self.batch_size, 1, rows))

    def _split(
        self, spec: Spec, X: Table, y: Array, weights: Array | None, random: np.random.RandomState
    ) -> tuple[TrainingData, Judged | None]:
        """Return the data to train on, and what is judged after each epoch: X, y and weights; None: nothing is."""
        T, weighed = self._targets(spec, y), self._weighed(y, weights, spec.dtype)
        if self.validation_data is not None:
            Xv, yv = self._validation_pair()
            return TrainingData(X, T, weighed, held_out=(Xv, self._targets(spec, yv))), (Xv, yv, None)
        if not self.early_stopping:
            return TrainingData(X, T, weighed), None
        train, apart = train_test_split(
            np.arange(len(T)),
            random_state=random,
            test_size=self.validation_fraction,
            stratify=self._stratify(y),
        )
        if len(apart) < 2:
            raise SettingError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        Xv = X.take(apart) if isinstance(X, SparseRows) else X[apart]
        data = TrainingData(X, T, weighed, train, (Xv, T[apart]))
        return data, (Xv, y[apart], None if weights is None else weights[apart])

    def _validation_pair(self) -> tuple[Table, Array]:
        """Return validation_data, checked as X and y are."""
        given = self.validation_data
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise SettingError(f"validation_data must be a pair (X, y); {type(given).__name__} was given.")
        try:
            Xv, yv = self._table(given[0]), self._encoded(given[1])
        except ValueError as error:
            raise DataError(f"validation_data cannot be used: {error}") from error
        if Xv.shape[0] != len(yv) or (yv.ndim == 2 and yv.shape[1] != self.n_outputs_):
            raise DataError(
                f"validation_data must be a pair (X, y) with a row of y for each of X, and the targets of y; X of "
                f"shape {Xv.shape} and y of shape {yv.shape} were given."
            )
        return Xv, yv

    def _metrics(self, spec: Spec) -> tuple[Metric, ...]:
        """Return what the engine measures after each epoch: what early stopping watches, where that is a metric."""
        if not self._watches() or callable(self.eval_metric):
            return ()
        if self.eval_metric is not None:
            return metrics_for(spec, self.eval_metric)
        return metrics_for(spec, self._usual_metric(spec))

    # Use

    def _output(self, X: Any, *, shown: bool) -> Array:
        """Return the last layer's output, or what is shown of it; a plain table passes at once if all is finite."""
        fitted = self.__dict__
        network: Network | None = fitted.get("_network")
        if (
            network is not None
            and type(X) is np.ndarray
            and X.ndim == 2
            and X.dtype.char in "fd"
            and X.dtype.isnative
            and X.shape[1] == fitted["n_features_in_"]
            and X.shape[0] > 0
            and "feature_names_in_" not in fitted
        ):
            backend: Backend = fitted["_backend"]
            used = backend.use(network.spec, network.parameters, X, shown=shown, threads=fitted["n_threads"])
            if used.finite:
                return used.output
        check_is_fitted(self)
        spec, parameters = self.network_.spec, self.network_.parameters
        return self._backend.use(spec, parameters, self._table(X), shown=shown, threads=self.n_threads).output

    def _table(self, X: Any) -> Table:
        """Return X as the engine takes it, after scikit-learn's own validation."""
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        if not isinstance(X, np.ndarray):
            return checked_inputs(self.network_.spec, X)
        return X if X.dtype.char in "fd" and X.dtype.isnative else X.astype(np.float64)

    @abstractmethod
    def _decided(self, output: Array) -> Array:
        """Return predictions, from the last layer's output."""

    def _scored(self, X: Table, y: Array, sample_weight: Array | None) -> float:
        """Return the score of rows that need no check, or what a metric of the user's own makes of them.

        It is NaN where an output is not finite. Of either, more is better.
        """
        spec, parameters = self.network_.spec, self.network_.parameters
        output = self._backend.use(spec, parameters, X, shown=self._shown, threads=self.n_threads).output
        if not np.isfinite(output).all():
            return float("nan")
        truth, predicted = self._labels(y), self._decided(output)
        if self.eval_metric is None:
            return float(self._score_function(truth, predicted, sample_weight=sample_weight))
        score = self.eval_metric(truth, predicted)
        if not isinstance(score, (int, float, np.number)):
            raise SettingError(f"eval_metric must return a number, the more the better; it returned {score!r}.")
        return float(score)

    @abstractmethod
    def _labels(self, y: Array) -> Array:
        """Return a y as the user has it, from one as `_validated` returns it."""

    def predict(self, X: Any) -> Array:
        """Predict.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        array, shape (n_samples,) or (n_samples, n_outputs)
            Classes, or values.
        """
        return self._decided(self._output(X, shown=self._shown))

    def hidden_activations(self, X: Any, layer: int | str = 1) -> Array:
        """Return what a hidden layer makes of each row.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
        layer : 1 for the first hidden layer, −1 for the last, or a name such as "layer_1"

        Returns
        -------
        array, shape (n_samples, n_units)

        Raises
        ------
        SettingError
            There is no such hidden layer.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from pellucid.estimators import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = MLPClassifier((8, 4), max_iter=300, tol=0.01, random_state=0).fit(X, y)
        >>> model.hidden_activations(X, 2).shape
        (150, 4)
        """
        check_is_fitted(self)
        spec, hidden = self.network_.spec, list(self.network_.spec.names[:-1])
        if not hidden:
            raise SettingError(
                "The network has no hidden layer, and so no hidden activations. Give hidden_layer_sizes."
            )
        place = hidden.index(layer) + 1 if layer in hidden else layer
        if isinstance(place, (int, np.integer)) and -len(hidden) <= place < 0:
            place += len(hidden) + 1
        if not isinstance(place, (int, np.integer)) or not 1 <= place <= len(hidden):
            raise SettingError(f"There is no hidden layer {layer!r}; 1 … {len(hidden)}, or {', '.join(hidden)}, are.")
        last = spec.dense[place - 1]
        kept = spec.layers[: next(at for at, one in enumerate(spec.layers) if one is last) + 1]
        part = replace(spec, layers=kept, loss=HalfSquare(), output=Output())
        vector = np.ascontiguousarray(self.network_.parameters[: part.n_parameters])
        return self._backend.use(part, vector, self._table(X), threads=self.n_threads).output

    # What scikit-learn asks

    def _check_solver(self) -> bool:
        if self.solver not in _STOCHASTIC and self.optimizer is None:
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: no run, which would bring the data along."""
        state = super().__getstate__()
        return {name: None if name in {"_run", "_performed"} else value for name, value in state.items()}


def _widths(spec: Spec) -> str:
    return "-".join(str(width) for width in (spec.input.width, *(layer.width for layer in spec.dense)))
