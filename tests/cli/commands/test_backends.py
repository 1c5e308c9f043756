"""``xpnet backends``: the BLAS, its kernel and threads, and the GPU."""

import fake_cupy
import pytest

from xpnet.backend import opening

WARNING = "the BLAS kernel Haswell is older than this processor"


def test_the_blas_its_threads_and_a_kernel_that_is_too_old_are_told(xpnet, monkeypatch):
    monkeypatch.setattr(opening.blas, "warning", lambda: WARNING)
    out = xpnet("backends").out
    assert "BLAS: " in out
    assert "threads in training: at most " in out
    assert f"warning: {WARNING}" in out
    (told,) = xpnet("backends", "--json").events
    assert told["backends"]["numpy"]["warning"] == WARNING
    assert {"blas", "kernel", "threads"} <= set(told["backends"]["numpy"])


def test_a_kernel_that_fits_is_not_warned_of(xpnet, monkeypatch):
    monkeypatch.setattr(opening.blas, "warning", lambda: None)
    assert "warning" not in xpnet("backends").out


def test_a_gpu_is_told_with_its_cuda(xpnet, monkeypatch):
    fake_cupy.install(monkeypatch)
    out = xpnet("backends").out
    assert "cupy              yes  version 14.2.0, NVIDIA Fake (80 GiB), device 0" in out
    assert "CUDA: 12.9 (driver 13.0)" in out
    assert "TF32: off" in out


@pytest.mark.parametrize("command", [("backends",), ("train", "--backend", "cupy")])
def test_cupy_without_a_driver_is_told_in_one_line(xpnet, monkeypatch, command):
    fake_cupy.install(monkeypatch, fake_cupy.CUDARuntimeError("cudaErrorInsufficientDriver: too old"), driver=0)
    ran = xpnet(*command)
    assert ran.code == (0 if command == ("backends",) else 1)
    assert "finds no usable NVIDIA GPU (no NVIDIA driver is loaded)" in ran.out + ran.err
