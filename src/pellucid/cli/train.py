"""``pellucid train``: train a network on MNIST or a toy set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from pellucid.cli.options import Json, Quiet, Seed
from pellucid.cli.progress import Progress
from pellucid.cli.recipe import HIDDEN, NETWORK, RECIPE
from pellucid.cli.screen import checked_target, console, percent, print_json, table
from pellucid.errors import SettingError, unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from pellucid.network import Network, Run

__all__ = ["train"]

_TOY_RECIPE = {**RECIPE, "epochs": 100, "batch_size": 20, "learning_rate": 0.02}
_MOST_POINTS = 500_000
_LINES = 20  # runs of more epochs have no line for each


def train(
    data: Annotated[str, typer.Argument(metavar="DATA", help="mnist, or a toy set: xor, circles, spirals, …")],
    layers: Annotated[
        str, typer.Option("--layers", metavar="WIDTHS", help='Of the hidden layers; "" for none.')
    ] = ",".join(map(str, HIDDEN)),
    activation: Annotated[str, typer.Option("--activation", help="relu, sigmoid, tanh or identity.")] = "relu",
    epochs: Annotated[
        int | None, typer.Option("--epochs", show_default=False, help="How often every row is seen. [6; toys 100]")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", show_default=False, help="Rows for each step. [64; toys 20]")
    ] = None,
    optimizer: Annotated[str, typer.Option("--optimizer", help="adam or sgd.")] = RECIPE["optimizer"],
    learning_rate: Annotated[
        float | None,
        typer.Option("--learning-rate", show_default=False, help="[adam 0.006, toys 0.02; sgd 0.1]"),
    ] = None,
    schedule: Annotated[str, typer.Option("--schedule", help="constant or linear.")] = RECIPE["schedule"],
    l2: Annotated[float, typer.Option("--l2", help="Adds ½·l2·Σ w² to the loss.")] = 0.0,
    dropout: Annotated[float, typer.Option("--dropout", help="Rate after each hidden layer.")] = 0.0,
    validation: Annotated[
        float | None, typer.Option("--validation", metavar="FRACTION", help="Of the rows, held out.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option("--patience", metavar="EPOCHS", help="Stop after so many that bring nothing better.")
    ] = None,
    seed: Seed = 0,
    dtype: Annotated[str, typer.Option("--dtype", help="float32 or float64.")] = "float32",
    threads: Annotated[int | None, typer.Option("--threads", help="Never changes the result.")] = None,
    points: Annotated[int, typer.Option("--points", help="Of a toy set; as many again are for the test.")] = 400,
    noise: Annotated[float | None, typer.Option("--noise", help="Of a toy set.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Where the network goes.")] = None,
    run_file: Annotated[Path | None, typer.Option("--run", help="Where the run goes, to go on with later.")] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Train a network on MNIST or a toy set.

    It is measured on rows that it never saw. Ctrl-C stops the training; what is there by then is measured and
    saved, and the exit code is 130.
    """
    checked_target(save, "--save")
    checked_target(run_file, "--run")
    if patience is not None and validation is None:
        raise SettingError("--patience watches held-out rows, and none are held out. Give --validation 0.1 too, say.")
    rows = _rows(data, points, noise, seed)
    network = _network(rows, _widths(layers), dropout, activation=activation, dtype=dtype, seed=seed)
    recipe = {**rows.recipe, "optimizer": optimizer, "schedule": schedule}
    if optimizer != RECIPE["optimizer"]:
        recipe["learning_rate"] = None
    given = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    recipe |= {name: value for name, value in given.items() if value is not None}
    screen = console()
    progress = Progress(None if json or quiet else screen, lines=recipe["epochs"] <= _LINES)
    run = network.start(
        rows.X,
        rows.y,
        **recipe,
        l2=l2,
        validation=validation,
        early_stopping=patience,
        threads=threads,
        callbacks=progress.callbacks,
    )
    if not json:
        screen.print(network.summary())
        screen.print(f"{data}: {len(rows.y):,} rows to learn from, {len(rows.y_test):,} to be tested on\n")
    progress.finish(run)
    test = network.evaluate(rows.X_test, rows.y_test, threads=threads)
    for path, what in ((save, network), (run_file, run)):
        if path is not None:
            what.save(path)
    if json:
        print_json(_as_json(data, run, test, save, run_file))
    else:
        _show(screen, run, test, save, run_file)
    return 0 if run.done else 130


class _Rows(NamedTuple):
    """Rows to learn from, rows to be tested on, what the network takes and gives, and the usual recipe."""

    X: NDArray[Any]
    y: NDArray[Any]
    X_test: NDArray[Any]
    y_test: NDArray[Any]
    network: dict[str, Any]
    recipe: dict[str, Any]


def _rows(data: str, points: int, noise: float | None, seed: int) -> _Rows:
    from pellucid.datasets import TOYS, load_mnist, load_toy

    if data == "mnist":
        mnist = load_mnist()
        pixels = {"outputs": 10, **NETWORK}
        return _Rows(mnist.X_train, mnist.y_train, mnist.X_test, mnist.y_test, pixels, RECIPE)
    if data not in TOYS:
        raise unknown_name("data", data, ["mnist", *TOYS])
    if not 2 <= points <= _MOST_POINTS:
        raise SettingError(f"--points must lie in 2 … {_MOST_POINTS}; {points} was given. Give 400, say.")
    toy = load_toy(data, 2 * points, noise, seed)
    classes = toy.task == "classes"
    network = {"outputs": 2, "loss": "cross_entropy"} if classes else {"outputs": 1, "loss": "mse"}
    return _Rows(toy.X[:points], toy.y[:points], toy.X[points:], toy.y[points:], network, _TOY_RECIPE)


def _widths(layers: str) -> list[int]:
    """Return ``"32,32"`` as widths."""
    try:
        return [int(width) for width in layers.split(",")] if layers.strip() else []
    except ValueError:
        raise SettingError(
            f"--layers must be whole numbers with commas between them; {layers!r} was given. Give 32,32, say."
        ) from None


def _network(rows: _Rows, hidden: list[int], dropout: float, **settings: Any) -> Network:
    from pellucid.core import Dropout, Layer
    from pellucid.network import Network

    layers: list[int | Layer] = [rows.X.shape[1]]
    for width in hidden:
        layers += [width] if dropout == 0 else [width, Dropout(dropout)]
    more = dict(rows.network)
    return Network([*layers, more.pop("outputs")], **more, **settings)


def _as_json(data: str, run: Run, test: dict[str, float], save: Path | None, run_file: Path | None) -> dict[str, Any]:
    return {
        "data": data,
        "n_parameters": run.network.n_parameters,
        "step": run.step,
        "total_steps": run.total_steps,
        "done": run.done,
        "ended": run.ended,
        "history": run.history.epochs,
        "test": test,
        "fingerprint": run.fingerprint,
        "exactness": run.exactness,
        "recipe_digest": run.recipe.digest,
        "saved": None if save is None else str(save),
        "run": None if run_file is None else str(run_file),
    }


def _show(screen: Console, run: Run, test: dict[str, float], save: Path | None, run_file: Path | None) -> None:
    ended = run.ended or "stopped by Ctrl-C"
    screen.print(f"Step {run.step:,} of {run.total_steps:,}: {ended}.")
    made = table(["measured on", *(name.replace("val_", "") for name in test)], left=["measured on"])
    made.add_row("rows it never saw", *(_figure(name, value) for name, value in test.items()))
    screen.print(made)
    screen.print(f"\nfingerprint {run.fingerprint}\nsame bits   {run.exactness}", soft_wrap=True)
    if save is not None:
        screen.print(f"The network is in {save}: pellucid show {save}", soft_wrap=True)
    if run_file is not None:
        screen.print(f"The run is in {run_file}: Run.load(path, X, y) goes on with it.", soft_wrap=True)


def _figure(name: str, value: float) -> str:
    return percent(value) if name == "accuracy" else f"{value:.4g}"
