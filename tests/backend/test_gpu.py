"""CuPy: whether it is usable or why not, its settings during a computation, and the error of a full device."""

import ast
import sys
from pathlib import Path

import fake_cupy
import numpy as np
import pytest

import xpnet
from xpnet.backend import BackendError, get
from xpnet.backend.gpu import computing, describe, is_full, usable

OLD_DRIVER = fake_cupy.CUDARuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient")


# ---- is it usable -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "visible", "why"),
    [
        ({"count": 0}, None, r"\(CUDA reports no device\)"),
        ({"count": 0}, "", r"\(CUDA reports no device; CUDA_VISIBLE_DEVICES is set to ''\)"),
        ({"count": OLD_DRIVER, "driver": 0}, None, r"\(no NVIDIA driver is loaded\)"),
        (
            {"count": OLD_DRIVER, "driver": 11040},
            None,
            r"\(the NVIDIA driver knows CUDA up to 11\.4, this CuPy needs 12\.9\)",
        ),
        ({"count": RuntimeError("cudaErrorUnknown\n  odd")}, None, r"\(RuntimeError: cudaErrorUnknown odd\)"),
    ],
)
def test_why_there_is_no_device(monkeypatch, how, visible, why):
    fake_cupy.install(monkeypatch, **how)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with pytest.raises(BackendError, match=rf"cupy is installed but finds no usable NVIDIA GPU {why}; look at nvid"):
        usable()


def test_a_cupy_that_cannot_be_loaded_says_why_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BackendError, match=r"no usable NVIDIA GPU \(ModuleNotFoundError: import of cupy halted"):
        usable()


def test_a_missing_cuda_library_is_told_with_its_cure(monkeypatch):
    cupy = fake_cupy.install(monkeypatch)
    for owner, name in ((cupy.cuda, "cublas"), (cupy.cuda.nvrtc, "getVersion")):
        with monkeypatch.context() as broken:
            broken.delattr(owner, name)
            with pytest.raises(BackendError, match=rf"lacks a CUDA library .*{name}.* pip install 'xpnet\[cuda13\]'"):
                usable()
    assert usable() is cupy


# ---- devices and options ----------------------------------------------------------------------------------


def test_tf32_is_refused_where_the_gpu_has_none(monkeypatch):
    fake_cupy.install(monkeypatch, capability="75")
    assert get("cupy").name == "cupy"
    assert get("cupy", tf32=False).options == {"tf32": False}
    with pytest.raises(BackendError, match=r"tf32 needs a GPU of compute capability 8\.0 or newer, got 75"):
        get("cupy", tf32=True)


@pytest.mark.parametrize(("limit", "asked"), [(2**20, "{'size': 1048576}"), (0.5, "{'fraction': 0.5}")])
def test_the_memory_limit_is_bytes_or_a_share(monkeypatch, limit, asked):
    cupy = fake_cupy.install(monkeypatch)
    get("cupy", memory_limit=limit)
    assert cupy.log == ["use 0", f"limit {asked}"]


def test_describe_names_device_cuda_and_options(monkeypatch):
    cupy = fake_cupy.install(monkeypatch)
    monkeypatch.delenv("CUPY_TF32", raising=False)
    told = describe(cupy.cuda.Device(0), {})
    assert told == {"device": "NVIDIA Fake (80 GiB), device 0", "cuda": "12.9 (driver 13.0)", "tf32": "off"}
    assert describe(cupy.cuda.Device(0), {"memory_limit": 0.5})["memory_limit"] == "40.0 GiB"
    assert describe(cupy.cuda.Device(0), {"memory_limit": 3 * 2**20})["memory_limit"] == "3.0 MiB"


@pytest.mark.parametrize(
    ("options", "environment", "told"),
    [({}, "1", "on"), ({}, "0", "off"), ({}, "yes", "off"), ({"tf32": False}, "1", "off"), ({"tf32": True}, "0", "on")],
)
def test_tf32_is_told_as_it_will_be(monkeypatch, options, environment, told):
    cupy = fake_cupy.install(monkeypatch)
    monkeypatch.setenv("CUPY_TF32", environment)
    assert describe(cupy.cuda.Device(0), options)["tf32"] == told


# ---- while it computes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "compute_type"), [({}, 0), ({"tf32": True}, 7), ({"tf32": False}, 1)])
def test_settings_hold_inside_only(monkeypatch, options, compute_type):
    cupy = fake_cupy.install(monkeypatch, count=2)
    with fake_cupy.nothing_left(cupy), computing(cupy.cuda.Device(1), options):
        assert (cupy.inside, cupy.compute_type) == ([1], compute_type)
    with fake_cupy.nothing_left(cupy), pytest.raises(KeyError), computing(cupy.cuda.Device(1), options):
        raise KeyError


def test_a_full_device_is_told_with_sizes_and_advice(monkeypatch):
    cupy = fake_cupy.install(monkeypatch)
    with pytest.raises(BackendError) as caught, computing(cupy.cuda.Device(0), {}):
        raise fake_cupy.OutOfMemoryError(3 * 2**30)
    told = str(caught.value)
    assert told.startswith(
        "device 0 is full: 3.0 GiB were asked for, 1.0 GiB of its 80.0 GiB are free, arrays use 70.0 GiB, "
        "the memory pool keeps 5.0 GiB more; make batch_size smaller"
    )
    for cure in ("float32", "uint8", "free_all_blocks()", "on the host"):
        assert cure in told
    assert isinstance(caught.value.__cause__, MemoryError)


def test_a_full_device_of_a_limited_pool_says_the_limit(monkeypatch):
    cupy = fake_cupy.install(monkeypatch, limit=2**29)
    with pytest.raises(BackendError, match=r"its limit is 512\.0 MiB"), computing(cupy.cuda.Device(0), {}):
        raise fake_cupy.OutOfMemoryError(10)


def test_a_cuda_library_without_room_is_told_without_the_size(monkeypatch):
    cupy = fake_cupy.install(monkeypatch)
    with pytest.raises(BackendError, match=r"device 0 is full, 1\.0 GiB of"), computing(cupy.cuda.Device(0), {}):
        raise fake_cupy.CUDARuntimeError("cudaErrorMemoryAllocation: out of memory")


def test_other_errors_pass_as_they_are(monkeypatch):
    cupy = fake_cupy.install(monkeypatch)
    for error in (MemoryError("host"), ValueError("x"), fake_cupy.CUDARuntimeError("cudaErrorIllegalAddress")):
        with pytest.raises(type(error)) as caught, computing(cupy.cuda.Device(0), {}):
            raise error
        assert caught.value is error


def test_what_counts_as_full():
    assert is_full(fake_cupy.OutOfMemoryError(1))
    assert is_full(fake_cupy.CUDARuntimeError("CUBLAS_STATUS_ALLOC_FAILED"))
    assert not is_full(RuntimeError("CUBLAS_STATUS_ALLOC_FAILED"))
    assert not is_full(MemoryError())


# ---- what must not be asked of CuPy -----------------------------------------------------------------------


def test_nothing_clips_arrays_of_a_device():
    """array-api-compat clips with boolean masks, whose size CuPy reads back from the device: maximum and minimum."""
    for path in Path(xpnet.__file__).parent.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        assert not [name for name in called - {"np.clip"} if name.endswith(".clip")], path


# ---- on a GPU ---------------------------------------------------------------------------------------------


@pytest.mark.gpu
def test_on_a_gpu_tf32_rounds_products_and_ends_with_the_block():
    backend = _gpu_or_skip(tf32=True)
    x = backend.asarray(np.random.default_rng(0).standard_normal((256, 256)))
    outside = (x @ x).get()
    with backend.active():
        inside = (x @ x).get()
    assert 1e-5 < abs(inside - outside).max() / abs(outside).max() < 1e-2
    np.testing.assert_array_equal((x @ x).get(), outside)


@pytest.mark.gpu
def test_on_a_gpu_a_full_device_is_a_backend_error():
    backend = _gpu_or_skip()
    with pytest.raises(BackendError, match=r"is full: .* were asked for"), backend.active():
        backend.full((2**45,))


def _gpu_or_skip(**options):
    try:
        return get("cupy", **options)
    except BackendError as error:
        pytest.skip(str(error))
