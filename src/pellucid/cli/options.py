"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Digit", "Json", "Model", "Quiet", "Seed"]

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="The file of a network, as --save writes it.")]
Digit = Annotated[
    int | None,
    typer.Option("--digit", metavar="N", help="The index of an image of MNIST's test set, 0 … 9999."),
]
Seed = Annotated[int, typer.Option("--seed", help="The seed of the first weights and of the order of the rows.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress while it trains.")]
