"""Asynchronous copies: plain ones here, and their order on CuPy, logged by a stand-in."""

import sys
import types

import fake_cupy
import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import BackendError, get, to_numpy
from xpnet.backend.transfer import Copier, pinned


def test_a_copy_holds_what_the_buffer_held(backend):
    buffer, copier = pinned(backend, (2, 3), "uint8"), Copier(backend)
    buffer[...] = np.arange(6).reshape(2, 3)
    copy = copier.start(buffer)
    copy.wait()
    buffer[...] = 0
    assert_at_home(backend, copy.use())
    assert to_numpy(copy.use()).dtype == "uint8"
    np.testing.assert_array_equal(to_numpy(copy.use()), np.arange(6).reshape(2, 3))


def test_a_reader_runs_one_part_ahead(backend):
    parts = [np.full((3,), i, dtype="uint8") for i in range(5)]
    copier, buffers = Copier(backend), [pinned(backend, (3,), "uint8") for _ in range(2)]
    copies, seen = [None, None], []
    for i, part in enumerate(parts):
        if copies[i % 2] is not None:
            copies[i % 2].wait()
        buffers[i % 2][...] = part
        copies[i % 2] = copier.start(buffers[i % 2])
        if i:
            seen.append(to_numpy(copies[(i - 1) % 2].use()).tolist())
    seen.append(to_numpy(copies[i % 2].use()).tolist())
    assert seen == [part.tolist() for part in parts]


def test_on_cupy_copies_run_on_a_stream_of_their_own(monkeypatch):
    cupy = fake_cupy.install(monkeypatch)
    cupyx = types.SimpleNamespace(empty_pinned=lambda shape, dtype: cupy.log.append("pins") or np.empty(shape, dtype))
    monkeypatch.setitem(sys.modules, "cupyx", cupyx)
    backend = get("cupy")
    cupy.log.clear()
    with fake_cupy.nothing_left(cupy):
        copy = Copier(backend).start(pinned(backend, (2,), "uint8"))
    assert cupy.log == ["pins", "main records", "copies waits for main", "copies copies", "copies records"]
    cupy.log.clear()
    copy.use()
    assert cupy.log == ["main waits for copies"]
    copy.wait()
    assert cupy.log[1:] == ["host waits for copies"]


@pytest.mark.gpu
def test_on_a_gpu_parts_arrive_whole_while_it_computes():
    try:
        backend = get("cupy")
    except BackendError as error:
        pytest.skip(str(error))
    copier, buffers = Copier(backend), [pinned(backend, (512, 512), "float32") for _ in range(2)]
    sums, copies = [], []
    for i in range(20):
        buffer = buffers[i % 2]
        if i > 1:
            copies[i - 2].wait()
        buffer[...] = i
        copies.append(copier.start(buffer))
        x = copies[i].use()
        sums.append((x @ x).sum())
    assert [float(each.get()) for each in sums] == [512.0**3 * i * i for i in range(20)]
