"""Diagnosis: what is wrong with a network or a run, with the numbers that show it. See docs/diagnosis.md."""

from pellucid.insight.diagnosis._finding import SEVERITIES, Diagnosis, Finding, Suspect
from pellucid.insight.diagnosis._network import diagnose_network
from pellucid.insight.diagnosis._run import diagnose_run

__all__ = ["SEVERITIES", "Diagnosis", "Finding", "Suspect", "diagnose_network", "diagnose_run"]
