"""The library onnx, which this file alone imports, when the first model is written or read."""

from __future__ import annotations

from typing import Any

from pellucid.errors import MissingLibraryError


def library() -> Any:
    """Return the library.

    Raises
    ------
    MissingLibraryError
        It is not installed.
    """
    try:
        import onnx
    except ModuleNotFoundError:
        raise MissingLibraryError(
            "ONNX models need the library onnx, which is not installed. Install it with: pip install pellucid[onnx]"
        ) from None
    return onnx


def decode_error() -> type[Exception]:
    """Return the error by which the library says that bytes are no model."""
    from google.protobuf.message import DecodeError  # which onnx is built on

    kind: type[Exception] = DecodeError
    return kind
