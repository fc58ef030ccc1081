"""Reads a printed formula and computes it, from nothing but its characters."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from pellucid.core import ACTIVATIONS

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def _activation(name: str) -> Callable[[float], float]:
    return lambda x: float(ACTIVATIONS[name].function(np.array([[x]]))[0, 0])


FUNCTIONS: dict[str, Any] = {
    **{name: _activation(name) for name in ACTIVATIONS},
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
    "max": max,
    "abs": abs,
    "sign": np.sign,
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
}


def computed(expression: str) -> float:
    """Return what a printed expression comes to."""
    text = re.sub(r" \((?:[^()]*more[^()]*|all [0-9,]+ products are 0|rounding)\)", "", expression)
    text = re.sub(r"within ±([0-9.e+-]+) \(([^()]*)\)", r"max(-\1, -max(-\1, -(\2)))", text)
    text = text.replace("−", "-").replace("·", "*").replace("√", "sqrt")
    text = re.sub(r"sqrt([0-9][0-9.]*(?:e[+-]\d+)?)", r"sqrt(\1)", text)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f"**{m[0].translate(_SUPERSCRIPTS)}", text)
    text = re.sub(r"(-[0-9.]+(?:e[+-]\d+)?)\*\*", r"(\1)**", text) if text.startswith("(-") else text
    return float(eval(text, {"__builtins__": {}}, FUNCTIONS))


def multiplies_out(line: str) -> bool:
    """Return whether the last expression of ``name = … = expression = result`` rounds to the result."""
    *before, result = line.split(" = ")
    shown = re.sub(r" \(.*\)$", "", result).replace("−", "-")
    if len(before) < 2 or not re.search(r"\d", before[-1]):
        return True  # only a result, or only its symbols
    exponent = Decimal(shown).as_tuple().exponent
    assert isinstance(exponent, int)
    found = computed(before[-1])
    return abs(found - float(shown)) <= 0.5 * 10.0**exponent * (1 + 1e-6) + 1e-13 * abs(found)
