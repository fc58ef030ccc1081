"""A neuron of a trace: its numbers, and its formula with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import SettingError
from pellucid.insight._formula import (
    Expression,
    Formula,
    Line,
    Number,
    Omitted,
    Product,
    Sum,
    activated,
    line,
    number,
    weighted,
)

if TYPE_CHECKING:
    from pellucid.insight._layer_trace import LayerTrace

__all__ = ["NeuronView"]

Array = NDArray[Any]

_TERMS: Final = 10
_RESULT, _MOST_DIGITS = 4, 9  # digits of what comes out


@final
class NeuronView:
    """The numbers of one neuron, and its formula with them.

    Attributes
    ----------
    name : str, such as ``layer_1/node_1``
    activation : str
    """

    def __init__(self, layer: LayerTrace, j: int) -> None:
        self._layer, self._j = layer, j
        self.name, self.activation = f"{layer.name}/node_{j + 1}", layer.activation

    @property
    def weights(self) -> Array:
        """w, shape (n_in,)."""
        return np.asarray(self._layer.weights[self._j])

    @property
    def bias(self) -> float:
        """B."""
        return float(self._layer.biases[self._j])

    @property
    def inputs(self) -> Array:
        """x, shape (n_in,), or (rows, n_in)."""
        return self._layer.inputs

    @property
    def products(self) -> NDArray[np.float64]:
        """w·x, like the inputs, in double precision."""
        return np.asarray(self.inputs.astype(np.float64) * self.weights.astype(np.float64))

    @property
    def z(self) -> Any:
        """The weighted sum, a number, or one for each row."""
        return self._layer.z[..., self._j]

    @property
    def a(self) -> Any:
        """The activation, a number, or one for each row."""
        return self._layer.a[..., self._j]

    @property
    def slope(self) -> Any:
        """f′(z), a number, or one for each row."""
        return self._layer.slope[..., self._j]

    @property
    def delta(self) -> Any:
        """δ = dL/dz, a number, or one for each row."""
        return self._layer.delta[..., self._j]

    @property
    def dw(self) -> Array:
        """dL/dw, shape (n_in,)."""
        return np.asarray(self._layer.dW[self._j])

    @property
    def db(self) -> float:
        """dL/db."""
        return float(self._layer.db[self._j])

    @property
    def input_names(self) -> list[str]:
        """Names of what comes in."""
        return self._layer.input_names

    def formula(self, terms: int = _TERMS) -> Formula:
        """Return z and a as formulas with their numbers.

        With no more inputs than ``terms``, all products stand in the order of the inputs; else the largest come first,
        and the rest as their sum. Every line multiplies out as it is shown.

        Examples
        --------
        >>> import numpy as np
        >>> from pellucid import Network
        >>> from pellucid.from_scratch import initialize_neural_network
        >>> np.random.seed(2019)
        >>> x = np.around(np.random.uniform(size=10), 2)
        >>> net = Network.from_scratch(initialize_neural_network(10, 5, [32] * 5, 2))
        >>> neuron = net.trace(x)["layer_1"]["node_1"]
        >>> print(neuron.formula(terms=3))
        z = 0.64·0.89 + 0.90·0.52 + 0.90·0.45 + 1.1924 (7 more) + 0.51 = 3.145
        a = sigmoid(3.145) = 0.9587
        >>> neuron.brief()
        'z = 0.90·0.45 + 0.39·0.27 + … + 0.51 = 3.145;  a = sigmoid(3.145) = 0.9587'
        """
        terms = max(1, terms)
        products, largest = len(self.weights), len(self.weights) > terms
        shown, _ = weighted(self._x(), self.weights, min(terms, products), self._dtype, largest=largest)
        return self._formula(shown)

    def product(self, i: int) -> Line:
        """Return one multiplication, of the input at a place from 0, with its numbers.

        Examples
        --------
        >>> from pellucid import Network
        >>> net = Network([2, 1], loss="mse", standardize_targets=False)
        >>> net["output"].weights = [[0.2, 0.5]]
        >>> print(net.trace([0.5, 4.0])["output"]["node_1"].product(1).text())
        input_1·w = 4·0.5 = 2
        """
        x, w = (number(float(values[i]), dtype=self._dtype) for values in (self._x(), self.weights))
        result = number(float(self._x()[i]) * float(self.weights[i]))
        return line(f"{self.input_names[i]}·w", Product((x, w)), result)

    def brief(self) -> str:
        """Return the formula in one line, with two products alone."""
        n = len(self.weights)
        shown, _ = weighted(self._x(), self.weights, n, self._dtype, largest=n > _TERMS)
        rest = (Omitted(tuple(shown[2:])),) if len(shown) > 2 else ()
        return ";  ".join(one.text() for one in self._formula([*shown[:2], *rest]).lines)

    def _formula(self, products: list[Expression]) -> Formula:
        """Return z as a sum of products and the bias, and a of it, z with as many digits as a needs to come out."""
        z_value, a_value = float(np.ravel(self.z)[0]), float(np.ravel(self.a)[0])
        terms = Sum((*products, number(self.bias, dtype=self._dtype)))
        if self.activation == "identity":
            z = number(z_value, _RESULT, self._dtype)
            return Formula((line("z", terms, z), Line("a", None, z, "z")))
        a = number(a_value, _RESULT, self._dtype)
        digits = _RESULT
        while digits < _MOST_DIGITS and not self._answer(number(z_value, digits, self._dtype), a).multiplies_out():
            digits += 1
        z = number(z_value, digits, self._dtype)
        return Formula((line("z", terms, z), line("a", activated(self._layer.function, z), a)))

    def _answer(self, z: Number, a: Number) -> Line:
        return Line("a", activated(self._layer.function, z), a)

    def _x(self) -> Array:
        trace = self._layer.trace
        if trace.rows != 1:
            raise SettingError(
                f"A formula is of one row; the trace has {trace.rows}. Take one, with trace.sample(0), say."
            )
        return np.asarray(np.atleast_2d(self.inputs)[0])

    @property
    def _dtype(self) -> str:
        return self._layer.trace.spec.dtype

    def latex(self) -> str:
        """Return the formula as LaTeX."""
        return self.formula().latex()

    def mathml(self) -> str:
        """Return the formula as MathML."""
        return self.formula().mathml()

    def __str__(self) -> str:
        return f"{self.name}: " + ";  ".join(one.text() for one in self.formula().lines)

    def __repr__(self) -> str:
        if self._layer.trace.rows != 1:
            return f"{self.name}: {len(self.weights)} inputs, {self._layer.trace.rows} rows, traced"
        return f"{self.name}: {self.brief()}"

    def _repr_html_(self) -> str:
        from pellucid.insight._html import neuron_html

        return neuron_html(self, self._layer)

    def plot(self, ax: Any = None) -> Any:
        """Draw the activation function with the neuron's point (z, a) on it; return Matplotlib's axes.

        Raises
        ------
        MissingLibraryError
            Matplotlib is not installed.
        """
        from pellucid.insight._plots import neuron_plot

        return neuron_plot(self, self._layer, ax)
