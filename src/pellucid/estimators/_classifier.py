"""The classifier."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from pellucid.checks import checked_number
from pellucid.core import BinaryCrossEntropy, CrossEntropy, Loss, Spec, Task
from pellucid.errors import DataError, SettingError
from pellucid.estimators._perceptron import Perceptron
from pellucid.files import names_of

__all__ = ["MLPClassifier"]

Array = NDArray[Any]


@final
class MLPClassifier(ClassifierMixin, Perceptron):  # type: ignore[misc]
    """A multi-layer perceptron that tells classes apart, under scikit-learn's contract.

    It minimises the log-loss, softmax of several classes, logistic of two or of several labels, with the penalty
    ½·alpha·Σ w² / (the batch's total weight). From the same ``random_state`` it follows the path of
    ``sklearn.neural_network.MLPClassifier`` up to rounding, with the same bits on any number of threads.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of int, ≥ 1
        The width of each hidden layer.
    activation : "identity", "logistic", "tanh", "relu", or another of Pellucid's, an `Activation`, or one a layer
    solver : "lbfgs", "sgd" or "adam"
    alpha : float, ≥ 0
        Strength of the penalty.
    batch_size : int, or "auto" for min(200, n_samples)
    learning_rate : "constant", "invscaling" or "adaptive"
        With solver="sgd": the same throughout; learning_rate_init / (rows seen + 1)^power_t from the second epoch on;
        or divided by 5 whenever there was no progress.
    learning_rate_init : float, > 0
    power_t : float, ≥ 0
    max_iter : int
        Most epochs; with lbfgs, iterations.
    shuffle : bool
        Whether each epoch has an order of its own.
    random_state : int, RandomState instance or None
        Of the start, the orders and the validation set, drawn as scikit-learn draws them.
    tol : float, ≥ 0
        By how much the loss, or the validation score, must get better.
    verbose : bool
        Whether to print each epoch.
    warm_start : bool
        Whether fit goes on from what was learnt.
    momentum : float, 0 … 1
    nesterovs_momentum : bool
    early_stopping : bool
        Whether to hold out rows, stop when their score gets no better, and keep the best epoch.
    validation_fraction : float, 0 … 1
    beta_1, beta_2, epsilon : float
        Of adam; epsilon is added before the bias correction.
    n_iter_no_change : int or inf
        Epochs without progress after which to stop.
    max_fun : int
        Most evaluations of the loss by lbfgs.
    class_weight : dict of class: weight, "balanced" or None
    loss : "log_loss", or a `Loss` of one's own
    label_smoothing : float, 0 ≤ ε < 1
        Share of each label that is spread over all classes.
    dropout : float, or one for each hidden layer
        Share of a hidden layer's outputs that a step leaves out.
    optimizer : name of an optimiser of Pellucid's, or one with settings, such as ``AdamW(decay=0.1)``; or None
        In place of ``solver``.
    schedule : name of a schedule of Pellucid's, or one with settings; or None
        In place of ``learning_rate``.
    validation_data : (X, y) or None
        What is measured after each epoch, and what early_stopping watches then, partial_fit's too.
    eval_metric : name of a metric of Pellucid's, or one with settings; a function of (y_true, y_pred); or None
        What early stopping watches, and validation_scores_ holds. Of a function of labels, more is better. None: the
        accuracy, by sample_weight where rows of the data are held out; all others count each row alike.
    callbacks : functions of (event, run), or None
        See `pellucid.Network.fit`.
    progress : bool
        Whether to show a progress bar.
    n_threads : int, or None for as many as may be used and the work is worth
        Never decides a bit.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    network_ : Network
        Open to all that can be asked of one.
    run_ : Run
        The last fit, each step (of lbfgs, each iteration) of which can be stood in; not out of a pickle.
    coefs_, intercepts_ : lists of arrays, shapes (n_in, n_out) and (n_out,)
        Views into the network's parameters; assigning copies in.
    loss_, best_loss_ : float
    loss_curve_, validation_scores_, validation_loss_curve_ : list of float, by epoch
    best_validation_score_ : float
    n_iter_, t_, n_layers_, n_outputs_, n_features_in_ : int
    feature_names_in_ : array of str, where X had such names
    out_activation_ : "softmax" or "logistic"
    early_stopped_ : bool
        Whether early stopping has ended partial fits.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from pellucid.estimators import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((10,), learning_rate_init=0.01, max_iter=500, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    >>> model.network_
    Network 4-10-3: 83 parameters, cross_entropy
    >>> model.run_.at(100).trace()["layer_1"]["node_1"].z.shape
    (150,)

    Source: scikit-learn's MLPClassifier, whose arguments and attributes these are.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Perceptron._parameter_constraints,
        "loss": [StrOptions({"log_loss"}), Loss],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }
    _shown: ClassVar[bool] = False
    _score_function: ClassVar[Any] = staticmethod(accuracy_score)

    def __init__(
        self,
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
        class_weight: Any = None,
        loss: Any = "log_loss",
        label_smoothing: float = 0.0,
        dropout: Any = 0.0,
        optimizer: Any = None,
        schedule: Any = None,
        validation_data: Any = None,
        eval_metric: Any = None,
        callbacks: Any = None,
        progress: bool = False,
        n_threads: int | None = None,
    ) -> None:
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
        self.class_weight = class_weight
        self.loss = loss
        self.label_smoothing = label_smoothing
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
            dtype=(np.float64, np.float32),
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._check_classes(y)
        return X, self._encoded(y)

    def _check_classes(self, y: Array) -> None:
        """Raise where a warm start, or another part of the data, brings other classes."""
        classes = unique_labels(y)
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {self.classes_}, `y` has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    @property
    def _of_labels(self) -> bool:
        """Whether each row has several labels, yes or no each."""
        return bool(self._label_binarizer.y_type_.startswith("multilabel"))

    @property
    def _of_several(self) -> bool:
        """Whether there is an output for each of several classes, of which a row has one."""
        several = self._label_binarizer.y_type_ == "multiclass"
        smoothed_two = bool(self.label_smoothing) and len(self.classes_) == 2 and not self._of_labels
        return several or smoothed_two or (self._own_task is Task.CLASSES and not self._of_labels)

    @property
    def _own_task(self) -> Task | None:
        return self.loss.task if isinstance(self.loss, Loss) else None

    def _shape(self, y: Array) -> tuple[Loss, int]:
        n_outputs = y.shape[1] if self._of_labels else len(self.classes_) if self._of_several else 1
        if self.label_smoothing and (self._of_labels or isinstance(self.loss, Loss)):
            raise SettingError(
                "label_smoothing is for one class of several, and belongs to the loss 'log_loss'; several labels a "
                "row, or a loss of one's own, were given. Leave it out."
            )
        if isinstance(self.loss, Loss):
            if (self.loss.task is Task.CLASSES) != self._of_several or self.loss.task is Task.VALUES:
                raise SettingError(
                    f"The loss {self.loss.name!r} is for {self.loss.task.value}, and y is "
                    f"{self._label_binarizer.y_type_}. Leave it out, or give another."
                )
            return self.loss, n_outputs
        if self._of_several:
            return CrossEntropy(float(self.label_smoothing)), n_outputs
        return BinaryCrossEntropy(sum_outputs=self._of_labels), n_outputs

    def _usual_metric(self, spec: Spec) -> str | None:
        return None if len(self.classes_) == 1 else "accuracy"  # one class alone is always predicted rightly

    def _weighed(self, y: Array, weights: Array | None, dtype: str) -> Array | None:
        if self.class_weight is None:
            return weights
        if self._of_labels:
            raise SettingError("class_weight is for one class a row, and y has several labels. Give sample_weight.")
        of_rows: Array = self._weights_of_classes(y).astype(dtype)[y]
        return of_rows if weights is None else weights * of_rows

    def _weights_of_classes(self, y: Array) -> Array:
        """Return the weight of each class; of one that class_weight does not name, 1."""
        if isinstance(self.class_weight, str):
            return np.asarray(compute_class_weight("balanced", classes=self.classes_, y=self.classes_[y]))
        found, places = np.ones(len(self.classes_)), {label: at for at, label in enumerate(self.classes_.tolist())}
        for label, weight in self.class_weight.items():
            key = label.item() if isinstance(label, np.generic) else label
            if key not in places:
                raise DataError(
                    f"class_weight names {label!r}, which is no class of y. The classes are {list(places)}; those that "
                    "are not named weigh 1."
                )
            found[places[key]] = checked_number(f"class_weight[{label!r}]", weight)
        return found

    def _names(self) -> Any:
        one_name_each = self._of_several or len(self.classes_) == 2
        return names_of(self.classes_) if one_name_each and not self._of_labels else None

    def _encoded(self, y: Any) -> Array:
        """Return the classes' places, shape (n_samples,); labels as True and False, shape (n_samples, n_labels)."""
        if self._of_labels:
            return np.asarray(self._label_binarizer.transform(y), dtype=bool)
        y = column_or_1d(y)
        places = np.searchsorted(self.classes_, y)
        known = self.classes_[np.minimum(places, len(self.classes_) - 1)] == y
        if not np.all(known):
            raise ValueError(f"`y` has classes not in `self.classes_`, which are {self.classes_}.")
        return np.asarray(places, dtype=np.int64)

    def _targets(self, spec: Spec, y: Array) -> Array:
        if spec.loss.task is Task.CLASSES:
            return y
        return y.astype(spec.dtype) if self._of_labels else y[:, np.newaxis].astype(spec.dtype)

    def _stratify(self, y: Array) -> Array | None:
        return None if self._of_labels or self._of_several else (y == 1)[:, np.newaxis]

    def _labels(self, y: Array) -> Array:
        return y.astype(int) if self._of_labels else self.classes_[y]

    def _decided(self, output: Array) -> Array:
        if output.shape[1] == 1 and len(self.classes_) == 2:
            return self.classes_[(output[:, 0] > 0).view(np.int8)]  # type: ignore[no-any-return]
        if self._of_labels:
            labels = (output > 0).astype(int)
            return csr_matrix(labels) if self._label_binarizer.sparse_input_ else labels
        if output.shape[1] == 1:  # one class alone
            return np.repeat(self.classes_, len(output))
        return self.classes_[output.argmax(axis=1)]  # type: ignore[no-any-return]

    @available_if(lambda estimator: estimator._check_solver())  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> MLPClassifier:
        """Go on learning with one pass over the given data.

        Parameters
        ----------
        X, y, sample_weight : see `fit`
        classes : array of all classes there are, or None
            Needed in the first call, where y does not hold them all.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            The data cannot be used, or hold classes that were not named. The estimator is as it was.
        """
        if self.class_weight == "balanced":
            raise SettingError(
                "class_weight='balanced' would be another one for each part of the data. Give a dict of weights, as "
                "sklearn.utils.class_weight.compute_class_weight returns them for all of the data."
            )
        with self._unchanged_on_error():
            if _check_partial_fit_first_call(self, classes):
                labels = y if type_of_target(y).startswith("multilabel") else classes
                self._label_binarizer = LabelBinarizer().fit(labels)
            return self._fit(X, y, sample_weight, incremental=True)  # type: ignore[no-any-return]

    def predict_proba(self, X: Any) -> Array:
        """Return probabilities.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        array, shape (n_samples, n_classes)
            In the order of ``classes_``; rows sum to 1, but for several labels a row.
        """
        shown = self._output(X, shown=True)
        if shown.shape[1] > 1 or self._of_labels:
            return shown
        return np.hstack([1 - shown, shown])

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of `predict_proba`."""
        return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
