"""Training: batches, optimizers, schedules, stopping rules, the loop and its history."""

from xpnet.training.batches.expansion import Expansion
from xpnet.training.model import Trainable
from xpnet.training.optimizing import schedules
from xpnet.training.optimizing.clipping import Clipping, clip_norm, clip_value
from xpnet.training.optimizing.optimizer import Optimizer, OptimizerState, make_optimizer
from xpnet.training.optimizing.optimizers import *  # noqa: F403  # each of OPTIMIZERS
from xpnet.training.optimizing.optimizers import OPTIMIZERS
from xpnet.training.result import Result
from xpnet.training.runs.many import train_many
from xpnet.training.runs.range_test import RangeTest, learning_rate_range
from xpnet.training.runs.results import Results
from xpnet.training.train import train
from xpnet.training.watching import metrics, stopping
from xpnet.training.watching.callbacks import Callback, TrainingInfo
from xpnet.training.watching.history import History, Record
from xpnet.training.watching.metrics import accuracy, confusion

__all__ = [
    "OPTIMIZERS",
    "Callback",
    "Clipping",
    "Expansion",
    "History",
    "Optimizer",
    "OptimizerState",
    "RangeTest",
    "Record",
    "Result",
    "Results",
    "Trainable",
    "TrainingInfo",
    "accuracy",
    "clip_norm",
    "clip_value",
    "confusion",
    "learning_rate_range",
    "make_optimizer",
    "metrics",
    "schedules",
    "stopping",
    "train",
    "train_many",
    *OPTIMIZERS,
]
