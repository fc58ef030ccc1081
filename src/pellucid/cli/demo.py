"""``pellucid demo``: train the MNIST network, and look at what it reads and misreads."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from pellucid.cli.options import Json, Quiet, Seed
from pellucid.cli.progress import Progress, stopped
from pellucid.cli.recipe import HIDDEN, NETWORK, RECIPE
from pellucid.cli.screen import checked_target, command, console, percent, print_json, table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console
    from rich.table import Table

    from pellucid.cli.pictures import Picture
    from pellucid.datasets import Mnist
    from pellucid.network import Network, Run

__all__ = ["demo"]

_MISREAD = 6  # how many misread digits are shown
_WIDE = 75  # columns that the table of mistakes takes at most, unless it is made tight


def demo(
    seed: Seed = 0,
    epochs: Annotated[int, typer.Option("--epochs", help="The number of times that every image is seen.")] = RECIPE[
        "epochs"
    ],
    save: Annotated[Path, typer.Option("--save", help="The file to write the network to.")] = Path(
        "digits.safetensors"
    ),
    no_save: Annotated[bool, typer.Option("--no-save", help="Write no file.")] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Train a network that reads handwritten digits.

    All 60,000 training images of MNIST, then the 10,000 test images once. Ctrl-C stops the training; what is
    there by then is measured, shown and saved, and the exit code is 130.
    """
    from pellucid.datasets import load_mnist
    from pellucid.network import Network

    target = None if no_save else save
    checked_target(target, "--save")
    mnist = load_mnist()
    screen = console()
    progress = Progress(None if json or quiet else screen)
    network = Network([784, *HIDDEN, 10], activation="relu", **NETWORK, seed=seed)
    run = network.start(mnist.X_train, mnist.y_train, **{**RECIPE, "epochs": epochs}, callbacks=progress.callbacks)
    if not json:
        widths = " → ".join(str(width) for width in (784, *HIDDEN, 10))
        what_follows = (
            " Loss and accuracy while it learns\n"
            "(loss: how wrong it is, lower is better; epoch: one pass through all images):"
        )
        screen.print(
            f"A network of {network.n_parameters:,} parameters ({widths}) learns to read digits\n"
            f"from 60,000 images of MNIST.{'' if quiet else what_follows}\n"
        )
    result = _measured(run, mnist, progress.finish(run))
    if target is not None:
        network.save(target)
    if json:
        print_json({**_as_json(run, result), "saved": None if target is None else str(target)})
    else:
        _show(screen, run, mnist, result)
        if target is not None:
            _say_what_next(screen, target, network, result)
    return 0 if run.done else 130


class _Result(NamedTuple):
    """What the test images showed: loss, accuracy, counts (truth, read as), and the misread, surest first."""

    seconds: float
    loss: float
    accuracy: float
    confusion: NDArray[Any]
    misread: list[tuple[int, int, int, float]]  # index, truth, read as, probability


def _measured(run: Run, mnist: Mnist, seconds: float) -> _Result:
    import numpy as np

    network = run.network
    figures = network.evaluate(mnist.X_test, mnist.y_test)
    P = network.predict_proba(mnist.X_test)
    read = P.argmax(axis=1)
    confusion = np.zeros((10, 10), dtype=np.int64)
    np.add.at(confusion, (mnist.y_test, read), 1)
    wrong = np.flatnonzero(read != mnist.y_test)
    surest = wrong[np.argsort(-P[wrong, read[wrong]], kind="stable")][:_MISREAD]
    misread = [(int(i), int(mnist.y_test[i]), int(read[i]), float(P[i, read[i]])) for i in surest]
    return _Result(seconds, figures["loss"], figures["accuracy"], confusion, misread)


def _as_json(run: Run, result: _Result) -> dict[str, Any]:
    recipe = run.recipe
    return {
        "n_parameters": run.network.n_parameters,
        "recipe": {**RECIPE, "epochs": recipe.epochs, "seed": recipe.seed},
        "step": run.step,
        "total_steps": run.total_steps,
        "done": run.done,
        "seconds": result.seconds,
        "history": run.history.epochs,
        "test": {"loss": result.loss, "accuracy": result.accuracy, "confusion": result.confusion.tolist()},
        "misread": [
            {"index": index, "truth": truth, "prediction": read, "probability": p}
            for index, truth, read, p in result.misread
        ],
        "fingerprint": run.fingerprint,
        "exactness": run.exactness,
    }


def _show(screen: Console, run: Run, mnist: Mnist, result: _Result) -> None:
    from pellucid.cli.pictures import print_pictures

    rows = round(run.step * 60_000 * run.recipe.epochs / run.total_steps)
    if not run.done:
        screen.print(stopped(run))
    screen.print(f"{rows:,} images in {result.seconds:.1f} s, {rows / result.seconds:,.0f} a second.")
    right = round(result.accuracy * 10_000)
    screen.print(
        f"Of the 10,000 test images it reads {right:,} correctly: {100 * result.accuracy:.2f} %.\n", style="bold"
    )
    screen.print("What each digit (row) was read as (column):")
    screen.print(_confusion_table(result.confusion, tight=screen.width < _WIDE))
    if result.misread:
        screen.print("\nIts most confident mistakes:\n")
        print_pictures(_pictures(mnist, result), screen)


def _confusion_table(confusion: NDArray[Any], *, tight: bool) -> Table:
    """Return the counts as a table: zeros as dots, the right ones bold, mistakes the redder the more there are."""
    import numpy as np
    from rich.text import Text

    made = table(["", *map(str, range(10))], tight=tight)
    most = max(1, int((confusion * (1 - np.eye(10, dtype=np.int64))).max()))
    for truth, counts in enumerate(confusion.tolist()):
        cells = [Text(str(truth), "bold")]
        for read, count in enumerate(counts):
            if truth == read:
                cells.append(Text(str(count), "bold green"))
            elif not count:
                cells.append(Text("·", "dim"))
            else:
                cells.append(Text(str(count), "bold red" if 2 * count > most else "yellow" if 4 * count > most else ""))
        made.add_row(*cells)
    return made


def _pictures(mnist: Mnist, result: _Result) -> list[Picture]:
    """Return the misread digits, all cut to the box that holds the ink of every one."""
    import numpy as np

    from pellucid.cli.pictures import grey
    from pellucid.cli.sources import SIDE

    images = mnist.X_test[[index for index, *_ in result.misread]].reshape(-1, SIDE, SIDE)
    rows, columns = (np.flatnonzero(images.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    cut = images[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return [
        grey(image, f"index {index}", f"a {truth}, read as {read} ({percent(p)})")
        for image, (index, truth, read, p) in zip(cut, result.misread, strict=True)
    ]


def _say_what_next(screen: Console, target: Path, network: Network, result: _Result) -> None:
    from pellucid.cli.sources import passed

    pellucid, name = command(), shlex.quote(str(target))
    digit = result.misread[0][0] if result.misread else 0
    layer = next(iter(network))
    loudest = int(passed(network, digit).trace[layer].a.argmax()) + 1
    screen.print(f"\nThe network is in {target}. What to try next:\n", soft_wrap=True)
    for what, line in (
        ("its layers", f"{pellucid} show {name}"),
        ("a neuron", f"{pellucid} show {name} {layer}/node_{loudest} --digit {digit}"),
        ("a reading", f"{pellucid} predict {name} --digit {digit}"),
        ("its reasons", f"{pellucid} why {name} --digit {digit}"),
        ("its health", f"{pellucid} diagnose {name}"),
        ("every number", f"{pellucid} explore {name}"),
        ("another net", f"{pellucid} train spirals --layers 16,16"),
        ("in Python", f"from pellucid import Network; net = Network.load({str(target)!r})"),
    ):
        screen.print(f"  {what:<13} {line}", soft_wrap=True)
    screen.print("\nIn the project's folder, make notebook opens the_column.ipynb: it starts from one neuron.")
