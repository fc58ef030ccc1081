"""Pictures in a terminal: two pixels a character, one above the other.

A `Picture` is data: the colour of each pixel, and the characters that stand for them where there is no colour.
`print_pictures` draws them in rows as wide as the console.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "Picture",
    "drawn",
    "grey",
    "in_colour",
    "print_pictures",
    "print_signed",
    "side_by_side",
    "signed_values",
]

Rgb = tuple[int, int, int]

_RAMP: Final = " .:-=+*#%@"
_GREY_STEPS: Final = 32
_NOTHING: Final = np.array([24, 24, 28])
POSITIVE: Final = np.array([255, 153, 51])
NEGATIVE: Final = np.array([77, 166, 255])
_GAP: Final = 3


class Picture(NamedTuple):
    """A picture before it is drawn.

    Attributes
    ----------
    colours : uint8, shape (rows, columns, 3); rows are even
    characters : list of str, rows / 2 lines that tell the same without colour
    caption : lines of text to be put beneath
    """

    colours: NDArray[np.uint8]
    characters: list[str]
    caption: tuple[str, ...]

    @property
    def width(self) -> int:
        """Columns that it takes with its caption."""
        return max(int(self.colours.shape[1]), *(len(line) for line in self.caption), 0)


def grey(pixels: ArrayLike, *caption: str) -> Picture:
    """Return a picture in greys.

    Parameters
    ----------
    pixels : array, shape (rows, columns), 0 (black) … 255 (white)
    caption : lines of text

    Examples
    --------
    >>> grey([[0, 0, 255, 255], [0, 255, 0, 255]]).characters
    [' ==@']
    """
    P = _even(np.asarray(pixels, dtype=np.float64))
    steps = np.rint(np.clip(P / 255, 0, 1) * (_GREY_STEPS - 1)) / (_GREY_STEPS - 1)
    colours = np.repeat(np.rint(255 * steps)[:, :, np.newaxis], 3, axis=2).astype(np.uint8)
    dark = np.rint(_halved(P) / 255 * (len(_RAMP) - 1)).astype(int)
    return Picture(colours, ["".join(_RAMP[place] for place in row) for row in dark], caption)


def signed_values(values: ArrayLike, *caption: str) -> Picture:
    """Return a picture of numbers above 0 (orange) and below 0 (blue), the brighter the farther from 0.

    Without colour: ``#`` and ``+`` for much and little above 0, ``=`` and ``-`` for below, a blank near 0.

    Parameters
    ----------
    values : array, shape (rows, columns)
    caption : lines of text

    Examples
    --------
    >>> signed_values([[2, 1, 0, -1, -2], [2, 1, 0, -1, -2]]).characters
    ['#+ -=']
    """
    V = _even(np.asarray(values, dtype=np.float64))
    largest = float(np.abs(V).max(initial=0.0))
    share = V / largest if 0 < largest < np.inf else np.zeros_like(V)
    strength = (np.rint(np.abs(share) * (_GREY_STEPS - 1)) / (_GREY_STEPS - 1))[:, :, np.newaxis]
    ends = np.where(share[:, :, np.newaxis] > 0, POSITIVE, NEGATIVE)
    colours = np.rint(_NOTHING + strength * (ends - _NOTHING)).astype(np.uint8)
    places = np.digitize(_halved(share), [-0.6, -0.1, 0.1, 0.6])
    return Picture(colours, ["".join("=- +#"[place] for place in row) for row in places], caption)


def _even(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the pixels with a row of 0 below if their rows are odd."""
    return np.pad(pixels, ((0, len(pixels) % 2), (0, 0)))


def _halved(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each two pixels, one above the other; shape (rows / 2, columns)."""
    return np.asarray((pixels[::2] + pixels[1::2]) / 2)


def in_colour(console: Console) -> bool:
    """Return whether the console shows enough colours for a picture."""
    return not console.no_color and not console.options.ascii_only and console.color_system in {"256", "truecolor"}


def drawn(picture: Picture, *, colour: bool) -> list[Text]:
    """Return the picture's lines without its caption."""
    from rich.text import Text

    if not colour:
        return [Text(line) for line in picture.characters]
    return [_half_blocks(top, bottom) for top, bottom in zip(picture.colours[::2], picture.colours[1::2], strict=True)]


def _half_blocks(top: NDArray[np.uint8], bottom: NDArray[np.uint8]) -> Text:
    """Return a line whose characters show a pixel of ``top`` above one of ``bottom``."""
    from rich.text import Text

    line = Text()
    pairs = zip(map(_rgb, top), map(_rgb, bottom), strict=True)
    for (above, below), run in groupby(pairs):
        line.append((" " if above == below else "▀") * len(list(run)), _style(above, below))
    return line


def _rgb(pixel: NDArray[Any]) -> Rgb:
    red, green, blue = pixel.tolist()
    return red, green, blue


@lru_cache(maxsize=4096)
def _style(above: Rgb, below: Rgb) -> Style:
    from rich.color import Color
    from rich.style import Style

    return Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))


def print_pictures(pictures: Sequence[Picture], console: Console) -> None:
    """Print pictures with their captions; a console narrower than a picture crops it."""
    for line in side_by_side(pictures, console):
        console.print(line, no_wrap=True, overflow="crop")


def print_signed(pictures: Sequence[Picture], console: Console, above: str = "above 0", below: str = "below 0") -> None:
    """Print pictures of which some are of signed values, and beneath them what their colours say."""
    print_pictures(pictures, console)
    signs = ("orange", "blue") if in_colour(console) else ("# and +", "= and -")
    console.print(f"{signs[0]}: {above}; {signs[1]}: {below}\n", style="dim")


def side_by_side(pictures: Sequence[Picture], console: Console) -> Iterator[Text]:
    """Yield the lines of pictures, as many beside each other as the console is wide, with their captions."""
    from rich.text import Text

    width = max((picture.width for picture in pictures), default=0)
    each_row = max(1, (console.width + _GAP) // (width + _GAP))
    for begin in range(0, len(pictures), each_row):
        if begin:
            yield Text()
        yield from _row(pictures[begin : begin + each_row], width, colour=in_colour(console))


def _row(pictures: Sequence[Picture], width: int, *, colour: bool) -> Iterator[Text]:
    """Yield the lines of pictures beside each other, each as wide as told."""
    from rich.text import Text

    blocks = [
        [*drawn(picture, colour=colour), *(Text(line, "dim") for line in picture.caption)] for picture in pictures
    ]
    for place in range(max(map(len, blocks))):
        line = Text()
        for number, block in enumerate(blocks):
            part = block[place] if place < len(block) else Text()
            padding = width - len(part) + _GAP if number < len(blocks) - 1 else 0
            line.append_text(part).append(" " * padding)
        if not colour:
            line.rstrip()
        yield line
