"""Diagnoses in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pellucid.drawing import Html, element, figure, page, sentence, table

if TYPE_CHECKING:
    from pellucid.insight.diagnosis import Diagnosis, Finding

__all__ = ["diagnosis_html"]

_SIGNS: Final = {"serious": "✖", "warning": "▲", "note": "○"}
_MOST_ROWS: Final = 10


def diagnosis_html(diagnosis: Diagnosis) -> str:
    """Return a diagnosis as HTML: each finding with its evidence and its remedy, the most serious first."""
    looked = f"on {diagnosis.n_rows:,} rows"
    if diagnosis.steps:
        looked += f" and {len(diagnosis.steps)} steps of the run"
    if not diagnosis.findings:
        return page("Diagnosis", sentence(f"Nothing was found, {looked}."))
    many = "1 finding" if len(diagnosis) == 1 else f"{len(diagnosis)} findings"
    return page(f"Diagnosis: {many}, {looked}", *map(_finding, diagnosis))


def _finding(finding: Finding) -> Html:
    since = "" if finding.step is None else f", from step {finding.step:,}"
    title = f"{_SIGNS[finding.severity]} {finding.severity}: {finding.kind.replace('_', ' ')}{since}"
    change = ", ".join(f"{name}={value!r}" for name, value in finding.change.items())
    return element(
        "div",
        element("div", title, class_="heading", role="heading", aria_level=5),
        sentence(finding.sentence),
        _evidence(finding),
        _suspects(finding),
        sentence(element("strong", "Remedy: "), finding.remedy),
        sentence("In code: ", element("code", change)) if change else None,
        class_=f"finding {finding.severity}",
    )


def _evidence(finding: Finding) -> Html | None:
    if not finding.evidence:
        return None
    names = [name.replace("_", " ") for name in finding.evidence]
    return table(["", *names], [["evidence", *finding.evidence.values()]])


def _suspects(finding: Finding) -> Html | None:
    if not finding.rows:
        return None
    shown = [[f"row {one.row:,}", _name(one.given), _name(one.suggested), one.doubt] for one in finding.rows]
    more = len(shown) - _MOST_ROWS
    caption = f"… and {more:,} more rows" if more > 0 else None
    return table(["in doubt", "given", "probably", "doubt"], shown[:_MOST_ROWS], caption)


def _name(value: object) -> str:
    return figure(value)
