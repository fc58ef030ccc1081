"""The notebooks run as they are, and their exercises know right answers from wrong ones.

An exercise is made of cells that carry its number in their metadata: one tagged ``exercise`` holds a placeholder
``...`` and, in the metadata, a wrong answer; one tagged ``check`` says what it thinks; one tagged ``solution`` is
text with the right answer in a block of code, for the learner to unfold.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from pellucid.engine import default_backend

pytestmark = pytest.mark.checkout

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
assert NOTEBOOKS, "no notebooks beside the tests"

# What a notebook prints when it has run: text as it stands, or a share in per cent that is at least so large.
PRINTED = {
    "the_column": [
        "weighted sum z = 2.13",
        "activation a = 0.8937850083248244",
        "z = 3.15, a = 0.96",
        "162 neurons, 4,642 weights and biases",
        (r"right of the 2,000 it learnt from: +([\d.]+)%", 90),
        (r"right of 10,000 it has never seen: +([\d.]+)%", 85),
        (r"parameters, .+\nright of 10,000 it has never seen: +([\d.]+)%", 96),
    ],
    "the_time_machine": [(r"right of 10,000 digits that it has never seen: ([\d.]+)%", 93)],
}

# Notebooks whose text tells figures of a run: each stands in their code, or in what they print.
STORIES = ["the_time_machine"]

FIGURE = re.compile(r"(?<![\w.])(?:[0-9a-f]{12}|[+−-]?\d[\d,]*(?:\.\d+)?)(?![\d_]|[a-z]\w)")

# Answers that are no answers, by exercise, and how the check begins what it says of them.
REFUSED = {
    "the_column": {
        2: {
            "answer_2 = 2,2": (
                "give one number; a tuple was given (write 2.2, with a point, and 10000, without a comma)"
            ),
            'answer_2 = "2,2"': (
                "give one number; a text was given (write 2.2, with a point and without quotation marks)"
            ),
            "answer_2 = [2.2]": "give one number; a list was given",
            "answer_2 = np.array([2.2, 2])": "give one number; an array was given",
            "answer_2 = None": "give one number; a NoneType was given",
        },
        4: {
            "def answer_4(signals, layer):\n    return [node['weight'] for node in layer.values()]": (
                "your code stopped with KeyError: 'weight'"
            ),
            "def answer_4(signals, layer):\n    return 'abc'": "wrong",  # it cannot be compared with numbers
        },
    },
    "the_time_machine": {
        1: {'answer_1 = "0.9"': "give one number, not '0.9'", "answer_1 = []": "give one number, not []"}
    },
}

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def cells_tagged(notebook: NotebookNode, tag: str) -> dict[int, NotebookNode]:
    """Return the cells with a tag, by the number of their exercise."""
    return {
        cell.metadata["pellucid"]["exercise"]: cell
        for cell in notebook.cells
        if tag in cell.metadata.get("tags", []) and "pellucid" in cell.metadata
    }


def solution_of(cell: NotebookNode) -> str:
    found = re.search(r"```python\n(.+?)\n```", cell.source, flags=re.DOTALL)
    assert found, f"no block of code in the solution:\n{cell.source}"
    return found[1]


@contextmanager
def kernel_for(notebook: NotebookNode, folder: Path) -> Iterator[NotebookClient]:
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel(env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}):
        yield client


def run(client: NotebookClient, *cells: NotebookNode) -> None:
    """Run cells, or all; an error in one, or a warning that one shows, fails the test."""
    for cell in cells or client.nb.cells:
        client.execute_cell(cell, client.nb.cells.index(cell))
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", f"{cell.source}\n{output.text}"


def printed(cell: NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def computed(notebook: NotebookNode) -> str:
    """Return the code, and all that it printed and showed, as text."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [output.get("data", {}).get("text/plain", "") for cell in cells for output in cell.outputs]
    return "\n".join([*(cell.source for cell in cells), *map(printed, cells), *shown])


def figures(text: str) -> set[str]:
    """Return the figures in a text, all but whole numbers of one digit."""
    found = {figure.replace("−", "-").replace(",", "").rstrip(".") for figure in FIGURE.findall(text)}
    return {figure for figure in found if len(figure.lstrip("+-")) > 1}


def is_among(figure: str, known: set[str]) -> bool:
    """Tell whether a figure is one of those known, or one of them rounded; with its sign, where it has one."""
    if figure in known or re.fullmatch(r"[0-9a-f]{12}", figure):
        return figure in known
    signed, decimals = figure[0] in "+-", len(figure.partition(".")[2])
    values = [float(one) if signed else abs(float(one)) for one in known if re.fullmatch(r"[+-]?\d+(\.\d+)?", one)]
    within = 0.5 * 10**-decimals + 1e-9 if decimals else 0
    return any(abs(float(figure) - value) <= within for value in values)


def not_computed(notebook: NotebookNode) -> set[str]:
    """Return the figures that the text tells, and neither the code nor what it shows holds."""
    known = figures(computed(notebook))
    told = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return {figure for figure in figures(told) if not is_among(figure, known)}


@each_notebook
def test_is_stored_without_outputs(path: Path) -> None:
    """A stored notebook is valid and holds no outputs, so that its history shows what people wrote."""
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@each_notebook
def test_every_exercise_is_whole(path: Path) -> None:
    """Every exercise has a placeholder, a wrong answer, a check and a solution, in this order."""
    notebook = read(path)
    exercises, checks, solutions = (cells_tagged(notebook, tag) for tag in ("exercise", "check", "solution"))
    assert list(exercises) == list(checks) == list(solutions) == list(range(1, len(exercises) + 1))
    for number, cell in exercises.items():
        assert "..." in cell.source
        assert cell.metadata["pellucid"]["wrong"]
        assert solution_of(solutions[number])
        places = [notebook.cells.index(cells[number]) for cells in (exercises, checks, solutions)]
        assert places == sorted(places)


@each_notebook
def test_runs_as_it_is(path: Path, tmp_path: Path) -> None:
    """Untouched, it runs to its end and finds no answers; wrong answers, tried then, get a hint."""
    notebook = read(path)
    with kernel_for(notebook, tmp_path) as client:
        run(client)
        said = "".join(printed(cell) for cell in notebook.cells if cell.cell_type == "code")
        for number, exercise in cells_tagged(notebook, "exercise").items():
            check = cells_tagged(notebook, "check")[number]
            assert printed(check) == f"Exercise {number}: not answered yet.\n"
            exercise.source = exercise.metadata["pellucid"]["wrong"]
            run(client, exercise, check)
            assert printed(check).startswith(f"Exercise {number}: wrong. Hint: ")
    for expected in PRINTED.get(path.stem, []):
        if isinstance(expected, str):
            assert expected in said
        else:
            pattern, least = expected
            assert float(re.search(pattern, said)[1]) >= least


@each_notebook
def test_refuses_what_is_no_answer(path: Path, tmp_path: Path) -> None:
    """Code that stops and answers of another type are wrong, and the learner reads why."""
    notebook = read(path)
    exercises, checks = cells_tagged(notebook, "exercise"), cells_tagged(notebook, "check")
    tally = next(cell for cell in notebook.cells if "tally" in cell.metadata.get("tags", []))
    tried = REFUSED.get(path.stem, {})
    last = max((notebook.cells.index(checks[number]) for number in tried), default=-1)
    with kernel_for(notebook, tmp_path) as client:
        run(client, *notebook.cells[: last + 1])
        for number, answers in tried.items():
            for answer, expected in answers.items():
                exercises[number].source = answer
                run(client, exercises[number], checks[number])
                assert printed(checks[number]).startswith(f"Exercise {number}: {expected}. Hint: ")
                run(client, tally)
                assert f"Exercise {number}: wrong\n" in printed(tally)


@each_notebook
def test_runs_with_the_solutions(path: Path, tmp_path: Path) -> None:
    """With the solutions put in, it runs to its end and calls every one of them right."""
    notebook = read(path)
    solutions = cells_tagged(notebook, "solution")
    for number, exercise in cells_tagged(notebook, "exercise").items():
        exercise.source = solution_of(solutions[number])
        if path.stem in STORIES:
            exercise.source += f"\nprint(answer_{number})"
    with kernel_for(notebook, tmp_path) as client:
        run(client)
    for number, check in cells_tagged(notebook, "check").items():
        assert printed(check) == f"Exercise {number}: right.\n"
    if path.stem in STORIES and default_backend().exactness == "everywhere":
        assert not_computed(notebook) == set()


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ("after 428 steps of 1,876 the lead is −0.0202, or 0.02, and `d13873c38608`; section 8", set()),
        ("after 427 steps", {"427"}),
        ("it was 0.0202, is +0.0202", {"+0.0202"}),
        ("it was 0.0203", {"0.0203"}),
        ("`d13873c38609`", {"d13873c38609"}),
    ],
)
def test_a_figure_that_was_not_computed_is_found(told: str, missing: set[str]) -> None:
    """Wrong digits, signs and fingerprints are; what is rounded, and whole numbers of one digit, are not."""
    code = nbformat.v4.new_code_cell("run.at(428)")
    code.outputs = [nbformat.v4.new_output("stream", text="step 1,876: lead -0.0202; d13873c38608…")]
    notebook = nbformat.v4.new_notebook(cells=[code, nbformat.v4.new_markdown_cell(told)])
    assert missing == not_computed(notebook)
