"""Networks and runs of every kind that the explorer is tried on, and how its questions are asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import Dropout, Network, Run
from pellucid.datasets import load_toy
from pellucid.explorer._messages import QUESTIONS, Sample, Where
from pellucid.explorer._session import Session

KINDS = (
    "classes",
    "named",
    "plane",
    "yes-no",
    "yes-no several",
    "values",
    "two values",
    "quantiles",
    "counts",
    "dropout",
)


def random_rows(n_in: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(size=(200, n_in))


def run_of(kind: str, *, epochs: int = 4) -> tuple[Run, Any, Any]:
    """Return a run of a kind, not begun, with rows to be tested on."""
    X = random_rows(5)
    score, more, layers = X @ np.arange(1.0, 6.0), {}, [5, 8, 6]
    two = (score > 0).astype(int)
    match kind:
        case "classes":
            layers, y = [*layers, 3], np.digitize(score, [-3, 3])
        case "named":
            layers, y = [*layers, 2], np.array(["no", "yes"])[two]
            more = {"classes": ["no", "yes"], "features": ["<b>a</b>", "b & c", "c", "d", "e"]}
        case "plane":
            toy = load_toy("spirals", n=200)
            layers, X, y, more = [2, 8, 8, 2], toy.X, toy.y, {"activation": "tanh"}
        case "yes-no":
            layers, y, more = [*layers, 1], two, {"loss": "binary_cross_entropy"}
        case "yes-no several":
            layers, y, more = [*layers, 2], np.column_stack([two, 1 - two]), {"loss": "binary_cross_entropy"}
        case "values":
            layers, y, more = [*layers, 1], 100 + 5 * score, {"loss": "mse"}
        case "two values":
            layers, y, more = [*layers, 2], np.column_stack([score, score**2]), {"loss": "mae", "targets": ["p", "q"]}
        case "quantiles":
            from pellucid import Pinball

            layers, y, more = [*layers, 2], score, {"loss": Pinball((0.1, 0.9))}
        case "counts":
            layers, y, more = [*layers, 1], np.abs(score).round(), {"loss": "poisson"}
        case _:
            layers, y = [5, 8, Dropout(0.25), 6, Dropout(0.25), 3], np.digitize(score, [-3, 3])
    net = Network(layers, **more)
    run = net.start(X[:150], y[:150], epochs=epochs, batch_size=15, learning_rate=0.01)
    return run, X[150:], y[150:]


def session_of(kind: str, *, steps: int | None = None) -> tuple[Session, dict[str, Any]]:
    """Return a session on a trained run, and the names that its lines of Python use."""
    run, X_test, y_test = run_of(kind)
    run.advance(run.total_steps if steps is None else steps)
    data = run.data
    session = Session(run, {"test": (X_test, y_test)})
    training = session.sets.rows("training")
    names = {"run": run, "X_test": X_test, "y_test": y_test, "X": data.X, "y": training.y, "np": np}
    return session, names


TEST_ROW = Sample("test", 3)
HERE = Where("run", None)


def ask(session: Session, name: str, **fields: Any) -> Any:
    """Ask by name, as a page does: the answer, of the kind that belongs to the question."""
    kind = next(one for one in QUESTIONS if one.__name__ == name)
    answer = session.answer(kind(**fields))
    assert isinstance(answer, QUESTIONS[kind])
    return answer


def evaluated(code: str, names: dict[str, Any]) -> Any:
    """Run lines of Python; return what the last one gives."""
    *before, last = code.splitlines()
    names = dict(names)
    exec("\n".join(before), names)
    return eval(last, names)
