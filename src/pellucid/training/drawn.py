"""A history as it is drawn: in a notebook, and on axes of Matplotlib's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pellucid.drawing import Html, Series, chart, page, part, plot_series, sentence, table

if TYPE_CHECKING:
    from pellucid.training.history import History

__all__ = ["history_html", "history_plot", "loss_chart"]

_MOST_EPOCHS: Final = 20


def losses(history: History) -> list[Series]:
    """Return the loss of each step's batch, and, where rows were held out, theirs at the ends of epochs."""
    loss = history.loss
    found = [Series("loss of each step's batch", np.arange(1, len(loss) + 1), loss)]
    return [*found, _by_epoch(history, "val_loss")] if "val_loss" in history.keys() else found  # noqa: SIM118


def _by_epoch(history: History, metric: str) -> Series:
    return Series(metric, history["step"], history[metric])


def loss_chart(history: History) -> Html | None:
    """Return the curves of the losses, or None where no step was made."""
    return chart(losses(history), "Loss by step", x="step", y="loss") if len(history.loss) else None


def history_html(history: History) -> str:
    """Return a history as HTML: a line an epoch, the losses by step, and every other metric by epoch."""
    made, names = len(history.loss), history.keys()
    title = f"History: {made:,} steps, {len(history):,} epochs ended"
    others = [_by_epoch(history, name) for name in names if name not in {"epoch", "step", "loss", "val_loss"}]
    accuracies = [one for one in others if one.name.endswith("accuracy")]
    return page(
        title,
        _epochs(history, names) if names else sentence("No epoch has ended yet."),
        part("Loss", loss_chart(history)) if made else None,
        part("Accuracy", chart(accuracies, "Accuracy by epoch", x="step")) if accuracies else None,
        *(part(one.name, chart([one], f"{one.name} by epoch", x="step")) for one in others if one not in accuracies),
    )


def _epochs(history: History, names: list[str]) -> Html:
    """Return the table of the last epochs."""
    rows = [
        [int(row[name]) if name in {"epoch", "step"} else row[name] for name in names]
        for row in history.epochs[-_MOST_EPOCHS:]
    ]
    earlier = len(history) - len(rows)
    return table(names, rows, f"the last {_MOST_EPOCHS}; {earlier:,} epochs before them" if earlier else None)


def history_plot(history: History, ax: Any) -> Any:
    """Draw the losses by step."""
    return plot_series(losses(history), ax, title="Loss", x="step", y="loss")
