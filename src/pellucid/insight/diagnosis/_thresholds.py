"""Every threshold of a diagnosis, and why it is where it is.

They were chosen on six data sets and frozen before the experiment on six others; docs/diagnosis.md tells how. "Healthy"
below means the healthy runs on the sets they were chosen on.
"""

from __future__ import annotations

from typing import Final

# Neurons

SILENT: Final = 1e-6
"""A neuron is silent on a row where neither its activation nor its slope is beyond this: 0, but for gelu's far end."""

DEAD_WARNING, DEAD_SERIOUS = 0.5, 0.9
"""Shares of a layer. Healthy relu layers have up to a tenth; at a half, the layer is half as wide as it was built."""

FLAT: Final = 0.05
"""A neuron is at its ends where its slope is at most this part of the steepest (sigmoid: |z| > 4.4, tanh: > 2.2)."""

FLAT_ROWS: Final = 0.8
"""… on this share of rows. Healthy neurons are flat on less than half of them; started 40 times too large, on 0.9."""

SATURATED_WARNING, SATURATED_SERIOUS = 0.5, 0.9
"""Shares of a layer, as for dead neurons. Healthy layers have none."""

TWIN: Final = 1e-3
"""Two neurons are twins where their weights differ by at most this part of their length. True twins differ by nothing
or by rounding, and by chance two neurons come so close once in millions."""

TWINS_WARNING, TWINS_SERIOUS = 0.25, 0.75
"""Shares of a layer that could be left out. Healthy layers have none."""

# Gradients: RMS δ of layer_1 / RMS δ of the output

VANISHING_WARNING, VANISHING_SERIOUS = 1e-3, 1e-5
"""Healthy runs have 0.05 and more, with one sigmoid layer the least; each further one costs a factor of about 5."""

EXPLODING_WARNING, EXPLODING_SERIOUS = 1e2, 1e4
"""Healthy runs have up to 3."""

# Inputs, after the network's scaling

LARGE_WARNING, LARGE_SERIOUS = 10.0, 100.0
"""Root mean square, or the largest standard deviation of a column. Scaled inputs have about 1."""

SMALL_WARNING: Final = 0.05
"""Root mean square. Bytes divided by 255 have 0.3 where they are pictures."""

SPREAD_WARNING, SPREAD_SERIOUS = 30.0, 1000.0
"""How far the widest column reaches, by the lower quartile of the columns. Reach, not standard deviation: the pixel at
a picture's edge is seldom lit, but then as brightly as others."""

SHIFT_WARNING: Final = 5.0
"""A column is shifted where its mean is so many standard deviations from 0 …"""

SHIFT_AT_LEAST: Final = 0.5
"""… and so far in itself: a column that is small altogether does no harm …"""

SHIFTED_COLUMNS: Final = 0.25
"""… and it is told where this share of columns is; one column of ones does no harm."""

# Outputs

CONSTANT_OUTPUT: Final = 0.01
"""Values: what the output varies by, as a part of what the targets do."""

CLASS_ROWS: Final = 10
"""A class can be missed among the predictions where it has so many of the rows looked at."""

IMBALANCE: Final = 10.0
"""The most frequent class by the rarest; a note only, since it is the world that is uneven."""

# The learning rate

OVERSHOOT: Final = 0.35
"""A sign of a high rate: this share of steps raised the loss of their own rows. Healthy runs: up to 0.22."""

LEARNT_NOTHING: Final = 0.9
"""A sign of a high rate: the loss in the end, by that of saying the same of every row."""

RISE: Final = 1.5
"""A sign of a high rate: the loss in the end, by the lowest on the way."""

LEARNT_ALL: Final = 0.05
"""No rate is too high where the loss in the end is below this part of that of saying the same of every row."""

TRIAL_BETTER: Final = 0.6
"""A lower rate must bring the loss of the same steps down to this part, or the sign is not believed."""

LEARNT_LITTLE: Final = 0.5
"""A sign of a low rate: the loss in the end is still this part of that of saying the same of every row …"""

MOVED_LITTLE: Final = 3e-4
"""… and the median step changes the parameters by at most this part of their size. Healthy runs that learn little
have 3.5e-4 and more; rates a hundred times too low, 7e-5 and less."""

TRIAL_FASTER: Final = 0.7
"""A higher rate must bring the loss of the same steps down to this part."""

# Labels

LABEL_LEARNT: Final = 0.9
"""States count whose accuracy is at least this part of the best in the first half of the run: before, the network's
opinion is its starting weights'. (Values: whose median error is at most 1 / this of the least.)"""

LABEL_DOUBT: Final = 0.2
"""p(another) − p(given). Low, since a network trained on many wrong labels is never sure."""

LABEL_NEIGHBOURS: Final = 10
"""How many of the nearest rows are asked."""

LABEL_AGREEING: Final = 0.3
"""By how much more of the neighbours must bear the other label than the given one. This tells a wrong label from a
region that the network has not learnt, where neighbours agree with the label."""

LABEL_OUTLIER: Final = 5.0
"""Values: robust standard deviations; of normally distributed errors, one in two million is beyond."""

LABELS_WARNING, LABELS_SERIOUS = 0.05, 0.15
"""Shares of rows. Healthy runs have up to 0.02; with a tenth of the labels wrong, 0.08 and more."""

OUTLIERS_WARNING, OUTLIERS_SERIOUS = 0.01, 0.05
"""Shares of rows, of values. Healthy runs have none."""

LABELS_AT_LEAST: Final = 5
"""Fewer rows are told in a note."""

# Overfitting

OVERFIT_RISE, OVERFIT_SERIOUS = 1.15, 2.0
"""Held-out loss in the end (median of the last epochs) by the lowest. Healthy: up to 1.09, but see next."""

OVERFIT_PART: Final = 0.03
"""… and the rise as a part of the loss of saying the same of every row: from 0.01 to 0.02 is no harm."""

OVERFIT_EPOCHS: Final = 3
"""How many last epochs the median is taken of."""
