"""Estimators for code that speaks scikit-learn: change one import, and name a backend where you have one.

They need scikit-learn: ``pip install 'xpnet[sklearn]'``.

Examples
--------
>>> from xpnet.estimators import MLPClassifier
>>> MLPClassifier(hidden_layer_sizes=(30,), solver="sgd").get_params()["learning_rate_init"]
0.001
"""

from importlib.util import find_spec

if not find_spec("sklearn"):
    raise ImportError("xpnet.estimators needs scikit-learn: pip install 'xpnet[sklearn]'")

# isort: split
from xpnet.estimators.files import load
from xpnet.estimators.logistic_regression import LogisticRegression
from xpnet.estimators.mlp_classifier import MLPClassifier
from xpnet.estimators.mlp_regressor import MLPRegressor
from xpnet.estimators.perceptron import Perceptron
from xpnet.estimators.tabular_classifier import TabularClassifier
from xpnet.estimators.tabular_regressor import TabularRegressor
from xpnet.estimators.truncated_svd import TruncatedSVD

__all__ = [
    "LogisticRegression",
    "MLPClassifier",
    "MLPRegressor",
    "Perceptron",
    "TabularClassifier",
    "TabularRegressor",
    "TruncatedSVD",
    "load",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
