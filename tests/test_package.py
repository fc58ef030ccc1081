"""The package's front: what importing it loads, and that every public name is where it is said to be."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import pellucid

ROOMS = [
    "core",
    "core.losses",
    "core.metrics",
    "core.optimizers",
    "datasets",
    "engine",
    "errors",
    "explorer",
    "files",
    "network",
    "random",
    "storage",
    "training",
]

NETWORK = (
    "n_parameters summary fit start predict predict_proba score evaluate loss_and_gradient parameters save load "
    "from_scratch to_scratch copy fingerprint spec seed"
)
RUN = (
    "history fingerprint seek at advance finish step done total_steps last_step ended stop edit edits save load "
    "recipe network exactness data_digest"
)


def test_import_is_light() -> None:
    """`import pellucid` loads no optional library, and not the tables, the command or the thread pools."""
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import pellucid\n"
        "from pellucid import Network, Run\n"
        "heavy = {'rich', 'typer', 'threadpoolctl', 'PIL', 'matplotlib', 'scipy', 'sklearn', 'safetensors',\n"
        "         'uvicorn', 'anywidget'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert "[]\n" == out.stdout


def test_all_names_are_there() -> None:
    """Every name of ``__all__`` can be asked for, and `dir` lists it."""
    for name in pellucid.__all__:
        assert getattr(pellucid, name) is not None
        assert name in dir(pellucid)
    assert sorted(pellucid.__all__) == pellucid.__all__


def test_front_door() -> None:
    """The names of the front door that this version has."""
    assert {"Network", "Run", "Moment", "Dense", "Dropout", "Adam", "Sgd", "EarlyStopping"} <= set(pellucid.__all__)
    for names, kind in ((NETWORK, pellucid.Network), (RUN, pellucid.Run)):
        for name in names.split():
            assert hasattr(kind, name), name
            member = getattr(kind, name)
            assert (member.__doc__ or "").strip(), name
    from pellucid.datasets import load_mnist

    assert callable(load_mnist)


def test_unknown_name() -> None:
    """A name that is not there is refused with those that are."""
    with pytest.raises(AttributeError, match="has no attribute 'Newtork'; it has Activation, Adagrad, Adam"):
        _ = pellucid.Newtork


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_tell_what_they_hold(room: str) -> None:
    """Each room says what it is for, and every name of its ``__all__`` is there."""
    module = importlib.import_module(f"pellucid.{room}")
    assert module.__doc__
    assert module.__all__
    for name in module.__all__:
        assert hasattr(module, name), name
