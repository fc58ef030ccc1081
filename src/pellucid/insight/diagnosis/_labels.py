"""Labels in doubt: rows that the network, before it could learn them by heart, and their neighbours contradict."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task, scaled
from pellucid.insight.diagnosis._finding import Finding, Suspect
from pellucid.insight.diagnosis._look import sampled, taken
from pellucid.insight.diagnosis._neighbours import nearest
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._story import Story, table_of
from pellucid.insight.diagnosis._thresholds import (
    LABEL_AGREEING,
    LABEL_DOUBT,
    LABEL_LEARNT,
    LABEL_NEIGHBOURS,
    LABEL_OUTLIER,
    LABELS_AT_LEAST,
    LABELS_SERIOUS,
    LABELS_WARNING,
    OUTLIERS_SERIOUS,
    OUTLIERS_WARNING,
)

__all__ = ["label_noise"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]
Places = NDArray[np.int64]

_MOST_PRODUCTS: Final = 4e9
_EARLY: Final = 0.5


class _Opinion(NamedTuple):
    """What the network shows for each row, on the average of early states, and the first of these."""

    shown: Float64
    step: int


def label_noise(story: Story) -> list[Finding]:
    """Return a finding with the rows whose labels are in doubt.

    The network is asked in the first half of its run, once it has learnt what rows have in common and before it has
    learnt each of them by heart. Classes: p(another) − p(given), averaged over these states, is above a threshold,
    and more of the row's neighbours bear the other label than the given one. Values: what is left over, averaged
    likewise, is an outlier among what is left of all rows.

    Source: Pleiss, Zhang, Elenberg & Weinberger (2020), Identifying mislabeled data using the area under the margin
    ranking; Arpit et al. (2017), A closer look at memorization in deep networks; Wilson (1972), Asymptotic properties
    of nearest neighbor rules using edited data.
    """
    rows, task = _rows(story), story.spec.loss.task
    several = task is Task.YES_NO and story.spec.n_outputs > 1
    if len(rows) <= LABEL_NEIGHBOURS or several or story.spec.loss.outputs_per_target > 1:
        return []
    opinion = _opinion(story, rows)
    if opinion is None:
        return []
    T = story.timeline.data.T[rows]
    if task is Task.VALUES:
        suspects, bounds = _outliers(story, opinion.shown, T, rows), (OUTLIERS_WARNING, OUTLIERS_SERIOUS)
    else:
        bounds = LABELS_WARNING, LABELS_SERIOUS
        suspects = _contradicted(story, opinion.shown, T.reshape(len(T)).astype(np.int64), rows)
    return [_finding(suspects, len(rows), opinion.step, bounds)] if suspects else []


def _rows(story: Story) -> Places:
    """Return the rows to judge: all that are trained on, or a sample where that would take long."""
    few = story.spec.n_parameters * len(story.rows) <= _MOST_PRODUCTS
    return story.rows if few else story.places


def _opinion(story: Story, rows: Places) -> _Opinion | None:
    """Return what the network showed early, on the average of those states that had learnt something."""
    steps = [step for step in story.steps if 0 < step <= _EARLY * story.steps[-1]]
    if not steps:
        return None
    X, T = table_of(story.timeline.data.X, rows), story.timeline.data.T[rows]
    shown = [_shown(story, step, X) for step in steps]
    worth = np.array([_worth(story.spec.loss.task, P, T) for P in shown])
    learnt = worth >= LABEL_LEARNT * worth.max()
    mean = np.mean([P for P, counts in zip(shown, learnt, strict=True) if counts], axis=0)
    return _Opinion(mean, steps[int(learnt.argmax())])


def _shown(story: Story, step: int, X: Any) -> Float64:
    """Return the probability of each class, or the values, that the network at a step gives each row."""
    used = story.timeline.backend.use(story.spec, story.vector(step), X, shown=True)
    output = used.output.astype(np.float64)
    return np.hstack([1 - output, output]) if story.spec.loss.task is Task.YES_NO else output


def _worth(task: Task, shown: Float64, T: Array) -> float:
    """Return the accuracy; of values, 1 / the median error."""
    if task is Task.VALUES:
        return float(1 / max(np.median(np.abs(T - shown)), 1e-12))
    return float(np.mean(shown.argmax(axis=1) == T.reshape(len(T))))


def _contradicted(story: Story, P: Float64, T: Places, rows: Places) -> list[Suspect]:
    """Return the rows to which the network and the neighbours would give another label, the most doubtful first."""
    places = np.arange(len(P))
    others = P.copy()
    others[places, T] = -np.inf
    suggested = others.argmax(axis=1)
    doubt = others.max(axis=1) - P[places, T]
    chosen = np.flatnonzero(doubt >= LABEL_DOUBT)
    if len(chosen) == 0:
        return []
    among = sampled(len(rows), story.spec.input.width)
    near = T[among][nearest(_scaled(story, rows[chosen]), _scaled(story, rows[among]), LABEL_NEIGHBOURS)]
    votes = (near == suggested[chosen, np.newaxis]).mean(axis=1) - (near == T[chosen, np.newaxis]).mean(axis=1)
    kept = chosen[votes >= LABEL_AGREEING]
    order = kept[np.argsort(-doubt[kept], kind="stable")]
    names = story.spec.output.names or tuple(range(story.spec.n_names))
    return [Suspect(int(rows[i]), names[T[i]], names[suggested[i]], float(doubt[i])) for i in order]


def _scaled(story: Story, rows: Places) -> Float64:
    return scaled(story.spec, taken(story.timeline.data.X, rows)).astype(np.float64)


def _outliers(story: Story, output: Float64, T: Array, rows: Places) -> list[Suspect]:
    """Return the rows whose value lies far from what the network gives, the farthest first."""
    left = T.astype(np.float64) - output
    middle = np.median(left, axis=0)
    spread = 1.4826 * np.median(np.abs(left - middle), axis=0)
    away = np.abs(left - middle) / np.where(spread == 0, np.inf, spread)
    doubt, target = away.max(axis=1), away.argmax(axis=1)
    chosen = np.flatnonzero(doubt >= LABEL_OUTLIER)
    order = chosen[np.argsort(-doubt[chosen], kind="stable")]
    scale = np.broadcast_to(np.asarray(story.spec.output.scale), T.shape[1])
    shift = np.broadcast_to(np.asarray(story.spec.output.shift), T.shape[1])

    def own(value: float, k: int) -> float:
        return float(f"{value * scale[k] + shift[k]:.4g}")

    return [
        Suspect(int(rows[i]), own(T[i, k], k), own(output[i, k], k), float(doubt[i]))
        for i, k in zip(order, target[order], strict=True)
    ]


def _finding(suspects: list[Suspect], rows: int, step: int, bounds: tuple[float, float]) -> Finding:
    share = len(suspects) / rows
    return Finding(
        "label_noise",
        severity(share, *bounds) if len(suspects) >= LABELS_AT_LEAST else "note",
        f"{len(suspects)} of {rows} rows ({share:.1%}) bear a label or value that the network, early in the run, and "
        "what it learnt from the other rows contradict.",
        {"suspects": len(suspects), "rows": rows, "share": share},
        "Look at these rows first; mend their labels, or leave them out.",
        {"drop_rows": [one.row for one in suspects]},
        step=step,
        rows=tuple(suspects),
    )
