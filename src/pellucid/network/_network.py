"""The network: a spec, its parameters and the verbs."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.checks import checked_number, whole_number
from pellucid.core import (
    Activation,
    Custom,
    Dense,
    Layer,
    Loss,
    Metric,
    Name,
    Optimizer,
    Parameters,
    Schedule,
    Slots,
    Spec,
    Task,
    checked_inputs,
    encoded_targets,
    fingerprint,
    initial_parameters,
    measured,
    metrics_for,
    on_cache_lines,
    optimizer_of,
    sample_weights,
    usual_metrics,
)
from pellucid.engine import backend_for, default_backend
from pellucid.errors import DataError, KindError, RunError, SettingError, ShapeError, unknown_name
from pellucid.files import (
    is_from_elsewhere,
    is_perceptron,
    is_pipeline,
    keras_of,
    last_step,
    load_model,
    no_model,
    parts_from_elsewhere,
    parts_of_onnx,
    parts_of_perceptron,
    save_model,
    torch_of,
    with_scaling,
)
from pellucid.from_scratch import ScratchNetwork
from pellucid.insight import Diagnosis, Portrait, Trace, diagnose_network, portrait, portraits, trace
from pellucid.network._preparation import inputs, is_plain, one_row, plainly_scaled, prepared
from pellucid.network._run import Callback, Run
from pellucid.network._scratch import dictionaries_of, parts_of
from pellucid.network._summary import Summary
from pellucid.network._views import LayerView, copied_in
from pellucid.random import checked_seed
from pellucid.training import Checkpoint, EarlyStopping, Recipe, Timeline, neuron_named

__all__ = ["Network"]

Metrics = str | Metric | Sequence[str | Metric] | None

Array = NDArray[Any]
Vector = NDArray[Any]


@final
class Network:
    """A feed-forward network of dense layers, every number of which can be looked at and changed.

    Parameters
    ----------
    layers : list
        The number of inputs, then for each layer its width, a `Dense` or a `Dropout`; the last is the output layer.
    activation : "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "sigmoid", "tanh" or "identity"
        Of the hidden layers that name none of their own; or an `Activation` of one's own. The output layer is identity
        unless it names another.
    initializer : "he", "glorot", "column" or None
        None: the activation's usual one; glorot for identity, sigmoid and tanh, lecun for selu, he for the others.
    loss : "cross_entropy", "binary_cross_entropy", "mse", "mae", "huber", "pinball", "poisson", or ``Huber(0.5)``, say
        One of several classes; yes or no for each output; values; quantiles of values; counts.
    classes : names of the classes, texts or whole numbers; None: 0, 1, …
    targets, features : names of the targets (values) and of the inputs
    input_scale, input_shift : a number, or one for each input
        An input x is used as (x − shift)·scale: give bytes as bytes, and 1/255 here.
    standardize_targets : bool or None
        For values: whether targets are brought to mean 0 and spread 1 inside, by the first y that is fitted.
        None: yes, where the output layer is identity. Predictions are always in y's own units.
    dtype : "float32" or "float64"
    seed : int, 0 … 2⁶⁴ − 1
        Of the initial weights, and of every run that names none of its own.

    Raises
    ------
    SettingError, KindError, UnknownNameError
        An argument is outside what is accepted.

    Examples
    --------
    >>> net = Network([784, 32, 32, 10], activation="relu", input_scale=1 / 255, seed=0)
    >>> net.n_parameters
    26506
    >>> net["layer_1"]["node_1"].weights.shape
    (784,)
    """

    def __init__(
        self,
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
        seed: int = 0,
    ) -> None:
        spec = Spec.of(
            layers,
            activation=activation,
            initializer=initializer,
            loss=loss,
            classes=classes,
            targets=targets,
            features=features,
            input_scale=input_scale,
            input_shift=input_shift,
            standardize_targets=standardize_targets,
            dtype=dtype,
        )
        self._set_up(spec, initial_parameters(spec, checked_seed(seed)), checked_seed(seed))

    def _set_up(self, spec: Spec, parameters: Parameters, seed: int) -> None:
        self._spec, self._parameters, self._seed = spec, parameters, seed
        self._backend = backend_for(spec, default_backend())
        self._trained_by: weakref.ref[Run] | None = None

    def _take_charge(self, run: Run, *, touched: bool) -> None:
        """Let a run train this network from now on; refuse where another one has, since this one last did."""
        last = None if self._trained_by is None else self._trained_by()
        if touched and last is not None and last is not run:
            raise RunError(
                f"Another run has trained this network since this one stood on step {run.last_step}; going on would "
                f"mix the two. Go on with the other, or with run.branch({run.last_step}), which has its own network."
            )
        if run.ended is None:
            self._trained_by = weakref.ref(run)
            self._spec = run.recipe.spec

    def __copy__(self) -> Network:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Network:
        return self.copy()

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_trained_by": None}

    @classmethod
    def _made(cls, spec: Spec, parameters: Parameters, seed: int) -> Network:
        network = cls.__new__(cls)
        network._set_up(spec, parameters, seed)
        return network

    def _with(self, spec: Spec, vector: Vector) -> Network:
        return self._made(spec, Parameters(spec, vector), self._seed)

    @classmethod
    def of(
        cls,
        model: Any,
        *,
        loss: str | Loss | None = None,
        classes: Sequence[Name] | None = None,
        targets: Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        activation: str | Sequence[str] | None = None,
    ) -> Network:
        """Return the network within a model of another library, as a network of its own; see docs/importing.md.

        Parameters
        ----------
        model : a fitted model
            `pellucid.estimators.MLPClassifier` or `MLPRegressor`, or scikit-learn's own: each weight to the last bit;
            classes and features keep their names; a `Pipeline` that scales before one, whose scaling the network's
            inputs get. A `keras.Sequential` or Functional model of Keras 3, a
            `torch.nn.Sequential`, or a state dict of PyTorch's: batch norm, by its running statistics, is folded into
            the weights beside it. Whatever cannot be represented is refused by name.
        loss : str or Loss; None: by how a model of Keras's or PyTorch's ends
            softmax: cross_entropy; sigmoid: binary_cross_entropy; exp: poisson; anything else: mse. Of a model that
            leaves the softmax to its loss, say so: ``loss="cross_entropy"``.
        classes, targets, features : names, which models of Keras and PyTorch do not hold
        activation : str, or one for each hidden layer; of a state dict, which does not tell it

        Raises
        ------
        RunError
            The model was not fitted.
        KindError, SettingError, ShapeError
            It holds no network that could be represented, or what is said of it contradicts it.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.neural_network import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = MLPClassifier((8,), solver="lbfgs", max_iter=500, random_state=0).fit(X, y)
        >>> net = Network.of(model)
        >>> net, net.score(X, y) == model.score(X, y)
        (Network 4-8-3: 67 parameters, cross_entropy, True)
        """
        if is_from_elsewhere(model):
            spec, vector = parts_from_elsewhere(
                model, loss=loss, classes=classes, targets=targets, features=features, activation=activation
            )
            return cls.of_parts(spec, vector)
        ours = isinstance(model, Network) or hasattr(type(model), "network_")
        if not (ours or is_perceptron(model) or is_pipeline(model)):
            raise no_model(model)
        if any(given is not None for given in (loss, classes, targets, features, activation)):
            raise SettingError(
                "loss, classes, targets, features and activation say what a model of Keras's or PyTorch's does not; a "
                f"{type(model).__name__} was given, which tells them itself. Leave them out."
            )
        if isinstance(model, Network):
            return model.copy()
        if is_pipeline(model):
            last = cls.of(last_step(model))
            return last._with(with_scaling(last.spec, model), last.parameters)
        if ours:  # an estimator of ours, which says itself where it is not fitted
            return cls.of(model.network_)
        return cls.of_parts(*parts_of_perceptron(model))

    @classmethod
    def of_parts(cls, spec: Spec, parameters: Vector, *, seed: int = 0) -> Network:
        """Return the network of a spec whose parameters are this vector, which is not copied.

        Parameters
        ----------
        spec : Spec
        parameters : array, shape (spec.n_parameters,), of the spec's dtype
            Layer by layer W, stored input-major, then b.
        seed : int

        Raises
        ------
        ShapeError, KindError
            The vector is of another length, or of another type.

        Examples
        --------
        >>> net = Network([2, 3, 2])
        >>> twin = Network.of_parts(net.spec, net.parameters)
        >>> twin["layer_1"]["node_1"].bias[0] = 5.0
        >>> float(net["layer_1"]["node_1"].bias[0])
        5.0
        """
        if not isinstance(parameters, np.ndarray) or parameters.dtype != spec.dtype:
            raise KindError(f"The parameters must be an array of {spec.dtype}; give parameters.astype({spec.dtype!r}).")
        if parameters.shape != (spec.n_parameters,) or not parameters.flags.c_contiguous:
            raise ShapeError(
                f"The parameters must be {spec.n_parameters:,} numbers in one row, without gaps; an array of shape "
                f"{parameters.shape} was given."
            )
        return cls._made(spec, Parameters(spec, parameters), checked_seed(seed))

    # What it is

    @property
    def spec(self) -> Spec:
        """What the network is, apart from its numbers."""
        return self._spec

    @property
    def seed(self) -> int:
        """The seed of the initial weights, and of runs that name none."""
        return self._seed

    @property
    def parameters(self) -> Vector:
        """All weights and biases, one writable vector: layer by layer W, stored input-major, then b.

        Assigning copies in.
        """
        return self._parameters.vector

    @parameters.setter
    def parameters(self, values: ArrayLike) -> None:
        copied_in("The network's parameters", self.parameters, values, one_for_all=False)

    @property
    def n_parameters(self) -> int:
        """Number of weights and biases."""
        return self._spec.n_parameters

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the parameters, 64 hexadecimal digits."""
        return fingerprint(self.parameters)

    def __getitem__(self, layer: str) -> LayerView:
        """Return a layer by its name: layer_1, layer_2, …; the last one is called output."""
        if layer not in self._spec.names:
            raise unknown_name("layer", layer, self._spec.names)
        place = self._spec.names.index(layer)
        return LayerView(layer, self._spec.dense[place], self._parameters[layer])

    def __iter__(self) -> Iterator[str]:
        return iter(self._spec.names)

    def __len__(self) -> int:
        return len(self._spec.names)

    def summary(self, *, cost: bool = False) -> Summary:
        """Return a table of the layers, which shows itself in a terminal and in a notebook.

        Parameters
        ----------
        cost : bool
            Whether it tells the parameters' bytes, and for one row the multiplications with addition
            (multiply-accumulates) and the scratch memory: what counts where the network is used.

        Examples
        --------
        >>> net = Network([784, 32, 32, 10])
        >>> net.summary(cost=True).cost
        Cost(parameters=26506, bytes=106024, macs=26432, scratch=256)
        """
        return Summary(self._spec, cost=cost)

    def copy(self) -> Network:
        """Return a network of the same numbers in its own memory."""
        return self._with(self._spec, on_cache_lines(self.parameters))

    def astype(self, dtype: str) -> Network:
        """Return a network of the same numbers, rounded where they must be, in another number type.

        Parameters
        ----------
        dtype : "float32" or "float64"

        Raises
        ------
        UnknownNameError
            It is another.
        SettingError
            A number is too large for it.

        Examples
        --------
        >>> net = Network([2, 3, 2])
        >>> twice = net.astype("float64")
        >>> twice.parameters.dtype.name, twice.astype("float32").fingerprint == net.fingerprint
        ('float64', True)
        """
        spec = replace(self._spec, dtype=dtype)
        with np.errstate(over="ignore"):  # which is told next
            vector = self.parameters.astype(dtype)
        if (np.isinf(vector) & np.isfinite(self.parameters)).any():
            raise SettingError(f"A parameter is too large for {dtype}. Keep the network in {self._spec.dtype}.")
        return self._with(spec, on_cache_lines(vector))

    def __repr__(self) -> str:
        widths = [str(self._spec.input.width), *(str(layer.width) for layer in self._spec.dense)]
        return f"Network {'-'.join(widths)}: {self.n_parameters:,} parameters, {self._spec.loss.name}"

    # Training

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        optimizer: str | Optimizer = "adam",
        learning_rate: float | None = None,
        schedule: Schedule | str = "constant",
        l1: float = 0.0,
        l2: float = 0.0,
        layer_rates: Mapping[str, float] | None = None,
        shuffle: bool = True,
        validation: float | tuple[ArrayLike, ArrayLike] | None = None,
        early_stopping: int | EarlyStopping | None = None,
        metrics: Metrics = None,
        sample_weight: ArrayLike | None = None,
        class_weight: Mapping[Name, float] | str | None = None,
        callbacks: Sequence[Callback] = (),
        seed: int | None = None,
        threads: int | None = None,
        recompute: bool = False,
        keyframe_bytes: int = 64 << 20,
        progress: bool | None = None,
    ) -> Run:
        """Train the network in place, from its current weights, with a fresh optimiser; return the run.

        Parameters
        ----------
        X : array, shape (rows, n_in)
            uint8, float32 and float64 are read as they are, and so are SciPy's sparse tables (CSR without a copy).
        y : array, shape (rows,) or (rows, n_out)
            Classes: places 0 … n − 1, names, or one-hot rows. Yes-no: 0 or 1. Values: numbers, in their own units.
        epochs : int, or None for as many as make at least 2,000 steps, and at least 10
            How often every row is seen.
        batch_size : int, or None for a twentieth of the rows, but 8 to 64
            Rows for each step.
        optimizer : "adam", "adamw", "rmsprop", "adagrad", "sgd", or one with settings, such as ``Sgd(momentum=0.9)``
            ``Chain(ClipNorm(1.0), Adam())`` bounds the gradient first.
        learning_rate : float, or None for the optimiser's usual one (adam, adamw 0.001, rmsprop, adagrad 0.01, sgd 0.1)
        schedule : "constant", "linear", "step", "exponential", "cosine", "one_cycle" or "warm_up", or one with settings
            How the learning rate goes through the run; ``WarmUp(100, "cosine")`` puts a rise in front of another.
        l1, l2 : float
            Add l1·Σ |w| + ½·l2·Σ w² to the loss; biases are free.
        layer_rates : dict of layer: factor of its learning rate
            ``{"layer_1": 0.1}`` lets that layer learn at a tenth of the rate; 0 freezes it, and it keeps every bit.
        shuffle : bool
            Whether each epoch sees the rows in an order of its own.
        validation : (X, y) to measure on after each epoch, or the fraction of rows to hold out for it
        early_stopping : epochs without progress after which to stop, or an `EarlyStopping`
            The network ends on its best epoch.
        metrics : names of metrics, or metrics such as ``TopK(3)``, one or several
            What held-out rows are measured by after each epoch, beside loss and accuracy; ``run.history["val_auc"]``.
            Classes, and yes or no: "accuracy", "top_5" (classes), "log_loss", "auc", "f1". Values: "mse", "mae", "r2",
            "pinball_0.9", "d2". See docs/metrics.md.
        sample_weight : array, shape (rows,)
            How much each row counts beside the others of its batch, Σ w·L / Σ w; each ≥ 0. (Alone in a batch,
            a row counts the same whatever its weight.)
        class_weight : "balanced", or a dict of label: weight
        callbacks : functions of (event, run)
            Called with each event of `pellucid.training`: RunStarted, StepsMade, EpochEnded, Edited, RunPaused,
            RunEnded. They may call ``run.edit``, ``run.stop``, or write into ``run.network``; this is recorded, and
            replayed without calling them. Do so at EpochEnded: how many steps one StepsMade tells of depends on the
            machine's speed, so a change there would be made at other steps the next time.
        seed : int, or None for the network's
        threads : int, or None for as many processors as may be used and the work is worth
            Never decides a bit. More than there are processors make a run slow.
        recompute : bool
            Whether to save memory in a very deep network: of n layers' outputs, room for about 2·√n is kept for the way
            back, and most are computed a second time there. Never decides a bit; the readable core keeps all.
        keyframe_bytes : int
            What copies of the run's states may take, from which any step is performed again: the more, the sooner.
        progress : bool, or None to show it where standard error is a terminal

        Returns
        -------
        Run
            Its history, and every moment of it. Ctrl-C pauses it: it returns, and ``run.finish()`` goes on.

        Raises
        ------
        ShapeError, DataError, KindError, SettingError, UnknownNameError
            Data or settings cannot be used; the network is as it was.
        DivergedError
            Numbers ceased to be finite; the network keeps the last finite step.

        Examples
        --------
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("circles", n=400)
        >>> net = Network([2, 8, 2])
        >>> run = net.fit(toy.X, toy.y, epochs=60, batch_size=20, learning_rate=0.02)
        >>> net.score(toy.X, toy.y) > 0.95
        True

        A callback that halves the learning rate when the loss rises:

        >>> from pellucid.training import EpochEnded
        >>> def careful(event, run):
        ...     losses = run.history["loss"] if isinstance(event, EpochEnded) else []
        ...     if len(losses) > 1 and losses[-1] > losses[-2]:
        ...         run.edit(learning_rate=run.learning_rate / 2)
        >>> run = net.fit(toy.X, toy.y, epochs=5, learning_rate=0.5, callbacks=[careful])
        >>> len(run.edits) > 0
        True
        """
        run = self.start(
            X,
            y,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            schedule=schedule,
            l1=l1,
            l2=l2,
            layer_rates=layer_rates,
            shuffle=shuffle,
            validation=validation,
            early_stopping=early_stopping,
            metrics=metrics,
            sample_weight=sample_weight,
            class_weight=class_weight,
            callbacks=callbacks,
            seed=seed,
            threads=threads,
            recompute=recompute,
            keyframe_bytes=keyframe_bytes,
        )
        run.finish(progress=progress)
        return run

    def start(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        optimizer: str | Optimizer = "adam",
        learning_rate: float | None = None,
        schedule: Schedule | str = "constant",
        l1: float = 0.0,
        l2: float = 0.0,
        layer_rates: Mapping[str, float] | None = None,
        shuffle: bool = True,
        validation: float | tuple[ArrayLike, ArrayLike] | None = None,
        early_stopping: int | EarlyStopping | None = None,
        metrics: Metrics = None,
        sample_weight: ArrayLike | None = None,
        class_weight: Mapping[Name, float] | str | None = None,
        callbacks: Sequence[Callback] = (),
        seed: int | None = None,
        threads: int | None = None,
        recompute: bool = False,
        keyframe_bytes: int = 64 << 20,
    ) -> Run:
        """Return the run that `fit` would make, not yet begun; parameters and errors are those of `fit`.

        Examples
        --------
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=5, batch_size=20)
        >>> run.advance(12)
        >>> run.step, run.total_steps, run.done
        (12, 50, False)
        """
        chosen = self._seed if seed is None else checked_seed(seed)
        spec, data, of_classes, fraction = prepared(
            self._spec,
            X,
            y,
            sample_weight=sample_weight,
            class_weight=class_weight,
            validation=validation,
            seed=chosen,
        )
        rule = optimizer_of(optimizer)
        if isinstance(early_stopping, (int, np.integer)):
            early_stopping = EarlyStopping(early_stopping)
        if batch_size is None:
            batch_size = min(64, max(8, data.n_rows // 20))
        if epochs is None:
            epochs = max(10, -(-2000 // -(-data.n_rows // whole_number("batch_size", batch_size, 1))))
        recipe = Recipe(
            spec,
            fingerprint(self.parameters),
            epochs,
            batch_size,
            rule,
            rule.learning_rate if learning_rate is None else learning_rate,
            schedule,
            l2,
            chosen,
            shuffle,
            of_classes,
            fraction,
            early_stopping,
            l1,
            () if layer_rates is None else layer_rates,  # type: ignore[arg-type]  # made pairs, or refused, by Recipe
            metrics_for(spec, metrics),
        )
        if data.held_out is None:
            _check_without_validation(recipe)
        if not np.isfinite(self.parameters).all():
            raise SettingError(
                "The network holds NaN or infinity, so no step would be finite. Set finite weights first."
            )
        backend = backend_for(spec, self._backend, rule)
        memory = whole_number("keyframe_bytes", keyframe_bytes, 0)
        timeline = Timeline(recipe, self.parameters, data, backend, _checked_threads(threads), bool(recompute), memory)
        return Run(self, timeline, _checked_callbacks(callbacks))

    def loss_and_gradient(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> tuple[float, Vector]:
        """Return the loss of all rows and its gradient, a vector like `parameters`: for a loop of one's own.

        Dropout is not applied. Targets standardised inside count as such.

        Examples
        --------
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> net = Network([2, 8, 2])
        >>> before, gradient = net.loss_and_gradient(toy.X, toy.y)
        >>> net.parameters[:] -= 0.1 * gradient
        >>> net.loss_and_gradient(toy.X, toy.y)[0] < before
        True
        """
        table = inputs(self._spec, X)
        T = encoded_targets(self._spec, y, len(table))
        weights = sample_weights(self._spec, sample_weight, len(table))
        penalties = checked_number("l1", l1), checked_number("l2", l2)
        return self._backend.loss_and_gradient(self._spec, self.parameters, table, T, weights, *penalties)

    # Questions

    def trace(self, x: ArrayLike, y: Any = None) -> Trace:
        """Return every number of a pass through the network, and with targets of the way back.

        Parameters
        ----------
        x : array, shape (n_in,) for one row, or (rows, n_in)
        y : its target, or one for each row; None: there is no way back

        Returns
        -------
        Trace
            ``trace["layer_1"]["node_1"]`` is a neuron with its formula; of one row its arrays have no axis of rows.

        Raises
        ------
        ShapeError, DataError, KindError
            x or y cannot be used.

        Examples
        --------
        >>> net = Network([2, 1], loss="mse", dtype="float64", standardize_targets=False)
        >>> net["output"].weights, net["output"].biases = [[0.2, 0.5]], [0.03]
        >>> net.trace([0.5, 4.0])["output"]["node_1"]
        output/node_1: z = 0.5·0.2 + 4.0·0.5 + 0.03 = 2.13;  a = z = 2.13
        """
        sparse_row = hasattr(x, "tocsr") and np.shape(x)[:-1] in {(), (1,)} and np.ndim(y) == 0
        single = sparse_row or (not hasattr(x, "tocsr") and np.ndim(x) == 1)
        table = one_row(self._spec, x) if single else inputs(self._spec, x, "x")
        T = None if y is None else encoded_targets(self._spec, np.asarray([y]) if single else y, len(table))
        return trace(self._spec, self.parameters, self._backend, table, T, single=single)

    def portrait(self, X: ArrayLike, y: ArrayLike, neuron: str, *, n: int = 9) -> Portrait:
        """Return what a neuron looks for, on some rows: what excites it, its histogram, and what its loss would cost.

        Parameters
        ----------
        X, y : see `fit`
        neuron : such as ``layer_1/node_3``
        n : int
            How many rows that excite it most, and least.

        Examples
        --------
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> net = Network([2, 8, 2])
        >>> p = net.portrait(toy.X, toy.y, "layer_1/node_3")
        >>> p.layer, p.node, p.most.rows.shape
        ('layer_1', 3, (9,))
        """
        layer, node = neuron_named(self._spec, neuron)
        if node is None:
            raise SettingError(f"{neuron!r} is a layer; name one of its neurons, such as '{neuron}/node_1'.")
        table = inputs(self._spec, X)
        T = encoded_targets(self._spec, y, len(table))
        return portrait(self._spec, self._parameters, self._backend, table, T, layer, node + 1, n=n)

    def portraits(self, X: ArrayLike, y: ArrayLike, *, n: int = 9) -> dict[str, list[Portrait]]:
        """Return the portraits of all neurons, by layer; see `portrait`."""
        table = inputs(self._spec, X)
        T = encoded_targets(self._spec, y, len(table))
        return portraits(self._spec, self._parameters, self._backend, table, T, n=n)

    def diagnose(self, X: ArrayLike, y: ArrayLike | None = None) -> Diagnosis:
        """Return what is wrong with the network, as far as its numbers on some rows tell; see docs/diagnosis.md.

        Parameters
        ----------
        X, y : see `fit`; without y what needs targets is not looked for
        """
        table = checked_inputs(self._spec, X, "X")  # without a warning of its scale, which is a finding here
        T = None if y is None else encoded_targets(self._spec, y, len(table))
        return diagnose_network(self._spec, self.parameters, self._backend, table, T)

    # Use

    def _output(self, X: object, threads: int | None, *, shown: bool = False) -> Array:
        """Return the last layer's output for each row, or what is shown of it; raise where it is not finite.

        A plain array that the engine meets nothing odd in is passed through at once; anything else is looked at.
        """
        spec, threads = self._spec, None if threads is None else _checked_threads(threads)
        if is_plain(X, spec):
            used = self._backend.use(spec, self.parameters, X, shown=shown, threads=threads)
            if used.finite and plainly_scaled(spec, X, used.largest):
                return used.output
        table = inputs(spec, X)
        used = self._backend.use(spec, self.parameters, table, shown=shown, threads=threads)
        if not used.finite:
            why = (
                "its inputs or weights are too large"
                if np.isfinite(self.parameters).all()
                else "the network holds such"
            )
            row = np.isfinite(used.output).all(axis=1).argmin()
            raise DataError(
                f"The network's output for row {row} is NaN or infinite: {why}. "
                "Scale the inputs, or train the network again."
            )
        return used.output

    def predict(self, X: ArrayLike, *, threads: int | None = None) -> Array:
        """Return the prediction for each row.

        Returns
        -------
        array, shape (rows,) or (rows, n_out)
            Classes: the likeliest, by name where the classes have names, else by place. Yes-no: the class for
            one output, 0 or 1 for each of several. Values: in their own units, shape (rows,) for one output;
            quantiles of a target stand side by side.

        Raises
        ------
        ShapeError, DataError, KindError
            X cannot be used, or the output for it is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> net = Network([2, 3], classes=["red", "green", "blue"])
        >>> net["output"].weights = [[1, 0], [0, 1], [0, 0]]
        >>> print(net.predict([[2.0, 1.0], [0.0, 3.0]]))
        ['red' 'green']
        """
        task, names = self._spec.loss.task, self._spec.output.names
        output = self._output(X, threads, shown=task is Task.VALUES)
        if task is Task.VALUES:
            values = self._in_own_units(output)
            return values[:, 0] if self._spec.n_outputs == 1 else values
        if task is Task.YES_NO and self._spec.n_outputs > 1:
            return (output > 0).astype(np.int64)
        places = output.argmax(axis=1) if task is Task.CLASSES else (output[:, 0] > 0).astype(np.int64)
        return places if names is None else np.asarray(names)[places]

    def predict_proba(self, X: ArrayLike, *, threads: int | None = None) -> Array:
        """Return the probability of each class for each row.

        Returns
        -------
        array, shape (rows, classes)
            One yes-or-no output has two columns, no and yes; several have a column for each, of yes.

        Raises
        ------
        SettingError
            The network gives values, not classes.
        ShapeError, DataError, KindError
            X cannot be used, or the output for it is not finite.

        Examples
        --------
        >>> net = Network([2, 2])
        >>> net.parameters[:] = 0
        >>> print(net.predict_proba([[1.0, 2.0]]))
        [[0.5 0.5]]
        """
        task = self._spec.loss.task
        if task is Task.VALUES:
            raise SettingError(f"The loss {self._spec.loss.name!r} gives values, not probabilities. Use predict().")
        P = self._output(X, threads, shown=True)
        return np.hstack([1 - P, P]) if task is Task.YES_NO and self._spec.n_outputs == 1 else P

    def evaluate(
        self, X: ArrayLike, y: ArrayLike, metrics: Metrics = None, *, threads: int | None = None
    ) -> dict[str, float]:
        """Return what the network is worth on these rows, with the same bits on every machine.

        Parameters
        ----------
        X, y : see `fit`
        metrics : name of a metric, a metric, or several, beside the usual ones
            See docs/metrics.md.

        Returns
        -------
        dict
            loss (as trained, without penalty: for values, of standardised targets), and accuracy for classes; for
            values mse in their own units, and r2 = 1 − Σ (y − p)² / Σ (y − mean y)², averaged over targets; for
            quantiles pinball, and d2.

        Raises
        ------
        ShapeError, DataError, KindError, SettingError, UnknownNameError
            X or y cannot be used, the output is not finite, or a metric is not for such a network.

        Examples
        --------
        >>> net = Network([1, 1], loss="mse", standardize_targets=False)
        >>> net.parameters[:] = [2, 0]
        >>> net.evaluate([[1.0], [2.0]], [2.0, 5.0], metrics="mae")
        {'loss': 0.5, 'mse': 0.5, 'r2': 0.7777777777777778, 'mae': 0.5}
        """
        asked = dict.fromkeys((*usual_metrics(self._spec), *metrics_for(self._spec, metrics)))
        output = self._output(X, threads)
        T = encoded_targets(self._spec, y, len(output))
        losses = self._backend.losses(self._spec, output, T)
        return measured(self._spec, output, T, losses, tuple(asked))

    def score(self, X: ArrayLike, y: ArrayLike, *, threads: int | None = None) -> float:
        """Return the accuracy for classes, r2 for values, or d2 for quantiles; see `evaluate`."""
        metrics = usual_metrics(self._spec)
        return self.evaluate(X, y, threads=threads)[metrics[-1].shown]

    def _in_own_units(self, output: Array) -> Array:
        scale, shift = self._spec.output.scale, self._spec.output.shift
        if scale is None or shift is None or (scale == 1.0 and shift == 0.0):
            return output
        return np.asarray(output * np.asarray(scale) + np.asarray(shift))

    # Files and forms

    def save(self, path: str | os.PathLike[str], *, slots: Mapping[str, ArrayLike] | None = None) -> None:
        """Write the network as a file in the safetensors layout; a file that stands there is replaced whole.

        Parameters
        ----------
        path : path of the file
        slots : vectors that an optimiser keeps, such as ``run.at(run.step).slots``
            To be in the file, too, for whoever goes on with a loop of their own; see `load_slots`.

        Raises
        ------
        OSError
            As the operating system says; a file that stood there is untouched, unless the message says that the new
            one is in its place.
        """
        if not np.isfinite(self.parameters).all():
            raise SettingError("The network holds NaN or infinity, so no file is written. Set finite weights first.")
        vectors = {name: np.asarray(slot) for name, slot in (slots or {}).items()}
        for name, vector in vectors.items():
            if not isinstance(name, str) or not name.isidentifier():
                raise SettingError(f"A slot needs a name such as 'mean'; {name!r} was given.")
            if vector.shape != self.parameters.shape or vector.dtype != self.parameters.dtype:
                raise ShapeError(
                    f"The slot {name!r} is {vector.dtype} {vector.shape}; a vector like the parameters, "
                    f"{self.parameters.dtype} {self.parameters.shape}, is accepted."
                )
        if not all(np.isfinite(vector).all() for vector in vectors.values()):
            raise SettingError("A slot holds NaN or infinity, so no file is written. Give finite numbers.")
        save_model(path, self._spec, self._parameters, self._seed, vectors)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, custom: Custom | None = None) -> Network:
        """Return the network of a file.

        Parameters
        ----------
        path : path of the file
        custom : dict of name: what the user wrote
            The activations, and classes of losses, that the file names and that are not Pellucid's own.

        Raises
        ------
        ModelFileError
            The file is no model file, not whole, or of another version, or names what ``custom`` does not give.
        """
        spec, parameters, seed, _ = load_model(path, custom)
        return cls._made(spec, parameters, seed)

    @staticmethod
    def load_slots(path: str | os.PathLike[str], *, custom: Custom | None = None) -> Slots:
        """Return the vectors that an optimiser kept, by name, of a model file; none where it has none.

        Raises
        ------
        ModelFileError
            See `load`.

        Examples
        --------
        A loop of one's own that goes on where a run stood:

        >>> import os, tempfile
        >>> from pellucid import Adam
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> net = Network([2, 8, 2])
        >>> run = net.fit(toy.X, toy.y, epochs=5)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     net.save(os.path.join(folder, "net"), slots=run.at(run.step).slots)
        ...     slots = Network.load_slots(os.path.join(folder, "net"))
        >>> _, gradient = net.loss_and_gradient(toy.X, toy.y)
        >>> Adam().update(net.parameters, gradient, slots, 0.001, run.step + 1)
        """
        return {name: on_cache_lines(slot) for name, slot in load_model(path, custom)[3].items()}

    def to_torch(self, *, logits: bool = False) -> Any:
        """Return the network as a `torch.nn.Sequential` with weights of its own, in evaluation mode.

        It takes inputs as `predict` does, and gives probabilities for classes, of yes for yes-or-no, and values in
        their own units. Its layers are called as here, so that ``model.layer_1.weight[2]`` is ``layer_1/node_3``.
        Names of classes, targets and features do not travel. `Network.of` takes it back, each weight to the last bit.

        Parameters
        ----------
        logits : bool
            Whether to leave off the last softmax, sigmoid or exp, as `torch.nn.CrossEntropyLoss`,
            `BCEWithLogitsLoss` and `PoissonNLLLoss` want it, to go on with the training there.

        Raises
        ------
        MissingLibraryError
            PyTorch is not installed.
        SettingError
            The network has an activation, or a loss with an output function, of your own.

        Examples
        --------
        >>> import torch
        >>> net = Network([2, 3, 2], activation="tanh")
        >>> model = net.to_torch()
        >>> model.layer_1, model(torch.zeros(5, 2)).shape
        (Linear(in_features=2, out_features=3, bias=True), torch.Size([5, 2]))
        >>> Network.of(model).fingerprint == net.fingerprint
        True
        """
        return torch_of(self._spec, self._parameters, logits=bool(logits))

    def to_keras(self, *, logits: bool = False) -> Any:
        """Return the network as a `keras.Sequential` of Keras's own layers, with weights of its own.

        It takes inputs as `predict` does, and gives probabilities for classes, of yes for yes-or-no, and values in
        their own units; a file of it is read without Pellucid. Its layers are called as here. Names of classes,
        targets and features do not travel. `Network.of` takes it back, each weight to the last bit.

        Parameters
        ----------
        logits : bool
            Whether to leave off the last softmax, sigmoid or exp, for losses with ``from_logits=True``.

        Raises
        ------
        MissingLibraryError
            Keras 3, or the library that computes for it, is not installed.
        SettingError
            The network has an activation, or a loss with an output function, of your own.

        Examples
        --------
        >>> import keras
        >>> net = Network([2, 3, 2], activation="tanh")
        >>> model = net.to_keras()
        >>> isinstance(model, keras.Sequential), [layer.name for layer in model.layers]
        (True, ['layer_1', 'layer_1_tanh', 'output', 'output_softmax'])
        >>> Network.of(model).fingerprint == net.fingerprint
        True
        """
        return keras_of(self._spec, self._parameters, logits=bool(logits))

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        to: str | None = None,
        data: ArrayLike | tuple[ArrayLike, ArrayLike] | None = None,
        name: str | None = None,
    ) -> tuple[Path, ...]:
        """Write the network for use elsewhere: as source code that tests itself, as ONNX, or as one HTML page.

        Source code and page compute the very bits that `predict` and `predict_proba` do, without any library; inputs
        are raw, and classes have their names. See docs/exporting.md.

        Parameters
        ----------
        path : path of the file; its ending says where the network goes
            .h C99; .mjs or .js JavaScript, with its types beside it; .java; .cs; .rs; .go; .py Python; .onnx; .html.
        to : "c", "javascript", "java", "csharp", "rust", "go", "python", "column", "onnx" or "html"
            Where the ending does not say it: ``to="column"`` writes Python in the column's own style.
        data : rows, or (rows, labels)
            A page shows them (some, where they are many); source code takes its examples from them.
        name : what the network is called in the code; None: as the file

        Returns
        -------
        tuple of Path
            The files that were written.

        Raises
        ------
        SettingError, UnknownNameError
            The ending or ``to`` says nothing known, the network holds what no other language knows (functions of one's
            own; float64 for source code), or the name is none.
        ShapeError, DataError, KindError
            The data cannot be used.
        MissingLibraryError
            onnx is not installed.

        Examples
        --------
        >>> import tempfile
        >>> net = Network([2, 3, 2], classes=["no", "yes"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [file.name for file in net.export(os.path.join(folder, "answer.mjs"))]
        ['answer.mjs', 'answer.d.mts']
        """
        from pellucid.network._export import exported  # 20 ms, seldom needed

        return exported(self._spec, self._parameters, self._backend, path, to, data, name)

    @classmethod
    def from_onnx(
        cls,
        model: Any,
        *,
        loss: str | Loss | None = None,
        classes: Sequence[Name] | None = None,
        targets: Sequence[str] | None = None,
        features: Sequence[str] | None = None,
    ) -> Network:
        """Return the dense network that an ONNX model computes, whoever wrote it; see docs/onnx.md.

        What Pellucid wrote comes back as it was: the same spec, each weight to the last bit. Of other models, what
        scales inputs, batch norms and dropout are taken in; an activation is told by what its nodes compute, however
        they are written. Nothing of a model is executed, and no other file is read.

        Parameters
        ----------
        model : path, bytes or onnx.ModelProto
        loss : str or Loss; None: by how the model ends
            softmax: cross_entropy; sigmoid: binary_cross_entropy; exp: poisson; anything else: mse. Of a model that
            ends in the sums before a softmax, say so: ``loss="cross_entropy"``.
        classes, targets, features : names; None: those of classes that the model tells, else none
            What Pellucid wrote tells loss and names itself.

        Raises
        ------
        ModelFileError
            It is no ONNX model, not whole, changed since Pellucid wrote it, or its numbers lie in another file.
        KindError, SettingError
            It is no dense network, or what was given contradicts it; a node that cannot be represented is named.
        MissingLibraryError
            The library onnx is not installed.

        Examples
        --------
        >>> import onnx, tempfile
        >>> net = Network([2, 3, 2], classes=["no", "yes"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     (path,) = net.export(os.path.join(folder, "answer.onnx"))
        ...     model = onnx.load(path)
        ...     back = Network.from_onnx(path)
        >>> back.spec == net.spec, back.fingerprint == Network.from_onnx(model).fingerprint == net.fingerprint
        (True, True)
        """
        return cls.of_parts(*parts_of_onnx(model, loss=loss, classes=classes, targets=targets, features=features))

    @classmethod
    def from_scratch(cls, network: Mapping[str, Any]) -> Network:
        """Return a float64 network of the same numbers as the column's dictionaries, every bit kept.

        It is sigmoid throughout and its loss is mse, as in `pellucid.from_scratch`.

        Raises
        ------
        KindError, SettingError, ShapeError
            These are no such dictionaries.

        Examples
        --------
        >>> from pellucid.from_scratch import initialize_neural_network
        >>> net = Network.from_scratch(initialize_neural_network(10, 5, [32] * 5, 2))
        >>> net.n_parameters
        4642
        """
        parts = parts_of(network)
        n_in = next(iter(parts.values())).W.shape[1]
        layers: list[int | Layer] = [n_in, *(Dense(len(part.b), "sigmoid", "column") for part in parts.values())]
        net = cls(layers, loss="mse", dtype="float64")
        for name, part in parts.items():
            net._parameters[name].W[...], net._parameters[name].b[...] = part
        return net

    def to_scratch(self) -> ScratchNetwork:
        """Return the network as the column's dictionaries, every bit kept.

        Raises
        ------
        SettingError
            The network is not sigmoid throughout, or scales its inputs or outputs: its dictionaries, which hold
            numbers alone, would say something else.
        """
        return dictionaries_of(self._spec, self._parameters)


def _check_without_validation(recipe: Recipe) -> None:
    """Raise `SettingError` where a recipe asks for what only held-out rows can tell."""
    stopping = recipe.early_stopping
    if stopping is not None and stopping.monitor.startswith("val_"):
        asked = f"early_stopping watches {stopping.monitor!r}"
    elif recipe.metrics:
        asked = f"metrics ({', '.join(metric.shown for metric in recipe.metrics)}) are measured on held-out rows"
    else:
        return
    raise SettingError(f"{asked}, but there is no validation. Give validation=0.1, say.")


def _checked_threads(threads: int | None) -> int | None:
    return None if threads is None else whole_number("threads", threads, 1)


def _checked_callbacks(callbacks: Sequence[Callback]) -> Sequence[Callback]:
    if not isinstance(callbacks, (list, tuple)) or not all(callable(callback) for callback in callbacks):
        raise KindError(
            f"callbacks must be a list of functions of (event, run); {callbacks!r} was given. "
            "Give [function], say, or [] for none."
        )
    return tuple(callbacks)


def resumed_run(
    rest: Checkpoint,
    network_seed: int,
    X: object,
    y: object,
    sample_weight: object,
    validation: object,
    callbacks: Sequence[Callback],
    threads: int | None,
    recompute: bool,
) -> Run:
    """Return the run of a checkpoint, with its data, and a network of its own."""
    recipe = rest.recipe
    weighed = recipe.class_weight
    try:
        _, data, _, _ = prepared(
            recipe.spec,
            X,
            y,
            sample_weight=sample_weight,
            class_weight=dict(weighed) if isinstance(weighed, tuple) else weighed,
            validation=recipe.validation if validation is None else validation,
            seed=recipe.seed,
        )
        if data.held_out is None:
            _check_without_validation(recipe)
    except SettingError as error:
        raise RunError(f"These data do not fit the run: {error}") from error
    network = Network._made(recipe.spec, Parameters(recipe.spec), network_seed)
    backend = backend_for(recipe.spec, network._backend, recipe.optimizer)
    timeline = Timeline.resumed(rest, network.parameters, data, backend, _checked_threads(threads), bool(recompute))
    return Run(network, timeline, _checked_callbacks(callbacks))
