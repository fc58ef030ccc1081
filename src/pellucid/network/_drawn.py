"""Runs and moments as a notebook shows them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from pellucid.core import fingerprint
from pellucid.drawing import Html, element, facts, page, part, table
from pellucid.training import Recipe
from pellucid.training.drawn import loss_chart

if TYPE_CHECKING:
    from pellucid.network._moment import Moment
    from pellucid.network._run import Run

__all__ = ["moment_html", "run_html"]

_ALWAYS: Final = ("epochs", "batch_size", "optimizer", "learning_rate", "schedule", "seed")
_ELSEWHERE: Final = {"spec", "start", "arithmetic"}
_MOST_EDITS: Final = 20


def run_html(run: Run) -> str:
    """Return a run as HTML: where it stands, its loss, its recipe in short, its edits."""
    epochs = list(run.history.epochs)
    told: dict[str, object] = {
        "stands on step": run.step,
        "steps made": run.last_step,
        "steps in all": run.total_steps,
        "epochs ended": len(epochs),
        "ended because": run.ended,
    }
    told |= {f"last epoch's {name}": value for name, value in _last(epochs).items()}
    told |= {"parameters": element("code", f"{run.fingerprint[:16]}…"), "same bits": run.exactness}
    drawn = loss_chart(run.history)
    return page(
        repr(run),
        facts(told),
        part("Loss", drawn) if drawn else None,
        part("Recipe", _recipe(run.recipe)),
        _edits(run),
    )


def _last(epochs: list[dict[str, float]]) -> dict[str, float]:
    return {name: value for name, value in epochs[-1].items() if name not in {"epoch", "step"}} if epochs else {}


def _recipe(recipe: Recipe) -> Html:
    """Return what decides the run's bits: the usual settings, and those that differ from what they usually are."""
    usual = Recipe(recipe.spec, recipe.start)
    names = [field.name for field in fields(recipe) if field.name not in _ELSEWHERE]
    shown = [name for name in names if name in _ALWAYS or getattr(recipe, name) != getattr(usual, name)]
    told: dict[str, object] = {"network": _network(recipe)}
    return facts(told | {name.replace("_", " "): _told(getattr(recipe, name)) for name in shown})


def _network(recipe: Recipe) -> str:
    spec = recipe.spec
    widths = " → ".join(str(n) for n in (spec.input.width, *(n_out for n_out, _ in spec.shapes)))
    return f"{widths}, {spec.n_parameters:,} parameters, {spec.dtype}; loss {spec.loss.name}"


def _told(value: Any) -> object:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _edits(run: Run) -> Html | None:
    if not run.edits:
        return None
    rows = [[edit.step, repr(edit)] for edit in run.edits[:_MOST_EDITS]]
    more = len(run.edits) - len(rows)
    return part("Edits", table(["at step", "what"], rows, f"… and {more:,} more" if more else None))


def moment_html(moment: Moment) -> str:
    """Return a moment as HTML: its step, the batch that comes next with its loss, and the parameters."""
    batch = moment.batch
    told: dict[str, object] = {"step": moment.step}
    if batch is not None:
        rows = ", ".join(str(row) for row in batch[:8].tolist()) + (", …" if len(batch) > 8 else "")
        told |= {"next batch": f"{len(batch):,} rows: {rows}", "its loss": moment.loss}
        told["learning rate"] = moment.learning_rate
    told |= {f"{name}, at the last epoch's end": value for name, value in moment.metrics.items() if name != "step"}
    told["the optimiser keeps"] = ", ".join(moment.slots) or None
    told["parameters"] = element("code", f"{fingerprint(moment.parameters)[:16]}…")
    return page(repr(moment), facts(told))
