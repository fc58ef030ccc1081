"""Pictures of digits come out as MNIST's would, and everything else is refused."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pellucid.datasets import load_mnist, read_digit
from pellucid.errors import DataError, KindError, MissingLibraryError

Bytes = NDArray[np.uint8]


def first_of_each() -> list[int]:
    """Return the place of the first test image of each digit."""
    return [int(np.argmax(load_mnist().y_test == digit)) for digit in range(10)]


def page(place: int, *, paper: int = 255, ink: int = 0, corner: tuple[int, int] = (60, 20)) -> Image.Image:
    """Return a test image of MNIST, five times as large, on a page with margins."""
    cover = load_mnist().X_test[place].reshape(28, 28).astype(np.float64) / 255
    drawn = Image.fromarray(np.rint(paper + (ink - paper) * cover).astype(np.uint8))
    picture = Image.new("L", (240, 200), paper)
    picture.paste(drawn.resize((140, 140), Image.Resampling.BICUBIC), corner)
    return picture


def likeness(read: Bytes, place: int) -> float:
    """Return the correlation with the original, where a shift by one pixel is free: rounding decides on it."""
    original = load_mnist().X_test[place].astype(np.float64)
    image = read.reshape(28, 28).astype(np.float64)
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(float(np.corrcoef(np.roll(image, by, (0, 1)).ravel(), original)[0, 1]) for by in shifts)


LOOKS = {
    "dark on light": {},
    "light on dark": {"paper": 0, "ink": 255},
    "grey on grey": {"paper": 180, "ink": 90},
    "in a corner": {"corner": (99, 1)},
}


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tiff", "webp", "ppm"])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_enlarged_digit_comes_back(ending: str, look: dict[str, int], tmp_path: Path) -> None:
    """A digit of MNIST, enlarged, on a page, in any colours and format, comes out like itself."""
    for place in first_of_each():
        file = tmp_path / f"{place}.{ending}"
        page(place, **look).save(file)
        read = read_digit(file)
        assert (784,) == read.shape
        assert np.uint8 == read.dtype
        assert 0.9 < likeness(read, place)


def test_most_digits_come_back(tmp_path: Path) -> None:
    """Of the first two hundred digits, half are likened by 0.98 and 19 of 20 by 0.93."""
    file = tmp_path / "digit.png"
    found = []
    for place in range(200):
        page(place).save(file)
        found.append(likeness(read_digit(file), place))
    assert 0.98 < np.median(found)
    assert 0.93 < np.quantile(found, 0.05)


@pytest.mark.parametrize("inverted", [False, True])
def test_prepared_picture_is_kept(inverted: bool, tmp_path: Path) -> None:
    """A picture of 28 × 28 pixels comes back to the byte, also if it is dark on light."""
    for place in range(50):
        image = load_mnist().X_test[place]
        Image.fromarray((255 - image if inverted else image).reshape(28, 28)).save(tmp_path / "digit.png")
        assert np.array_equal(image, read_digit(tmp_path / "digit.png"))


def test_size_and_centre(tmp_path: Path) -> None:
    """The longer side becomes 20 pixels, the proportions stay, and the centre of mass goes to (14, 14)."""
    for width, height, expected in [(300, 100, (7, 20)), (100, 300, (20, 7)), (90, 90, (20, 20)), (1, 90, (20, 1))]:
        sheet = np.full((400, 500), 255, dtype=np.uint8)
        sheet[40 : 40 + height, 150 : 150 + width] = 0
        Image.fromarray(sheet).save(tmp_path / "bar.png")
        read = read_digit(tmp_path / "bar.png").reshape(28, 28)
        rows, columns = np.nonzero(read)
        assert expected == (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1)
        assert 255 == read.max()
        assert abs(14 - rows.mean()) <= 0.5
        assert abs(14 - columns.mean()) <= 0.5


def test_lopsided_digit_stays_whole(tmp_path: Path) -> None:
    """Where the centre of mass would push the digit over the edge, it stops at the edge."""
    sheet = np.zeros((400, 400), dtype=np.uint8)
    sheet[100:300, 100:130] = 70  # a faint stem
    sheet[270:300, 100:300] = 255  # a heavy foot
    Image.fromarray(sheet).save(tmp_path / "L.png")
    read = read_digit(tmp_path / "L.png").reshape(28, 28)
    rows, columns = np.nonzero(read > 40)
    assert 20 == np.ptp(rows) + 1
    assert 20 == np.ptp(columns) + 1


def colour(picture: Image.Image) -> Image.Image:
    return Image.merge("RGB", [picture.point(lambda v: 255 - (255 - v) // 3), picture, picture])


def see_through(picture: Image.Image, *, ink: int) -> Image.Image:
    layer = Image.new("L", picture.size, ink)
    return Image.merge("LA", [layer, picture.point(lambda v: 255 - v)])


def palette(picture: Image.Image) -> Image.Image:
    return picture.convert("P")


def black_and_white(picture: Image.Image) -> Image.Image:
    return picture.point(lambda v: 255 * (v > 127)).convert("1")


def deep(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)


def real(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture).astype(np.float32) / 255)


MODES: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "red ink": ("png", colour),
    "black ink on nothing": ("png", lambda picture: see_through(picture, ink=0)),
    "white ink on nothing": ("png", lambda picture: see_through(picture, ink=255)),
    "a palette": ("png", palette),
    "black and white": ("png", black_and_white),
    "16 bits": ("png", deep),
    "floats": ("tiff", real),
}


@pytest.mark.parametrize(("ending", "convert"), MODES.values(), ids=MODES.keys())
def test_any_kind_of_picture(ending: str, convert: Callable[[Image.Image], Image.Image], tmp_path: Path) -> None:
    """Colours, transparency, palettes, one bit, 16 bits and floats are read alike."""
    for place in first_of_each():
        file = tmp_path / f"digit.{ending}"
        convert(page(place)).save(file)
        assert 0.9 < likeness(read_digit(file), place)


def test_picture_is_turned_upright(tmp_path: Path) -> None:
    """A photograph that says that it lies on its side is turned."""
    picture = page(first_of_each()[7])
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by a quarter, clockwise"
    picture.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "lying.png", exif=exif)
    picture.save(tmp_path / "upright.png")
    assert np.array_equal(read_digit(tmp_path / "upright.png"), read_digit(tmp_path / "lying.png"))


def test_large_picture_is_read(tmp_path: Path) -> None:
    """A picture of twelve million pixels, as telephones take them, is made smaller first and read."""
    place = first_of_each()[3]
    page(place).resize((4000, 3000)).save(tmp_path / "photo.png")
    assert 0.9 < likeness(read_digit(tmp_path / "photo.png"), place)


def test_paths_of_each_kind(tmp_path: Path) -> None:
    """A text, a path and bytes name the same file."""
    file = tmp_path / "digit.png"
    page(0).save(file)
    assert np.array_equal(read_digit(str(file)), read_digit(file))
    assert np.array_equal(read_digit(os.fsencode(file)), read_digit(file))  # type: ignore[arg-type]


ACCEPTED = "Accepted are whole files of PNG, JPEG, GIF, BMP, TIFF, WEBP, PPM. Give the path of such a file."


def test_missing_file(tmp_path: Path) -> None:
    """A path at which there is no file is named."""
    with pytest.raises(DataError) as caught:
        read_digit(tmp_path / "none.png")
    expected = f"{tmp_path / 'none.png'} cannot be read as a picture: No such file or directory. {ACCEPTED}"
    assert expected == str(caught.value)


def test_folder_is_no_picture(tmp_path: Path) -> None:
    """A folder is refused."""
    with pytest.raises(DataError, match="cannot be read as a picture: Is a directory"):
        read_digit(tmp_path)


def test_nul_in_path() -> None:
    """A path that no system accepts is refused."""
    with pytest.raises(DataError, match="cannot be read as a picture: embedded null"):
        read_digit("a\0b")


@pytest.mark.parametrize("content", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    """What is no picture of the accepted formats is refused; PostScript among them, which would be run."""
    file = tmp_path / "digit.png"
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_digit(file)
    assert f"{file} cannot be read as a picture: it is of no known format. {ACCEPTED}" == str(caught.value)


@pytest.mark.parametrize("side", [28, 100])
@pytest.mark.parametrize("grey", [0, 100, 127, 128, 255])
def test_blank_picture(side: int, grey: int, tmp_path: Path) -> None:
    """A picture of one grey is blank."""
    Image.new("L", (side, side), grey).save(tmp_path / "blank.png")
    expected = (
        f"{tmp_path / 'blank.png'} is blank: its ink differs from its paper by 0 of 255; at least 32 is accepted. "
        "Give a picture of one digit, dark on light or light on dark."
    )
    with pytest.raises(DataError) as caught:
        read_digit(tmp_path / "blank.png")
    assert expected == str(caught.value)


def test_all_see_through_is_blank(tmp_path: Path) -> None:
    """A picture with nothing on it, not even paper, is blank."""
    Image.new("RGBA", (50, 50), (9, 9, 9, 0)).save(tmp_path / "blank.png")
    with pytest.raises(DataError, match="is blank"):
        read_digit(tmp_path / "blank.png")


@pytest.mark.parametrize("most", [3_000, 1_000])
def test_giant_picture(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More pixels than Pillow deems safe are refused, whether it would warn of them or raise."""
    Image.new("L", (100, 50), 255).save(tmp_path / "giant.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
    with pytest.raises(DataError) as caught:
        read_digit(tmp_path / "giant.png")
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'giant.png'} is too large to be opened safely: Image size (5000 pixels)")
    assert message.endswith("Give a smaller picture.")


@pytest.mark.parametrize("given_", [None, 0, 3.5, np.zeros((28, 28)), [1]])
def test_what_is_no_path(given_: object) -> None:
    """An array, or a number, which would name an open file, is no path."""
    with pytest.raises(KindError) as caught:
        read_digit(given_)  # type: ignore[arg-type]
    expected = (
        f"A picture is read from its path, not from {type(given_).__name__}. "
        "Give a str or a pathlib.Path; an array can be given to the network as it is."
    )
    assert expected == str(caught.value)


def test_missing_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Pillow the error says what to install."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingLibraryError) as caught:
        read_digit(tmp_path / "digit.png")
    expected = "Reading pictures needs the library Pillow, which is not installed. Install pellucid[images]."
    assert expected == str(caught.value)


def encoded(kind: str) -> bytes:
    sheet = np.full((12, 12), 255, dtype=np.uint8)
    sheet[2:9, 5:7] = 0
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, kind)
    return buffer.getvalue()


ENCODED = {kind: encoded(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")}


@pytest.mark.parametrize("kind", ENCODED)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damaged_picture_is_read_or_refused(
    kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is cut off or changed in a file, it gives 784 bytes or a DataError, and nothing else."""
    content = bytearray(ENCODED[kind])
    del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(0, 3))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / f"damaged.{kind.lower()}"
    file.write_bytes(content)
    with contextlib.suppress(DataError):
        assert (784,) == read_digit(file).shape
