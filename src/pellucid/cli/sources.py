"""Networks and digits by the names that a command line gives them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pellucid.errors import ModelFileError, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pellucid.network import Network

__all__ = ["SIDE", "Seen", "load_network", "mnist_digit", "needs_pixels", "passed", "pixel_name"]

SIDE: Final = 28
_PIXELS: Final = SIDE * SIDE


def load_network(path: Path) -> Network:
    """Return the network of a file; raise `SettingError` for that of a run."""
    from pellucid.network import Network

    try:
        return Network.load(path)
    except ModelFileError:
        if _is_run(path):
            raise SettingError(f"{path} is a run; this command reads networks, as --save writes them.") from None
        raise


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
    """What the network makes of an image: the inputs as it scales them, z and a of each layer, and the prediction p."""

    digit: int
    truth: int
    x: NDArray[Any]
    z: dict[str, NDArray[Any]]
    a: dict[str, NDArray[Any]]
    p: NDArray[Any]

    def inputs_of(self, network: Network, layer: str) -> NDArray[Any]:
        """Return what comes into a layer."""
        before = dict(zip(list(network)[1:], network, strict=False))
        return self.a[before[layer]] if layer in before else self.x


def passed(network: Network, digit: int) -> Seen:
    """Return what the network makes of an image of MNIST's test set."""
    from pellucid.core import Parameters, forward, scaled

    needs_pixels(network)
    pixels, truth = mnist_digit(digit)
    X = pixels[None]
    way = forward(network.spec, Parameters(network.spec, network.parameters), X)
    z, a = ({name: of[0] for name, of in part.items()} for part in (way.weighted_sums, way.activations))
    return Seen(digit, truth, scaled(network.spec, X)[0], z, a, network.spec.loss.output(way.output)[0])


def pixel_name(place: int, *, short: bool = False) -> str:
    """Return what an input of a picture is called; all three numbers count from 0.

    Examples
    --------
    >>> pixel_name(407), pixel_name(407, short=True)
    ('input 407 (row 14, column 15)', 'input 407')
    """
    return f"input {place}" if short else f"input {place} (row {place // SIDE}, column {place % SIDE})"
