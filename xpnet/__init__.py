"""The networks of Nielsen's book in plain array-API Python, on NumPy, CuPy and every other array library.

The rooms; ``help(xpnet.linalg)`` and so on say what is in each::

    xpnet.data         digits, MNIST, tables, splits, scalings
    xpnet.nn           activations, costs, the network, backpropagation, perceptrons
    xpnet.training     optimizers, schedules, stopping rules, many networks at once, searches
    xpnet.linalg       norms, Gram-Schmidt, singular values, proximal operators
    xpnet.tabular      tables without settings: calibration, importance, intervals
    xpnet.recommend    recommendation from ratings
    xpnet.estimators   scikit-learn's door: MLPClassifier and others
    xpnet.report       plots, and one page that shows what a model learned
    xpnet.book         the book's own modules: network, network2, mnist_loader
    xpnet.exercises    checks of the exercises to the study notes
    xpnet.backend      which library, device and dtype computes

The main functions::

    train, train_many, train_table, search   learn from data; Network describes a network
    load, save, to_onnx                      files of a Model
    sgd, momentum, adam, ...                 optimizers; schedules, stopping, clip_norm, clip_value
    explain_backprop, gradient_check         look inside
    Callback, Checkpoint, Expansion          what may go along with a training

Examples
--------
>>> import xpnet
>>> digits = xpnet.data.load_digits()
>>> network = xpnet.Network([64, 30, 10])
>>> result = xpnet.train(network, (digits.x / 16.0, digits.y), epochs=3)
>>> result.history[2].accuracy > 0.8
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xpnet import signals as _signals  # noqa: F401  (first: an interrupt while the command is imported is no traceback)

# isort: split
from xpnet import backend, data, linalg, nn, training
from xpnet.backend import BackendError
from xpnet.data import FormatError
from xpnet.io import Model, load, save
from xpnet.nn import Network, Perceptron, explain_backprop, gradient_check, perceptron_rule
from xpnet.training import (
    Callback,
    Checkpoint,
    Expansion,
    Result,
    clip_norm,
    clip_value,
    schedules,
    stopping,
    train,
)
from xpnet.training.optimizing.optimizers import *  # noqa: F403  # each of OPTIMIZERS
from xpnet.training.optimizing.optimizers import OPTIMIZERS as _OPTIMIZERS

if TYPE_CHECKING:
    from xpnet.io import to_onnx
    from xpnet.tabular import train_table
    from xpnet.training import Results, SearchResults, distributions, search, train_many

__version__ = "0.1.0"

_LAZY = (
    "book",
    "estimators",
    "exercises",
    "recommend",
    "report",
    "tabular",
)  # rooms that are imported when they are first named
_NAMES = dict.fromkeys(("Results", "SearchResults", "distributions", "search", "train_many"), "training")
_NAMES |= {"train_table": "tabular", "to_onnx": "io"}  # names of rooms, likewise


def __getattr__(name: str) -> Any:
    """Import what `import xpnet` leaves out."""
    if name in _LAZY:
        return import_module(f"xpnet.{name}")
    if name in _NAMES:
        return getattr(import_module(f"xpnet.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'xpnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])


__all__ = [
    "BackendError",
    "Callback",
    "Checkpoint",
    "Expansion",
    "FormatError",
    "Model",
    "Network",
    "Perceptron",
    "Result",
    "Results",
    "SearchResults",
    "backend",
    "book",  # noqa: F405  # see _LAZY
    "clip_norm",
    "clip_value",
    "data",
    "distributions",
    "estimators",  # noqa: F405
    "exercises",  # noqa: F405
    "explain_backprop",
    "gradient_check",
    "linalg",
    "load",
    "nn",
    "perceptron_rule",
    "recommend",  # noqa: F405
    "report",  # noqa: F405
    "save",
    "schedules",
    "search",
    "stopping",
    "tabular",  # noqa: F405
    "to_onnx",
    "train",
    "train_many",
    "train_table",
    "training",
    *_OPTIMIZERS,
]
