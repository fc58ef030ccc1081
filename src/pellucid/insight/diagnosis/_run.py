"""The diagnosis of a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pellucid.insight.diagnosis._finding import Diagnosis, Finding, ordered
from pellucid.insight.diagnosis._gradients import gradients_through_depth
from pellucid.insight.diagnosis._labels import label_noise
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._network import CHECKS, findings_of
from pellucid.insight.diagnosis._overfitting import overfitting
from pellucid.insight.diagnosis._rate import diverged, learning_rate
from pellucid.insight.diagnosis._story import Story
from pellucid.training import Timeline

__all__ = ["diagnose_run"]


def diagnose_run(timeline: Timeline) -> Diagnosis:
    """Return what is wrong with a run, as far as some ten of its states and its history tell.

    The network is looked at where the run's record ends, and each finding about it is followed back to the first step
    on which it held. Learning rates are tried on the run's own first steps. The run goes on standing where it stands.

    Parameters
    ----------
    timeline : Timeline
        A run with at least one step made.

    Returns
    -------
    Diagnosis
    """
    with np.errstate(all="ignore"):  # a run that diverged has states whose outputs are not finite
        return _diagnosis(Story(timeline))


def _diagnosis(story: Story) -> Diagnosis:
    findings = [_dated(story, finding) for finding in findings_of(story.last)]
    findings += _at_the_start(story, {finding.kind for finding in findings})
    if story.timeline.frontier:
        findings += [found for check in (learning_rate, label_noise, overfitting) for found in check(story)]
    if story.diverged and not any(finding.kind == "learning_rate_too_high" for finding in findings):
        findings.append(diverged(story))
    return Diagnosis(ordered(findings), len(story.places), story.steps)


def _at_the_start(story: Story, found: set[str]) -> list[Finding]:
    """Return what was wrong with the gradients when the run began, and is no more."""
    return [
        replace(finding, severity="warning", step=0, sentence=f"At the start: {finding.sentence}")
        for finding in gradients_through_depth(story.look(0))
        if finding.kind not in found
    ]


def _dated(story: Story, finding: Finding) -> Finding:
    """Return a finding about the last state with the step since when it holds; a note as it is."""
    if finding.rank == 0:
        return finding

    def holds(look: Look) -> bool:
        return any(
            (other.kind, other.layer) == (finding.kind, finding.layer) and other.rank > 0
            for check in CHECKS
            for other in check(look)
        )

    return replace(finding, step=story.first(holds))
