"""Remedies applied: the new run is the old one's recipe with the change; the old one is as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid import Dropout, EarlyStopping, Network, Run
from pellucid.errors import PellucidError
from pellucid.insight import Finding
from training import runs

X, Y, _ = runs.table()


def asked(change: dict[str, Any], layer: str | None = None) -> Finding:
    return Finding("a_kind", "warning", "Something was found.", {}, "Do something.", change, layer)


def ended(**more: Any) -> Run:
    net = Network([5, 8, Dropout(0.1), 4, 3], seed=7)
    return net.fit(X, Y, epochs=3, batch_size=10, validation=0.2, **more)


APPLIED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "learning rate": ({"learning_rate": 0.05}, {}, {"learning_rate": 0.05}),
    "initializer": ({"initializer": "glorot"}, {"initializer": "glorot"}, {}),
    "activation": ({"activation": "leaky_relu"}, {"activation": "leaky_relu", "initializer": "he"}, {}),
    "scales": (
        {"input_scale": [1.0, 2.0, 1.0, 1.0, 0.5], "input_shift": 0.25},
        {"input_scale": [1.0, 2.0, 1.0, 1.0, 0.5], "input_shift": 0.25},
        {},
    ),
    "early stopping": ({"early_stopping": 2}, {}, {"early_stopping": EarlyStopping(2)}),
    "class weight": ({"class_weight": "balanced"}, {}, {"class_weight": "balanced"}),
}


@pytest.mark.parametrize(("change", "built", "fitted"), APPLIED.values(), ids=APPLIED)
def test_the_new_run_is_that_of_a_user_who_did_it(
    change: dict[str, Any], built: dict[str, Any], fitted: dict[str, Any]
) -> None:
    """Built and fitted by hand with that change, a network has the same bits, unless only hidden layers are meant."""
    run = ended()
    before = (run.fingerprint, run.network.fingerprint)
    new = run.remedied(asked(change))
    assert (0, None) == (new.step, new.ended)
    new.finish()
    expected = Network([5, 8, Dropout(0.1), 4, 3], seed=7, **built)
    if "initializer" in built:  # of the hidden layers alone
        usual = Network([5, 8, Dropout(0.1), 4, 3], seed=7)
        expected["output"].weights = usual["output"].weights
        expected["output"].biases = usual["output"].biases
    expected.fit(X, Y, epochs=3, batch_size=10, validation=0.2, **fitted)
    np.testing.assert_array_equal(expected.parameters, new.network.parameters)
    assert before == (run.fingerprint, run.network.fingerprint)


def test_a_finding_about_one_layer_changes_that_layer() -> None:
    """The others keep what they had."""
    spec = ended().remedied(asked({"activation": "tanh", "initializer": "glorot"}, "layer_2")).recipe.spec
    assert ["relu", "tanh", "identity"] == [layer.activation for layer in spec.dense]
    assert ["he", "glorot", "glorot"] == [layer.initializer for layer in spec.dense]


@pytest.mark.parametrize("validation", [None, 0.2])
def test_rows_are_dropped(validation: float | None) -> None:
    """They are in no batch of the new run; all others that were, are."""
    run = Network([5, 8, 3], seed=7).fit(X, Y, epochs=1, batch_size=10, validation=validation)
    seen = {int(row) for k in range(run.last_step) for row in run.at(k).batch}  # type: ignore[union-attr]
    drop = sorted(seen)[3:9]
    new = run.remedied(asked({"drop_rows": drop}))
    new.finish()
    left = {int(row) for k in range(new.last_step) for row in new.at(k).batch}  # type: ignore[union-attr]
    assert seen - set(drop) == left


def test_remedies_that_no_program_applies() -> None:
    """The finding's own words are told; unknown settings are named."""
    run = ended()
    with pytest.raises(PellucidError, match=r"No program can apply the remedy of 'a_kind'\. It is: Do something"):
        run.remedied(asked({}))
    with pytest.raises(PellucidError, match="A remedy with magic cannot be applied"):
        run.remedied(asked({"magic": 1}))


def test_from_fault_to_cure() -> None:
    """A planted fault is found, and the run that its remedy asks for learns what the first did not."""
    shifted = 100 * X + 400
    with pytest.warns(UserWarning, match="after the network's scaling"):
        run = Network([5, 16, 3], seed=7).fit(shifted, Y, epochs=40, batch_size=10)
    (finding,) = run.diagnose().of("unscaled_inputs")
    new = run.remedied(finding)
    new.finish()
    assert new.history["accuracy"][-1] > run.history["accuracy"][-1] + 0.05
    assert not new.diagnose().of("unscaled_inputs")
