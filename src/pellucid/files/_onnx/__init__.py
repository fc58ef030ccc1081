"""ONNX files: networks written as such, and dense networks read from them, whoever wrote them."""

from pellucid.files._onnx._model import parts_of_onnx
from pellucid.files._onnx._write import onnx_of, save_onnx

__all__ = ["onnx_of", "parts_of_onnx", "save_onnx"]
