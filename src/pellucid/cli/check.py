"""``pellucid check``: what a file is, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.options import Json
from pellucid.cli.screen import console, print_json
from pellucid.errors import MissingPartError, brief

if TYPE_CHECKING:
    from pellucid.core import Spec
    from pellucid.files import Content

__all__ = ["check"]


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file of a network or of a run.")],
    json: Json = False,
) -> None:
    """Say what a file is, whether it is whole, and its fingerprint.

    Every number and every word in it is looked at, and held against its digest. Exit code 2: it is not whole.
    """
    from pellucid.files import fingerprint_in, read

    content = read(file)
    what = {"pellucid.model": "network", "pellucid.run": "run"}[content.kind]
    told: dict[str, Any] = {"file": str(file), "kind": what, "version": content.version, "release": content.release}
    try:
        told |= _of_network(content) if what == "network" else _of_run(content)
    except MissingPartError as error:
        told |= {"missing": str(error), "fingerprint": fingerprint_in(content)}
    if json:
        print_json(told)
        return
    screen = console()
    release = "" if content.release is None else f", written by Pellucid {content.release}"
    screen.print(f"{file}: the whole file of a {what}, version {content.version}{release}.\n", soft_wrap=True)
    width = max(len(_label(name)) for name in told)
    for name, value in told.items():
        if name not in {"file", "kind", "version", "release"} and value is not None:
            screen.print(f"{_label(name):<{width}}  {_shown(value)}", soft_wrap=True)


def _label(name: str) -> str:
    return "same bits" if name == "exactness" else name.replace("_", " ")


def _shown(value: Any) -> str:
    """Return a value as it is shown; of a text from a file, nothing reaches the terminal that could steer it."""
    if isinstance(value, str):
        return brief(value if value.isprintable() else repr(value))
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:,}"


def _of_network(content: Content) -> dict[str, Any]:
    from pellucid.core import fingerprint
    from pellucid.files import model_in

    spec, parameters, seed, slots = model_in(content)
    kept = {"optimizer_keeps": ", ".join(slots)} if slots else {}
    return {**_of_spec(spec), "seed": seed, **kept, "fingerprint": fingerprint(parameters.vector)}


def _of_run(content: Content) -> dict[str, Any]:
    from pellucid.files import run_in

    rest, _ = run_in(content)
    recipe = rest.recipe
    return {
        **_of_spec(recipe.spec),
        "optimizer": recipe.optimizer.name,
        "epochs": recipe.epochs,
        "step": rest.step,
        "last_step": rest.frontier,
        "ended": rest.ended,
        "edits": len(rest.edits),
        "keyframes": rest.state is not None,
        "recipe": recipe.digest,
        "data": rest.data_digest,
        "exactness": rest.exactness or None,
        "fingerprint": rest.fingerprint,
    }


def _of_spec(spec: Spec) -> dict[str, Any]:
    widths = (spec.input.width, *(layer.width for layer in spec.dense))
    layers = "-".join(map(str, widths))
    return {"layers": layers, "parameters": spec.n_parameters, "dtype": spec.dtype, "loss": spec.loss.name}
