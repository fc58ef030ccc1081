"""What docs/estimators.md shows happens, and each line of its table does what was asked for."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale

from pellucid import Activation, Pinball
from pellucid.estimators import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.checkout,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Early stopping has ended:UserWarning"),
]

PLACE = Path(__file__).resolve().parents[2] / "docs" / "estimators.md"
DOCUMENT = PLACE.read_text(encoding="utf-8") if PLACE.exists() else ""  # beside an installed package it is not
ROWS = re.findall(r"^\| (\[\d+\].*?) \| .*? \| `(.*?)` \| `(.*?)` \|$", DOCUMENT, flags=re.MULTILINE)
ASKED = {  # what users of scikit-learn's networks have asked for
    9113, 6175, 11952, 14807, 26912, 30199, 10097, 14571, 29270, 8303, 18507, 24411, 27676, 12505, 25693, 20516, 13108,
    14603, 25604, 8291, 13567, 7280, 25822, 26762, 8417, 15568, 29504, 22150, 29773, 19959,
}  # fmt: skip


def raised(call: Callable[..., Any], *given: Any) -> str:
    """Return the message of the error that a call raises."""
    with pytest.raises(ValueError) as error:  # noqa: PT011  # its message is what is looked at
        call(*given)
    return str(error.value)


def names() -> dict[str, Any]:
    """Return what the document says that its lines begin with."""
    X, y = load_iris(return_X_y=True)
    X = scale(X)
    A, B = make_multilabel_classification(100, random_state=0)
    classes, held, t, R = np.arange(3), (X[::5], y[::5]), X[:, 2], X[:, [0, 1, 3]]
    known = {"X": X, "y": y, "t": t, "R": R, "A": A, "B": B, "names": classes, "held": held, "np": np, "pickle": pickle}
    kinds = (MLPClassifier, MLPRegressor, Activation, Pinball, GridSearchCV, raised)
    return known | {kind.__name__: kind for kind in kinds}


@pytest.mark.parametrize(("issues", "line", "holds"), ROWS, ids=[re.findall(r"\d+", row[0])[0] for row in ROWS])
def test_each_line_does_what_was_asked_for(issues: str, line: str, holds: str) -> None:
    """The line runs, and what the document says of it holds."""
    known = names()
    exec(line, known)
    assert eval(holds, known), issues


def test_no_request_is_forgotten() -> None:
    """Every issue that is known of has a line."""
    assert {int(number) for row in ROWS for number in re.findall(r"\[(\d+)\]", row[0])} >= ASKED


def test_the_blocks_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the document run, one after the other."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    exec("\n".join(blocks), {})
    assert (tmp_path / "wine.safetensors").exists()
