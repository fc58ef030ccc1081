"""A diagnosis is data first; as text it reads well in a terminal."""

from __future__ import annotations

import pytest

from pellucid.errors import UnknownNameError
from pellucid.insight.diagnosis import Diagnosis, Finding, Suspect

NOTE = Finding("class_imbalance", "note", "One class has 12 times as many rows.", {"ratio": 12.0}, "Weigh them.")
WARNING = Finding(
    "label_noise",
    "warning",
    "7 of 100 rows bear another label.",
    {"suspects": 7},
    "Look at these.",
    {"drop_rows": list(range(7))},
    step=40,
    rows=tuple(Suspect(row, "cat", "dog", 0.9 - row / 100) for row in range(7)),
)


def test_kinds_are_told_from_a_severity_on() -> None:
    """Each once; notes only where they are asked for."""
    diagnosis = Diagnosis((WARNING, WARNING, NOTE), 100)
    assert ("label_noise",) == diagnosis.kinds()
    assert () == diagnosis.kinds("serious")
    assert ("label_noise", "class_imbalance") == diagnosis.kinds("note")
    assert (WARNING, WARNING) == diagnosis.of("label_noise")
    assert ([WARNING, WARNING, NOTE], 3) == (list(diagnosis), len(diagnosis))
    assert not diagnosis.healthy
    assert Diagnosis((NOTE,), 100).healthy


def test_text_shows_a_few_rows_and_counts_the_others() -> None:
    """Pinned as it is."""
    expected = """2 findings, on 100 rows and 3 steps of the run

warning: label_noise (from step 40)
  7 of 100 rows bear another label.
  row 0: given cat, probably dog (0.90)
  row 1: given cat, probably dog (0.89)
  row 2: given cat, probably dog (0.88)
  row 3: given cat, probably dog (0.87)
  row 4: given cat, probably dog (0.86)
  … and 2 more rows
  → Look at these.

note: class_imbalance
  One class has 12 times as many rows.
  → Weigh them."""
    assert expected == repr(Diagnosis((WARNING, NOTE), 100, (0, 5, 9)))


def test_an_unknown_severity_is_refused_with_those_there_are() -> None:
    """So a finding can be ranked, always."""
    with pytest.raises(UnknownNameError, match=r"severity 'bad'\. Accepted: note, warning, serious"):
        Finding("dead_neurons", "bad", "", {}, "")
    with pytest.raises(UnknownNameError, match="Accepted: note, warning, serious"):
        Diagnosis((), 1).kinds("bad")
