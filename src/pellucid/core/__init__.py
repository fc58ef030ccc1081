"""The mathematics, readable: what every fast path is judged by.

Plain NumPy; a layer, a loss or an optimiser is one file, and each derivative stands beneath its function.
"""

from pellucid.core.activations import ACTIVATIONS, Activation, activation_named
from pellucid.core.initializers import INITIALIZERS, initializer_named
from pellucid.core.inputs import checked_inputs
from pellucid.core.losses import (
    LOSSES,
    MAE,
    MSE,
    BinaryCrossEntropy,
    CrossEntropy,
    Huber,
    Loss,
    Task,
    loss_of,
    softmax,
)
from pellucid.core.optimizers import OPTIMIZERS, Adagrad, Adam, AdamW, Optimizer, RMSprop, Sgd, Slots, optimizer_of
from pellucid.core.parameters import LayerParameters, Parameters, fingerprint, initial_parameters, on_cache_lines
from pellucid.core.passes import Forward, LossAndGradient, forward, loss_and_gradient, measured, penalty, right, scaled
from pellucid.core.rows import SparseRows
from pellucid.core.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    Linear,
    OneCycle,
    Schedule,
    StepDown,
    WarmUp,
    schedule_from_json,
    schedule_of,
)
from pellucid.core.spec import Dense, Dropout, Input, Layer, Name, Output, Spec
from pellucid.core.targets import encoded_targets, fitted_output
from pellucid.core.weights import class_weights, sample_weights, weights_of_classes

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "MAE",
    "MSE",
    "OPTIMIZERS",
    "SCHEDULES",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "BinaryCrossEntropy",
    "Constant",
    "Cosine",
    "CrossEntropy",
    "Dense",
    "Dropout",
    "Exponential",
    "Forward",
    "Huber",
    "Input",
    "Layer",
    "LayerParameters",
    "Linear",
    "Loss",
    "LossAndGradient",
    "Name",
    "OneCycle",
    "Optimizer",
    "Output",
    "Parameters",
    "RMSprop",
    "Schedule",
    "Sgd",
    "Slots",
    "SparseRows",
    "Spec",
    "StepDown",
    "Task",
    "WarmUp",
    "activation_named",
    "checked_inputs",
    "class_weights",
    "encoded_targets",
    "fingerprint",
    "fitted_output",
    "forward",
    "initial_parameters",
    "initializer_named",
    "loss_and_gradient",
    "loss_of",
    "measured",
    "on_cache_lines",
    "optimizer_of",
    "penalty",
    "right",
    "sample_weights",
    "scaled",
    "schedule_from_json",
    "schedule_of",
    "softmax",
    "weights_of_classes",
]
