"""Model and run files: arrays and texts in the safetensors layout, no code."""

from pellucid.files._container import Content, read
from pellucid.files._fingerprint import fingerprint_in
from pellucid.files._model import load_model, model_in, save_model
from pellucid.files._run import load_run, run_in, save_run

__all__ = [
    "Content",
    "fingerprint_in",
    "load_model",
    "load_run",
    "model_in",
    "read",
    "run_in",
    "save_model",
    "save_run",
]
