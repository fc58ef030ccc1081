"""Model and run files: arrays and texts in the safetensors layout, no code."""

from pellucid.files._model import load_model, save_model
from pellucid.files._run import load_run, save_run

__all__ = ["load_model", "load_run", "save_model", "save_run"]
