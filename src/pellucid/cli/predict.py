"""``pellucid predict``: read one digit, and say how sure the network is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.options import Digit, Json, Model
from pellucid.cli.screen import console, percent, print_json
from pellucid.errors import SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["predict"]

_BAR = 40


def predict(
    model: Model,
    image: Annotated[
        Path | None, typer.Argument(metavar="IMAGE", help="A picture of one digit (PNG, JPEG, …).")
    ] = None,
    digit: Digit = None,
    json: Json = False,
) -> None:
    """Read a digit: a picture of your own, or one of MNIST's.

    A picture shows one digit and nothing else, on even paper; it is prepared as MNIST's images were.
    """
    if (image is None) == (digit is None):
        given = "neither" if image is None else "both"
        raise SettingError(
            f"Give either the path of a picture or --digit N (an image of MNIST's test set); {given} was given."
        )
    from pellucid.cli.sources import load_network, mnist_digit, needs_pixels

    network = load_network(model)
    needs_pixels(network)
    pixels, truth = (_picture(image), None) if digit is None else mnist_digit(digit)
    P = network.predict_proba(pixels[None])[0]
    names = [str(name) for name in network.spec.output.names or range(len(P))]
    source = str(image) if digit is None else f"index {digit}"
    if json:
        print_json(
            {
                "source": source,
                "prediction": names[int(P.argmax())],
                "probabilities": {name: float(p) for name, p in zip(names, P, strict=True)},
                "truth": truth,
                "right": None if truth is None or len(P) != 10 else int(P.argmax()) == truth,
            }
        )
    else:
        _show(pixels, source, names, P, truth)


def _picture(image: Path | None) -> NDArray[Any]:
    from pellucid.datasets import read_digit

    return read_digit(str(image))


def _show(pixels: NDArray[Any], source: str, names: list[str], P: NDArray[Any], truth: int | None) -> None:
    from rich.text import Text

    from pellucid.cli.pictures import grey, print_pictures
    from pellucid.cli.sources import SIDE

    screen = console()
    screen.print(f"What the network sees of {source}:\n", soft_wrap=True)
    print_pictures([grey(pixels.reshape(SIDE, SIDE))], screen)
    screen.print()
    best, width = int(P.argmax()), max(map(len, names))
    longest = max(1, min(_BAR, screen.width - width - 14))
    for place, (name, p) in enumerate(zip(names, P.tolist(), strict=True)):
        bar = "█" * round(longest * p)
        line = Text(f"  {name:>{width}}  {percent(p):>8}  {bar}", "bold" if place == best else "")
        line.rstrip()
        screen.print(line)
    screen.print(
        f"\nRead as {names[best]} ({percent(float(P[best]))}).", style="bold", end="" if truth is not None else "\n"
    )
    if truth is not None:
        right = "" if len(P) != 10 else " Right." if best == truth else " Wrong."
        screen.print(f" It is a {truth}.{right}", style="green" if best == truth else "red")
