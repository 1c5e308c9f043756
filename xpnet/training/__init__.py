"""Training: batches, optimizers, stopping rules, the loop and its history."""

from xpnet.training.callbacks import Callback, Plan
from xpnet.training.history import History, Record
from xpnet.training.metrics import accuracy, confusion
from xpnet.training.model import Trainable
from xpnet.training.optimizers import OPTIMIZERS, Optimizer, OptimizerState, adam, momentum, sgd
from xpnet.training.result import Result
from xpnet.training.stopping import Stopping, no_improvement
from xpnet.training.train import train

__all__ = [
    "OPTIMIZERS",
    "Callback",
    "History",
    "Optimizer",
    "OptimizerState",
    "Plan",
    "Record",
    "Result",
    "Stopping",
    "Trainable",
    "accuracy",
    "adam",
    "confusion",
    "momentum",
    "no_improvement",
    "sgd",
    "train",
]
