"""Training by several threads, processes or GPUs: what ``train(parallel=...)`` takes.

A mini-batch is computed in shards, whose gradients are summed before the update.  `threads` runs the shards of a step
in threads, `mpi` in the processes of an MPI job, `nccl` on a GPU of each such process.
"""

from xpnet.training.parallel.mpi import mpi
from xpnet.training.parallel.nccl import nccl
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.parallel.threads import threads

__all__ = ["Parallel", "mpi", "nccl", "threads"]
