"""Model and run files: arrays and texts in the safetensors layout, no code; and other libraries' fitted networks."""

from pellucid.files._astray import no_model
from pellucid.files._container import Content, read
from pellucid.files._elsewhere import is_from_elsewhere, parts_from_elsewhere
from pellucid.files._fingerprint import fingerprint_in
from pellucid.files._keras import keras_of
from pellucid.files._model import load_model, model_in, save_model
from pellucid.files._onnx import onnx_of, parts_of_onnx, save_onnx
from pellucid.files._pipeline import is_pipeline, last_step, with_scaling
from pellucid.files._run import load_run, run_in, save_run
from pellucid.files._sklearn import is_perceptron, names_of, parts_of_perceptron
from pellucid.files._torch import torch_of

__all__ = [
    "Content",
    "fingerprint_in",
    "is_from_elsewhere",
    "is_perceptron",
    "is_pipeline",
    "keras_of",
    "last_step",
    "load_model",
    "load_run",
    "model_in",
    "names_of",
    "no_model",
    "onnx_of",
    "parts_from_elsewhere",
    "parts_of_onnx",
    "parts_of_perceptron",
    "read",
    "run_in",
    "save_model",
    "save_onnx",
    "save_run",
    "torch_of",
    "with_scaling",
]
