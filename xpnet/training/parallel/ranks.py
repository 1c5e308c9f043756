"""Processes of an MPI job, by mpi4py: ``mpiexec -n 4 python script.py``."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from xpnet.backend import Array, BackendError, get, of, to_numpy
from xpnet.execution.threads import allowed_threads
from xpnet.training.parallel.parallel import Parallel


class Ranks(Parallel):
    """The processes of an MPI communicator.  `mpi` makes it.

    Parameters
    ----------
    communicator : mpi4py.MPI.Comm
    """

    def __init__(self, communicator: Any) -> None:
        self.communicator = communicator
        self.rank, self.size = communicator.Get_rank(), communicator.Get_size()

    def __repr__(self) -> str:
        return f"mpi(rank {self.rank} of {self.size})"

    def blas_threads(self, fitting: int | None) -> int | None:
        """Return the threads that are left for each process of this machine."""
        if fitting is None:
            return None
        shared = import_module("mpi4py.MPI").COMM_TYPE_SHARED
        return min(fitting, max(1, allowed_threads() // self.communicator.Split_type(shared).Get_size()))

    def sum(self, x: Array) -> Array:
        """Return the sum of an array over all processes, on the host and back."""
        if self.size == 1:
            return x
        host = to_numpy(x)
        total = get("numpy", dtype=of(x).dtype_name).xp.empty_like(host)
        self.communicator.Allreduce(host, total)
        return of(x).asarray(total)

    def sum_numbers(self, numbers: list[Any]) -> list[Any]:
        """Return the sums over all processes, added in the order of their ranks."""
        return _sum_of(self.gather(numbers))

    def gather(self, value: Any) -> list[Any]:
        """Return the value of every process, in the order of their ranks."""
        found: list[Any] = self.communicator.allgather(value)
        return found

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let an error in one process end all of them, so that none waits for it forever."""
        try:
            yield
        except (DisagreementError, SystemExit):  # every process knows of it
            raise
        except BaseException as error:
            if self.size > 1:
                _end(self, error)
            raise


class DisagreementError(ValueError):
    """The processes of a training differ in something in which they must not; each of them raises it."""


def mpi(communicator: Any = None) -> Ranks:
    """Return what computes each mini-batch in the processes of an MPI job, a part each.

    Every process calls `train` with the same arguments.  Each computes its part of each mini-batch; one sum over the
    gradients makes their steps equal, so that all of them hold the same parameters and return the same result, but
    for rounding that of one process.  Inputs in a file (``numpy.load(path, mmap_mode="r")``) are read by parts.

    Parameters
    ----------
    communicator : mpi4py.MPI.Comm, optional
        Default: all processes of the job.

    Raises
    ------
    ModuleNotFoundError
        If mpi4py is not installed: ``pip install 'xpnet[mpi]'``.
    BackendError
        If it finds no MPI library.

    Examples
    --------
    >>> mpi()  # doctest: +SKIP
    mpi(rank 0 of 4)
    """
    return Ranks(world() if communicator is None else communicator)


def world() -> Any:
    """Return the communicator of all processes of the job."""
    try:
        return import_module("mpi4py.MPI").COMM_WORLD
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("mpi needs mpi4py; pip install 'xpnet[mpi]'") from error
    except RuntimeError as error:
        raise BackendError("mpi needs an MPI library, such as that of 'pip install mpich'") from error


def _sum_of(values: list[Any]) -> Any:
    """Return the sum of numbers, or of lists of them place by place."""
    if isinstance(values[0], list):
        return [_sum_of(list(each)) for each in zip(*values, strict=True)]
    return sum(values[1:], values[0])


def _end(ranks: Ranks, error: BaseException) -> None:
    """Say what went wrong and end every process of the job."""
    what = traceback.format_exception_only(error)[-1].strip()
    sys.stderr.write(f"xpnet: rank {ranks.rank} of {ranks.size} failed, so all end: {what}\n")
    sys.stderr.flush()
    ranks.communicator.Abort(1)
