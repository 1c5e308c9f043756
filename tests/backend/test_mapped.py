"""Arrays in memory-mapped files: which arrays are, and the advice that the system gets."""

import mmap
import sys

import numpy as np
import pytest

from xpnet.backend.mapped import at_random, disk_waits, is_mapped, will_need


@pytest.fixture
def file(tmp_path):
    """A mapped matrix of 300 rows of 1000 numbers, counted through."""
    np.save(tmp_path / "x.npy", np.arange(300_000.0).reshape(300, 1000))
    return np.load(tmp_path / "x.npy", mmap_mode="r")


def test_views_of_a_file_are_mapped_and_copies_are_not(file, tmp_path):
    with (tmp_path / "x.npy").open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        raw = np.frombuffer(memory, dtype="uint8")
        assert is_mapped(raw)
        assert is_mapped(raw[128:].view("float64"))
        del raw
    for view in (file, file[3:, ::2], file.T, np.asarray(file), np.asarray(file)[::-1].reshape(-1, 2)[:0], file[0]):
        assert is_mapped(view) is np.shares_memory(view, file) or view.size == 0
    for other in (np.array(file), file + 1.0, file[[1, 2]], np.zeros(3), [1.0], None, memoryview(b"12"), b"12"):
        assert not is_mapped(other)


class Told(mmap.mmap):
    """A mapped file that notes what is said of it."""

    def madvise(self, *advice):
        super().madvise(*advice)
        self.__dict__.setdefault("told", []).append(advice)


takes_advice = pytest.mark.skipif(not hasattr(mmap.mmap, "madvise"), reason="this system takes no advice")


@pytest.fixture
def told(file, tmp_path):
    """The same matrix, and the mapped file that notes what is said of it."""
    with (tmp_path / "x.npy").open("rb") as opened:
        memory = Told(opened.fileno(), 0, access=mmap.ACCESS_READ)
    x = np.frombuffer(memory, dtype="float64", offset=file.offset).reshape(file.shape)
    np.testing.assert_array_equal(x, file)
    return x, memory


@takes_advice
@pytest.mark.parametrize("part", [np.s_[:], np.s_[5:], np.s_[:, 700:], np.s_[::3, :20]], ids=str)
def test_the_pages_of_the_rows_are_asked_for(told, file, part):
    x, memory = told
    rows, start = np.asarray([7, 0, 90]), x.ctypes.data - file.offset
    will_need(x[part], rows)
    assert len(memory.told) == 3
    for row, (option, page, length) in zip(rows, memory.told, strict=True):
        first = x[part][row].ctypes.data - start
        assert option == mmap.MADV_WILLNEED
        assert page % mmap.PAGESIZE == 0
        assert page <= first < page + mmap.PAGESIZE
        assert page + length == first + x[part][row].nbytes


@takes_advice
@pytest.mark.parametrize("change", [np.array, lambda x: x.T, lambda x: x[::-1]], ids=["memory", "columns", "reversed"])
def test_what_cannot_be_asked_for_is_left_alone(told, change):
    will_need(change(told[0]), np.asarray([7, 0, 90]))
    assert not hasattr(told[1], "told")


@takes_advice
def test_random_order_is_said_and_taken_back(told, file):
    x, memory = told
    with at_random(x):
        assert memory.told == [(mmap.MADV_RANDOM,)]
    assert memory.told == [(mmap.MADV_RANDOM,), (mmap.MADV_NORMAL,)]
    with at_random(np.array(file)):
        pass


def test_waits_are_counted_or_nothing_is_said(monkeypatch):
    first = disk_waits()
    assert disk_waits() >= first >= 0
    monkeypatch.setitem(sys.modules, "resource", None)
    assert disk_waits() == 0
