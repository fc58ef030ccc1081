"""What is wrong with a run is found, dated and tried; healthy runs are left in peace.

A small part of ``benchmarks/planted_faults.py``, on data of other seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid import EarlyStopping, Network, Run, Sgd
from pellucid.core import Parameters
from pellucid.datasets import load_toy
from pellucid.errors import DivergedError
from pellucid.insight.diagnosis import Diagnosis, Finding, diagnose_run
from pellucid.training import Timeline

Array = np.ndarray[Any, Any]


def clouds(n: int = 500, classes: int = 4, width: int = 8, spread: float = 0.8) -> tuple[Array, Array]:
    """Round clouds about random places, one a class."""
    draw = np.random.default_rng(11)
    y = draw.integers(0, classes, n)
    return draw.normal(size=(classes, width))[y] * 1.5 + spread * draw.normal(size=(n, width)), y


def fitted(net: Network, X: Array, y: Array, **settings: Any) -> Timeline:
    """Return the timeline of a run, diverged or not."""
    given = {"epochs": 25, "batch_size": 25, "validation": 0.2, "learning_rate": 2e-3, "progress": False, **settings}
    try:
        return net.fit(X, y, **given)._timeline
    except DivergedError as error:
        run: Run = error.run
        return run._timeline


def parts(net: Network) -> Parameters:
    return Parameters(net.spec, net.parameters)


def only(diagnosis: Diagnosis, kind: str) -> Finding:
    (finding,) = diagnosis.of(kind)
    return finding


def dead() -> Timeline:
    net = Network([8, 32, 4], seed=1)
    parts(net)["layer_1"].b[:20] = -40
    return fitted(net, *clouds())


def saturated() -> Timeline:
    net = Network([8, 32, 4], activation="tanh", seed=1)
    parts(net)["layer_1"].W[...] *= 50
    return fitted(net, *clouds())


def twins() -> Timeline:
    net = Network([8, 16, 4], activation="tanh", seed=1)
    for part in parts(net).layers():
        part.W[...] = 0.1
    return fitted(net, *clouds())


def vanishing() -> Timeline:
    return fitted(Network([8, *[16] * 8, 4], activation="sigmoid", seed=1), *clouds())


def exploding() -> Timeline:
    net = Network([8, *[24] * 6, 4], seed=1)
    for part in parts(net).layers():
        part.W[...] *= 4
    return fitted(net, *clouds(), learning_rate=1e-4)


def too_high() -> Timeline:
    return fitted(Network([8, 32, 32, 4], seed=1), *clouds(), learning_rate=1.5)


def diverging() -> Timeline:
    X, _ = clouds()
    net = Network([8, 32, 1], loss="mse", seed=1)
    return fitted(net, X, X[:, 0] * X[:, 1], optimizer=Sgd(momentum=0.9), learning_rate=5.0)


def too_low() -> Timeline:
    return fitted(Network([8, 32, 4], seed=1), *clouds(), learning_rate=3e-6)


def unscaled() -> Timeline:
    X, y = clouds()
    with pytest.warns(UserWarning, match="reaches"):
        return fitted(Network([8, 32, 4], seed=1), 40 * X + 300, y)


def noisy() -> Timeline:
    X, y = clouds()
    return fitted(Network([8, 32, 4], seed=1), X, np.where(np.arange(len(y)) % 7 == 0, (y + 1) % 4, y))


def overfit() -> Timeline:
    X, y = clouds(120, spread=2.5)
    return fitted(Network([8, 100, 4], seed=1), X, y, epochs=150, validation=0.4, learning_rate=5e-3)


FAULTS: dict[str, tuple[str, Callable[[], Timeline]]] = {
    fault.__name__: (kind, fault)
    for kind, fault in [
        ("dead_neurons", dead),
        ("saturated_neurons", saturated),
        ("twin_neurons", twins),
        ("vanishing_gradients", vanishing),
        ("exploding_gradients", exploding),
        ("learning_rate_too_high", too_high),
        ("learning_rate_too_high", diverging),
        ("learning_rate_too_low", too_low),
        ("unscaled_inputs", unscaled),
        ("label_noise", noisy),
        ("overfitting", overfit),
    ]
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name: str) -> None:
    """It is among what is at least a warning; sentence and remedy are whole, and the change can be taken as it is."""
    kind, plant = FAULTS[name]
    diagnosis = diagnose_run(plant())
    assert kind in diagnosis.kinds(), diagnosis
    for finding in diagnosis.of(kind):
        assert finding.sentence.endswith(".")
        assert finding.change
        assert all(np.isfinite(number) or number == np.inf for number in finding.evidence.values())


@pytest.mark.parametrize(
    ("activation", "settings"),
    [
        ("relu", {}),
        ("tanh", {"optimizer": "sgd", "learning_rate": 0.1}),
        ("gelu", {"optimizer": "rmsprop", "learning_rate": 1e-3, "schedule": "cosine"}),
        ("sigmoid", {"learning_rate": 5e-3}),
        ("selu", {"optimizer": "adamw", "learning_rate": 1e-3, "batch_size": 40, "epochs": 50}),
        ("elu", {"optimizer": "adagrad", "learning_rate": 1e-2, "validation": None}),
        ("relu", {"l2": 1e-3, "early_stopping": 5}),
    ],
)
@pytest.mark.parametrize("hidden", [[24], [32, 16]])
def test_a_healthy_run_is_left_in_peace(activation: str, settings: dict[str, Any], hidden: list[int]) -> None:
    """Sensible settings bring nothing worse than a note."""
    diagnosis = diagnose_run(fitted(Network([8, *hidden, 4], activation=activation, seed=5), *clouds(), **settings))
    assert diagnosis.healthy, diagnosis


def test_values_and_yes_or_no_are_judged_too() -> None:
    """A sensible regression and a sensible yes or no bring nothing; outliers among values are found as such."""
    X, y = clouds()
    draw = np.random.default_rng(3)
    values = 40 + 9 * X[:, 0] - 5 * X[:, 1] + draw.normal(size=len(X))
    assert diagnose_run(fitted(Network([8, 16, 1], loss="mse", seed=2), X, values, epochs=60)).healthy
    assert diagnose_run(fitted(Network([8, 16, 1], loss="binary_cross_entropy", seed=2), X, y % 2)).healthy
    wrong = np.sort(draw.permutation(len(X))[:15])
    values[wrong] += 200
    timeline = fitted(Network([8, 16, 1], loss="mse", seed=2), X, values, validation=None)
    found = only(diagnose_run(timeline), "label_noise")
    assert wrong.tolist() == sorted(found.change["drop_rows"])
    assert all(abs(suspect.given - 200 - suspect.suggested) < 100 for suspect in found.rows)


def test_wrong_labels_are_named_with_what_they_should_be() -> None:
    """Of 15 % wrong labels, most are found, with the label they had; nearly all that are named are wrong."""
    X, y = clouds()
    wrong = np.arange(len(y)) % 7 == 0
    given = np.where(wrong, (y + 1) % 4, y)
    net = Network([8, 32, 4], seed=1, classes=list("abcd"))
    names = np.array(list("abcd"))
    found = only(diagnose_run(fitted(net, X, names[given], validation=None)), "label_noise")
    right = [suspect for suspect in found.rows if wrong[suspect.row] and names[y[suspect.row]] == suspect.suggested]
    assert len(right) > 0.9 * len(found.rows)
    assert len(right) > 0.75 * wrong.sum()
    assert [suspect.row for suspect in found.rows] == found.change["drop_rows"]
    doubts = [suspect.doubt for suspect in found.rows]
    assert sorted(doubts, reverse=True) == doubts


def test_rows_held_out_of_the_same_table_are_not_named() -> None:
    """Places are those of X as given; only rows that were trained on are in doubt."""
    timeline = noisy()
    suspects = only(diagnose_run(timeline), "label_noise").change["drop_rows"]
    assert set(suspects) <= set(timeline.data.rows.tolist())


def test_the_trial_is_a_run_that_anyone_can_make() -> None:
    """A fit at the other rate, from the same start, ends at the loss that the finding tells."""
    timeline = too_high()
    found = only(diagnose_run(timeline), "learning_rate_too_high")
    again = fitted(Network([8, 32, 32, 4], seed=1), *clouds(), learning_rate=found.evidence["other_rate"])
    steps = int(found.evidence["trial_steps"])
    assert steps == again.total_steps
    late = again.history.loss[-max(again.steps_per_epoch, -(-steps // 10)) :].mean()
    assert late == pytest.approx(found.evidence["other_late_loss"], rel=1e-9)
    assert found.change["learning_rate"] == pytest.approx(found.evidence["other_rate"], rel=0.05)
    assert late < 0.6 * timeline.history.loss[-steps // 10 :].mean()


@pytest.mark.parametrize("plant", [too_high, too_low])
def test_the_change_of_the_learning_rate_cures(plant: Callable[[], Timeline]) -> None:
    """Applied, it brings a lower loss, and the finding is gone."""
    timeline = plant()
    found = next(one for one in diagnose_run(timeline) if one.kind.startswith("learning_rate"))
    widths = [layer.width for layer in timeline.recipe.spec.dense]
    cured = fitted(Network([8, *widths], seed=1), *clouds(), **found.change)
    assert cured.history.epochs[-1]["val_loss"] < 0.6 * timeline.history.epochs[-1]["val_loss"]
    assert found.kind not in diagnose_run(cured).kinds()


def test_a_finding_is_dated_by_the_first_step_on_which_it_holds() -> None:
    """Neurons killed by hand at step 37 are dead since then: looking at every step says the same."""
    X, y = clouds()
    net = Network([8, 32, 4], seed=1)
    run = net.start(X, y, epochs=8, batch_size=25, learning_rate=1e-3)
    run.advance(37)
    parts(net)["layer_1"].b[:20] = -40
    run.finish(progress=False)
    found = only(diagnose_run(run._timeline), "dead_neurons")
    dead = [_dead_share(run._timeline, step, "layer_1", X) >= 0.5 for step in range(run.last_step + 1)]
    expected = max(step for step, holds in enumerate(dead) if not holds) + 1
    assert expected == found.step == 37


def _dead_share(timeline: Timeline, step: int, layer: str, X: Array) -> float:
    vector = timeline.state_at(step).parameters
    A = timeline.backend.trace(timeline.recipe.spec, vector, X).layers[layer].A
    return float((A <= 0).all(axis=0).mean())


def test_overfitting_names_the_best_epoch() -> None:
    """The epoch, the step and the losses are those of the history; a best epoch restored is only noted."""
    timeline = overfit()
    found, history = only(diagnose_run(timeline), "overfitting"), timeline.history
    best = int(np.argmin(history["val_loss"]))
    assert (best + 1, history.epochs[best]["step"]) == (found.evidence["best_epoch"], found.step)
    assert history["val_loss"][best] == found.evidence["best_val_loss"]
    X, y = clouds(120, spread=2.5)
    stopped = fitted(
        Network([8, 100, 4], seed=1), X, y,
        epochs=150, validation=0.4, learning_rate=5e-3, early_stopping=EarlyStopping(patience=149),
    )  # fmt: skip
    assert "note" == only(diagnose_run(stopped), "overfitting").severity


def test_a_diagnosis_leaves_the_run_as_it_is() -> None:
    """It stands where it stood, the network keeps its bits, and the same is said again."""
    X, y = clouds()
    net = Network([8, 16, 4], seed=1)
    run = net.start(X, y, epochs=10, batch_size=25, learning_rate=0.9)
    run.advance(120)
    before = run.fingerprint, run.step, net.fingerprint, len(run.edits)
    first = repr(diagnose_run(run._timeline))
    assert before == (run.fingerprint, run.step, net.fingerprint, len(run.edits))
    assert first == repr(diagnose_run(run._timeline))
    run.finish(progress=False)
    unasked = Network([8, 16, 4], seed=1).fit(X, y, epochs=10, batch_size=25, learning_rate=0.9, progress=False)
    assert unasked.fingerprint == run.fingerprint


def test_a_run_not_begun_is_looked_at_as_a_network() -> None:
    """No step was made, so only its start is judged."""
    toy = load_toy("xor")
    run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=5)
    diagnosis = diagnose_run(run._timeline)
    assert (0,) == diagnosis.steps
    assert diagnosis.healthy


def test_a_run_changed_by_hand_is_tried_only_up_to_there() -> None:
    """Where the rate was edited early on, no trial can be compared, and none is told."""
    X, y = clouds()
    run = Network([8, 32, 4], seed=1).start(X, y, epochs=25, batch_size=25, learning_rate=1e-2)
    run.advance(5)
    run.edit(learning_rate=1e-6)
    run.finish(progress=False)
    kinds = diagnose_run(run._timeline).kinds("note")
    assert not [kind for kind in kinds if kind.startswith("learning_rate")]
