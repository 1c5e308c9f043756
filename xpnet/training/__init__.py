"""Training: batches, optimizers, schedules, stopping rules, the loop and its history."""

from xpnet.training import schedules, stopping
from xpnet.training.callbacks import Callback, Plan
from xpnet.training.clipping import Clipping, clip_norm, clip_value
from xpnet.training.expansion import Expansion
from xpnet.training.history import History, Record
from xpnet.training.metrics import accuracy, confusion
from xpnet.training.model import Trainable
from xpnet.training.optimizer import Optimizer, OptimizerState, make_optimizer
from xpnet.training.optimizers import OPTIMIZERS, adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd
from xpnet.training.range_test import RangeTest, learning_rate_range
from xpnet.training.result import Result
from xpnet.training.train import train

__all__ = [
    "OPTIMIZERS",
    "Callback",
    "Clipping",
    "Expansion",
    "History",
    "Optimizer",
    "OptimizerState",
    "Plan",
    "RangeTest",
    "Record",
    "Result",
    "Trainable",
    "accuracy",
    "adagrad",
    "adam",
    "adamw",
    "clip_norm",
    "clip_value",
    "confusion",
    "learning_rate_range",
    "make_optimizer",
    "momentum",
    "nesterov",
    "rmsprop",
    "schedules",
    "sgd",
    "stopping",
    "train",
]
