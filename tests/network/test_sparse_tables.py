"""SciPy's sparse tables are read as they are, and are the same run as the dense table they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

from pellucid import Network, Run
from pellucid.core import SparseRows
from pellucid.engine import ReadableCore
from pellucid.errors import DataError, KindError, PellucidError, ShapeError

RANDOM = np.random.default_rng(7)
X = np.where(RANDOM.random((90, 70)) < 0.15, RANDOM.normal(size=(90, 70)), 0).astype(np.float32)
X[5] = 0
Y = RANDOM.integers(0, 3, 90)
LAYERS = [70, 32, 17, 3]
FORMS = {
    "csr_matrix": scipy.sparse.csr_matrix,
    "csr_array": scipy.sparse.csr_array,
    "csc_matrix": scipy.sparse.csc_matrix,
    "coo_array": scipy.sparse.coo_array,
}


def unsorted(table: Any) -> Any:
    """Return the same table with columns falling within each row, and one value given in two parts."""
    triples = scipy.sparse.coo_array(table)
    half = triples.data[:1] / 2
    data = np.concatenate([triples.data[1:], half, half])
    places = (np.append(triples.row[1:], triples.row[[0, 0]]), np.append(triples.col[1:], triples.col[[0, 0]]))
    order = np.lexsort((-places[1], places[0]))
    indptr = np.searchsorted(places[0][order], np.arange(table.shape[0] + 1))
    return scipy.sparse.csr_array((data[order], places[1][order], indptr), shape=table.shape)


@pytest.mark.parametrize("built", [{}, {"input_shift": 0.5, "input_scale": 2.0}, {"dtype": "float64"}], ids=str)
@pytest.mark.parametrize("form", [*FORMS.values(), unsorted], ids=[*FORMS, "unsorted"])
def test_a_run_has_the_bits_of_the_dense_one(form: Any, built: dict[str, Any]) -> None:
    """Parameters, history with a share held out, predictions and scores are those of the dense table."""
    dense, sparse = Network(LAYERS, seed=1, **built), Network(LAYERS, seed=1, **built)
    expected = dense.fit(X, Y, epochs=4, batch_size=16, validation=0.2)
    run = sparse.fit(form(X), Y, epochs=4, batch_size=16, validation=0.2)
    assert expected.fingerprint == run.fingerprint
    assert expected.history.epochs == run.history.epochs
    assert dense.predict_proba(X).tobytes() == sparse.predict_proba(form(X)).tobytes()
    assert dense.predict(X[:2]).tolist() == sparse.predict(form(X[:2])).tolist()
    assert dense.evaluate(X, Y) == sparse.evaluate(form(X), Y)
    loss, gradient = dense.loss_and_gradient(X, Y)
    other_loss, other_gradient = sparse.loss_and_gradient(form(X), Y)
    assert loss == other_loss
    assert gradient.tobytes() == other_gradient.tobytes()


def test_csr_is_not_copied() -> None:
    """The run reads the user's own three arrays."""
    table = scipy.sparse.csr_array(X)
    held = Network(LAYERS).start(table, Y)._timeline.data.X
    assert isinstance(held, SparseRows)
    assert all(np.shares_memory(getattr(table, part), getattr(held, part)) for part in ("data", "indices", "indptr"))


def test_a_run_goes_on_from_a_file(tmp_path: Any) -> None:
    """A saved run takes the same sparse table again, and refuses another."""
    table = scipy.sparse.csr_array(X)
    run = Network(LAYERS).start(table, Y, epochs=3, batch_size=16)
    run.advance(5)
    run.save(tmp_path / "sparse.run")
    run.finish()
    again = Run.load(tmp_path / "sparse.run", table, Y)
    again.finish()
    assert run.fingerprint == again.fingerprint
    with pytest.raises(PellucidError, match="data"):
        Run.load(tmp_path / "sparse.run", table * 2, Y)


def test_the_readable_core_reads_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come out dense, those asked for and no others."""
    monkeypatch.setenv("PELLUCID_ENGINE", "readable")
    dense, sparse = Network(LAYERS), Network(LAYERS)
    assert isinstance(dense._backend, ReadableCore)
    table = scipy.sparse.csr_array(X)
    assert dense.fit(X, Y, epochs=2).fingerprint == sparse.fit(table, Y, epochs=2).fingerprint
    assert dense.predict_proba(X).tobytes() == sparse.predict_proba(table).tobytes()
    assert dense.loss_and_gradient(X, Y)[0] == sparse.loss_and_gradient(table, Y)[0]


def _beyond() -> Any:
    table = scipy.sparse.csr_matrix(X)
    table.indices[3] = 70
    table.has_canonical_format = True
    return table


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (scipy.sparse.csr_array(X[:, :69]), ShapeError, "X has 69 columns, but the network has 70 inputs"),
        (scipy.sparse.csr_array(X[:0]), DataError, "X has no rows"),
        (scipy.sparse.csr_array(np.where(X > 1, np.nan, X)), DataError, "What X stores beside zeros holds nan"),
        (scipy.sparse.csr_array(X.astype(complex)), KindError, "X is of dtype complex128"),
        (scipy.sparse.coo_array(X[0]), KindError, "but no table"),
        (_beyond(), DataError, "no sound sparse table"),
    ],
    ids=["width", "rows", "NaN", "complex", "one dimension", "indices"],
)
def test_what_cannot_be_used_is_refused(table: Any, error: type[Exception], message: str) -> None:
    """With a reason, before anything is read beyond its arrays."""
    with pytest.raises(error, match=message):
        Network(LAYERS).fit(table, Y[: table.shape[0]])
