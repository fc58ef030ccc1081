"""Draw docs/images/*.svg anew from what the commands print: ``python docs/make_pictures.py``.

The commands run as they are, in a folder of their own, and what they print, colours included, becomes an SVG
file: text as text, half-blocks as rectangles, so that no font leaves seams in a picture. The files name no
font of the web and no address but that of the SVG namespace.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

IMAGES = Path(__file__).parent / "images"
COLUMNS = 92
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.4, 18, 14
MARGIN, TOP = 18, 44

THEME = TerminalTheme(
    background=(22, 22, 26),
    foreground=(214, 214, 214),
    normal=[
        (22, 22, 26),
        (240, 96, 96),
        (104, 200, 128),
        (226, 186, 90),
        (96, 160, 240),
        (190, 130, 220),
        (90, 190, 200),
        (214, 214, 214),
    ],
)


def output(folder: str, *arguments: str) -> list[Text]:
    """Return what a command prints, as lines of text in colour."""
    settings = {"FORCE_COLOR": "1", "TTY_INTERACTIVE": "0", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    # Where the command is found by its name, that is how it names itself.
    settings["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "pellucid", *arguments],
        cwd=folder,
        env={**environment, **settings, "COLUMNS": str(COLUMNS), "PYTHONUTF8": "1"},
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    lines = [Text.from_ansi(line) for line in done.stdout.rstrip().split("\n")]
    return [Text.assemble(("$ ", "bold green"), f"pellucid {' '.join(arguments)}"), Text(), *lines]


def svg(lines: list[Text], title: str) -> str:
    """Return lines of text in colour as an SVG picture of a terminal."""
    width, height = 2 * MARGIN + COLUMNS * CELL_WIDTH, TOP + len(lines) * CELL_HEIGHT + MARGIN
    dots = "".join(
        f'<circle cx="{20 + 18 * i}" cy="20" r="5.5" fill="{colour}"/>'
        for i, colour in enumerate(("#e0605e", "#e0b050", "#60b060"))
    )
    console = Console(width=COLUMNS, color_system="truecolor", force_terminal=True, legacy_windows=False)
    drawn = [part for row, line in enumerate(lines) for part in parts(list(line.render(console)), row)]
    fonts = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="100%" height="100%" rx="8" fill="{THEME.background_color.hex}"/>{dots}',
            f'<g font-family="{fonts}" font-size="{FONT_SIZE}" fill="{THEME.foreground_color.hex}">',
            *drawn,
            "</g></svg>",
            "",
        ]
    )


def parts(segments: list[Segment], row: int) -> list[str]:
    """Return the elements of one line: rectangles for backgrounds and half-blocks, text for text."""
    made, column = [], 0
    y = TOP + row * CELL_HEIGHT
    for segment in segments:
        characters, style = segment.text.rstrip("\n"), segment.style or Style()
        n = len(characters)
        if n and style.bgcolor is not None:
            made.append(block(column, n, y, CELL_HEIGHT, style.bgcolor.get_truecolor(THEME, foreground=False).hex))
        if characters.strip("▀"):
            made += text(characters, column, y, style)
        elif n:
            made.append(block(column, n, y, CELL_HEIGHT // 2, colour(style)))
        column += n
    return made


def block(column: int, cells: int, y: float, height: float, fill: str) -> str:
    x = MARGIN + column * CELL_WIDTH
    size = f'width="{cells * CELL_WIDTH:.4g}" height="{height}"'
    return f'<rect x="{x:.5g}" y="{y}" {size} fill="{fill}" shape-rendering="crispEdges"/>'


def text(characters: str, column: int, y: float, style: Style) -> list[str]:
    """Return each run of text without wide gaps as an element of exactly its width."""
    look = f' fill="{colour(style)}"' if style.color is not None else ""
    look += ' font-weight="bold"' if style.bold else ""
    look += ' opacity="0.6"' if style.dim else ""
    made = []
    for run in re.finditer(r"\S+( \S+)*", characters):
        x, width = MARGIN + (column + run.start()) * CELL_WIDTH, len(run[0]) * CELL_WIDTH
        place = f'x="{x:.5g}" y="{y + 13.5}" textLength="{width:.5g}"'
        made.append(f"<text {place}{look}>{escape(run[0], quote=False)}</text>")
    return made


def colour(style: Style) -> str:
    return THEME.foreground_color.hex if style.color is None else style.color.get_truecolor(THEME).hex


def main() -> None:
    """Draw every picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = output(folder, "demo")
        neuron = next(line.plain for line in demo if "layer_1/node_" in line.plain).split("pellucid ")[1].split()
        pictures = {"demo": demo, "neuron": output(folder, *neuron)}
    for name, lines in pictures.items():
        path = IMAGES / f"{name}.svg"
        path.write_text(svg(lines, lines[0].plain.removeprefix("$ ")), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, {len(lines)} lines")


if __name__ == "__main__":
    main()
