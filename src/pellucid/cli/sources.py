"""Networks and digits by the names that a command line gives them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pellucid.errors import ModelFileError, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pellucid.cli.pictures import Picture
    from pellucid.insight import Trace
    from pellucid.network import Network

__all__ = [
    "SIDE",
    "Seen",
    "answer",
    "load_network",
    "mnist_digit",
    "names_of_inputs",
    "needs_pixels",
    "passed",
    "pixel_name",
    "refuse_network",
    "seen_picture",
    "takes_pictures",
]

SIDE: Final = 28
_PIXELS: Final = SIDE * SIDE


def load_network(path: Path) -> Network:
    """Return the network of a file; raise `SettingError` for that of a run."""
    from pellucid.network import Network

    try:
        return Network.load(path)
    except ModelFileError:
        if _is_run(path):
            raise SettingError(
                f"{path} is a run; this command reads networks, as --save writes them. pellucid rewind {path} --step 0 "
                "looks into a run, and diagnose reads both."
            ) from None
        raise


def refuse_network(path: Path) -> None:
    """Raise `SettingError` for the file of a network, where that of a run is needed."""
    from pellucid.files import read

    if read(path).kind == "pellucid.model":
        raise SettingError(f"{path} is a network; this command reads runs, as pellucid train --run writes them.")


def _is_run(path: Path) -> bool:
    from pellucid.files import read

    try:
        return read(path).kind == "pellucid.run"
    except ModelFileError:
        return False


def needs_pixels(network: Network) -> None:
    """Raise `SettingError` unless the network takes pictures of 28 × 28 pixels."""
    width = network.spec.input.width
    if width != _PIXELS:
        raise SettingError(
            f"This network has {width} inputs; a picture of a digit has {_PIXELS}. "
            "Give a network that was trained on such pictures: pellucid demo makes one."
        )


def mnist_digit(index: int) -> tuple[NDArray[Any], int]:
    """Return an image of MNIST's test set, shape (784,), and the digit that it is."""
    from pellucid.datasets import load_mnist

    mnist = load_mnist()
    if not 0 <= index < len(mnist.y_test):
        raise SettingError(
            f"--digit is the index of an image of MNIST's test set, 0 … {len(mnist.y_test) - 1}; {index} was given."
        )
    return mnist.X_test[index], int(mnist.y_test[index])


class Seen(NamedTuple):
    """An image of MNIST's test set: its index, the digit that it is, and every number of its pass."""

    digit: int
    truth: int
    trace: Trace

    @property
    def told(self) -> str:
        """Which image it is, and what it shows."""
        return f"index {self.digit}, a {self.truth}"

    def as_json(self) -> dict[str, int]:
        """Return which image it is, as JSON."""
        return {"index": self.digit, "truth": self.truth}


def passed(network: Network, digit: int) -> Seen:
    """Return what the network makes of an image of MNIST's test set."""
    needs_pixels(network)
    pixels, truth = mnist_digit(digit)
    return Seen(digit, truth, network.trace(pixels))


def answer(network: Network, seen: Seen) -> tuple[str, float] | None:
    """Return the class that a network says, and its probability; None where it does not choose one."""
    from pellucid.core import Task

    if network.spec.loss.task is not Task.CLASSES:
        return None
    place, names = int(seen.trace.output.argmax()), network.spec.output.names
    return str(place if names is None else names[place]), float(seen.trace.shown[place])


def seen_picture(seen: Seen, *caption: str) -> Picture:
    """Return an image as the network sees it, from black to white."""
    from pellucid.cli.pictures import grey

    x = seen.trace.inputs.astype(float)
    pixels = 255 * (x - x.min()) / (x.max() - x.min() or 1)
    return grey(pixels.reshape(SIDE, SIDE), *caption)


def takes_pictures(network: Network, layer: str) -> bool:
    """Return whether the inputs of a layer are the pixels of a picture, of 28 × 28."""
    return layer == next(iter(network)) and network.spec.input.width == _PIXELS


def names_of_inputs(network: Network, layer: str, *, short: bool = False) -> list[str]:
    """Return what the inputs of a layer are called: pixels, features, or the neurons of the layer before."""
    width = network[layer].weights.shape[1]
    before = dict(zip(list(network)[1:], network, strict=False))
    if layer in before:
        return [f"{before[layer]}/{node}" for node in network[before[layer]]]
    if network.spec.input.features is not None:
        return [str(name) for name in network.spec.input.features]
    return [pixel_name(i, short=short) if width == _PIXELS else f"input {i}" for i in range(width)]


def pixel_name(place: int, *, short: bool = False) -> str:
    """Return what an input of a picture is called; all three numbers count from 0.

    Examples
    --------
    >>> pixel_name(407), pixel_name(407, short=True)
    ('input 407 (row 14, column 15)', 'input 407')
    """
    return f"input {place}" if short else f"input {place} (row {place // SIDE}, column {place % SIDE})"
