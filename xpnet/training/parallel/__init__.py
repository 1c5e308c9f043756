"""Training by several threads, processes or GPUs: what ``train(parallel=...)`` takes.

A mini-batch is computed in shards, whose gradients are summed before the update.  `threads` runs the shards of a step
in threads, `mpi` in the processes of an MPI job, `nccl` on a GPU of each such process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xpnet.training.parallel.parallel import Parallel

if TYPE_CHECKING:
    from xpnet.training.parallel.gpus import nccl
    from xpnet.training.parallel.ranks import mpi
    from xpnet.training.parallel.shard_threads import threads

__all__ = ["Parallel", "mpi", "nccl", "threads"]

_LATER = {"mpi": "ranks", "nccl": "gpus", "threads": "shard_threads"}


def __getattr__(name: str) -> Any:
    """Import what trainings of one process do not need."""
    if name not in _LATER:
        raise AttributeError(f"module 'xpnet.training.parallel' has no attribute {name!r}")
    return getattr(import_module(f"xpnet.training.parallel.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
