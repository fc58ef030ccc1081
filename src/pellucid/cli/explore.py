"""``pellucid explore``: a network or a run in the browser, where every number can be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pellucid.cli.options import Data, DataSeed, Noise, Points
from pellucid.cli.recipe import HIDDEN
from pellucid.cli.rows import Given, Rows, rows_for, rows_named, run_of
from pellucid.cli.screen import console
from pellucid.cli.train import widths
from pellucid.errors import SettingError

if TYPE_CHECKING:
    from pellucid.network import Network, Run

__all__ = ["explore"]

_TOY_HIDDEN: Final = (16, 16)  # which learn all toy sets, spirals too
_MNIST: Final = 784


def explore(
    what: Annotated[
        str,
        typer.Argument(metavar="[WHAT]", help="A file of a network or of a run, mnist, or a toy set: xor, circles, …"),
    ] = "mnist",
    layers: Annotated[
        str | None,
        typer.Option(
            "--layers",
            metavar="WIDTHS",
            show_default=False,
            help="Hidden layers of a new network. [32,32; toy sets 16,16]",
        ),
    ] = None,
    data: Data = None,
    points: Points = None,
    noise: Noise = None,
    seed: DataSeed = None,
    port: Annotated[
        int, typer.Option("--port", show_default=False, help="The port of 127.0.0.1. [one that is free]")
    ] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser; the address is printed.")] = False,
) -> None:
    """Look into a network, or into a run, in the browser.

    mnist, or a toy set, is a new network that has yet to learn it, and the page trains it. The page is served to this
    machine alone, at an address that nobody can guess, until Ctrl-C, which ends it with the exit code 0.
    """
    from pellucid.explorer import explore as opened

    given = Given(data, points, noise, seed)
    found, rows = _new(what, layers, given) if _is_data(what) else _of_file(Path(what), layers, given)
    sets = None if rows is None else {"training": (rows.X, rows.y), "test": (rows.X_test, rows.y_test)}
    with opened(found, sets, port=port, browser=not no_browser) as explorer:
        console().print(f"Exploring {what} at {explorer.url} (Ctrl-C ends)", soft_wrap=True, highlight=False)
        explorer.wait()


def _is_data(what: str) -> bool:
    from pellucid.datasets import TOYS

    return what == "mnist" or what in TOYS


def _new(what: str, layers: str | None, given: Given) -> tuple[Run, Rows]:
    """Return a new network's run on data, not yet begun."""
    from pellucid.network import Network

    if given.data is not None:
        raise SettingError(f"--data belongs to files, and {what} is data itself. Leave --data out.")
    seed = given.seed or 0
    rows = rows_named(what, given.points, given.noise, seed)
    settings: dict[str, Any] = dict(rows.network)
    hidden = (HIDDEN if what == "mnist" else _TOY_HIDDEN) if layers is None else widths(layers)
    network = Network([rows.X.shape[1], *hidden, settings.pop("outputs")], **settings, seed=seed)
    return network.start(rows.X, rows.y, **rows.recipe), rows


def _of_file(path: Path, layers: str | None, given: Given) -> tuple[Network | Run, Rows | None]:
    """Return the network or the run of a file, with its data; of a network, where they are known."""
    from pellucid.files import read
    from pellucid.network import Network

    if layers is not None:
        raise SettingError(f"--layers belongs to new networks, and the one in {path} has its own. Leave --layers out.")
    if read(path).kind == "pellucid.run":
        return run_of(path, given)
    network = Network.load(path)
    width = network.spec.input.width
    return network, rows_for(given, width) if given.data is not None or width == _MNIST else None
