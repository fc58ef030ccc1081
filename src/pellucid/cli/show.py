"""``pellucid show``: a network, a layer or a neuron of a file, number by number."""

from __future__ import annotations

import shlex
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.options import Digit, Json, Model
from pellucid.cli.screen import command, console, print_json, table
from pellucid.errors import PellucidWarning, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console
    from rich.table import Table

    from pellucid.cli.sources import Seen
    from pellucid.network import Network

__all__ = ["show"]

_NEURONS = 64  # rows of a layer's table at most
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
    from pellucid.cli.neuron import show_neuron
    from pellucid.cli.sources import load_network, passed

    network = load_network(model)
    seen = None if digit is None else passed(network, digit)
    layer, _, node = (neuron or "").partition("/")
    if not neuron:
        _network(network, model, json)
    elif "/" not in neuron:
        _layer(network, layer, seen, json)
    else:
        show_neuron(network, layer, node, seen, json)


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
    about = "" if seen is None else f"; z and a for the test image of {seen.told}"
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
    from pellucid.cli.neuron import probability

    neuron = seen.trace[layer][place + 1]
    p = probability(network, layer, seen, place)
    return {"z": float(neuron.z), "a": float(neuron.a)} | ({} if p is None else {"p": p})


def _dead(network: Network, layer: str) -> set[int] | None:
    """Return the places of neurons that are 0 on all test images of MNIST; None where that says nothing."""
    import numpy as np

    from pellucid.cli.sources import takes_pictures
    from pellucid.datasets import load_mnist

    if network[layer].activation != "relu" or not takes_pictures(network, next(iter(network))):
        return None
    X = load_mnist().X_test
    silent = np.ones(len(network[layer]), dtype=bool)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", PellucidWarning)  # what is said of one image need not be said of all
        for begin in range(0, len(X), _BLOCK):
            silent &= (network.trace(X[begin : begin + _BLOCK])[layer].a == 0).all(axis=0)
            if not silent.any():
                break
    return {int(place) for place in np.flatnonzero(silent)}


def _which(seen: Seen | None) -> dict[str, Any]:
    return {} if seen is None else {"digit": seen.as_json()}
