"""``pellucid show``: a network, a layer or a neuron of a file, number by number."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.options import Digit, Json, Model
from pellucid.cli.screen import command, console, percent, print_json, signed, table
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
_WIDE = 76  # columns from which on the inputs of a picture are told with their rows and columns
_ANY = 10_000  # columns that no table needs
_BLOCK = 2000  # images that pass at a time


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
                "loss": network.spec.loss.name,
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
    rows = []
    for name, (layer, weights) in layers.items():
        rows += [([name, "weights"], weights), (["", "biases"], _statistics(layer.biases))]
    _print_fitting(screen, ["layer", "of"], rows)
    name = shlex.quote(str(model))
    screen.print(f"\nfingerprint {network.fingerprint}", soft_wrap=True)
    screen.print(f"Look closer: {command()} show {name} {next(iter(network))}", soft_wrap=True)


# A layer


def _layer(network: Network, name: str, seen: Seen | None, json: bool) -> None:
    layer = network[name]
    rows = [(node, float(layer.biases[j]), _statistics(layer.weights[j])) for j, node in enumerate(layer)]
    passes = [{} if seen is None else _passed(seen, network, name, j) for j in range(len(rows))]
    dead = _dead(network, name)
    if json:
        neurons = [
            {"name": f"{name}/{node}", "bias": bias, "weights": weights, **passed}
            | ({} if dead is None else {"dead": j in dead})
            for j, ((node, bias, weights), passed) in enumerate(zip(rows, passes, strict=True))
        ]
        print_json({"layer": name, "activation": layer.activation, **_which(seen), "neurons": neurons})
        return
    screen = console()
    about = "" if seen is None else f"; z and a for the test image of index {seen.digit}, a {seen.truth}"
    screen.print(f"{layer!r}{about}\n")
    shown = [
        ([f"{node} dead" if j in (dead or ()) else node], {"bias": bias, **weights, **passed})
        for j, ((node, bias, weights), passed) in enumerate(zip(rows[:_NEURONS], passes, strict=False))
    ]
    figures = _print_fitting(screen, ["neuron"], shown)
    if len(rows) > _NEURONS:
        screen.print(f"and {len(rows) - _NEURONS:,} more neurons; --json lists all of them")
    screen.print()
    of_weights = [figure for figure in figures if figure in rows[0][2]]
    if len(of_weights) > 1:
        listed = f"{', '.join(of_weights[:-1])} and {of_weights[-1]}"
        screen.print(f"{listed} are those of a neuron's weights.", style="dim")
    elif of_weights:
        screen.print(f"{of_weights[0]} is that of a neuron's weights.", style="dim")
    if "p" in figures:
        screen.print("p is the probability: softmax of all z.", style="dim")
    if dead:
        screen.print("dead: dead on MNIST's test images, that is, a is 0 on all 10,000.", style="dim")


def _print_fitting(screen: Console, left: list[str], rows: list[tuple[list[str], dict[str, float]]]) -> list[str]:
    """Print a table of figures, without some of them where the screen is narrow; return the names of those shown."""
    names = list(rows[0][1])
    made = _table(left, names, rows)
    for unneeded in ("mean", "norm", "min", "max"):
        if screen.measure(made, options=screen.options.update(width=_ANY)).maximum <= screen.width:
            break
        names.remove(unneeded)
        made = _table(left, names, rows)
    screen.print(made)
    return names


def _table(left: list[str], names: list[str], rows: list[tuple[list[str], dict[str, float]]]) -> Table:
    made = table([*left, *names], left=left)
    for labels, figures in rows:
        made.add_row(*labels, *_cells({name: figures[name] for name in names}))
    return made


def _passed(seen: Seen, network: Network, layer: str, place: int) -> dict[str, float]:
    """Return z and a of a neuron, and its probability p where it is an output of classes."""
    figures = {"z": float(seen.z[layer][place]), "a": float(seen.a[layer][place])}
    return figures | ({"p": float(seen.p[place])} if _has_probability(network, layer) else {})


def _has_probability(network: Network, layer: str) -> bool:
    return layer == "output" and network.spec.loss.name == "cross_entropy"


def _dead(network: Network, layer: str) -> set[int] | None:
    """Return the places of neurons that are 0 on all test images of MNIST; None where that says nothing."""
    import numpy as np

    from pellucid.cli.sources import SIDE
    from pellucid.core import Parameters, forward
    from pellucid.datasets import load_mnist

    if network[layer].activation != "relu" or network.spec.input.width != SIDE * SIDE:
        return None
    X, parameters = load_mnist().X_test, Parameters(network.spec, network.parameters)
    silent = np.ones(len(network[layer]), dtype=bool)
    with np.errstate(all="ignore"):
        for begin in range(0, len(X), _BLOCK):
            silent &= (forward(network.spec, parameters, X[begin : begin + _BLOCK]).activations[layer] == 0).all(axis=0)
            if not silent.any():
                break
    return {int(place) for place in np.flatnonzero(silent)}


def _which(seen: Seen | None) -> dict[str, Any]:
    return {} if seen is None else {"digit": {"index": seen.digit, "truth": seen.truth}}


# A neuron


def _neuron(network: Network, layer: str, name: str, seen: Seen | None, json: bool) -> None:
    from rich.text import Text

    from pellucid.cli.sources import pixel_name

    node = network[layer][name]
    names = _names_of_inputs(network, layer)
    order = node.weights.argsort(kind="stable").tolist()
    positive = [place for place in reversed(order) if node.weights[place] > 0][:_WEIGHTS]
    negative = [place for place in order if node.weights[place] < 0][:_WEIGHTS]
    p = None if seen is None or not _has_probability(network, layer) else float(seen.p[node.number - 1])
    terms = None if seen is None else _Sum(node, seen, seen.inputs_of(network, layer), p)
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
    narrow = screen.width < _WIDE
    names = _names_of_inputs(network, layer, short=narrow)
    n = node.weights.size
    formula = f"   z = Σ w·x + b ({n:,} product{'s' if n > 1 else ''})   a = {_formula(network, node)}\n"
    screen.print(Text.assemble((node.name, "bold"), formula))
    pictures = list(_pictures(network, node, seen))
    if pictures:
        _draw(pictures, screen)
    screen.print(_weights_table(node, names, positive, negative))
    if terms is None:
        screen.print(f"\nbias b = {signed(float(node.bias[0]))}")
    else:
        _show_sum(terms, names, screen, narrow=narrow)
        if layer != next(iter(network)):
            screen.print("\nx is the activation a of the neuron before.", style="dim")
    if names[0] == pixel_name(0):
        screen.print("\nRows and columns count from 0.", style="dim")


def _names_of_inputs(network: Network, layer: str, *, short: bool = False) -> list[str]:
    from pellucid.cli.sources import SIDE, pixel_name

    width = network[layer].weights.shape[1]
    before = dict(zip(list(network)[1:], network, strict=False))
    if layer in before:
        return [f"{before[layer]}/{node}" for node in network[before[layer]]]
    if network.spec.input.features is not None:
        return [str(name) for name in network.spec.input.features]
    return [pixel_name(i, short=short) if width == SIDE * SIDE else f"input {i}" for i in range(width)]


def _formula(network: Network, node: NodeView) -> str:
    if node.activation == "identity":
        return (
            "z; softmax turns the outputs into probabilities"
            if network.spec.loss.name == "cross_entropy" and node.layer == "output"
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
    p : float, the probability of an output of classes; None elsewhere
    """

    def __init__(self, node: NodeView, seen: Seen, x: NDArray[Any], p: float | None) -> None:
        import numpy as np

        self.p = p

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
            **({} if self.p is None else {"p": self.p}),
        }


def _show_sum(terms: _Sum, names: list[str], screen: Console, *, narrow: bool) -> None:
    screen.print(f"\nFor the test image of index {terms.seen.digit}, a {terms.seen.truth}:\n")
    made = table(["", "w", "x", "w·x"], left=[""])
    for i in terms.places:
        made.add_row(names[i], signed(float(terms.w[i])), f"{float(terms.x[i]):.6f}", signed(float(terms.products[i])))
    if terms.others:
        zeros = "" if narrow else f" ({terms.zeros:,} of them 0)"
        made.add_row(f"and {terms.others:,} more{zeros}", "", "", signed(terms.rest(6)))
    made.add_row("bias b", "", "", signed(terms.bias))
    made.add_section()
    made.add_row("z", "", "", signed(terms.z), style="bold")
    of = "" if terms.activation == "identity" else f" = {terms.activation}(z)"
    made.add_row(f"a{of}", "", "", signed(terms.a), style="bold")
    screen.print(made)
    if terms.p is not None:
        screen.print(f"\nIts probability, by softmax of all z of the layer: {percent(terms.p)}", style="bold")
