"""GPUs of an MPI job, one for each process: gradients are summed by NCCL, from GPU to GPU."""

from importlib import import_module
from typing import Any

from xpnet.backend import Array, Backend, BackendError, get, of
from xpnet.training.parallel.ranks import Ranks, world


class Gpus(Ranks):
    """The processes of an MPI communicator, each with a GPU.  `nccl` makes it."""

    def __init__(self, communicator: Any) -> None:
        super().__init__(communicator)
        self._nccl: Any = None

    def __repr__(self) -> str:
        return f"nccl(rank {self.rank} of {self.size})"

    def place(self, backend: Backend) -> Backend:
        """Return the GPU of this process: that of its number among the processes of its machine."""
        if backend.name != "cupy":
            raise ValueError(f"parallel must be mpi() for backend {backend.name}; nccl() sums arrays of CuPy")
        shared = import_module("mpi4py.MPI").COMM_TYPE_SHARED
        here = self.communicator.Split_type(shared).Get_rank()
        return get("cupy", device=here, dtype=backend.dtype_name, **dict(backend.options))

    def sum(self, x: Array) -> Array:
        """Return the sum of an array over all processes; it is queued on the current stream."""
        nccl = _library()
        if self._nccl is None:
            name = self.communicator.bcast(nccl.get_unique_id() if self.rank == 0 else None)
            self._nccl = nccl.NcclCommunicator(self.size, name, self.rank)
        kind = nccl.NCCL_FLOAT32 if of(x).dtype_name == "float32" else nccl.NCCL_FLOAT64
        total = of(x).xp.empty_like(x)
        stream = import_module("cupy.cuda").get_current_stream().ptr
        self._nccl.allReduce(x.data.ptr, total.data.ptr, x.size, kind, nccl.NCCL_SUM, stream)
        return total


def _library() -> Any:
    """Return CuPy's NCCL, which is a library of its own."""
    library = import_module("cupy.cuda.nccl")
    if not library.available:
        raise BackendError("nccl needs NVIDIA's library; pip install 'nvidia-nccl-cu13' (or -cu12, as CuPy's own name)")
    return library


def nccl(communicator: Any = None) -> Gpus:
    """Return what computes each mini-batch on the GPUs of an MPI job, a part each.

    It is `mpi`, but gradients never leave the GPUs.  MPI starts the processes and brings them together; process i of
    a machine takes its GPU i.  Each GPU is opened by one process.

    Parameters
    ----------
    communicator : mpi4py.MPI.Comm, optional
        Default: all processes of the job.

    Raises
    ------
    ModuleNotFoundError
        If mpi4py is not installed.
    BackendError
        If it finds no MPI library; while training, if CuPy finds no NCCL.

    Notes
    -----
    It has been run on one GPU, in one process; on several GPUs with a stand-in for NCCL only.

    Examples
    --------
    >>> import xpnet
    >>> data = xpnet.data.load_digits()                                                      # doctest: +SKIP
    >>> xpnet.train(xpnet.Network([64, 10]), (data.x, data.y), parallel=nccl(), shards=4)    # doctest: +SKIP
    """
    return Gpus(world() if communicator is None else communicator)
