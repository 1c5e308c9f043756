"""Threads of the BLAS: chosen by the work, limited during training, restored afterwards."""

import threading

import pytest

from xpnet.backend import blas, get
from xpnet.execution import threads
from xpnet.execution.threads import fitting_threads, limited, threads_for


class Pool:
    """A BLAS that counts how often it is told something."""

    internal_api = "openblas"

    def __init__(self, own):
        self.num_threads, self.told = own, []

    def set_num_threads(self, n):
        self.num_threads = n
        self.told.append(n)


@pytest.fixture
def pools(monkeypatch):
    made = (Pool(8), Pool(2))
    for module in (threads, blas):
        monkeypatch.setattr(module, "pools", lambda: made)
    return made


def numbers(pools):
    return [pool.num_threads for pool in pools]


@pytest.mark.parametrize(
    ("shape", "most", "expected"),
    [
        ((10, 784, 30), 8, 1),  # the book's network
        ((63, 784, 100), 8, 1),
        ((64, 784, 100), 8, 2),
        ((100, 784, 100), 8, 3),
        ((256, 512, 512), 8, 8),
        ((256, 512, 512), 64, 26),
        ((256, 512, 512), 2, 2),
        ((256, 512, 512), 1, 1),
        ((0, 0, 0), 8, 1),
    ],
)
def test_threads_fit_the_largest_product(shape, most, expected):
    m, n_in, n_out = shape
    assert fitting_threads(2.0 * m * n_in * n_out, most) == expected


def test_the_backend_decides_then_the_work_and_never_beyond_the_environment(pools):
    assert threads_for(get("numpy"), 1e6) == 1
    assert threads_for(get("numpy"), 1e12) == 8
    assert threads_for(get("numpy", threads=3), 1e12) == 3
    assert threads_for(get("numpy", threads=3), 1e6) == 3
    assert threads_for(get("numpy", threads=99), 1e6) == 8
    with limited(1):
        assert threads_for(get("numpy"), 1e12) == 8


def test_other_libraries_and_unknown_blas_are_left_alone(pools, monkeypatch):
    assert threads_for(get("array_api_strict"), 1e12) is None
    monkeypatch.setattr(threads, "pools", lambda: ())
    assert threads_for(get("numpy", threads=1), 1e12) is None
    with limited(1):
        pass


def test_pools_are_limited_inside_and_given_back_even_after_an_error(pools):
    with limited(4):
        assert numbers(pools) == [4, 2]
    assert numbers(pools) == [8, 2]
    with pytest.raises(KeyError), limited(1):
        raise KeyError(pools[0].num_threads)
    assert pools[0].told == [4, 8, 1, 8]
    assert numbers(pools) == [8, 2]


def test_pools_are_not_touched_where_nothing_changes(pools):
    for n in (None, 8, 99):
        with limited(n):
            assert numbers(pools) == [8, 2]
    with limited(2):
        pass
    assert (pools[0].told, pools[1].told) == ([2, 8], [])


def test_an_inner_block_never_allows_more(pools):
    with limited(1), limited(4):
        assert numbers(pools) == [1, 1]
    assert numbers(pools) == [8, 2]


def test_blocks_that_overlap_end_in_any_order(pools):
    first, second = limited(4), limited(1)
    first.__enter__()
    second.__enter__()
    assert numbers(pools) == [1, 1]
    first.__exit__(None, None, None)
    assert numbers(pools) == [1, 1]
    second.__exit__(None, None, None)
    assert numbers(pools) == [8, 2]


def test_a_thread_that_trains_beside_another_gives_back_what_was_there(pools):
    inside, leave = threading.Event(), threading.Event()

    def train():
        with limited(3):
            inside.set()
            leave.wait(10)

    with limited(5):
        other = threading.Thread(target=train)
        other.start()
        assert inside.wait(10)
        assert numbers(pools) == [3, 2]
    assert numbers(pools) == [3, 2]
    leave.set()
    other.join(10)
    assert numbers(pools) == [8, 2]


def test_the_real_blas_is_limited_and_given_back():
    before = numbers(blas.pools())
    with limited(1):
        assert set(numbers(blas.pools())) <= {1}
    assert numbers(blas.pools()) == before
