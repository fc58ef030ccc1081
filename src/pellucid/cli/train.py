"""``pellucid train``: train a network on MNIST or a toy set."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.figures import figure, figure_label
from pellucid.cli.options import Json, Quiet, Seed
from pellucid.cli.progress import Progress, stopped
from pellucid.cli.recipe import HIDDEN, RECIPE
from pellucid.cli.rows import Rows, rows_named
from pellucid.cli.screen import checked_target, command, console, percent, print_json, table
from pellucid.errors import DataError, DivergedError, RunError, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from pellucid.network import Network, Run

__all__ = ["train"]

_OF_THE_RECIPE = (
    *("layers", "activation", "epochs", "batch_size", "optimizer", "learning_rate", "schedule", "l2", "dropout"),
    *("validation", "patience", "dtype"),
)


def train(
    context: typer.Context,
    data: Annotated[str, typer.Argument(metavar="DATA", help="mnist, or a toy set: xor, circles, spirals, …")],
    layers: Annotated[
        str, typer.Option("--layers", metavar="WIDTHS", help='The widths of the hidden layers; "" for none.')
    ] = ",".join(map(str, HIDDEN)),
    activation: Annotated[
        str, typer.Option("--activation", help="What the hidden layers apply: relu, gelu, tanh, sigmoid, … (see docs).")
    ] = "relu",
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs", show_default=False, help="The number of times that every row is seen. [6; toy sets 100]"
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option("--batch-size", show_default=False, help="The number of rows in each step. [64; toy sets 20]"),
    ] = None,
    optimizer: Annotated[
        str,
        typer.Option("--optimizer", help="How weights are changed: adam, adamw, rmsprop, adagrad or sgd."),
    ] = RECIPE["optimizer"],
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate", show_default=False, help="The size of the steps. [adam 0.006, on toy sets 0.02; sgd 0.1]"
        ),
    ] = None,
    schedule: Annotated[
        str,
        typer.Option(
            "--schedule",
            help="The learning rate over time: constant, linear, cosine, one_cycle, …",
        ),
    ] = RECIPE["schedule"],
    l2: Annotated[
        float, typer.Option("--l2", help="The strength of weight decay: ½·l2·Σ w² is added to the loss.")
    ] = 0.0,
    dropout: Annotated[
        float,
        typer.Option("--dropout", help="The fraction of outputs of each hidden layer that every step leaves out."),
    ] = 0.0,
    validation: Annotated[
        float | None,
        typer.Option("--validation", metavar="FRACTION", help="Fraction of the rows held out for validation."),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option("--patience", metavar="EPOCHS", help="Stop after so many epochs that bring nothing better."),
    ] = None,
    seed: Seed = 0,
    dtype: Annotated[str, typer.Option("--dtype", help="The kind of numbers: float32 or float64.")] = "float32",
    threads: Annotated[
        int | None, typer.Option("--threads", help="The number of threads; it never changes the result.")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            "--points", show_default=False, help="Number of points of a toy set; as many again are the test. [400]"
        ),
    ] = None,
    noise: Annotated[float | None, typer.Option("--noise", help="How far the points of a toy set scatter.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="The file to write the network to.")] = None,
    run_file: Annotated[
        Path | None, typer.Option("--run", help="The file to write the run to, to go on with later.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="FILE", help="Go on with the run of this file, and write it back there."),
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Train a network on MNIST or a toy set.

    It is measured on rows that it never saw. Ctrl-C stops the training; what is there by then is measured and
    saved, and the exit code is 130. A run that --run saved goes on with --resume, on the same data, by its recipe.
    """
    if resume is not None:
        _refuse_recipe(context, resume)
        run_file = resume if run_file is None else run_file
    checked_target(save, "--save")
    checked_target(run_file, "--run")
    if save is not None and run_file is not None and save.resolve() == run_file.resolve():
        raise SettingError(f"--save and --run are the same file, {save}; one would replace the other. Give two names.")
    if patience is not None and validation is None:
        raise SettingError("--patience watches held-out rows, and none are held out. Give --validation 0.1 too, say.")
    if validation is not None and not 0 < validation < 1:
        raise SettingError(f"--validation must be a fraction between 0 and 1, such as 0.1; {validation:g} was given.")
    rows = rows_named(data, points, noise, seed)
    screen = console()
    progress = Progress(None if json or quiet else screen)
    if resume is not None:
        run = _resumed(resume, rows, threads, progress)
    else:
        network = _network(rows, widths(layers), dropout, activation=activation, dtype=dtype, seed=seed)
        recipe = {**rows.recipe, "optimizer": optimizer, "schedule": schedule}
        if optimizer != RECIPE["optimizer"]:
            recipe["learning_rate"] = None
        given = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
        recipe |= {name: value for name, value in given.items() if value is not None}
        recipe |= {"l2": l2, "validation": validation, "early_stopping": patience}
        run = network.start(rows.X, rows.y, **recipe, threads=threads, callbacks=progress.callbacks)
    network = run.network
    if not json:
        screen.print(network.summary())
        screen.print(f"{data}: {len(rows.y):,} rows to learn from, {len(rows.y_test):,} to be tested on\n")
    files = [(path, what) for path, what in ((save, network), (run_file, run)) if path is not None]
    try:
        progress.finish(run)
    except DivergedError:
        _save(files)  # its last finite step
        raise
    learnt = _learnt_from(run, len(rows.y))
    train = network.evaluate(rows.X[learnt], rows.y[learnt], threads=threads)
    test = network.evaluate(rows.X_test, rows.y_test, threads=threads)
    _save(files)
    if json:
        print_json(_as_json(data, run, train, test, save, run_file))
    else:
        _show_result(screen, run, rows, train, test, saved=save is not None or run_file is not None)
        _show_files(screen, run, rows, save, run_file)
    return 0 if run.done else 130


def _refuse_recipe(context: typer.Context, resume: Path) -> None:
    """Raise `SettingError` where an option of the recipe is given beside a run that has one."""
    for name in _OF_THE_RECIPE:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise SettingError(
                f"--{name.replace('_', '-')} belongs to a recipe, and the run in {resume} has its own. Leave it out, "
                "or start a new run, without --resume."
            )


def _resumed(resume: Path, rows: Rows, threads: int | None, progress: Progress) -> Run:
    """Return the run of a file, standing on its last step."""
    from pellucid.network import Run

    try:
        return Run.load(resume, rows.X, rows.y, threads=threads, callbacks=progress.callbacks)
    except (RunError, DataError) as error:
        raise type(error)(f"{error} Of this command they are DATA, --points, --noise and --seed.") from None


def _save(files: Sequence[tuple[Path, Network | Run]]) -> None:
    for path, what in files:
        what.save(path)


def widths(layers: str) -> list[int]:
    """Return ``"32,32"`` as widths."""
    try:
        return [int(width) for width in layers.split(",")] if layers.strip() else []
    except ValueError:
        raise SettingError(
            f"--layers must be whole numbers with commas between them; {layers!r} was given. Give 32,32, say."
        ) from None


def _network(rows: Rows, hidden: list[int], dropout: float, **settings: Any) -> Network:
    from pellucid.core import Dropout, Layer
    from pellucid.network import Network

    layers: list[int | Layer] = [rows.X.shape[1]]
    for width in hidden:
        layers += [width] if dropout == 0 else [width, Dropout(dropout)]
    more = dict(rows.network)
    return Network([*layers, more.pop("outputs")], **more, **settings)


def _learnt_from(run: Run, n: int) -> NDArray[Any] | slice:
    """Return the rows of X from which the run learns: all but those that it holds out for validation."""
    import numpy as np

    from pellucid.random import Purpose, Stream

    fraction = run.recipe.validation
    if fraction is None:
        return slice(None)
    return np.sort(Stream(run.recipe.seed, Purpose.SPLIT).permutation(n)[round(n * fraction) :])


def _as_json(
    data: str,
    run: Run,
    train: dict[str, float],
    test: dict[str, float],
    save: Path | None,
    run_file: Path | None,
) -> dict[str, Any]:
    return {
        "data": data,
        "n_parameters": run.network.n_parameters,
        "step": run.step,
        "total_steps": run.total_steps,
        "done": run.done,
        "ended": run.ended,
        "history": run.history.epochs,
        "train": train,
        "test": test,
        "fingerprint": run.fingerprint,
        "exactness": run.exactness,
        "recipe_digest": run.recipe.digest,
        "saved": None if save is None else str(save),
        "run": None if run_file is None else str(run_file),
    }


def _show_result(
    screen: Console, run: Run, rows: Rows, train: dict[str, float], test: dict[str, float], *, saved: bool
) -> None:
    if run.ended is None:
        lost = "" if saved else " Nothing was saved: --save or --run keeps it next time."
        screen.print(f"{stopped(run)}{lost}")
    else:
        screen.print(f"Step {run.step:,} of {run.total_steps:,}: {run.ended}.")
    made = table(["measured on", *(figure_label(name, run.network) for name in test)], left=["measured on"])
    made.add_row("rows it learnt from", *(figure(name, value) for name, value in train.items()))
    made.add_row("rows it never saw", *(figure(name, value) for name, value in test.items()))
    screen.print(made)
    if "accuracy" in test:
        commonest = float((rows.y_test[:, None] == sorted(set(rows.y_test.tolist()))).mean(axis=0).max())
        if test["accuracy"] <= commonest:
            screen.print(f"That is no better than always naming the commonest class ({percent(commonest)}).")
    screen.print(f"\nfingerprint {run.fingerprint}\nsame bits   {run.exactness}", soft_wrap=True)


def _show_files(screen: Console, run: Run, rows: Rows, save: Path | None, run_file: Path | None) -> None:
    if save is not None:
        screen.print(f"The network is in {save}: {command()} show {shlex.quote(str(save))}", soft_wrap=True)
    if run_file is not None:
        loading, data, X, y = rows.code
        path = _quoted(str(run_file))
        lines = ["from pellucid import Run", loading, data, f"run = Run.load({path}, {X}, {y})"]
        if not run.done:
            lines.append("run.finish()")
        file, (name, _, options) = shlex.quote(str(run_file)), rows.again.partition(" ")[2].partition(" ")
        look_back = " ".join(part for part in (file, f"--step {run.step // 2} --data", name, options) if part)
        screen.print(f"The run is in {run_file}: {command()} rewind {look_back}", soft_wrap=True)
        screen.print("In Python, this goes on with it:\n")
        screen.print("\n".join(lines), soft_wrap=True)
        if not run.done:
            screen.print(f"\nSo does this: {command()} {rows.again} --resume {file}", soft_wrap=True)


def _quoted(text: str) -> str:
    """Return a text as Python writes it, in double quotes where it can."""
    return f'"{text}"' if repr(text) == f"'{text}'" and '"' not in text else repr(text)
