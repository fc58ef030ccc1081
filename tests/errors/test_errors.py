"""The tree of errors is as it is drawn, and its messages are whole."""

from __future__ import annotations

import inspect
import pickle
import re

import numpy as np
import pytest

from pellucid import Network, errors
from pellucid.errors import ScaleWarning, UnknownNameError, unknown_name

CLASSES = [getattr(errors, name) for name in errors.__all__ if inspect.isclass(getattr(errors, name))]


def drawn() -> dict[str, tuple[str | None, str | None]]:
    """Return each class of the drawing with its parent and the built-in in brackets."""
    assert errors.__doc__ is not None
    tree: dict[str, tuple[str | None, str | None]] = {}
    above: list[str] = []
    for line in errors.__doc__.splitlines():
        found = re.match(r"    ([│├└─ ]*)(Pellucid\w+|\w+(?:Error|Warning))(?: \((\w+)\))?(?:\s|$)", line)
        if found:
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            tree[found[2]] = (above[depth - 1] if depth else None, found[3])
    return tree


def test_drawing_is_complete() -> None:
    """Every class is drawn, and every drawn class is there."""
    assert {cls.__name__ for cls in CLASSES} == set(drawn())


def test_all_names_everything() -> None:
    """`__all__` is sorted and names all classes and functions of the file."""
    own = [name for name, value in vars(errors).items() if getattr(value, "__module__", None) == errors.__name__]
    assert sorted(own) == sorted(errors.__all__)


@pytest.mark.parametrize("cls", CLASSES)
def test_class_stands_where_it_is_drawn(cls: type[Exception]) -> None:
    """A class has the parent under which it is drawn, and is also the built-in in brackets."""
    parent, built_in = drawn()[cls.__name__]
    bases = [base.__name__ for base in cls.__bases__]
    expected = [name for name in (parent, built_in) if name is not None] or ["Exception"]
    assert expected == bases


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_is_under_one_of_two_roots(cls: type[Exception]) -> None:
    """Errors are PellucidErrors, warnings PellucidWarnings, and nothing is both."""
    assert issubclass(cls, errors.PellucidError) != issubclass(cls, errors.PellucidWarning)
    assert issubclass(cls, Warning) == issubclass(cls, errors.PellucidWarning)


@pytest.mark.parametrize("cls", CLASSES)
def test_message_is_shown_as_it_is(cls: type[Exception]) -> None:
    """A message keeps its line breaks and quotes, though a KeyError would print it quoted; it survives pickling."""
    message = "It's 'wrong'.\nGive ≥ 1."
    assert message == str(cls(message))
    again = pickle.loads(pickle.dumps(cls(message)))
    assert type(again) is cls
    assert message == str(again)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_says_what_it_is_for(cls: type[Exception]) -> None:
    """A class has a docstring of its own."""
    assert cls.__dict__.get("__doc__")


NAMES = ["relu", "tanh", "sigmoid"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("rellu", "Unknown activation 'rellu'. Accepted: relu, tanh, sigmoid. Did you mean 'relu'?"),
        ("xyz", "Unknown activation 'xyz'. Accepted: relu, tanh, sigmoid."),
        ("", "Unknown activation ''. Accepted: relu, tanh, sigmoid."),
        (3, "Unknown activation 3. Accepted: relu, tanh, sigmoid."),
        (None, "Unknown activation None. Accepted: relu, tanh, sigmoid."),
    ],
)
def test_unknown_name_says_what_is_accepted(given: object, expected: str) -> None:
    """The error quotes what was given, lists what is accepted, and names the nearest if there is one."""
    error = unknown_name("activation", given, NAMES)
    assert type(error) is UnknownNameError
    assert expected == str(error)


@pytest.mark.parametrize("names", [NAMES, tuple(NAMES), dict.fromkeys(NAMES), iter(NAMES)])
def test_unknown_name_takes_any_collection(names: list[str]) -> None:
    """A list, a table or an iterator of names does."""
    expected = "Unknown loss 'tan'. Accepted: relu, tanh, sigmoid. Did you mean 'tanh'?"
    assert expected == str(unknown_name("loss", "tan", names))


def test_warnings_point_at_the_line_that_called() -> None:
    """A warning names the file outside Pellucid from which it was caused, however deep it arose."""
    table, labels = np.full((4, 2), 200.0), [0, 1, 0, 1]
    network = Network([2, 2])
    for cause in (
        lambda: network.fit(table, labels, epochs=1, progress=False),
        lambda: network.score(table, labels),
        lambda: network.predict(table),
    ):
        with pytest.warns(ScaleWarning) as caught:
            cause()
        assert __file__ == caught[0].filename
