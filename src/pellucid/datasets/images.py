"""Pictures of digits of the user's own, prepared as MNIST's were."""

from __future__ import annotations

import os
import struct
import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DataError, KindError, MissingLibraryError

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["prepared_digit", "read_digit"]

Grey = NDArray[np.float64]

# No format whose reader starts other programs, as that of PostScript does.
_FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
_SIDE: Final = 28
_BOX: Final = 20
_LEAST_CONTRAST: Final = 32
_MOST_SIDE: Final = 1000  # a larger picture is made smaller first; a digit needs no more
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
)


def read_digit(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Read a picture of one digit and prepare it as the images of MNIST were.

    The picture is made grey; the median along its border tells what is paper. Paper becomes 0 and the
    strongest ink 255: dark ink where the paper is light, light ink where it is dark. What is inked is cut
    out, scaled to fit 20 × 20 pixels with its proportions kept, and put into 28 × 28 so that its centre of
    mass lies in the middle. A picture of 28 × 28 pixels is taken to be prepared already: it is inverted where
    its border is light, and else left alone.

    Source: LeCun, Cortes & Burges (1998), The MNIST database of handwritten digits.

    Parameters
    ----------
    path : path of a PNG, JPEG, GIF, BMP, TIFF, WebP or PPM file
        One digit and nothing else, on even paper.

    Returns
    -------
    array of uint8, shape (784,)
        A row like those of ``load_mnist().X_test``.

    Raises
    ------
    DataError
        The file is missing, no picture, too large to be opened safely, or blank.
    KindError
        The path is no path.
    MissingLibraryError
        Pillow is not installed.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "one.ppm")
    ...     _ = file.write_text("P2 5 7 9 " + "9 9 9 9 9  9 9 0 9 9 " + 4 * "9 9 0 9 9 " + "9 9 9 9 9")
    ...     image = read_digit(file).reshape(28, 28)
    >>> bool((image[4:24, 12:16] == 255).all()), int((image > 0).sum())
    (True, 80)
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise KindError(
            f"A picture is read from its path, not from {type(path).__name__}. "
            "Give a str or a pathlib.Path; an array can be given to the network as it is."
        ) from None
    grey = _grey(_opened(name))
    paper = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    if paper >= 128:
        grey, paper = 255.0 - grey, 255.0 - paper
    contrast = float(grey.max()) - paper
    if contrast < _LEAST_CONTRAST:
        raise DataError(
            f"{name} is blank: its ink differs from its paper by {contrast:.0f} of 255; at least "
            f"{_LEAST_CONTRAST} is accepted. Give a picture of one digit, dark on light or light on dark."
        )
    if grey.shape != (_SIDE, _SIDE):
        return prepared_digit(np.maximum(grey - paper, 0.0) * (255.0 / contrast))
    return np.rint(grey).astype(np.uint8).reshape(-1)


def prepared_digit(ink: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return a picture of a digit prepared as the images of MNIST were; see `read_digit`.

    Parameters
    ----------
    ink : array, shape (height, width)
        0 is paper, 255 is ink.

    Returns
    -------
    array of uint8, shape (784,)

    Raises
    ------
    DataError
        Nothing is drawn.
    MissingLibraryError
        Pillow is not installed.

    Examples
    --------
    >>> stroke = np.zeros((100, 100))
    >>> stroke[10:90, 45:55] = 255
    >>> image = prepared_digit(stroke).reshape(28, 28)
    >>> np.flatnonzero(image.max(axis=1))[[0, -1]].tolist(), int(image.max())
    ([4, 23], 255)
    """
    if ink.size == 0 or float(ink.max()) < 64:  # what is cut out is inked by a quarter or more
        raise DataError("Nothing is drawn, or too faintly: draw one digit with strong strokes.")
    return np.rint(_centred(_cut_out(np.asarray(ink, dtype=np.float64)))).astype(np.uint8).reshape(-1)


def _opened(name: str) -> Image.Image:
    """Return the picture, turned upright and wholly read, or raise `DataError`."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ModuleNotFoundError:
        raise MissingLibraryError(
            "Reading pictures needs the library Pillow, which is not installed. Install pellucid[images]."
        ) from None
    try:
        with warnings.catch_warnings(), open(name, "rb") as file:
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_FORMATS) as image:
                return ImageOps.exif_transpose(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{name} is too large to be opened safely: {error} Give a smaller picture.") from None
    except UnidentifiedImageError:
        raise _unreadable(name, "it is of no known format") from None
    except _BROKEN as error:
        raise _unreadable(name, getattr(error, "strerror", None) or error) from None


def _unreadable(name: str, why: object) -> DataError:
    return DataError(
        f"{name} cannot be read as a picture: {why}. Accepted are whole files of {', '.join(_FORMATS)}. "
        "Give the path of such a file."
    )


def _grey(image: Image.Image) -> Grey:
    """Return the picture's brightness, 0 … 255; shape (height, width). What is see-through shows paper."""
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel, of a range that no format tells
        deep = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
        least_range = 1.0 if image.mode.startswith("F") else 255.0
        return np.asarray((deep - deep.min()) * (255.0 / max(float(np.ptp(deep)), least_range)))
    see_through = "A" in image.getbands() or "transparency" in image.info
    image = image.convert("RGBA").convert("LA") if see_through else image.convert("L")
    image.thumbnail((_MOST_SIDE, _MOST_SIDE))
    if not see_through:
        return np.asarray(image, dtype=np.float64)
    grey, cover = np.moveaxis(np.asarray(image, dtype=np.float64), 2, 0)
    dark = float((grey * cover).sum()) <= 127.5 * float(cover.sum())
    return np.asarray((grey * cover + (255.0 if dark else 0.0) * (255.0 - cover)) / 255.0)


def _cut_out(ink: Grey) -> Grey:
    """Return what is inked by a quarter or more, scaled to fit the box with its proportions kept."""
    from PIL import Image

    rows, columns = np.nonzero(ink >= 64)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = _BOX / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    picture = Image.fromarray(np.rint(cut).astype(np.uint8))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)).astype(np.float64)


def _centred(box: Grey) -> Grey:
    """Return 28 × 28 pixels with the box in them, its centre of mass at MNIST's (14, 14) if it fits."""
    image = np.zeros((_SIDE, _SIDE))
    total = box.sum()
    places: list[slice] = []
    for axis, side in enumerate(box.shape):
        centre = (box.sum(axis=1 - axis) * np.arange(side)).sum() / total
        begin = min(max(round(_SIDE / 2 - centre), 0), _SIDE - side)
        places.append(slice(begin, begin + side))
    image[tuple(places)] = box
    return image
