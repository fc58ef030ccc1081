"""One HTML file: the exported JavaScript, samples, and a page that shows how these flow through the network.

It works from a disk, without any network: scripts and styles stand in it, and its policy lets it load nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task
from pellucid.errors import MissingPartError, ShapeError
from pellucid.export._javascript import JavaScript
from pellucid.export._language import camel
from pellucid.export._program import Program
from pellucid.export._tongue import FUNCTIONS
from pellucid.random import Purpose, Stream
from pellucid.version import __version__

__all__ = ["page"]

Array = NDArray[Any]

_HERE: Final = Path(__file__).parent
_MOST_ROWS: Final = 200
_MOST_BYTES: Final = 250_000  # of rows; in the page they take a third more
_LEAST_SIDE: Final = 8
_STEPS: Final = 100  # of a slider, at least
_BYTE: Final = 255


def page(program: Program, rows: Array | None, labels: Sequence[str] | None) -> str:
    """Return a page that shows a network at work, as one HTML file.

    At most 200 rows are taken, fewer where they are very wide: all that there are, or some drawn by lot, always the
    same ones. The page tells which.

    Parameters
    ----------
    program : Program
    rows : array, shape (n, n_in), or None
        Samples to choose from, as they are given to `Network.predict`.
    labels : what each row is, in words, or None

    Raises
    ------
    ShapeError
        The rows do not fit the network, or the labels the rows.
    MissingPartError
        The page was not built.
    """
    if rows is not None and (rows.ndim != 2 or rows.shape[1] != program.n_in):
        raise ShapeError(
            f"Rows of {program.n_in} inputs were expected, of shape (n, {program.n_in}); got {rows.shape}."
        )
    if labels is not None and len(labels) != (0 if rows is None else len(rows)):
        raise ShapeError(f"Each row needs its label: {0 if rows is None else len(rows)} rows, {len(labels)} labels.")
    module, script, style = _module(program), _built("offline.js"), _built("offline.css")
    beside = json.dumps(_beside(program, rows, labels), separators=(",", ":")).replace("<", "\\u003c")
    return Template((_HERE / "templates" / "page.html.txt").read_text(encoding="utf-8")).substitute(
        scripts=f"{_hash(module)} {_hash(script)}",
        styles=_hash(style),
        version=escape(__version__),
        title=escape(f"{program.name}: a neural network"),
        style=style,
        beside=beside,
        module=module,
        script=script,
    )


def _built(name: str) -> str:
    file = _HERE / "page" / name
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise MissingPartError(
            f"The page of exported networks was not built: {file} is missing. In a checkout, run `make`, for which "
            "Node.js is needed; a wheel has it built in."
        ) from None


def _hash(text: str) -> str:
    """Return how a policy names the one script, or style, that is allowed."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _module(program: Program) -> str:
    """Return the exported module, which hands the network on to the page's own script."""
    # Where names come into comments, they might begin a comment of HTML, in which a script's end is none.
    source = JavaScript(program).source().replace("<!--", "< !--")
    used = {layer.activation for layer in program.layers}
    used |= {"exp"} if "softmax" in used else set()  # of which softmax is made
    functions = ", ".join(f"{name}: {camel(name)}" for name in FUNCTIONS if name in used)
    units = "{ scale: outputScale, shift: outputShift }" if program.units is not None else "null"
    return (
        f"{source}\n// The page takes the network from here.\n"
        "globalThis.pellucidNetwork = {\n"
        "    inputs, outputs, layers, forward, selfTest,\n"
        f"    functions: {{ {functions} }},\n"
        f"    units: {units},\n"
        "};\n"
    )


def _beside(program: Program, rows: Array | None, labels: Sequence[str] | None) -> dict[str, Any]:
    """Return what the page is told beside the module; `web/src/offline/given.ts` says what each is."""
    image = _image_of(program)
    places = _taken(program, rows)
    return {
        "name": program.name,
        "version": __version__,
        "task": program.task.name.lower().replace("_", "-"),
        "image": image,
        "features": None if program.features is None else [str(name) for name in program.features],
        "outputs": _outputs(program),
        "classes": _classes(program),
        "examples": len(program.golden.inputs),
        "rows": None if rows is None else {**_packed(rows[places]), "places": places.tolist(), "total": len(rows)},
        "labels": None if labels is None else [str(labels[place]) for place in places],
        "ranges": None if image else _ranges(program, rows),
        "ink": _ink(program, rows) if image else [0, 1],
    }


def _image_of(program: Program) -> list[int] | None:
    """Return height and width where a row of inputs is taken to be a picture: a square of unnamed inputs."""
    side = math.isqrt(program.n_in)
    return [side, side] if side * side == program.n_in and side >= _LEAST_SIDE and program.features is None else None


def _classes(program: Program) -> list[str] | None:
    """Return what can be chosen: the classes, or no and yes."""
    if not program.chooses:
        return None
    return [str(name) for name in program.names or range(max(2, program.n_out))]


def _outputs(program: Program) -> list[str]:
    """Return what each output is called; a single probability belongs to the second of its two classes."""
    if program.task is Task.YES_NO and program.n_out == 1:
        return (_classes(program) or ["", "1"])[1:]
    names = program.names
    if names is None or len(names) != program.n_out:
        return [str(place) for place in range(program.n_out)]
    return [str(name) for name in names]


def _taken(program: Program, rows: Array | None) -> NDArray[np.int64]:
    """Return which rows go into the page, by their places."""
    if rows is None:
        return np.arange(0)
    most = max(1, min(_MOST_ROWS, _MOST_BYTES // (program.n_in * (1 if _are_bytes(rows) else 4))))
    return np.sort(Stream(0, Purpose.DATASET).permutation(len(rows))[:most])


def _are_bytes(rows: Array) -> bool:
    """Return whether all are whole numbers of 0 … 255."""
    if rows.dtype == np.uint8:
        return True
    return bool(rows.size and (rows >= 0).all() and (rows <= _BYTE).all() and (rows == np.floor(rows)).all())


def _packed(rows: Array) -> dict[str, str]:
    kind = "uint8" if _are_bytes(rows) else "float32"
    little = np.ascontiguousarray(rows, dtype=np.uint8 if kind == "uint8" else np.dtype("<f4"))
    return {"kind": kind, "bytes": base64.b64encode(little.tobytes()).decode()}


def _ink(program: Program, rows: Array | None) -> list[float]:
    """Return what a pixel without ink is, and one of full ink: the least and greatest number of the data."""
    if rows is not None and rows.size and rows.min() < rows.max():
        return [float(rows.min()), float(rows.max())]
    return [0.0, float(np.round(1 / program.scale[0], 3)) if len(program.scale) == 1 else 1.0]


def _ranges(program: Program, rows: Array | None) -> list[tuple[float, float, float]]:
    """Return from where to where each input can be moved, and in what steps: where the data lie."""
    if rows is not None and len(rows):
        lows, highs = rows.min(axis=0), rows.max(axis=0)
        whole = (rows == np.floor(rows)).all(axis=0)
    else:
        scale, shift = (
            np.broadcast_to(part if len(part) else usual, program.n_in) for part, usual in _scaling(program)
        )
        lows, highs = shift - 2 / np.abs(scale), shift + 2 / np.abs(scale)
        whole = np.zeros(program.n_in, dtype=bool)
    return [
        _range(float(str(low)), float(str(high)), whole=bool(is_whole))
        for low, high, is_whole in zip(lows, highs, whole, strict=True)
    ]


def _scaling(program: Program) -> tuple[tuple[Array, float], tuple[Array, float]]:
    return (program.scale.astype(np.float64), 1.0), (program.shift.astype(np.float64), 0.0)


def _range(low: float, high: float, *, whole: bool) -> tuple[float, float, float]:
    """Return a range that begins and ends at a step, whose size is 1, 2 or 5 of some power of ten.

    Examples
    --------
    >>> _range(4.3, 7.9, whole=False), _range(0.0, 16.0, whole=True), _range(3.0, 3.0, whole=False)
    ((4.3, 7.9, 0.02), (0.0, 16.0, 1.0), (2.0, 4.0, 0.02))
    """
    if not low < high:
        low, high = low - 1, high + 1
    wanted = (high - low) / _STEPS
    ten = 10.0 ** math.floor(math.log10(wanted))
    step = max(float(f"{ten * max(one for one in (1, 2, 5) if ten * one <= wanted * (1 + 1e-9)):.0e}"), 1.0 * whole)
    begin, end = (
        float(f"{edge:.10g}") for edge in (math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)
    )
    return begin, end, step
