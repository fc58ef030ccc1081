"""Training: the recipe, the timeline that performs it, and the events that it tells. See README.md here."""

from pellucid.training.checkpoint import Checkpoint
from pellucid.training.data import TrainingData
from pellucid.training.early_stopping import EarlyStopping
from pellucid.training.events import (
    Edit,
    Edited,
    EpochEnded,
    Event,
    Listener,
    RunEnded,
    RunPaused,
    RunStarted,
    StepsMade,
)
from pellucid.training.history import History
from pellucid.training.keyframes import copied
from pellucid.training.progress import ProgressBar, wants_progress
from pellucid.training.recipe import Recipe
from pellucid.training.settings import CHANGEABLE, Settings, neuron_named
from pellucid.training.timeline import Timeline

__all__ = [
    "CHANGEABLE",
    "Checkpoint",
    "EarlyStopping",
    "Edit",
    "Edited",
    "EpochEnded",
    "Event",
    "History",
    "Listener",
    "ProgressBar",
    "Recipe",
    "RunEnded",
    "RunPaused",
    "RunStarted",
    "Settings",
    "StepsMade",
    "Timeline",
    "TrainingData",
    "copied",
    "neuron_named",
    "wants_progress",
]
