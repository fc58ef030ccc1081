"""``pellucid import``: a network from an ONNX file, as a file of Pellucid's own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.options import Json
from pellucid.cli.screen import checked_target, command, console, print_json
from pellucid.errors import SettingError

__all__ = ["import_"]


def import_(
    model: Annotated[Path, typer.Argument(metavar="FILE", help="An ONNX file, such as model.onnx.")],
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", show_default=False, help="Where to. [beside it, as .safetensors]"),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option("--loss", help="cross_entropy, say, of a model that leaves the softmax to its loss."),
    ] = None,
    json: Json = False,
) -> None:
    """Bring in a network from an ONNX file.

    Every command here then works on it. What no network of Pellucid's can do is refused by name.
    """
    from pellucid.network import Network

    target = model.with_suffix(".safetensors") if save is None else save
    checked_target(target, "--save")
    network = Network.from_onnx(model, loss=loss)
    if save is None and target.exists():
        raise SettingError(f"{target} is there already; nothing is written over unasked. Say where to, with --save.")
    network.save(target)
    if json:
        print_json({"file": str(target), "fingerprint": network.fingerprint, "parameters": network.n_parameters})
        return
    screen = console()
    screen.print(network.summary())
    screen.print(f"\nWrote {target}. Look into it: {command()} show {shlex.quote(str(target))}", soft_wrap=True)
