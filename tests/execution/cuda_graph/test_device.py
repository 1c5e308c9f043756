"""The calls that a captured step makes to CuPy, and their order, on a stand-in for CuPy.

They have not been tested on a GPU yet.
"""

import contextlib
import gc
import types

import fake_cupy
import fake_pools
import numpy as np
import pytest
from fake_cublas import Library

from xpnet.backend import BackendError
from xpnet.execution.choice import executor
from xpnet.execution.cuda_graph import device
from xpnet.execution.fused.fusion import copy_operation
from xpnet.execution.fused.kernels import Kernel, Operand
from xpnet.execution.recording.calls import Layout, Value


class Stream(fake_cupy.Stream):
    ptr = 5

    def begin_capture(self):
        self.cupy.log.append("begin")

    def end_capture(self):
        self.cupy.log.append("end")
        return types.SimpleNamespace(launch=lambda: self.cupy.log.append(f"launch on {self.cupy.streams[-1].name}"))


class Array(np.ndarray):
    """NumPy's, with its pointer where CuPy's has it."""

    @property
    def data(self):
        return types.SimpleNamespace(ptr=self.ctypes.data)


@contextlib.contextmanager
def allocator(cupy, malloc):
    cupy.log.append(f"memory from {malloc}")
    yield
    cupy.log.append("memory as before")


@pytest.fixture
def cupy(monkeypatch):
    """A stand-in that can capture, and that logs its calls."""
    cupy = fake_cupy.install(monkeypatch)
    cupy.cuda.Stream = lambda non_blocking: Stream(cupy, "side") if non_blocking else None
    cupy.cuda.MemoryPool = lambda _: types.SimpleNamespace(malloc="pool")
    cupy.cuda.using_allocator = lambda malloc: allocator(cupy, malloc)
    cupy.empty = lambda shape, dtype: np.zeros(shape, dtype).view(Array)
    cupy.copyto = np.copyto
    cupy.sum = lambda *args, **how: cupy.log.append(("sum", how))
    cupy.kernels = []

    def raw(text, name, options):
        cupy.kernels.append((text, name, options))
        return lambda grid, block, args: cupy.log.append(("kernel", grid, block, args))

    cupy.RawKernel, cupy.library = raw, Library()
    monkeypatch.setattr(device, "load", lambda major: cupy.log.append(f"cuBLAS of CUDA {major}") or cupy.library)
    return cupy


@pytest.mark.parametrize(("compute_type", "single"), [(0, 68), (1, 68), (7, 77)])
def test_the_handle_is_on_the_stream_that_captures_and_multiplies_as_cupy_would(cupy, compute_type, single):
    cupy.compute_type = compute_type
    made = device.CupyDevice()
    assert cupy.log == ["cuBLAS of CUDA 12"]
    assert cupy.library.calls[1] == ("cublasSetStream_v2", [77, 5])
    for shape, expected in [((3, 3), single), ((2, 3, 3), 68)]:  # TF32 is for single products, never for stacks
        a, b, out = (cupy.empty(shape, "float32") for _ in range(3))
        made.gemm(a, b, out)(0)
        assert cupy.library.calls[-1][1][-2] == expected
    assert "cublasSetMathMode" not in [name for name, _ in cupy.library.calls]


def test_the_handle_is_given_back_with_the_device(cupy):
    made = device.CupyDevice()
    del made
    assert cupy.library.calls[-1][0] == "cublasDestroy_v2"


def test_a_capture_waits_for_earlier_work_and_later_work_waits_for_it(cupy):
    made = device.CupyDevice()
    cupy.log.clear()
    graph = made.capture(lambda: cupy.log.append(f"run on {cupy.streams[-1].name}"))
    assert cupy.log == [
        *("main records", "side waits for main", "memory from pool"),
        *("begin", "run on side", "end", "memory as before", "side records", "main waits for side"),
    ]
    made.launch(graph)
    assert cupy.log[-1] == "launch on main"
    made.warm(lambda: cupy.log.append(f"run on {cupy.streams[-1].name}"))
    assert cupy.log.count("run on side") == 2
    assert cupy.log.count("begin") == 1


@pytest.mark.parametrize("way", ["warm", "capture"])
def test_after_an_error_the_capture_is_ended_and_the_side_stream_is_waited_for(cupy, way):
    made = device.CupyDevice()

    def fail():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        getattr(made, way)(fail)
    assert ("end" in cupy.log) == (way == "capture")
    assert cupy.streams[-1].name == "main"
    # kernels launched before the error may still write what the plain loop reads next
    assert cupy.log[-2:] == ["side records", "main waits for side"]


def test_memory_that_a_graph_writes_is_held_when_another_capture_finds_the_device_full(cupy):
    memory = fake_pools.install(cupy, 1000)
    made = device.CupyDevice()
    default, before = cupy.get_default_memory_pool(), dict(memory.live)

    def temporaries(*sizes):
        kept = [cupy.cuda.alloc(size) for size in sizes]
        del kept  # as a reduction does: the graph goes on writing there

    made.capture(lambda: temporaries(300))
    written = memory.live.keys() - before.keys()
    assert len(written) == 1
    assert default.used_bytes() == 300  # counted against `memory_limit`
    with pytest.raises(fake_cupy.OutOfMemoryError):
        made.capture(lambda: temporaries(400, 500))
    made._pool.free_all_blocks()  # as CuPy does by itself
    assert written <= memory.live.keys()
    count = memory.count
    for _ in range(3):
        made.capture(lambda: [temporaries(300), temporaries(300)])
    assert memory.count == count + 1  # what one launch has left, the next one takes
    default.limit = 900
    with pytest.raises(fake_cupy.OutOfMemoryError):
        made.warm(lambda: temporaries(250))
    del made
    gc.collect()
    default.free_all_blocks()
    assert memory.live == before


def test_kernels_are_compiled_once_for_a_text_and_launched_over_all_places(cupy):
    made, layout = device.CupyDevice(), Layout.of(np.zeros(300, "float32"))
    source, target, counter = (cupy.empty((300,), "float32") for _ in range(3))
    kernel = Kernel(copy_operation(Value(layout), Value(layout)), (Operand(layout),), (Operand(layout),))
    launches = [made.kernel(kernel, [source], [target], counter) for _ in range(2)]
    ((_, name, options),) = cupy.kernels
    assert (name, options) == ("fused", ("-std=c++17", "-fmad=false"))
    cupy.log.clear()
    launches[1](7)
    ((_, grid, block, args),) = cupy.log
    assert (grid, block) == ((3,), (128,))
    assert all(a is b for a, b in zip(args, (source, target, counter), strict=False))
    assert args[3] == 7
    assert isinstance(args[3], np.int32)  # as the kernel declares it


def test_products_and_sums(cupy, rng):
    made = device.CupyDevice()
    a, b = (rng.random((3, 3)).view(Array) for _ in "ab")
    out, total = cupy.empty((3, 3), "float64"), cupy.empty((1, 3), "float64")
    made.gemm(a, b.T, out)(0)
    np.testing.assert_allclose(out, a @ b.T)
    made.reduce("sum", a, -2, True, total)(0)
    ((_, how),) = [word for word in cupy.log if word[0] == "sum"]
    assert how["axis"] == -2
    assert how["keepdims"]
    assert how["out"] is total
    with pytest.raises(BackendError, match="cannot multiply"):
        made.gemm(a[:, ::-1], b, out)


def test_cupys_steps_are_captured(cupy, monkeypatch):
    monkeypatch.delenv("XPNET_GENERIC", raising=False)
    assert executor(lambda carry, x: (carry, x), "cupy").way == "captured CUDA graph"
