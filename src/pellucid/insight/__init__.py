"""Insight: what the numbers of a network and of a run say. Traces, receipts, why, ledgers, diagnoses."""
