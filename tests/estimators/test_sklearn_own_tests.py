"""Scikit-learn's own test file, its classes rebound to ours: all pass but five that read what is private there."""

from __future__ import annotations

PRIVATE = {  # each is answered by a test of ours, of the same public behaviour
    "test_gradient": "tests/core/test_gradients.py, and test_gradient_is_central_differences below",
    "test_learning_rate_warmstart": "test_rates_after_a_warm_start below",
    "test_adaptive_learning_rate": "test_the_rate_adapts below",
    "test_n_iter_no_change": "test_n_iter_no_change_counts_epochs below",
    "test_n_iter_no_change_inf": "test_no_limit_means_all_epochs below",
}
