"""Early stopping ends a run in time, and on its best epoch."""

from __future__ import annotations

import math

import pytest

from pellucid import EarlyStopping
from pellucid.core import METRICS
from pellucid.errors import KindError, SettingError
from training import runs

NAN, INF = math.nan, math.inf
MONITORS = ["loss", "val_loss", "accuracy", *(f"val_{name}" for name in METRICS)]


def best_of(stopping: EarlyStopping, values: list[float]) -> int:
    """Return the place of the best value, going through them as a run does."""
    best = 0
    for place, value in enumerate(values):
        if stopping.better(value, values[best]):
            best = place
    return best


@pytest.mark.parametrize(
    ("stopping", "values", "best", "exhausted"),
    [
        (EarlyStopping(1), [0.5], 0, False),
        (EarlyStopping(1), [0.5, 0.5], 0, True),
        (EarlyStopping(1), [0.5, 0.4], 1, False),
        (EarlyStopping(2), [0.9, 0.5, 0.6, 0.4], 3, False),
        (EarlyStopping(2), [0.9, 0.5, 0.6, 0.55], 1, True),
        (EarlyStopping(3), [0.9, 0.5, 0.6, 0.55], 1, False),
        (EarlyStopping(2, min_delta=0.1), [1.0, 0.95, 0.91], 0, True),
        (EarlyStopping(2, min_delta=0.1), [1.0, 0.95, 0.89], 2, False),
        (EarlyStopping(2, min_delta=0.125), [1.0, 0.875], 0, False),
        (EarlyStopping(2, "val_accuracy"), [0.1, 0.3, 0.2, 0.3], 1, True),
        (EarlyStopping(2, "accuracy"), [0.1, 0.3, 0.2, 0.4], 3, False),
        (EarlyStopping(2, "loss"), [0.1, 0.3, 0.2], 0, True),
        (EarlyStopping(2), [NAN, 0.9, NAN], 1, False),
        (EarlyStopping(2), [NAN, 0.9, NAN, NAN], 1, True),
        (EarlyStopping(2), [0.9, NAN, 0.8], 2, False),
        (EarlyStopping(2), [NAN, math.inf, 3.0], 2, False),
        (EarlyStopping(2, "accuracy"), [NAN, 0.0, NAN], 1, False),
        (EarlyStopping(2, "val_auc"), [0.5, 0.7, 0.6, 0.7], 1, True),
        (EarlyStopping(2, "val_log_loss"), [0.9, 0.5, 0.6, 0.4], 3, False),
        (EarlyStopping(2, "val_top_3", min_delta=0.1), [0.5, 0.55, 0.7], 2, False),
        (EarlyStopping(2, "val_r2"), [-INF, -3.0, 0.5], 2, False),
    ],
)
def test_best_and_exhausted(stopping: EarlyStopping, values: list[float], best: int, exhausted: bool) -> None:
    """The first of equals is best, NaN never is; patience counts epochs since the best one."""
    found = best_of(stopping, values)
    assert (best, exhausted) == (found, len(values) - 1 - found >= stopping.patience)


@pytest.mark.parametrize("patience", [1, 2, 3])
@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy", "loss", "accuracy", "val_auc", "val_log_loss"])
def test_the_best_epoch_is_restored(monitor: str, patience: int) -> None:
    """Run and network end on the best epoch, bit for bit those of a run of so many epochs."""
    case = runs.named("early stopping")
    run = case.start(early_stopping=EarlyStopping(patience, monitor))
    run.finish()
    values = run.history[monitor].tolist()
    best = best_of(EarlyStopping(patience, monitor), values)
    shorter = case.start(early_stopping=None, epochs=best + 1)
    shorter.finish()
    assert shorter.fingerprint == run.fingerprint == run.network.fingerprint
    assert runs.state(shorter) == runs.state(run)
    assert 6 * (best + 1) == run.step
    assert 6 * len(values) == run.last_step
    if len(values) < 15:
        assert best + patience + 1 == len(values)
        assert (
            f"early stopping: {monitor} did not improve in {patience} epochs; "
            f"epoch {best + 1}, the best, was restored" == run.ended
        )


@pytest.mark.parametrize(
    ("given", "monitor"),
    [("val_top_k", "val_top_5"), ("val_pinball", "val_pinball"), ("val_pinball_.9", "val_pinball_0.9")],
)
def test_what_is_watched_is_called_as_in_the_history(given: str, monitor: str) -> None:
    """Whatever way a metric's setting is written, it is one and the same column, and one recipe."""
    assert EarlyStopping(2, monitor) == EarlyStopping(2, given)
    assert monitor == EarlyStopping(2, given).monitor


def test_the_best_is_restored_at_the_end_of_all_epochs() -> None:
    """A run that was not stopped early ends on its best epoch, too."""
    run = runs.named("early stopping").start(early_stopping=50, epochs=9)
    run.finish()
    best = run.history["val_loss"].argmin() + 1
    assert best < 9
    assert f"all epochs done; epoch {best}, the best, was restored" == run.ended
    assert 6 * best == run.step


def test_without_restoring() -> None:
    """With restore_best=False the run stands where it was stopped."""
    case = runs.named("early stopping")
    run = case.start(early_stopping=EarlyStopping(2, restore_best=False))
    run.finish()
    assert "early stopping: val_loss did not improve in 2 epochs" == run.ended
    assert run.step == run.last_step < run.total_steps
    shorter = case.start(early_stopping=None, epochs=len(run.history))
    shorter.finish()
    assert shorter.fingerprint == run.fingerprint


def test_a_stopped_run_ends_on_its_best_epoch() -> None:
    """Stopped by hand in the middle of an epoch, a run that watches a metric still ends on its best epoch."""
    run = runs.named("early stopping").start()
    run.advance(16)
    run.stop("enough")
    best = run.history["val_loss"].argmin() + 1
    assert 6 * best == run.step
    assert f"enough; epoch {best}, the best, was restored" == run.ended


def test_finish_goes_back_to_the_end() -> None:
    """Standing beyond the best epoch, `finish` stands on the run's end again."""
    run = runs.named("early stopping").start()
    run.finish()
    run.seek(run.last_step)
    assert run.done
    run.finish()
    runs.check_same("early stopping", run)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"patience": 0}, SettingError, "The patience of early stopping must be a whole number ≥ 1; 0 was given."),
        (
            {"patience": True},
            KindError,
            "The patience of early stopping must be a whole number, not bool (True). Give an int ≥ 1.",
        ),
        (
            {"patience": 2.5},
            KindError,
            "The patience of early stopping must be a whole number, not float (2.5). Give an int ≥ 1.",
        ),
        (
            {"monitor": "val_los"},
            SettingError,
            f"Unknown metric to monitor 'val_los'. Accepted: {', '.join(MONITORS)}. Did you mean 'val_loss'?",
        ),
        ({"monitor": "auc"}, SettingError, "Unknown metric to monitor 'auc'. Accepted: loss, val_loss, accuracy, val_"),
        ({"monitor": "val_val_loss"}, SettingError, "Unknown metric to monitor 'val_val_loss'. Accepted: loss, val_"),
        ({"monitor": ["val_auc"]}, SettingError, "Unknown metric to monitor ['val_auc']. Accepted: loss, val_loss"),
        ({"monitor": "val_top_0"}, SettingError, "k must be a whole number ≥ 1; 0 was given."),
        ({"min_delta": -1}, SettingError, "min_delta must be a finite number ≥ 0; -1 was given."),
        ({"min_delta": NAN}, SettingError, "min_delta must be a finite number ≥ 0; nan was given."),
        ({"min_delta": "a"}, KindError, "min_delta must be a number ≥ 0, not str ('a')."),
        ({"restore_best": 1}, KindError, "restore_best must be True or False, not int."),
    ],
)
def test_settings_that_are_refused(settings: dict[str, object], error: type[Exception], message: str) -> None:
    """Each setting outside what is accepted is refused, with the reason."""
    with pytest.raises(error) as raised:
        EarlyStopping(**settings)  # type: ignore[arg-type]
    assert message == str(raised.value)[: len(message)]


def test_without_validation() -> None:
    """What is not measured cannot be watched; the training loss can."""
    case = runs.named("adam")
    with pytest.raises(SettingError) as error:
        case.start(early_stopping=3)
    assert "early_stopping watches 'val_loss', but there is no validation. Give validation=0.1, say." == str(
        error.value
    )
    with pytest.raises(
        SettingError, match=r"^metrics \(auc, top_2\) are measured on held-out rows, but there is no val"
    ):
        case.start(metrics=["auc", "top_2"])
    case.start(early_stopping=EarlyStopping(3, "loss")).finish()
    with pytest.raises(SettingError, match=r"^The metric 'accuracy' is for one of .*; 'mse' has a value for each"):
        runs.named("values").start(early_stopping=EarlyStopping(3, "accuracy"))
