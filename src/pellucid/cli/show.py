"""``pellucid show``: a network, a layer or a neuron of a file, number by number."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.options import Digit, Json, Model
from pellucid.cli.screen import console, print_json, signed, table
from pellucid.errors import SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console
    from rich.table import Table

    from pellucid.cli.pictures import Picture
    from pellucid.cli.sources import Seen
    from pellucid.network import Network, NodeView

__all__ = ["show"]

_NEURONS = 64  # rows of a layer's table at most
_WEIGHTS = 5  # largest and smallest weights shown
_TERMS = 8  # largest products shown


def show(
    model: Model,
    neuron: Annotated[
        str | None, typer.Argument(metavar="NEURON", help="layer_1 for a layer, layer_1/node_3 for a neuron.")
    ] = None,
    digit: Digit = None,
    json: Json = False,
) -> None:
    """Show a network, a layer or a neuron, number by number.

    With --digit also what a layer or a neuron makes of an image of MNIST's test set.
    """
    if digit is not None and neuron is None:
        raise SettingError(
            "--digit belongs to a layer or a neuron, and none was given. Give one too: layer_1 or layer_1/node_3."
        )
    from pellucid.cli.sources import load_network, passed

    network = load_network(model)
    seen = None if digit is None else passed(network, digit)
    layer, _, node = (neuron or "").partition("/")
    if not neuron:
        _network(network, model, json)
    elif "/" not in neuron:
        _layer(network, layer, seen, json)
    else:
        _neuron(network, layer, node, seen, json)


def _statistics(numbers: NDArray[Any]) -> dict[str, float]:
    """Return least, mean, greatest and Euclidean norm, in double precision."""
    import numpy as np

    wide = numbers.astype(np.float64)
    return {
        "min": float(wide.min()),
        "mean": float(wide.mean()),
        "max": float(wide.max()),
        "norm": float(np.sqrt((wide * wide).sum())),
    }


def _cells(figures: dict[str, float]) -> list[str]:
    return [f"{value:.4f}".replace("-", "−") for value in figures.values()]


# A network


def _network(network: Network, model: Path, json: bool) -> None:
    layers = {name: (network[name], _statistics(network[name].weights)) for name in network}
    if json:
        print_json(
            {
                "n_parameters": network.n_parameters,
                "dtype": network.spec.dtype,
                "loss": network.spec.loss,
                "seed": network.seed,
                "fingerprint": network.fingerprint,
                "layers": [
                    {
                        "name": name,
                        "width": len(layer),
                        "inputs": layer.weights.shape[1],
                        "activation": layer.activation,
                        "weights": weights,
                        "biases": _statistics(layer.biases),
                    }
                    for name, (layer, weights) in layers.items()
                ],
            }
        )
        return
    screen = console()
    screen.print(network.summary())
    made = table(["layer", "of", "min", "mean", "max", "norm"], left=["layer", "of"])
    for name, (layer, weights) in layers.items():
        made.add_row(name, "weights", *_cells(weights))
        made.add_row("", "biases", *_cells(_statistics(layer.biases)))
    screen.print(made)
    name = shlex.quote(str(model))
    screen.print(f"\nfingerprint {network.fingerprint}", soft_wrap=True)
    screen.print(f"Look closer: pellucid show {name} {next(iter(network))}", soft_wrap=True)


# A layer


def _layer(network: Network, name: str, seen: Seen | None, json: bool) -> None:
    layer = network[name]
    rows = [(node, float(layer.biases[j]), _statistics(layer.weights[j])) for j, node in enumerate(layer)]
    passes = [
        {} if seen is None else {"z": float(seen.z[name][j]), "a": float(seen.a[name][j])} for j in range(len(rows))
    ]
    if json:
        neurons = [
            {"name": f"{name}/{node}", "bias": bias, "weights": weights, **passed}
            for (node, bias, weights), passed in zip(rows, passes, strict=True)
        ]
        print_json({"layer": name, "activation": layer.activation, **_which(seen), "neurons": neurons})
        return
    screen = console()
    about = "" if seen is None else f"; z and a for the test image of index {seen.digit}, a {seen.truth}"
    screen.print(f"{layer!r}{about}\n")
    made = table(["neuron", "bias", "min", "mean", "max", "norm", *passes[0]], left=["neuron"])
    for (node, bias, weights), passed in zip(rows[:_NEURONS], passes, strict=False):
        made.add_row(node, *_cells({"bias": bias, **weights, **passed}))
    screen.print(made)
    if len(rows) > _NEURONS:
        screen.print(f"and {len(rows) - _NEURONS:,} more neurons; --json lists all of them")
    screen.print("\nmin, mean, max and norm are those of a neuron's weights.", style="dim")


def _which(seen: Seen | None) -> dict[str, Any]:
    return {} if seen is None else {"digit": {"index": seen.digit, "truth": seen.truth}}


# A neuron


def _neuron(network: Network, layer: str, name: str, seen: Seen | None, json: bool) -> None:
    node = network[layer][name]
    names = _names_of_inputs(network, layer)
    order = node.weights.argsort(kind="stable").tolist()
    positive = [place for place in reversed(order) if node.weights[place] > 0][:_WEIGHTS]
    negative = [place for place in order if node.weights[place] < 0][:_WEIGHTS]
    terms = None if seen is None else _Sum(node, seen, seen.inputs_of(network, layer))
    if json:
        weights = {
            f"largest_{sign}": [{"input": names[i], "index": i, "weight": float(node.weights[i])} for i in places]
            for sign, places in (("positive", positive), ("negative", negative))
        }
        print_json(
            {
                "neuron": node.name,
                "activation": node.activation,
                "bias": float(node.bias[0]),
                "weights": node.weights.tolist(),
                **weights,
                **({} if terms is None else {"digit": terms.as_json(names)}),
            }
        )
        return
    screen = console()
    n = node.weights.size
    screen.print(node.name, style="bold", end="")
    screen.print(f"   z = Σ w·x + b ({n:,} product{'s' if n > 1 else ''})   a = {_formula(network, node)}\n")
    pictures = list(_pictures(network, node, seen))
    if pictures:
        _draw(pictures, screen)
    screen.print(_weights_table(node, names, positive, negative))
    if terms is None:
        screen.print(f"\nbias b = {signed(float(node.bias[0]))}")
    else:
        _show_sum(terms, names, screen)


def _names_of_inputs(network: Network, layer: str) -> list[str]:
    from pellucid.cli.sources import SIDE, pixel_name

    width = network[layer].weights.shape[1]
    before = dict(zip(list(network)[1:], network, strict=False))
    if layer in before:
        return [f"{before[layer]}/{node}" for node in network[before[layer]]]
    if network.spec.input.features is not None:
        return [str(name) for name in network.spec.input.features]
    return [pixel_name(i) if width == SIDE * SIDE else f"input {i}" for i in range(width)]


def _formula(network: Network, node: NodeView) -> str:
    if node.activation == "identity":
        return (
            "z; softmax turns the outputs into probabilities"
            if network.spec.loss == "cross_entropy" and node.layer == "output"
            else "z"
        )
    return f"{node.activation}(z)"


def _pictures(network: Network, node: NodeView, seen: Seen | None) -> Iterator[Picture]:
    """Yield the weights as a picture where the inputs are one, and the image and the products beside it."""
    from pellucid.cli.pictures import grey, signed_values
    from pellucid.cli.sources import SIDE

    shape = (SIDE, SIDE)
    if node.layer != next(iter(network)) or node.weights.size != SIDE * SIDE:
        return
    if seen is not None:
        x = seen.x.astype(float)
        pixels = 255 * (x - x.min()) / (x.max() - x.min() or 1)
        yield grey(pixels.reshape(shape), f"inputs x: index {seen.digit}, a {seen.truth}")
    yield signed_values(node.weights.reshape(shape), "weights w")
    if seen is not None:
        yield signed_values((node.weights * seen.x).reshape(shape), "products w·x")


def _draw(pictures: list[Picture], screen: Console) -> None:
    from pellucid.cli.pictures import in_colour, print_pictures

    print_pictures(pictures, screen)
    above, below = ("orange", "blue") if in_colour(screen) else ("# and +", "= and -")
    screen.print(f"{above}: above 0; {below}: below 0\n", style="dim")


def _weights_table(node: NodeView, names: list[str], positive: list[int], negative: list[int]) -> Table:
    made = table(["largest weights", "w"], left=["largest weights"])
    for place in positive:
        made.add_row(names[place], signed(float(node.weights[place])))
    if positive and negative:
        made.add_section()
    for place in negative:
        made.add_row(names[place], signed(float(node.weights[place])))
    return made


class _Sum:
    """z as a sum: the largest products, the others together, and the bias.

    Attributes
    ----------
    places : the inputs of the largest products, largest first
    products : float64, all of them
    others, zeros : how many products are not among the largest, and how many of those are 0
    z, a, bias : float
    """

    def __init__(self, node: NodeView, seen: Seen, x: NDArray[Any]) -> None:
        import numpy as np

        self.seen, self.x, self.w, self.activation = seen, x, node.weights, node.activation
        self.products = node.weights.astype(np.float64) * x.astype(np.float64)
        order = np.argsort(-np.abs(self.products), kind="stable")
        self.places = [int(i) for i in order[:_TERMS] if self.products[i] != 0]
        self.others = len(order) - len(self.places)
        self.zeros = int((self.products == 0).sum())
        self.bias = float(node.bias[0])
        self.z = float(seen.z[node.layer][node.number - 1])
        self.a = float(seen.a[node.layer][node.number - 1])

    def rest(self, decimals: int | None = None) -> float:
        """Return what the other products come to, so that the parts, rounded or not, add up to z."""
        parts = [*(float(self.products[i]) for i in self.places), self.bias]
        if decimals is None:
            return self.z - sum(parts)
        return round(round(self.z, decimals) - sum(round(part, decimals) for part in parts), decimals)

    def as_json(self, names: list[str]) -> dict[str, Any]:
        """Return the sum as JSON."""
        return {
            "index": self.seen.digit,
            "truth": self.seen.truth,
            "terms": [
                {
                    "input": names[i],
                    "index": i,
                    "w": float(self.w[i]),
                    "x": float(self.x[i]),
                    "wx": float(self.products[i]),
                }
                for i in self.places
            ],
            "others": {"count": self.others, "zeros": self.zeros, "sum": self.rest()},
            "bias": self.bias,
            "z": self.z,
            "a": self.a,
        }


def _show_sum(terms: _Sum, names: list[str], screen: Console) -> None:
    screen.print(f"\nFor the test image of index {terms.seen.digit}, a {terms.seen.truth}:\n")
    made = table(["", "w", "x", "w·x"], left=[""])
    for i in terms.places:
        made.add_row(names[i], signed(float(terms.w[i])), f"{float(terms.x[i]):.6f}", signed(float(terms.products[i])))
    if terms.others:
        made.add_row(f"and {terms.others:,} more ({terms.zeros:,} of them 0)", "", "", signed(terms.rest(6)))
    made.add_row("bias b", "", "", signed(terms.bias))
    made.add_section()
    made.add_row("z", "", "", signed(terms.z), style="bold")
    of = "" if terms.activation == "identity" else f" = {terms.activation}(z)"
    made.add_row(f"a{of}", "", "", signed(terms.a), style="bold")
    screen.print(made)
