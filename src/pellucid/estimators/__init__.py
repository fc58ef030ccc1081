"""Scikit-learn's contract: change one import line, and its networks are faster, open, and do more.

``MLPClassifier`` and ``MLPRegressor`` take every argument of scikit-learn 1.9's, mean the same by it, and follow the
same path from the same ``random_state``, up to rounding. See docs/estimators.md.
"""

from pellucid.errors import MissingLibraryError

try:
    import sklearn  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingLibraryError(
        f"The estimators need the library {error.name}, which is not installed. Install pellucid[sklearn]."
    ) from None

from pellucid.estimators._classifier import MLPClassifier
from pellucid.estimators._regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
