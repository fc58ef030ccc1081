"""What is measured, by the name that ``--cases`` takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import inference
import processes
import training
from contest import Contest, Result

CASES: dict[str, Callable[[Contest], Result]] = {
    "mnist": training.same_recipe,
    "best": training.own_recipe,
    "epoch": training.epoch,
    **{name: partial(training.steps, **settings) for name, settings in training.STEPS.items()},
    "products": inference.products,
    "row": inference.one_row,
    "rows-1": partial(inference.all_rows, threads=1),
    "rows-2": partial(inference.all_rows, threads=2),
    "threads": training.scaling,
    "import": processes.imports,
    "demo": processes.demo,
    "size": processes.sizes,
    "by-rows": training.by_rows,
    "by-parameters": training.by_parameters,
}
