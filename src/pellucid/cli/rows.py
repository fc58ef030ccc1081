"""The rows that a command line names: MNIST, a toy set, or the arrays of a file; and those of a run."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pellucid.cli.recipe import NETWORK, RECIPE
from pellucid.errors import DataError, KindError, RunError, SettingError, unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pellucid.network import Run

__all__ = ["Given", "Rows", "rows_for", "rows_named", "run_of"]

_TOY_RECIPE: Final = {**RECIPE, "epochs": 100, "batch_size": 20, "learning_rate": 0.02}
_MOST_POINTS: Final = 500_000
_POINTS: Final = 400
_MNIST: Final = 784
_TOY: Final = 2


class Given(NamedTuple):
    """What a command line says of data; None: nothing, so that they are found or usual."""

    data: str | None = None
    points: int | None = None
    noise: float | None = None
    seed: int | None = None


class Rows(NamedTuple):
    """Rows to learn from, rows to be tested on, what the network takes and gives, and the usual recipe.

    Attributes
    ----------
    code : lines of Python that load the rows, and then the expressions for X and y
    again : the command and the options that give the same rows
    tested : what the rows to be tested on are
    """

    X: NDArray[Any]
    y: NDArray[Any]
    X_test: NDArray[Any]
    y_test: NDArray[Any]
    network: dict[str, Any]
    recipe: dict[str, Any]
    code: tuple[str, str, str, str]
    again: str
    tested: str


def rows_named(data: str, points: int | None, noise: float | None, seed: int) -> Rows:
    """Return MNIST or a toy set, half of whose points are to be tested on."""
    from pellucid.datasets import TOYS, load_mnist, load_toy

    if data == "mnist":
        for option, value in (("--points", points), ("--noise", noise)):
            if value is not None:
                raise SettingError(
                    f"{option} belongs to the toy sets, and mnist is none: its images are what they are. "
                    f"Leave {option} out, or train on a toy set: {', '.join(TOYS)}."
                )
        mnist = load_mnist()
        pixels = {"outputs": 10, **NETWORK}
        code = ("from pellucid.datasets import load_mnist", "mnist = load_mnist()", "mnist.X_train", "mnist.y_train")
        parts = mnist.X_train, mnist.y_train, mnist.X_test, mnist.y_test
        return Rows(*parts, pixels, RECIPE, code, "train mnist", "test images")
    if data not in TOYS:
        raise unknown_name("data", data, ["mnist", *TOYS])
    points = _POINTS if points is None else points
    if not 2 <= points <= _MOST_POINTS:
        raise SettingError(f"--points must lie in 2 … {_MOST_POINTS}; {points} was given. Give 400, say.")
    toy = load_toy(data, 2 * points, noise, seed)
    classes = toy.task == "classes"
    network = {"outputs": 2, "loss": "cross_entropy"} if classes else {"outputs": 1, "loss": "mse"}
    scatter = "" if noise is None else f", noise={noise!r}"
    code = (
        "from pellucid.datasets import load_toy",
        f'toy = load_toy("{data}", n={2 * points}{scatter}, seed={seed})',
        f"toy.X[:{points}]",
        f"toy.y[:{points}]",
    )
    options = {"points": None if points == _POINTS else points, "noise": noise, "seed": seed or None}
    again = " ".join([f"train {data}", *(f"--{name} {value}" for name, value in options.items() if value is not None)])
    halves = toy.X[:points], toy.y[:points], toy.X[points:], toy.y[points:]
    return Rows(*halves, network, _TOY_RECIPE, code, again, "points it never saw")


def rows_for(given: Given, width: int) -> Rows:
    """Return the rows that a command line names, or, where it names none and a network takes pictures, MNIST."""
    if given.data is None and width != _MNIST:
        raise SettingError(
            f"A network of {width} inputs was not trained on mnist, so say on what it was: --data with a toy set, "
            "such as --data moons, or with a .npz file that holds the arrays X and y."
        )
    data = given.data or "mnist"
    if data.endswith(".npz"):
        return _rows_of_file(data)
    return rows_named(data, given.points, given.noise, given.seed or 0)


def _rows_of_file(path: str) -> Rows:
    """Return the arrays X and y of a file of NumPy, and X_test and y_test where it holds them."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("X", "y", "X_test", "y_test") if name in file}
    except (ValueError, EOFError, zipfile.BadZipFile, TypeError) as error:
        raise DataError(f"{path} is no .npz file of plain arrays: {error}. Write it with numpy.savez.") from None
    missing = [name for name in ("X", "y") if name not in arrays]
    if missing:
        raise DataError(f"{path} holds no array {' and no '.join(missing)}. Write it with numpy.savez(path, X=X, y=y).")
    tested = arrays.get("X_test"), arrays.get("y_test")
    named = f"file = np.load({path!r})"
    whole = tested[0] is not None and tested[1] is not None
    return Rows(
        arrays["X"],
        arrays["y"],
        *(tested if whole else (arrays["X"], arrays["y"])),  # type: ignore[arg-type]
        {},
        {},
        ("import numpy as np", named, 'file["X"]', 'file["y"]'),
        "",
        "rows of X_test" if whole else "rows of X",
    )


def run_of(path: Path, given: Given) -> tuple[Run, Rows]:
    """Return the run of a file, with its data: those that are named, or MNIST or the toy set that fits.

    Raises
    ------
    DataError, RunError
        The data that are named, or all that are known, are not those of the run.
    """
    from pellucid.files import load_run
    from pellucid.network import Run

    rest, _ = load_run(path)
    seed = rest.recipe.seed if given.seed is None else given.seed
    width = rest.recipe.spec.input.width
    candidates = list(_candidates(given._replace(seed=seed), width))
    for rows in candidates:
        try:
            return Run.load(path, rows.X, rows.y), rows
        except (RunError, DataError, KindError) as error:
            if len(candidates) == 1:
                raise type(error)(f"{error} Of this command they are --data, --points, --noise and --seed.") from None
    raise DataError(
        f"The data of the run in {path} are none that this command knows. Name them as pellucid train did, with "
        "--data, --points, --noise and --seed; your own go into a .npz file, with numpy.savez(path, X=X, y=y)."
    )


def _candidates(given: Given, width: int) -> Iterator[Rows]:
    """Yield the data that a run of so many inputs may have been trained on."""
    from pellucid.datasets import TOYS

    if given.data is not None or width == _MNIST:
        yield rows_for(given, width)
    elif width == _TOY:
        for name in TOYS:
            yield rows_for(given._replace(data=name), width)
