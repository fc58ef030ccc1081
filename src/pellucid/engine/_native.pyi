from collections.abc import Sequence
from typing import Any

class Engine:
    def __init__(
        self,
        variant: str,
        layers: list[tuple[int, int, int, list[tuple[int, int, float]]]],
        loss: tuple[int, float, list[float]],
        f64: bool,
        scale: list[float],
        shift: list[float],
    ) -> None: ...

def variants() -> list[str]: ...
def forward(
    engine: Engine, parameters: Any, X: Any, output: Any, shown: bool, threads: int, /
) -> tuple[bool, float]: ...
def loss_and_gradient(
    engine: Engine,
    parameters: Any,
    X: Any,
    T: Any,
    weights: Any,
    order: Any,
    dropout: tuple[int, int] | None,
    l1: float,
    l2: float,
    gradient: Any,
    seen: list[tuple[Any, ...]],
    threads: int,
    /,
) -> float: ...
def train(
    engine: Engine,
    X: Any,
    T: Any,
    weights: Any,
    order: Any,
    batch: int,
    epoch: int,
    first_step: int,
    rates: Any,
    penalties: tuple[float, float, float],
    seed: int,
    rule: tuple[int, list[float]],
    layer_rates: Sequence[float],
    parameters: Any,
    slots: list[Any],
    losses: Any,
    hits: Any,
    threads: int,
    sparse: int,
    recompute: bool,
    held: Any,
    /,
) -> tuple[int, bool]: ...
def row_losses(engine: Engine, output: Any, T: Any, losses: Any, /) -> None: ...
def product_seconds(variant: str, batch: int, n_in: int, n_out: int, repeats: int, threads: int, /) -> float: ...
def permutation(variant: str, seed: int, step: int, epoch: int, address: int, order: Any, /) -> None: ...
def elementary(name: str, variant: str, x: Any, y: Any, /) -> None: ...
