"""``pellucid export``: a network as ONNX, a page, or source code that tests itself."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.options import Data, DataSeed, Json, Model, Noise, Points
from pellucid.cli.screen import checked_target, console, print_json
from pellucid.errors import SettingError

__all__ = ["export"]

_MOST = 100


def export(
    model: Model,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to: .h .mjs .js .java .cs .rs .go .py .onnx or .html")
    ],
    to: Annotated[
        str | None, typer.Option("--to", metavar="TARGET", help="What to write, such as column; else the ending says.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What the network is called in the code; else as the file.")
    ] = None,
    data: Data = None,
    points: Points = None,
    noise: Noise = None,
    seed: DataSeed = None,
    json: Json = False,
) -> None:
    """Take a network elsewhere: source code, ONNX, one page.

    Source code tests itself, computes the very bits that Pellucid does, and needs no library. A page shows some of
    the data's rows, source code takes its examples from them; without --data a network of pictures has MNIST's.
    """
    from pellucid.cli.rows import Given, rows_for
    from pellucid.cli.sources import load_network

    if model.suffix == ".onnx":
        raise SettingError(f"{model} is an ONNX file; this command reads networks. Bring it in first: pellucid import.")
    network = load_network(model)
    checked_target(path, "FILE")
    if path.resolve() == model.resolve():
        raise SettingError(f"{path} is the network's own file, which would be lost. Give another path.")
    given, shown = Given(data, points, noise, seed), None
    if data is not None or network.spec.input.width == 784:
        rows = rows_for(given, network.spec.input.width)
        shown = (rows.X_test[:_MOST], rows.y_test[:_MOST])
    files = network.export(path, to=to, name=name, data=shown)
    cost = network.summary(cost=True).cost
    if json:
        print_json({"files": [str(file) for file in files], **cost._asdict()})
        return
    screen = console()
    for file in files:
        screen.print(f"Wrote {file}, {file.stat().st_size:,} bytes.", soft_wrap=True)
    if way := _test(files[0], to):
        screen.print(f"It tests itself: {way}", soft_wrap=True)


def _test(file: Path, to: str | None) -> str | None:
    """Return how a file proves itself, where one command does."""
    runs = {"javascript": "node", "python": "python3", "column": "python3", "java": "java"}
    endings = {".mjs": "node", ".js": "node", ".py": "python3", ".java": "java"}
    program = runs.get(to) if to is not None else endings.get(file.suffix.lower())
    return None if program is None else f"{program} {shlex.quote(str(file))} --self-test"
