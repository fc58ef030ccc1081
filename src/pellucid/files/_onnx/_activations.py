"""Each activation as nodes: ONNX's own where ONNX Runtime computes it, else made of others.

ONNX Runtime has no kernel in float64 for leaky_relu, elu, selu, gelu and softplus; silu is no operator before opset 24.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from pellucid.files._onnx._board import Board

LEAK: Final = 0.01
SELU_SCALE: Final = 1.0507009873554805
SELU_FLOOR: Final = 1.7580993408473766

_OPERATORS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "identity": ("Identity", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
}
_IN_FLOAT32: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "leaky_relu": ("LeakyRelu", {"alpha": LEAK}),
    "elu": ("Elu", {"alpha": 1.0}),
    "selu": ("Selu", {"alpha": SELU_FLOOR / SELU_SCALE, "gamma": SELU_SCALE}),
    "gelu": ("Gelu", {"approximate": "none"}),
    "softplus": ("Softplus", {}),
}


def activate(board: Board, activation: str, z: str, a: str) -> str:
    """Set the nodes down that make the tensor a = f(z), and return its name."""
    operators = _OPERATORS | (_IN_FLOAT32 if board.dtype == np.float32 else {})
    if activation in operators:
        op, settings = operators[activation]
        return board.node(op, [z], a, **settings)
    return _MADE[activation](board, z, a)


def _silu(board: Board, z: str, a: str) -> str:
    """Set down a = z·σ(z)."""
    return board.node("Mul", [z, board.node("Sigmoid", [z], f"{a}.sigmoid")], a)


def _leaky_relu(board: Board, z: str, a: str) -> str:
    """Set down a = max(z, 0.01·z)."""
    leak = board.node("Mul", [z, board.constant(f"{a}.leak", LEAK)], f"{a}.leaking")
    return board.node("Max", [z, leak], a)


def _falling(board: Board, z: str, a: str) -> tuple[str, str]:
    """Set down max(z, 0), and e^min(z, 0) − 1."""
    zero, one = board.constant(f"{a}.zero", 0), board.constant(f"{a}.one", 1)
    above, below = board.node("Max", [z, zero], f"{a}.above"), board.node("Min", [z, zero], f"{a}.below")
    return above, board.node("Sub", [board.node("Exp", [below], f"{a}.power"), one], f"{a}.falling")


def _elu(board: Board, z: str, a: str) -> str:
    """Set down a = max(z, 0) + (e^min(z, 0) − 1)."""
    return board.node("Add", list(_falling(board, z, a)), a)


def _selu(board: Board, z: str, a: str) -> str:
    """Set down a = λ·max(z, 0) + λ·α·(e^min(z, 0) − 1)."""
    above, falling = _falling(board, z, a)
    rising = board.node("Mul", [above, board.constant(f"{a}.scale", SELU_SCALE)], f"{a}.scaled")
    floor = board.node("Mul", [falling, board.constant(f"{a}.floor", SELU_FLOOR)], f"{a}.floored")
    return board.node("Add", [rising, floor], a)


def _softplus(board: Board, z: str, a: str) -> str:
    """Set down a = max(z, 0) + ln(1 + e⁻|ᶻ|), in which no power overflows."""
    zero, one = board.constant(f"{a}.zero", 0), board.constant(f"{a}.one", 1)
    size = board.node("Abs", [z], f"{a}.size")
    power = board.node("Exp", [board.node("Neg", [size], f"{a}.minus_size")], f"{a}.power")
    rest = board.node("Log", [board.node("Add", [power, one], f"{a}.sum")], f"{a}.rest")
    return board.node("Add", [board.node("Max", [z, zero], f"{a}.above"), rest], a)


ERFC: Final = (
    0.5107913526210115,
    0.3435803422069066,
    0.13973604627802544,
    0.01822111575330654,
    -0.010755330944543395,
    -0.0032395925298229706,
    0.0015453060235235373,
    0.00041864797455106346,
    -0.00033153666720827973,
    -1.7185277031395944e-05,
    7.223470151152152e-05,
    -1.7076546359618643e-05,
    -1.0844830393553637e-05,
    8.066869193609796e-06,
    -5.73274951959766e-07,
    -1.834676836838371e-06,
    1.0236722330791878e-06,
    1.527617578050097e-08,
    -3.190493922341103e-07,
    1.500232890068909e-07,
    3.1238350202999086e-08,
    -5.1578821872341624e-08,
    8.331201258514909e-09,
    6.618511115065835e-09,
    -2.2124280955708335e-09,
)
"""Q(s), s⁰ first, with erfc(u) = t·e^(−u²)·Q(2·t − 1) and t = 2/(2 + u), u ≥ 0, to 4·10⁻¹⁶·(1 + 2·u²) of its value.

Interpolated with 60 digits at Chebyshev's points of degree 24; ``tests/files/test_onnx.py`` judges it.
"""


def _gelu(board: Board, z: str, a: str) -> str:
    """Set down a = max(z, 0) − |z|·½·erfc(|z|/√2), since ONNX Runtime knows erf in float32 alone."""
    node, constant = board.node, board.constant
    size = node("Abs", [z], f"{a}.size")
    u = node("Mul", [size, constant(f"{a}.root", np.sqrt(0.5))], f"{a}.u")
    two, one = constant(f"{a}.two", 2), constant(f"{a}.one", 1)
    t = node("Div", [two, node("Add", [u, two], f"{a}.u_and_2")], f"{a}.t")
    s = node("Sub", [node("Mul", [t, two], f"{a}.twice_t"), one], f"{a}.s")
    q = constant(f"{a}.q{len(ERFC) - 1}", ERFC[-1])
    for power in reversed(range(len(ERFC) - 1)):
        product = node("Mul", [q, s], f"{a}.product{power}")
        q = node("Add", [product, constant(f"{a}.q{power}", ERFC[power])], f"{a}.sum{power}")
    fall = node("Exp", [node("Neg", [node("Mul", [u, u], f"{a}.square")], f"{a}.minus_square")], f"{a}.fall")
    half = node("Mul", [t, constant(f"{a}.half", 0.5)], f"{a}.half_t")
    tail = node("Mul", [node("Mul", [half, fall], f"{a}.half_fall"), q], f"{a}.tail")
    above = node("Max", [z, constant(f"{a}.zero", 0)], f"{a}.above")
    return node("Sub", [above, node("Mul", [size, tail], f"{a}.taken_off")], a)


_MADE: Final[dict[str, Callable[[Board, str, str], str]]] = {
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": _silu,
    "softplus": _softplus,
}
