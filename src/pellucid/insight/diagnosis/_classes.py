"""Outputs that say nothing: the same for every row, or classes that are never predicted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task
from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._thresholds import CLASS_ROWS, CONSTANT_OUTPUT, IMBALANCE

__all__ = ["class_places", "outputs_vary", "predicted_places"]


def predicted_places(look: Look) -> NDArray[np.int64] | None:
    """Return the place of the class predicted for each row; None where there are no classes."""
    return class_places(look.spec.loss.task, look.output, look.spec.n_outputs)


def class_places(task: Task, output: NDArray[np.floating], width: int) -> NDArray[np.int64] | None:
    """Return the place of the likeliest class of each row; None for values and for several yes-or-no outputs."""
    if task is Task.CLASSES:
        return np.asarray(output.argmax(axis=1), dtype=np.int64)
    return (output[:, 0] > 0).astype(np.int64) if task is Task.YES_NO and width == 1 else None


def outputs_vary(look: Look) -> list[Finding]:
    """Return findings where the network says the same of every row, or never names a class that there is."""
    if look.T is None:
        return []
    predicted = predicted_places(look)
    if predicted is None:
        return _constant_values(look) if look.spec.loss.task is Task.VALUES else []
    true = look.T.astype(np.int64).reshape(len(look.T), -1)[:, 0]
    counts = np.bincount(true, minlength=look.spec.n_names)
    present = counts[counts > 0]
    if len(present) < 2:
        return []
    if (predicted == predicted[0]).all():
        return [_constant_class(look, int(predicted[0]), counts)]
    return _never(look, predicted, counts) + _imbalance(counts)


def _constant_class(look: Look, place: int, counts: NDArray[np.int64]) -> Finding:
    share = float(counts[place] / counts.sum())
    return Finding(
        "constant_output",
        "serious",
        f"Every one of {len(look.X)} rows is taken for {_name(look, place)!r}, which {share:.0%} of them are.",
        {"rows": len(look.X), "share": share, "classes": int((counts > 0).sum())},
        "Nothing is told apart: train longer, or see the other findings for what holds the network back.",
        layer="output",
        neurons=(place + 1,) if look.spec.n_outputs > 1 else (1,),
    )


def _constant_values(look: Look) -> list[Finding]:
    if look.T is None:
        return []
    outputs, targets = look.output.std(axis=0, dtype=np.float64), look.T.std(axis=0, dtype=np.float64)
    varied = targets > 0
    if not varied.any():
        return []
    part = float((outputs[varied] / targets[varied]).max())
    if part > CONSTANT_OUTPUT:
        return []
    return [
        Finding(
            "constant_output",
            "serious",
            f"The output varies by {part:.2g} of what the targets do, on {len(look.X)} rows: it is a constant.",
            {"rows": len(look.X), "part": part},
            "Nothing is told apart: train longer, or see the other findings for what holds the network back.",
            layer="output",
        )
    ]


def _never(look: Look, predicted: NDArray[np.int64], counts: NDArray[np.int64]) -> list[Finding]:
    missing = np.flatnonzero((counts >= CLASS_ROWS) & (np.bincount(predicted, minlength=len(counts)) == 0))
    if len(missing) == 0:
        return []
    names = ", ".join(repr(_name(look, int(place))) for place in missing[:5])
    rows = int(counts[missing].sum())
    return [
        Finding(
            "class_never_predicted",
            "warning",
            f"No row is taken for {names}{' …' if len(missing) > 5 else ''}, though {rows} of {len(predicted)} are.",
            {"classes": len(missing), "rows": rows, "share": rows / len(predicted)},
            "Weigh the classes evenly, or train longer.",
            {"class_weight": "balanced"},
            "output",
            tuple(int(place) + 1 for place in missing) if look.spec.n_outputs > 1 else (1,),
        )
    ]


def _imbalance(counts: NDArray[np.int64]) -> list[Finding]:
    present = counts[counts > 0]
    times = float(present.max() / present.min())
    if times < IMBALANCE:
        return []
    return [
        Finding(
            "class_imbalance",
            "note",
            f"The most frequent class has {times:.3g} times as many rows as the rarest, {present.max()} to "
            f"{present.min()} of those looked at.",
            {"ratio": times, "most": int(present.max()), "fewest": int(present.min())},
            "Judge by f1 or auc beside accuracy; weigh the classes evenly where the rare ones matter.",
            {"class_weight": "balanced"},
            "output",
        )
    ]


def _name(look: Look, place: int) -> object:
    names = look.spec.output.names
    return place if names is None else names[place]
