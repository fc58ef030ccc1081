"""Model and run files: arrays and texts in the safetensors layout, no code; and other libraries' fitted networks."""

from pellucid.files._container import Content, read
from pellucid.files._fingerprint import fingerprint_in
from pellucid.files._model import load_model, model_in, save_model
from pellucid.files._onnx import onnx_of, save_onnx
from pellucid.files._run import load_run, run_in, save_run
from pellucid.files._sklearn import is_perceptron, names_of, parts_of_perceptron

__all__ = [
    "Content",
    "fingerprint_in",
    "is_perceptron",
    "load_model",
    "load_run",
    "model_in",
    "names_of",
    "onnx_of",
    "parts_of_perceptron",
    "read",
    "run_in",
    "save_model",
    "save_onnx",
    "save_run",
]
