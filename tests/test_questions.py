"""The page of questions: each is answered by one line, and what stands beneath the line is what it prints."""

from __future__ import annotations

import builtins
import functools
import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pellucid.engine import default_backend

pytestmark = pytest.mark.checkout

PAGE = Path(__file__).resolve().parent.parent / "docs/questions.md"
SUBJECTS = ["One prediction", "One neuron", "One weight", "One moment of training", "The whole run", "Other futures"]


@functools.cache
def page() -> str:
    """Return the page's text; it lies in the checkout."""
    return PAGE.read_text(encoding="utf-8")


class Answer(NamedTuple):
    """A question, the line of Python that answers it, what the page says that it prints, and what it says of it."""

    question: str
    line: str
    shown: str
    told: str


def answers() -> list[Answer]:
    """Return the page's answers in order, each whole: a block that is anything but one line and its output is none."""
    form = re.compile(r"### (.+)\n\n```pycon\n>>> (.+)\n((?:(?!>>> |\.\.\. |```).*\n)+)```\n\n((?:(?!#|```).*\n?)+)")
    return [Answer(*found) for found in form.findall(page())]


def printed(line: str, names: dict[str, Any]) -> str:
    """Run a line as Python's prompt does, and return what it prints."""
    out = StringIO()
    with redirect_stdout(out):
        exec(compile(f"{line}\n", "docs/questions.md", "single"), names)
    return out.getvalue()


def is_shown(shown: str, output: str) -> bool:
    """Tell whether what is shown is the output: … on a line of its own is lines left out, and else part of a line."""
    lines = [
        r"(?:.*\n)+" if line.strip() == "…" else re.escape(line).replace("…", ".+") + r"\n"
        for line in shown.splitlines()
    ]
    return re.fullmatch("".join(lines), output) is not None


def test_what_is_left_out_alone_may_differ() -> None:
    """Lines, and parts of lines, that the page leaves out may be any; all else is compared letter by letter."""
    output = "why 8 = 2.5\n  node_1   +4\n  node_2   -3\n  sum  +2.5\n"
    assert is_shown(output, output)
    assert is_shown("why 8 = 2.5\n  …\n  sum  +2.5\n", output)
    assert is_shown("why … = 2.5\n  …\n  node_2   -3\n  …\n", output)
    for wrong in (
        "why 8 = 2.4\n  …\n",
        "why 8 = 2.5\n",
        "why 8 = 2.5\n  …\n  sum  +2.5\n  …\n",
        "…\n  node_3   -3\n  …\n",
    ):
        assert not is_shown(wrong, output)


def test_every_question_has_one_line_for_an_answer() -> None:
    """There are 24 questions or more, each with one expression in a line, its output, and a sentence or two."""
    found = answers()
    assert page().count("\n### ") == page().count("```pycon") == page().count(">>> ") == len(found) >= 24
    assert [*SUBJECTS, "Health"] == re.findall(r"^## (.+)$", page(), flags=re.MULTILINE)
    for answer in found:
        assert answer.question.endswith("?")
        assert len(answer.line) <= 120, answer.line
        compile(answer.line, "docs/questions.md", "eval")  # raises where it is two statements, or sets a name
        assert answer.told.rstrip().endswith((".", ")")), answer.told


def test_every_answer_is_what_its_line_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines run in order after the set-up, and print what the page shows; the numbers are the native engine's."""
    monkeypatch.setattr(builtins, "_", None, raising=False)  # the prompt keeps what it shows there
    monkeypatch.setattr(sys, "displayhook", sys.__displayhook__)
    names: dict[str, Any] = {}
    (setup,) = re.findall(r"```python\n(.*?)```", page(), flags=re.DOTALL)
    exec(setup, names)
    outputs = [(answer, printed(answer.line, names)) for answer in answers()]
    if default_backend().exactness != "everywhere":
        return
    wrong = [f">>> {answer.line}\n{output}" for answer, output in outputs if not is_shown(answer.shown, output)]
    assert [] == wrong, "The page shows something else:\n" + "\n".join(wrong)
