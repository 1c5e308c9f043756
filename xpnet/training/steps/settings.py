"""How to train: the arguments of `train`, checked."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from xpnet.training.batches.expansion import Expansion
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.watching.callbacks import Callback
from xpnet.training.watching.stopping import Stopping


class Settings(NamedTuple):
    """How to train."""

    epochs: int
    batch_size: int
    optimizer: Optimizer
    l1: Any = 0.0
    l2: Any = 0.0
    seed: int = 0
    expand: Expansion | None = None
    clip: Clipping | None = None
    max_norm: float | None = None
    stopping: Stopping | None = None
    callbacks: Sequence[Callback] = ()
    shards: int = 1
    keep: str = "cost"
