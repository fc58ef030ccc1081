"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Data", "DataSeed", "Digit", "Json", "Model", "Noise", "Points", "Quiet", "Seed"]

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="The file of a network, as --save writes it.")]
Digit = Annotated[
    int | None,
    typer.Option("--digit", metavar="N", help="The index of an image of MNIST's test set, 0 … 9999."),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DATA",
        show_default=False,
        help="What it was trained on: mnist, a toy set, or a .npz file of X and y. [found where it is known]",
    ),
]
Points = Annotated[
    int | None,
    typer.Option("--points", show_default=False, help="The number of points of the toy set, as train had it. [400]"),
]
Noise = Annotated[
    float | None, typer.Option("--noise", help="How far the points of the toy set scatter, as train had it.")
]
DataSeed = Annotated[
    int | None, typer.Option("--seed", show_default=False, help="The seed of the toy set. [that of the run, or 0]")
]
Seed = Annotated[int, typer.Option("--seed", help="The seed of the first weights and of the order of the rows.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress while it trains.")]
