"""A trace: every number of one pass forward and back, the engine's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import (
    LayerNumbers,
    Parameters,
    SparseRows,
    Spec,
    Task,
    Traced,
    dropout_factors,
    total_weight,
)
from pellucid.engine import Backend, State
from pellucid.errors import KindError, SettingError, unknown_name
from pellucid.insight._layer_trace import LayerTrace, needed
from pellucid.insight._names import output_names

if TYPE_CHECKING:
    from pellucid.insight._counterfactual import Counterfactual
    from pellucid.insight._receipt import Receipt, Update
    from pellucid.insight._why import Why
    from pellucid.training import Timeline

__all__ = ["Trace", "trace"]

Array = NDArray[Any]
Vector = NDArray[Any]
Table = Array | SparseRows


def trace(
    spec: Spec,
    parameters: Vector,
    backend: Backend,
    X: Table,
    T: Array | None = None,
    *,
    single: bool = False,
) -> Trace:
    """Pass rows through a network, and, with encoded targets, back; keep every number.

    Parameters
    ----------
    spec, parameters : the network; its numbers are copied
    X : array, shape (rows, n_in), as the user gives it
    T : targets as the loss takes them, or None
    single : whether the one row there is is spoken of without an axis of rows
    """
    kept = parameters.copy()
    return Trace(spec, kept, backend, X, T, backend.trace(spec, kept, X, T), single=single)


@final
class Trace:
    """Every number of one pass forward and back.

    ``trace["layer_1"]["node_1"]`` is a neuron with its formula. Of a single row, numbers have no axis of rows; of a
    batch they have, and ``trace.sample(i)`` is one of its rows.

    Attributes
    ----------
    spec : Spec
    single : bool
    T : the targets, as the loss takes them, or None
    factors : dict of layer: array, shape (rows, n_in), or None
        What dropout multiplied each layer's inputs by, where there was any.

    Examples
    --------
    >>> from pellucid import Network
    >>> net = Network([2, 1], loss="mse", dtype="float64", standardize_targets=False)
    >>> net["output"]["node_1"].weights, net["output"]["node_1"].bias = [0.2, 0.5], 0.03
    >>> t = net.trace([0.5, 4.0], 2.0)
    >>> print(t["output"]["node_1"])
    output/node_1: z = 0.5·0.2 + 4.0·0.5 + 0.03 = 2.13;  a = z = 2.13
    >>> t["output"].delta.round(12), t["output"].dW.round(12)  # δ = 2·(a − t)
    (array([0.26]), array([[0.13, 1.04]]))
    """

    def __init__(
        self,
        spec: Spec,
        parameters: Vector,
        backend: Backend,
        X: Table,
        T: Array | None,
        traced: Traced,
        *,
        single: bool = False,
        weights: Array | None = None,
        step: Callable[[], Update] | None = None,
        factors: dict[str, Array] | None = None,
    ) -> None:
        self.spec, self.single, self.T, self.factors = spec, single, T, factors
        self._step = step
        self._parameters, self._backend, self._X, self._traced, self._weights = parameters, backend, X, traced, weights

    @classmethod
    def of_step(cls, timeline: Timeline, state: State) -> Trace:
        """Return the trace of the batch that the step from a state sees: the numbers that the step is made of."""
        from pellucid.insight._receipt import Update

        job, rows = timeline.job(state.step), timeline.batch(state.step)
        X, T, weights = job.X[rows], job.T[rows], None if job.weights is None else job.weights[rows]
        drop, l2 = job.dropout(state.step), job.l2_of(total_weight(len(rows), weights))
        traced = timeline.backend.trace(job.spec, state.parameters, X, T, weights, drop, l1=job.l1, l2=l2)
        factors = dropout_factors(job.spec, len(rows), drop)
        return cls(
            job.spec,
            state.parameters,
            timeline.backend,
            X,
            T,
            traced,
            weights=weights,
            step=lambda: Update(job, rows, timeline.rate(state.step), state, timeline.after(state)),
            factors=factors,
        )

    # Layers

    def __getitem__(self, layer: str) -> LayerTrace:
        """Return the numbers of a layer by its name."""
        if layer not in self.spec.names:
            raise unknown_name("layer", layer, self.spec.names)
        return LayerTrace(self, layer)

    def __iter__(self) -> Iterator[str]:
        return iter(self.spec.names)

    def __len__(self) -> int:
        return len(self.spec.names)

    @property
    def rows(self) -> int:
        """How many rows were passed."""
        return len(self._traced.layers["output"].A)

    def sample(self, row: int) -> Trace:
        """Return the trace of one row of the batch, by its place."""
        if not -self.rows <= row < self.rows:
            raise SettingError(f"The trace has {self.rows} rows; row {row} was asked for. Give 0 … {self.rows - 1}.")
        row %= self.rows
        one = slice(row, row + 1)
        layers = {
            name: LayerNumbers(*(None if array is None else array[one] for array in numbers))  # type: ignore[arg-type]
            for name, numbers in self._traced.layers.items()
        }
        losses = self._traced.losses
        total = 1.0 if self._weights is None else float(self._weights[row]) or 1.0
        traced = Traced(layers, None if losses is None else losses[one], total, None)
        return Trace(
            self.spec,
            self._parameters,
            self._backend,
            self._X[one],
            None if self.T is None else self.T[one],
            traced,
            single=True,
            weights=None if self._weights is None else self._weights[one],
            factors=None if self.factors is None else {name: mask[one] for name, mask in self.factors.items()},
        )

    # The whole

    @cached_property
    def update(self) -> Update | None:
        """What the optimiser made of these numbers, where they are those of a step of a run; made when asked for."""
        return None if self._step is None else self._step()

    @property
    def parameters(self) -> Vector:
        """The network's parameters, as they were."""
        return self._parameters

    @property
    def numbers(self) -> dict[str, LayerNumbers]:
        """All arrays by layer, with an axis of rows."""
        return self._traced.layers

    @property
    def total(self) -> float:
        """What sums over rows are divided by in the gradient: how many there are, or their total weight."""
        return self._traced.total

    @property
    def row_weight(self) -> float:
        """How much the first row counts beside the others."""
        return 1.0 if self._weights is None else float(self._weights[0])

    @property
    def inputs(self) -> Array:
        """What the first layer sees, after scaling; shape (n_in,) or (rows, n_in)."""
        return self[self.spec.names[0]].inputs

    @property
    def output(self) -> Array:
        """The last layer's activations; shape (n_out,) or (rows, n_out)."""
        return self["output"].a

    @property
    def shown(self) -> Array:
        """What is shown of the output: probabilities for classes and yes-no; values in the targets' own units."""
        shown = self.spec.loss.output(self._traced.layers["output"].A)
        scale, shift = self.spec.output.scale, self.spec.output.shift
        if self.spec.loss.task is Task.VALUES and scale is not None and shift is not None:
            shown = shown * np.asarray(scale) + np.asarray(shift)
        return self._of(shown)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of each row, not weighted; shape (rows,)."""
        return needed(self._traced.losses)

    @property
    def loss(self) -> float:
        """The loss: of the row, or the weighted mean over the batch; without penalty."""
        losses = self.losses
        return float((losses if self._weights is None else losses * self._weights).sum() / self.total)

    @property
    def of_batch(self) -> Vector | None:
        """The gradient as the engine summed it over the batch; None without targets, and of one row of a batch."""
        return self._traced.gradient

    @property
    def gradient(self) -> Vector:
        """The gradient by every parameter, a vector like them; of a step of a run, with its penalties' slopes."""
        if self.of_batch is not None:
            return self.of_batch
        whole = Parameters(self.spec)
        for name in self:
            whole[name].W[...], whole[name].b[...] = self[name].dW, self[name].db
        return whole.vector

    def _of(self, array: Array) -> Array:
        return array[0] if self.single else array

    # Questions

    def why(self, this: Any = None, rather_than: Any = None, *, baseline: Any = None) -> Why:
        """Return why the network says this rather than that: contributions that add up to the difference.

        Parameters
        ----------
        this : name (or place) of a class or a target; None: what the network says, or the one output there is
        rather_than : name of another class; None: the second likeliest class; for values and yes-no: nothing
        baseline : array, shape (n_in,), as given to predict; None: inputs that are 0 after scaling
        """
        from pellucid.insight._why import why

        self._one_row("why")
        if isinstance(baseline, str):
            raise KindError(f"baseline must be a row of inputs, not a text ({baseline!r}). Give X.mean(axis=0), say.")
        named = "zero" if baseline is None else "given"
        row = None if baseline is None else np.asarray(baseline, dtype=np.float64)
        parameters = Parameters(self.spec, self._parameters)
        if self._is_yes_no:
            found = why(self.spec, parameters, self._backend, self._row(), 0, baseline=row, baseline_name=named)
            return found if self._says_yes(this, rather_than) else found.negated(self._yes_no_names()[0])
        one, other = self._answers(this, rather_than)
        return why(self.spec, parameters, self._backend, self._row(), one, other, baseline=row, baseline_name=named)

    def _yes_no_names(self) -> tuple[Any, Any]:
        names = self.spec.output.names
        return (0, 1) if names is None else (names[0], names[1])

    @property
    def _is_yes_no(self) -> bool:
        return self.spec.loss.task is Task.YES_NO and self.spec.n_outputs == 1

    def _yes_no_place(self, given: Any) -> int:
        """Return 0 for no and 1 for yes, by the names of the two."""
        names = self._yes_no_names()
        if given not in names:
            raise unknown_name("class", given, list(map(str, names)))
        return names.index(given)

    def _says_yes(self, this: Any, rather: Any) -> bool:
        """Return whether it is yes that is asked for, of one yes-or-no output; None: what the network says."""
        asked, other = (None if given is None else self._yes_no_place(given) for given in (this, rather))
        if asked is not None and asked == other:
            raise SettingError(f"Why {this!r} rather than itself has no answer. Name the other class, or none.")
        if asked is None and other is None:
            return bool(self.numbers["output"].A[0, 0] > 0)
        return other == 0 if asked is None else asked == 1

    def counterfactual(self, to: Any = None) -> Counterfactual:
        """Return the smallest change of one hidden neuron that flips the answer (to a class, if one is named)."""
        from pellucid.insight._counterfactual import counterfactual

        self._one_row("counterfactual")
        place = None
        if to is not None:
            place = self._yes_no_place(to) if self._is_yes_no else self._place(to)
        return counterfactual(self.spec, Parameters(self.spec, self._parameters), self._backend, self._row(), to=place)

    def receipt(
        self,
        layer: str,
        node: int | str,
        input: int | str | None = None,  # noqa: A002 (the user's word)
        *,
        sample: int | None = None,
    ) -> Receipt:
        """Return the whole chain of one weight: from the loss to its gradient and, in a run, to its new value.

        Parameters
        ----------
        layer : name of the layer
        node : its name, such as ``node_1``, or its number from 1
        input : place (from 0) or name of the input; None: the bias
        sample : the row of the batch whose way back is shown; None: the one that moves the weight most
        """
        from pellucid.insight._receipt import receipt

        numbers = self[layer]
        j = numbers.place_of(node)
        return receipt(self, layer, j, None if input is None else numbers.input_place(input), sample)

    def _one_row(self, what: str) -> None:
        if self.rows != 1:
            raise SettingError(f"{what}() is of one row; the trace has {self.rows}. Take one, with sample(0), say.")

    def _row(self) -> Array:
        return np.asarray(self._X[:1][0])

    def _place(self, answer: Any) -> int:
        """Return the output of an answer given by name, or, where outputs have no names, by place."""
        names = output_names(self.spec)
        if isinstance(answer, (int, np.integer)) and self.spec.output.names is None:
            place = int(answer)
            if 0 <= place < len(names):
                return place
        wished = int(answer) if isinstance(answer, np.integer) else answer
        if self.spec.output.names is not None and wished in self.spec.output.names:
            return self.spec.output.names.index(wished)
        if str(answer) in names:
            return names.index(str(answer))
        raise unknown_name("class or target", answer, names)

    def _answers(self, this: Any, rather: Any) -> tuple[int, int | None]:
        output = self._traced.layers["output"].A[0]
        if self.spec.loss.task is not Task.CLASSES:
            if rather is not None:
                raise SettingError("rather_than is for networks that choose one of several classes. Leave it out.")
            if self.spec.n_outputs > 1 and this is None:
                raise SettingError(f"The network has {self.spec.n_outputs} outputs. Name the one to explain.")
            return 0 if this is None else self._place(this), None
        one = int(output.argmax()) if this is None else self._place(this)
        if rather is not None:
            other = self._place(rather)
            if other == one:
                raise SettingError(f"Why {this!r} rather than itself has no answer. Name another class.")
            return one, other
        others = output.astype(np.float64).copy()
        others[one] = -np.inf
        return one, int(others.argmax())

    def __repr__(self) -> str:
        what = "one row" if self.rows == 1 else f"{self.rows} rows"
        ways = "forward" if self._traced.losses is None else "forward and back"
        loss = "" if self._traced.losses is None else f", loss {self.loss:.4g}"
        return f"Trace of {what} through {len(self)} layers, {ways}{loss}"

    def _repr_html_(self) -> str:
        from pellucid.insight._html import trace_html

        return trace_html(self)
