"""Drawing: pictures and tables as HTML for notebooks, without scripts and by itself; and as plots of Matplotlib's."""

from pellucid.drawing._bars import added_up, bars, sum_bars
from pellucid.drawing._chart import Series, chart
from pellucid.drawing._histograms import histograms
from pellucid.drawing._html import Html, element, figure
from pellucid.drawing._image import SIGNS, image, side_of, thumbnails
from pellucid.drawing._page import page, part, sentence
from pellucid.drawing._plots import plot_bars, plot_histograms, plot_series
from pellucid.drawing._png import png
from pellucid.drawing._table import facts, table

__all__ = [
    "SIGNS",
    "Html",
    "Series",
    "added_up",
    "bars",
    "chart",
    "element",
    "facts",
    "figure",
    "histograms",
    "image",
    "page",
    "part",
    "plot_bars",
    "plot_histograms",
    "plot_series",
    "png",
    "sentence",
    "side_of",
    "sum_bars",
    "table",
    "thumbnails",
]
