"""What a diagnosis says: findings, each with the numbers that made it and a remedy that a program can apply."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

from pellucid.core import Name
from pellucid.errors import unknown_name

__all__ = ["SEVERITIES", "Diagnosis", "Finding", "Suspect"]

SEVERITIES: Final = ("note", "warning", "serious")
_MOST_SUSPECTS_SHOWN: Final = 5


@final
@dataclass(frozen=True)
class Suspect:
    """A row whose given label, or value, is probably wrong.

    Attributes
    ----------
    row : int
        Its place in X, from 0.
    given, suggested : name of a class, its place, or a value in the targets' own units
    doubt : float
        Classes: how much likelier the network held the suggested one, on the average of what was looked at, from 0 to
        1. Values: how far off the given one is, in robust standard deviations of what is left.
    """

    row: int
    given: Name | float
    suggested: Name | float
    doubt: float


@final
@dataclass(frozen=True, repr=False)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    kind : str
        Such as ``"dead_neurons"``; docs/diagnosis.md lists them.
    severity : "note", "warning" or "serious"
    sentence : str
        What was found, with its numbers.
    evidence : numbers by name
    remedy : str
        What to do.
    change : settings of `Network` or `fit` by name, or "drop_rows"
        The remedy for a program; empty where none can be told.
    layer : name of the layer, or None
    neurons : tuple of int, from 1, as in ``node_3``
    step : int or None
        In a run: the first step on which it was seen to hold, and from there on.
    rows : tuple of Suspect
        Rows whose labels are in doubt, the most doubtful first.
    """

    kind: str
    severity: str
    sentence: str
    evidence: Mapping[str, float]
    remedy: str
    change: Mapping[str, Any] = field(default_factory=dict)
    layer: str | None = None
    neurons: tuple[int, ...] = ()
    step: int | None = None
    rows: tuple[Suspect, ...] = ()

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise unknown_name("severity", self.severity, SEVERITIES)

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a warning, 2 where it is serious."""
        return SEVERITIES.index(self.severity)

    def __repr__(self) -> str:
        """Return the sentence, the rows in doubt and the remedy, as text."""
        place = "" if self.step is None else f" (from step {self.step})"
        lines = [f"{self.severity}: {self.kind}{place}", _indented(self.sentence)]
        lines += [
            _indented(f"row {one.row}: given {one.given}, probably {one.suggested} ({one.doubt:.2f})")
            for one in self.rows[:_MOST_SUSPECTS_SHOWN]
        ]
        if len(self.rows) > _MOST_SUSPECTS_SHOWN:
            lines.append(_indented(f"… and {len(self.rows) - _MOST_SUSPECTS_SHOWN} more rows"))
        return "\n".join([*lines, _indented(f"→ {self.remedy}")])


def _indented(text: str) -> str:
    return textwrap.fill(text, 110, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


@final
@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All that was found, the most serious first.

    Attributes
    ----------
    findings : tuple of Finding
    n_rows : int
        How many rows were looked at.
    steps : tuple of int
        On which steps of a run; empty for a network alone.

    Examples
    --------
    >>> Diagnosis((), 200)
    Nothing was found, on 200 rows.
    """

    findings: tuple[Finding, ...]
    n_rows: int
    steps: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def healthy(self) -> bool:
        """Whether nothing worse than a note was found."""
        return not any(finding.rank for finding in self.findings)

    def kinds(self, least: str = "warning") -> tuple[str, ...]:
        """Return the kinds of what is at least this severe, each once.

        Raises
        ------
        UnknownNameError
            There is no such severity.
        """
        if least not in SEVERITIES:
            raise unknown_name("severity", least, SEVERITIES)
        enough = SEVERITIES.index(least)
        return tuple(dict.fromkeys(finding.kind for finding in self.findings if finding.rank >= enough))

    def of(self, kind: str) -> tuple[Finding, ...]:
        """Return the findings of one kind; none where it was not found."""
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def __repr__(self) -> str:
        """Return all findings as text."""
        looked = f"on {self.n_rows} rows" + (f" and {len(self.steps)} steps of the run" if self.steps else "")
        if not self.findings:
            return f"Nothing was found, {looked}."
        many = "1 finding" if len(self) == 1 else f"{len(self)} findings"
        return "\n\n".join([f"{many}, {looked}", *map(str, self.findings)])

    def _repr_html_(self) -> str:
        from pellucid.insight._html import diagnosis_html

        return diagnosis_html(self)


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings with the most serious first; equals stay as they were found."""
    return tuple(sorted(findings, key=lambda finding: -finding.rank))
