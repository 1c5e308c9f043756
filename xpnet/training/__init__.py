"""Training: batches, optimizers, schedules, stopping rules, the loop and its history; searches.

What the arguments of `train` take, and what it returns::

    training         train train_many learning_rate_range search distributions
    optimizers       sgd momentum nesterov rmsprop adagrad adam adamw make_optimizer
    around a step    clip_norm clip_value schedules
    watching         stopping metrics accuracy confusion Callback Checkpoint Expansion
    results          Result Results SearchResults History
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xpnet.io.models.history import History, Record
from xpnet.training.batches.expansion import Expansion
from xpnet.training.model import Trainable
from xpnet.training.optimizing import schedules
from xpnet.training.optimizing.clipping import Clipping, clip_norm, clip_value
from xpnet.training.optimizing.optimizer import Optimizer, OptimizerState, make_optimizer
from xpnet.training.optimizing.optimizers import *  # noqa: F403  # each of OPTIMIZERS
from xpnet.training.optimizing.optimizers import OPTIMIZERS
from xpnet.training.resuming.checkpoint import Checkpoint
from xpnet.training.runs.range_test import RangeTest, learning_rate_range
from xpnet.training.train import train
from xpnet.training.watching import metrics, stopping
from xpnet.training.watching.callbacks import Callback, TrainingInfo
from xpnet.training.watching.metrics import accuracy, confusion
from xpnet.training.watching.result import Result

if TYPE_CHECKING:
    from xpnet.training.runs.many import train_many
    from xpnet.training.runs.results import Results
    from xpnet.training.runs.search import search
    from xpnet.training.runs.search_results import Row, SearchResults
    from xpnet.training.runs.settings import distributions
    from xpnet.training.runs.statistics.comparison import Comparison
    from xpnet.training.runs.trials.trial import Trial

_LATER = {  # what is imported when it is first named
    "Comparison": "statistics.comparison",
    "Results": "results",
    "Row": "search_results",
    "SearchResults": "search_results",
    "Trial": "trials.trial",
    "distributions": "settings.distributions",
    "search": "search",
    "train_many": "many",
}


def __getattr__(name: str) -> Any:
    """Import what `import xpnet` leaves out."""
    if name not in _LATER:
        raise AttributeError(f"module 'xpnet.training' has no attribute {name!r}")
    module = import_module(f"xpnet.training.runs.{_LATER[name]}")
    return getattr(module, name, module)


__all__ = [
    "OPTIMIZERS",
    "Callback",
    "Checkpoint",
    "Clipping",
    "Comparison",
    "Expansion",
    "History",
    "Optimizer",
    "OptimizerState",
    "RangeTest",
    "Record",
    "Result",
    "Results",
    "Row",
    "SearchResults",
    "Trainable",
    "TrainingInfo",
    "Trial",
    "accuracy",
    "clip_norm",
    "clip_value",
    "confusion",
    "distributions",
    "learning_rate_range",
    "make_optimizer",
    "metrics",
    "schedules",
    "search",
    "stopping",
    "train",
    "train_many",
    *OPTIMIZERS,
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
