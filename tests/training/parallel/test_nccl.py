"""Sums over GPUs, with a stand-in for CuPy's NCCL: what it is asked for, and that a missing library is said."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from xpnet.backend import BackendError
from xpnet.training.parallel.gpus import nccl


@pytest.fixture
def library(monkeypatch):
    """Put a stand-in in the place of `cupy.cuda.nccl`, which is a module of its own, not a name in `cupy.cuda`."""
    calls = []

    class Communicator:
        def __init__(self, size, name, rank):
            calls.append(("made", size, name, rank))

        def allReduce(self, *words):  # noqa: N802
            calls.append(words[2:])

    found = SimpleNamespace(
        available=True, calls=calls, get_unique_id=lambda: b"id", NcclCommunicator=Communicator,
        NCCL_FLOAT32=7, NCCL_FLOAT64=8, NCCL_SUM=0,
    )  # fmt: skip
    cuda = SimpleNamespace(get_current_stream=lambda: SimpleNamespace(ptr=99))
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(cuda=cuda))
    monkeypatch.setitem(sys.modules, "cupy.cuda", cuda)
    monkeypatch.setitem(sys.modules, "cupy.cuda.nccl", found)
    return found


class Job:
    """Two processes, of which this is the first."""

    def Get_rank(self):  # noqa: N802
        return 0

    def Get_size(self):  # noqa: N802
        return 2

    def bcast(self, value):
        return value


class OnDevice(np.ndarray):
    """An array whose memory is named as CuPy names it."""

    data = SimpleNamespace(ptr=1)


@pytest.mark.parametrize(("dtype", "kind"), [("float32", 7), ("float64", 8)])
def test_gradients_are_summed_on_the_current_stream_by_one_communicator(library, dtype, kind):
    parallel, x = nccl(Job()), np.ones((5,), dtype=dtype).view(OnDevice)
    for _ in range(2):
        assert parallel.sum(x).shape == (5,)
    assert library.calls == [("made", 2, b"id", 0), (5, kind, 0, 99), (5, kind, 0, 99)]


def test_a_missing_library_is_said(library):
    library.available = False
    with pytest.raises(BackendError, match="nccl needs NVIDIA's library; pip install"):
        nccl(Job()).sum(np.ones((5,)))
