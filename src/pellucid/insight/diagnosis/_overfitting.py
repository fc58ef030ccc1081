"""Overfitting: held-out loss that rises again while the training loss falls; and what was never learnt."""

from __future__ import annotations

import numpy as np

from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._story import Story, constant_loss
from pellucid.insight.diagnosis._thresholds import OVERFIT_EPOCHS, OVERFIT_PART, OVERFIT_RISE, OVERFIT_SERIOUS

__all__ = ["overfitting"]


def overfitting(story: Story) -> list[Finding]:
    """Return a finding where the held-out loss of the last epochs is well above that of the best one.

    The last epochs are averaged, so that one bad epoch is none. A run that was brought back to its best epoch has
    nothing to mend.

    Source: Prechelt (1998), Early stopping, but when?
    """
    epochs = story.timeline.history.epochs
    if len(epochs) <= OVERFIT_EPOCHS or "val_loss" not in epochs[0]:
        return []
    held, loss = (np.array([row[name] for row in epochs]) for name in ("val_loss", "loss"))
    best = int(held.argmin())
    end = float(np.median(held[-OVERFIT_EPOCHS:]))
    rise, constant = end / held[best], constant_loss(story.spec, story.T)
    learnt_since = loss[-1] < loss[best]
    if rise < OVERFIT_RISE or end - held[best] < OVERFIT_PART * constant or not learnt_since:
        return []
    stopping = story.timeline.recipe.early_stopping
    restored = stopping is not None and stopping.restore_best
    patience = max(2, len(epochs) // 10)
    return [
        Finding(
            "overfitting",
            "note" if restored else severity(rise, OVERFIT_RISE, OVERFIT_SERIOUS),
            f"The held-out loss was lowest in epoch {best + 1}, {held[best]:.3g}, and is {end:.3g} in the end, "
            f"{rise:.2f} times as high, while the training loss fell from {loss[best]:.3g} to {loss[-1]:.3g}.",
            {
                "best_epoch": best + 1,
                "best_val_loss": float(held[best]),
                "last_val_loss": end,
                "rise": float(rise),
                "loss_then": float(loss[best]),
                "last_loss": float(loss[-1]),
            },
            f"Stop early (early_stopping={patience} keeps epoch {best + 1}), or give l2, Dropout, or more rows.",
            {"early_stopping": patience},
            step=int(epochs[best]["step"]),
        )
    ]
