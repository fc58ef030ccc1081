"""Where a network goes by the ending of a file: ONNX, a page, or source code that tests itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, SparseRows, Spec, checked_inputs, encoded_targets
from pellucid.engine import Backend
from pellucid.errors import KindError, SettingError, unknown_name
from pellucid.export import LANGUAGES, checked_name, class_name, name_from, page, program_of, sources
from pellucid.files import save_onnx
from pellucid.storage import write_atomically

__all__ = ["exported"]

Array = NDArray[Any]

_ENDINGS: Final[dict[str, str]] = {
    ".onnx": "onnx",
    ".html": "html",
    ".js": "javascript",
    **{next(iter(files)): language for language, files in LANGUAGES.items() if language != "column"},
}
_TARGETS: Final = tuple(dict.fromkeys(["onnx", "html", *LANGUAGES]))
_THEIRS: Final = {
    ".keras": "net.to_keras().save(path)",
    **dict.fromkeys((".pt", ".pth"), "torch.save(net.to_torch(), path)"),
}


_FOR_GO: Final = """
test aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows
386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm
"""
_GO_LEAVES_OUT: Final = frozenset(_FOR_GO.split())


class _Data(NamedTuple):
    """Rows to show, or to take examples from, and what each of them is."""

    X: Array
    labels: list[str] | None


def exported(
    spec: Spec,
    parameters: Parameters,
    backend: Backend,
    path: str | os.PathLike[str],
    to: str | None,
    data: object,
    name: str | None,
) -> tuple[Path, ...]:
    """Write the network for elsewhere; return the files that were written. See `Network.export`."""
    target = Path(path)
    to = _target(target, to)
    parameters = Parameters(spec, parameters.vector.copy())  # another thread may be training them
    rows = _data(spec, data)
    if to == "onnx":
        save_onnx(target, spec, parameters)
        return (target,)
    called = name_from(target.name.split(".")[0]) if name is None else checked_name(name)
    _check_file(target, called)
    program = program_of(spec, parameters, backend, called, None if rows is None else rows.X)
    texts = {"": page(program, *(rows or (None, None)))} if to == "html" else sources(program, to, target.name)
    first = next(iter(texts))
    files = {target if ending == first else _beside(target, ending): text for ending, text in texts.items()}
    for file, text in files.items():
        write_atomically(file, [text.encode()])
    return tuple(files)


def _target(path: Path, to: str | None) -> str:
    """Return where the network goes; raise where neither the ending nor ``to`` says it."""
    if to is not None:
        if to not in _TARGETS:
            raise unknown_name("target", to, _TARGETS)
        return to
    ending = path.suffix.lower()
    if ending in _THEIRS:
        raise SettingError(f"A {ending} file is written by its own library: {_THEIRS[ending]}.")
    if ending not in _ENDINGS:
        raise SettingError(
            f"The ending of {path.name!r} names no target; {', '.join(_ENDINGS)} are known. Give one of these, or say "
            f"with `to` what it is to be: {', '.join(_TARGETS)}."
        )
    return _ENDINGS[ending]


def _check_file(path: Path, name: str) -> None:
    """Raise `SettingError` for a file in which a language would not look for a program of this name."""
    if path.suffix == ".java" and path.stem != class_name(name):
        raise SettingError(
            f"Java looks for a class in a file of its name, and the class would be {class_name(name)}; "
            f"{path.name!r} was given. Give {class_name(name)}.java."
        )
    ending = path.stem.rpartition("_")[2]
    if path.suffix == ".go" and ending != path.stem and ending in _GO_LEAVES_OUT:
        raise SettingError(
            f"Go reads a file whose name ends in _{ending} for that alone; {path.name!r} was given. "
            f"Give {path.stem}_net.go, say."
        )


def _beside(path: Path, ending: str) -> Path:
    """Return the path of a second file, such as the types of a module."""
    plain = path.suffix.lower() == ".js"
    return path.with_suffix(ending.replace(".mts", ".ts") if plain else ending)


def _data(spec: Spec, data: object) -> _Data | None:
    """Return rows, and labels where they were given with them."""
    if data is None:
        return None
    X, y = data if isinstance(data, tuple) and len(data) == 2 else (data, None)
    table = checked_inputs(spec, X, "data")
    if isinstance(table, SparseRows):
        raise KindError(
            "data must be a dense table of rows to show; a sparse one was given. Give some rows' toarray()."
        )
    if y is None:
        return _Data(table, None)
    T = encoded_targets(spec, y, len(table), "the data's y")
    names = spec.output.names if T.ndim == 1 else None
    told = T.tolist() if names is not None else np.asarray(y).tolist()
    return _Data(table, [str(one if names is None else names[one]) for one in told])
