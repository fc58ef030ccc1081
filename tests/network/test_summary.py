"""The summary is pinned as exact text, for the terminal and for a notebook."""

from __future__ import annotations

from pellucid import Dropout, Network

TEXT = """\
┏━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ layer   ┃ kind         ┃ width ┃ activation ┃ parameters ┃
┡━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ input   │ × 0.00392157 │   784 │            │            │
│ layer_1 │ dense        │    32 │ relu       │     25,120 │
│         │ dropout 0.1  │    32 │            │            │
│ output  │ dense        │    10 │ identity   │        330 │
└─────────┴──────────────┴───────┴────────────┴────────────┘
25,450 parameters, float32; loss cross_entropy"""

HTML = (
    "<table><caption>17 parameters, float64; loss mse</caption>"
    "<tr><th>layer</th><th>kind</th><th>width</th><th>activation</th><th>parameters</th></tr>"
    "<tr><td>input</td><td>shifted scaled</td><td>2</td><td></td><td>0</td></tr>"
    "<tr><td>layer_1</td><td>dense</td><td>3</td><td>tanh</td><td>9</td></tr>"
    "<tr><td>output</td><td>dense</td><td>2</td><td>identity</td><td>8</td></tr></table>"
)


def test_in_a_terminal() -> None:
    """A table of layers, with the total beneath it."""
    summary = Network([784, 32, Dropout(0.1), 10], input_scale=1 / 255).summary()
    assert TEXT == "\n".join(line.rstrip() for line in repr(summary).splitlines())
    assert ("output", "dense", 10, "identity", 330) == summary.rows[-1]


def test_in_a_notebook() -> None:
    """The same as an HTML table, without style or script."""
    net = Network([2, 3, 2], activation="tanh", loss="mse", dtype="float64", input_scale=[1, 2], input_shift=1.0)
    assert HTML == net.summary()._repr_html_()
