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
    "<tr><td>input</td><td>shifted scaled</td><td>2</td><td></td><td></td></tr>"
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


def test_with_the_cost() -> None:
    """Bytes and multiplications by layer; the closing lines tell what a row takes, and the notebook the same."""
    summary = Network([784, 32, Dropout(0.1), 64, 10], input_scale=1 / 255).summary(cost=True)
    assert ("layer_2", "dense", 64, "relu", 2112, 8448, 2048) == summary.rows[3]
    assert (27_882, 111_528, 27_776, 4 * (32 + 64)) == summary.cost
    closing = (
        "27,882 parameters, float32; loss cross_entropy",
        "111,528 bytes; a row takes 27,776 mult-adds and 384 bytes of scratch",
    )
    assert [*closing] == [line.rstrip() for line in repr(summary).splitlines()[-2:]]
    assert f"<caption>{closing[0]}<br>{closing[1]}</caption>" in summary._repr_html_()
    assert "<th>bytes</th><th>mult-adds</th>" in summary._repr_html_()


def test_the_cost_of_doubles() -> None:
    """A network of 64-bit floats takes twice the bytes."""
    assert (9, 72, 6, 24) == Network([2, 3], dtype="float64").summary(cost=True).cost
