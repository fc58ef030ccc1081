"""Inputs as the first layer sees them: their size, their place, and how the columns compare."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._thresholds import (
    LARGE_SERIOUS,
    LARGE_WARNING,
    SHIFT_AT_LEAST,
    SHIFT_WARNING,
    SHIFTED_COLUMNS,
    SMALL_WARNING,
    SPREAD_SERIOUS,
    SPREAD_WARNING,
)

__all__ = ["inputs_scaled"]

Float64 = NDArray[np.float64]


class _Columns(NamedTuple):
    """Of each column that varies: its mean, standard deviation, and greatest distance from the mean."""

    mean: Float64
    spread: Float64
    peak: Float64


def inputs_scaled(look: Look) -> list[Finding]:
    """Return findings about the inputs' scale, and about columns that never vary.

    Source: LeCun, Bottou, Orr & Müller (1998), Efficient BackProp, section 4.3.
    """
    mean, spread = look.S.mean(axis=0), look.S.std(axis=0)
    varies = np.ptp(look.S, axis=0) > 0
    findings = [_constant(look, ~varies)] if not varies.all() else []
    if not varies.any():
        return findings
    peak = np.abs(look.S - mean).max(axis=0)
    reasons = _reasons(_Columns(mean[varies], spread[varies], peak[varies]))
    if reasons:
        findings.append(_unscaled(look, reasons))
    return findings


def _reasons(columns: _Columns) -> list[tuple[str, str, dict[str, float]]]:
    """Return what is wrong with the scale: severity, clause, evidence."""
    found: list[tuple[str, str, dict[str, float]]] = []
    size = float(np.sqrt(np.mean(columns.spread**2 + columns.mean**2)))
    widest = float(columns.spread.max())
    if widest >= LARGE_WARNING or size >= LARGE_WARNING:
        largest = max(widest, size)
        found.append(
            (
                severity(largest, LARGE_WARNING, LARGE_SERIOUS),
                f"they are large (up to {largest:.3g})",
                {"size": largest},
            )
        )
    elif size <= SMALL_WARNING:
        found.append(("warning", f"they are small (root mean square {size:.2g})", {"size": size}))
    times = float(columns.peak.max() / np.quantile(columns.peak, 0.25))
    if times >= SPREAD_WARNING:
        clause = f"the widest column reaches {times:.3g} times as far as a quarter of the others do"
        found.append((severity(times, SPREAD_WARNING, SPREAD_SERIOUS), clause, {"spread_ratio": times}))
    away = np.abs(columns.mean)
    shifted = float(np.mean((away >= SHIFT_WARNING * columns.spread) & (away >= SHIFT_AT_LEAST)))
    if shifted >= SHIFTED_COLUMNS:
        clause = f"{shifted:.0%} of the columns lie {SHIFT_WARNING:.0f} or more of their spreads from 0"
        found.append(("warning", clause, {"shifted_columns": shifted}))
    return found


def _unscaled(look: Look, reasons: list[tuple[str, str, dict[str, float]]]) -> Finding:
    evidence = {name: number for _, _, numbers in reasons for name, number in numbers.items()}
    worst = "serious" if any(grade == "serious" for grade, _, _ in reasons) else "warning"
    return Finding(
        "unscaled_inputs",
        worst,
        f"After the network's scaling the inputs are not near 0 ± 1: {'; '.join(clause for _, clause, _ in reasons)}.",
        evidence,
        "Build the network with the input_shift and input_scale of `change`, which bring each column to 0 ± 1.",
        _standardizing(look.X),
        look.spec.names[0],
    )


def _standardizing(X: NDArray[Any]) -> dict[str, Any]:
    """Return the shift and the scale that bring each column to 0 ± 1; a column that never varies is moved only."""
    table = X.astype(np.float64)
    spread = table.std(axis=0)
    if X.dtype == np.uint8:  # bytes have one unit, and zeros that stay zeros
        return {"input_shift": 0.0, "input_scale": 1 / 255}
    scale = 1 / np.where(np.ptp(table, axis=0) > 0, spread, 1.0)
    return {"input_shift": table.mean(axis=0).tolist(), "input_scale": scale.tolist()}


def _constant(look: Look, constant: NDArray[np.bool_]) -> Finding:
    count, width = int(constant.sum()), len(constant)
    columns = np.flatnonzero(constant)
    return Finding(
        "constant_inputs",
        "serious" if count == width else "note",
        f"{count} of {width} columns never vary on {len(look.S)} rows (the first is column {columns[0]}, counted from "
        "0): nothing can be learnt from them.",
        {"constant": count, "width": width, "first": int(columns[0])},
        "Leave them out, or let them be: they only cost time.",
        layer=look.spec.names[0],
    )
