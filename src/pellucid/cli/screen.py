"""What goes to the screen: the console, JSON, and how figures are written."""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, Final

from pellucid.errors import SettingError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "checked_target",
    "command",
    "console",
    "left_over",
    "note",
    "percent",
    "print_json",
    "signed",
    "table",
    "without_controls",
]


_CONTROLS: Final = {
    **{code: chr(0x2400 + code) for code in range(32) if code != 10},  # the end of a line is one
    127: "␡",
    **dict.fromkeys(range(128, 160), "�"),
}


def console() -> Console:
    """Return a console on standard output, which colours nothing by guessing, and which no text steers."""
    from pellucid.cli.steady import Steady

    return Steady(highlight=False, markup=False, emoji=False)


def without_controls(text: str) -> str:
    r"""Return a text with pictures in the place of control characters, but for ends of lines.

    Examples
    --------
    >>> without_controls("a\x1b[2Jb"), without_controls("a line\n")
    ('a␛[2Jb', 'a line\n')
    """
    return text.translate(_CONTROLS)


def command() -> str:
    """Return how to call this command, as a shell takes it: its name, or its path where no shell would find it."""
    if which("pellucid") is not None:
        return "pellucid"
    started = Path(sys.argv[0]).absolute()
    if started.stem != "pellucid" or not started.is_file():
        return "python -m pellucid"
    try:
        near = os.path.relpath(started)
    except ValueError:  # on another drive
        return shlex.quote(str(started))
    if os.sep not in near:
        near = f".{os.sep}{near}"
    return shlex.quote(min(near, str(started), key=len))


def table(columns: Sequence[str], *, left: Sequence[str] = (), tight: bool = False) -> Table:
    """Return an empty table: columns of figures, to the right, but for those named in ``left``.

    Where the console is too narrow, texts to the left are wrapped; figures are never cut for their sake. A tight
    table has a single space between its columns.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 0 if tight else 1))
    for name in columns:
        made.add_column(name, justify="left" if name in left else "right", no_wrap=name not in left)
    return made


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object; numbers that are not finite, which JSON has not, become null."""
    print(json.dumps(_finite(content), ensure_ascii=False, indent=2, allow_nan=False))


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(name): _finite(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def percent(share: float) -> str:
    """Return a share as a percentage that never rounds up to certainty nor down to nothing.

    Examples
    --------
    >>> percent(0.9764), percent(0.99997), percent(0.00001), percent(1.0)
    ('97.6 %', '> 99.9 %', '< 0.1 %', '100.0 %')
    """
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def signed(value: float) -> str:
    """Return a number with its sign and six decimals, as they are summed on the screen.

    Examples
    --------
    >>> signed(0.25), signed(-3)
    ('+0.250000', '−3.000000')
    """
    return f"{value:+.6f}".replace("-", "−")


def left_over(total: float, parts: Iterable[float]) -> float:
    """Return what parts, each written with six decimals, lack of a total so written: what rounding leaves.

    Examples
    --------
    >>> left_over(1.0, [1 / 3, 1 / 3, 1 / 3])
    1e-06
    """
    return float(_written(total) - sum(map(_written, parts), Decimal(0)))


def _written(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")


def note(text: str) -> None:
    """Say something beside what was asked for, in one line on standard error."""
    print("pellucid: note:", text, file=sys.stderr)


def checked_target(path: Path | None, option: str) -> None:
    """Raise `SettingError` if a file cannot be written there: said before the work, not after it."""
    if path is None:
        return
    folder = path.parent
    if path.is_dir():
        wrong = "it is a folder. Give the name of a file in it."
    elif path.exists() and not path.is_file():
        wrong = "it is no plain file. Give another path."
    elif not folder.is_dir():
        wrong = f"there is no folder {folder}. Make it first, or give another path."
    elif not os.access(folder, os.W_OK):
        wrong = f"the folder {folder} may not be written to. Give another path."
    else:
        return
    raise SettingError(f"{option} {path}: {wrong}")
