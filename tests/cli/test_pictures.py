"""Pictures: what they are as text, in colour and without, and how they are put beside each other."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from pellucid.cli.pictures import Picture, drawn, grey, in_colour, print_pictures, signed_values


def screen(width: int, **settings: object) -> Console:
    return Console(file=io.StringIO(), width=width, **settings)  # type: ignore[arg-type]


def printed(width: int, pictures: list[Picture]) -> str:
    console = screen(width)
    print_pictures(pictures, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_greys_become_a_ramp_of_characters() -> None:
    """A character stands for the mean of two pixels, from a blank for black to @ for white."""
    pixels = np.repeat(np.linspace(0, 255, 10)[np.newaxis], 2, axis=0)
    assert [" .:-=+*#%@"] == grey(pixels).characters


def test_signs_are_told_apart_without_colour() -> None:
    """# and + stand for numbers above 0, = and - for numbers below; a blank for those near 0 in relation."""
    assert ["#+ -="] == signed_values([[10.0, 4, 0.5, -4, -10]] * 2).characters


def test_an_odd_row_is_paired_with_nothing() -> None:
    """Three rows make two lines; the fourth row is 0."""
    assert ["@", "="] == grey([[255], [255], [255]]).characters


@pytest.mark.parametrize("values", [[[0.0, 0.0]], [[-0.0, 0.0]]])
def test_zeros_alone_are_blank(values: list[list[float]]) -> None:
    """Where every number is 0, nothing is divided by 0 and nothing drawn."""
    assert ["  "] == signed_values(values).characters


def test_half_blocks_carry_two_colours() -> None:
    """The upper pixel is the character's colour, the lower one its background; equal ones need no character."""
    picture = grey([[255, 0, 0], [0, 0, 0]])
    (line,) = drawn(picture, colour=True)
    assert "▀  " == line.plain
    assert ["#ffffff on #000000", "#000000 on #000000"] == [str(span.style) for span in line.spans]


def test_colours_are_orange_above_and_blue_below_zero() -> None:
    """The strongest number above 0 is full orange, the strongest below full blue, 0 nearly black."""
    expected = [[255, 153, 51], [77, 166, 255], [24, 24, 28]]
    assert expected == signed_values([[1.0, -1.0, 0.0]]).colours[0].tolist()


def test_pictures_stand_beside_each_other_with_their_captions() -> None:
    """As many as fit stand in a row, three columns apart, all of the same width; the next begin below."""
    white = [[255.0] * 4] * 2
    pictures = [grey(white, f"no. {i}", "x") for i in range(3)]
    expected = "@@@@    @@@@\nno. 0   no. 1\nx       x\n\n@@@@\nno. 2\nx\n"
    assert expected == printed(13, pictures)


def test_a_narrow_console_gets_one_picture_a_row() -> None:
    """A console narrower than a picture crops it; no line is wrapped."""
    assert "@@\n@@\n" == printed(2, [grey([[255.0] * 4] * 4)])


@pytest.mark.parametrize(
    ("expected", "settings"),
    [
        (False, {"color_system": None}),
        (False, {"color_system": "standard", "force_terminal": True}),
        (True, {"color_system": "256", "force_terminal": True}),
        (True, {"color_system": "truecolor", "force_terminal": True}),
        (False, {"color_system": "truecolor", "force_terminal": True, "no_color": True}),
    ],
)
def test_colour_needs_256_of_them(expected: bool, settings: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-blocks are for consoles of 256 colours or more, and not under NO_COLOR."""
    monkeypatch.delenv("NO_COLOR")
    assert expected == in_colour(screen(80, **settings))
