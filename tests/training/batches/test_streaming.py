"""Inputs read ahead: the numbers of training in memory, with bounded memory, and no thread left behind."""

import sys
import threading
import tracemalloc
import types
from contextlib import closing

import fake_cupy
import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import get, to_numpy
from xpnet.nn import Network
from xpnet.training import Callback, Expansion, adam, train
from xpnet.training.batches import streaming
from xpnet.training.batches.batches import Data, batches, place, stretches
from xpnet.training.batches.streaming import read_ahead, rows_at_once
from xpnet.trees import leaves


@pytest.fixture
def examples(rng):
    """53 rows of 9 numbers of three classes."""
    return rng.standard_normal((53, 9)).astype("float32"), rng.integers(0, 3, 53)


@pytest.fixture
def mapped(tmp_path):
    """Return a function that gives an array as it lies in a file."""

    def save_and_map(x):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.npy"
        np.save(path, x)
        return np.load(path, mmap_mode="r")

    return save_and_map


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Let a stretch hold two steps of ten rows, and see that no reader is left."""
    monkeypatch.setattr(streaming, "BUFFER", 20 * 9 * 4)
    yield
    assert not readers()


def readers():
    return [thread.name for thread in threading.enumerate() if "xpnet-reader" in thread.name]


# ---- the same numbers -------------------------------------------------------------------------------------

WAYS = {
    "sgd": {},
    "adam": {"optimizer": adam(0.01), "batch_size": 7},
    "one by one": {"batch_size": 1},
    "full batch": {"batch_size": None},
    "weights": {"class_weight": "balanced", "l2": 0.1, "max_norm": 1.0},
    "expansion": {"expand": Expansion(side=3, shift=1, rotation=10)},
}


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("way", WAYS)
def test_numpy_gives_the_same_bits_as_in_memory(examples, mapped, way, dropout):
    x, y = examples
    network = Network([9, 8, 3], dropout=dropout)
    here, there = (train(network, (each, y), epochs=3, **WAYS[way]) for each in (x, mapped(x)))
    for a, b in zip(leaves(here.parameters), leaves(there.parameters), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [r.cost for r in there.history] == pytest.approx([r.cost for r in here.history], rel=1e-5)
    assert [r.accuracy for r in there.history] == pytest.approx([r.accuracy for r in here.history], rel=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.astype("float64"),
        lambda x: x.astype(">f4"),
        lambda x: (40 * x).astype("int16"),
        lambda x: (40 * abs(x)).astype("uint8"),
        lambda x: x > 0,
        np.asfortranarray,
    ],
    ids=["float64", "big-endian", "int16", "uint8", "bool", "fortran"],
)
def test_files_of_any_numbers_give_the_same_bits(examples, mapped, change):
    x, y = change(examples[0]), examples[1]
    here, there = (train(Network([9, 8, 3]), (each, y), epochs=2) for each in (x, mapped(x)))
    for a, b in zip(leaves(here.parameters), leaves(there.parameters), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("part", [np.s_[:, 1:], np.s_[::2, :-1], np.s_[::-1, :8]], ids=["columns", "rows", "reversed"])
def test_a_view_of_a_file_is_read_as_a_view(examples, mapped, part):
    x, y = examples
    pairs = [(each[part], y[part[0]]) for each in (x, mapped(x))]
    here, there = (train(Network([8, 3]), pair, epochs=2, validation=pair) for pair in pairs)
    np.testing.assert_array_equal(here.parameters[0].w, there.parameters[0].w)
    assert there.history[-1].validation_cost == pytest.approx(here.history[-1].validation_cost)


@pytest.mark.parametrize("dtype", ["float64", "uint8"])
def test_every_backend_trains_from_a_file_as_from_memory(backend, examples, mapped, dtype):
    x, y = (40 * abs(examples[0])).astype(dtype), examples[1]
    network = Network([9, 8, 3], dropout=0.2)
    here, there = (train(network, (each, y), epochs=2, backend=backend) for each in (x, mapped(x)))
    assert_at_home(backend, there.parameters)
    for a, b in zip(leaves(here.parameters), leaves(there.parameters), strict=True):
        assert_close(backend, b, to_numpy(a), "training")


@pytest.mark.parametrize("stream", [False, True])
def test_every_backend_watches_validation_data_in_a_file_or_on_the_host(backend, examples, mapped, stream):
    x, y = examples[0].astype("float64"), examples[1]
    fit = {"epochs": 2, "backend": backend}
    here = train(Network([9, 3]), (x, y), validation=(x[:20], y[:20]), **fit)
    pair = (x, y) if stream else (mapped(x), y)
    there = train(Network([9, 3]), pair, validation=(pair[0][:20], y[:20]), stream=stream, **fit)
    assert_close(backend, there.parameters[0].w, to_numpy(here.parameters[0].w), "training")
    assert there.history[-1].validation_cost == pytest.approx(here.history[-1].validation_cost, rel=1e-4)
    assert there.history[-1].validation_accuracy == pytest.approx(here.history[-1].validation_accuracy)


# ---- reading ahead ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "buffered"), [("float64", None), ("uint8", "uint8"), ("int16", "int16")])
def test_stretches_arrive_whole_and_integers_stay_as_they_are(backend, rng, dtype, buffered):
    x, order = (100 * rng.random((53, 9))).astype(dtype), rng.permutation(53)
    parts = list(stretches(53, 10, 20))
    arrived = []
    for part, (start, steps, m) in zip(read_ahead(x, order, parts, backend), parts, strict=True):
        assert_at_home(backend, part)
        rows = x[order[start : start + steps * m]].astype(buffered or backend.dtype_name)
        np.testing.assert_array_equal(to_numpy(part), rows.reshape(steps, m, 9))
        assert str(to_numpy(part).dtype) == (buffered or backend.dtype_name)
        arrived.append(part.shape[:2])
    assert arrived == [(2, 10), (2, 10), (1, 10), (1, 3)]


def test_it_reads_one_part_ahead_and_leaves_the_one_in_use_alone(monkeypatch, examples):
    x, gather, arrived = examples[0], streaming._gather, threading.Semaphore(0)

    def told(x, rows, out):
        gather(x, rows, out)
        if 9 in rows % 10:
            arrived.release()

    monkeypatch.setattr(streaming, "_gather", told)
    parts = [(start, 1, 10) for start in range(0, 50, 10)]
    with closing(read_ahead(x, np.arange(53), parts, get("numpy"))) as reading:
        first = next(reading)
        for _ in range(2):
            assert arrived.acquire(timeout=10)
        assert not arrived.acquire(timeout=0.05)  # the third would overwrite the first
        np.testing.assert_array_equal(first[0], x[:10])
        next(reading)
        assert arrived.acquire(timeout=10)
        np.testing.assert_array_equal(first[0], x[20:30])


def test_a_buffer_holds_at_least_one_step(examples):
    x, y = examples
    data = Data(x, y, streamed=True)
    shapes = [piece.x.shape for piece in batches(Network([9, 3]), data, 40, 0, 1, get("numpy"))]
    assert shapes == [(1, 40, 9), (1, 13, 9)]
    assert rows_at_once(x, get("numpy")) == 20
    assert rows_at_once(x.astype("float64"), get("numpy")) == 20
    assert rows_at_once(x.astype("uint8"), get("numpy")) == 80


def test_on_cupy_a_copy_is_on_its_way_while_the_device_computes(monkeypatch, examples):
    cupy = fake_cupy.install(monkeypatch)
    cupyx = types.SimpleNamespace(empty_pinned=lambda shape, dtype: cupy.log.append("pins") or np.empty(shape, dtype))
    monkeypatch.setitem(sys.modules, "cupyx", cupyx)
    backend = get("cupy")
    cupy.log.clear()
    for _ in read_ahead(examples[0], np.arange(53), [(0, 1, 10), (10, 1, 10), (20, 1, 3)], backend):
        cupy.log.append("computes")
    copy = ["main records", "copies waits for main", "copies copies", "copies records"]
    landed, use = ["host waits for copies"], ["main waits for copies", "computes"]
    assert cupy.log == [*2 * ["pins"], *copy, *landed, *copy, *use, *landed, *copy, *use, *landed, *use]


def test_a_slow_disk_is_told_what_will_be_read_once_it_was_waited_for(monkeypatch, examples):
    told, waits = [], iter([0, 0, 0, 1])
    monkeypatch.setattr(streaming, "PROBE", 3)
    monkeypatch.setattr(streaming, "disk_waits", lambda: next(waits, 1))
    monkeypatch.setattr(streaming, "will_need", lambda x, rows: told.append(rows.tolist()))
    read = streaming._Reader(examples[0])
    for start in range(0, 15, 5):
        rows, begun = np.arange(start, start + 5), threading.Event()
        np.testing.assert_array_equal(read(rows, np.empty((5, 9), "float32"), begun), examples[0][rows])
        assert begun.is_set()
    assert told == [[8, 9], [13, 14]]


# ---- what is streamed ---------------------------------------------------------------------------------------


def test_a_file_is_streamed_and_memory_is_not_unless_told_so(backend, examples, mapped):
    x, y = examples
    network = Network([9, 3])
    assert not place(network, x, y, backend).streamed
    whole = (40 * x).astype("int16")
    for given, told in ((mapped(x), False), (mapped(whole), False), (x, True), (whole, True)):
        data = place(network, given, y, backend, stream=told)
        assert data.streamed
        assert type(data.x) is np.ndarray
        assert_at_home(backend, data.y)
    assert streaming.library_of(place(network, x, y, backend).x) == backend.name


def test_what_is_wrong_with_a_file_is_said_as_of_memory(backend, examples, mapped):
    x, y = examples[0].astype("float64"), examples[1]
    x[31, 4] = np.nan
    with pytest.raises(ValueError, match="x must be finite, got nan in row 31, column 4"):
        train(Network([9, 3]), (mapped(x), y), backend=backend)
    with pytest.raises(ValueError, match=r"x must have shape \(m, 8\), got \(53, 9\)"):
        train(Network([8, 3]), (mapped(x), y), backend=backend)


# ---- the end of the thread ----------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", [1, 32])
def test_an_error_of_the_reader_reaches_the_caller(monkeypatch, examples, mapped, probe):
    gather = streaming._gather

    def failing(x, rows, out):
        if 17 in rows:
            raise OSError("the disk is gone")
        gather(x, rows, out)

    monkeypatch.setattr(streaming, "_gather", failing)
    monkeypatch.setattr(streaming, "PROBE", probe)
    with pytest.raises(OSError, match="the disk is gone"):
        train(Network([9, 3]), (mapped(examples[0]), examples[1]))


class Stops(Callback):
    """Raises after the first step."""

    every = 1

    def steps(self, t, parameters):
        assert readers()
        raise KeyboardInterrupt


def test_the_thread_ends_with_an_exception_in_the_middle_of_an_epoch(backend, examples, mapped):
    with pytest.raises(KeyboardInterrupt):
        train(Network([9, 3]), (mapped(examples[0]), examples[1]), callbacks=[Stops()], backend=backend)
    assert not readers()


def test_the_thread_ends_when_nobody_asks_for_more(backend, examples):
    reading = read_ahead(examples[0], np.arange(53), [(0, 1, 10), (10, 1, 10), (20, 1, 10), (30, 1, 10)], backend)
    next(reading)
    assert readers()
    reading.close()
    assert not readers()


def test_the_thread_ends_when_training_diverges(examples, mapped):
    x = mapped(1e20 * examples[0])
    with pytest.warns(RuntimeWarning, match="training diverged"):
        result = train(Network([9, 3], output="linear", cost="quadratic"), (x, examples[1]), epochs=4)
    assert result.stopped_by == "diverged"


# ---- memory -------------------------------------------------------------------------------------------------


def peak_of(network, x, **how):
    tracemalloc.start()
    try:
        train(network, (x, np.arange(len(x)) % 2), epochs=1, batch_size=100, **how)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_memory_is_bounded_whatever_the_size_of_the_file(tmp_path, monkeypatch, dtype):
    monkeypatch.setattr(streaming, "BUFFER", 2**18)
    monkeypatch.setattr("xpnet.nn.checking.rows.PIECE", 2**16)
    monkeypatch.setattr("xpnet.training.steps.evaluator.STRETCH", 2**18)
    file = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", dtype, (20_000, 500))
    file[:, ::7] = 1
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    few = (x[:1000], np.arange(1000) % 2)
    assert peak_of(Network([500, 5, 2]), x, validation=few) < 4e6 < x.size
    assert peak_of(Network([499, 5, 2]), x[:, 1:], validation=(x[:, 1:], np.arange(20_000) % 2)) < 4e6
