"""Mini-batches: every row once, in an order that the seed names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close

from xpnet.backend import get, to_numpy
from xpnet.nn import Network
from xpnet.training.batches import batches as module
from xpnet.training.batches.batches import Data, batches, gather, place, stretches


@given(n=st.integers(1, 200), batch_size=st.integers(1, 60), limit=st.integers(1, 300))
def test_stretches_cover_every_row_once(n, batch_size, limit):
    seen = []
    for start, steps, m in stretches(n, batch_size, limit):
        assert m == batch_size or (start, steps) == (n - n % batch_size, 1)
        assert steps == 1 or steps * m <= limit
        seen += range(start, start + steps * m)
    assert seen == list(range(n))


def epoch_of(backend, n=25, batch_size=10, seed=0, epoch=1, network=None):
    data = Data(backend.full((n, 4), 1.0), backend.asarray(np.arange(n) % 3))
    return list(batches(network or Network([4, 5, 3]), data, batch_size, seed, epoch, backend))


def test_batches_hold_every_row_once_and_keep_the_short_last_one(backend):
    pieces = epoch_of(backend)
    assert [tuple(piece.rows.shape) for piece in pieces] == [(2, 10), (1, 5)]
    rows = np.concatenate([to_numpy(piece.rows).ravel() for piece in pieces])
    assert sorted(rows) == list(range(25))
    assert_close(backend, pieces[1].y[0, ...], np.eye(3)[rows[20:] % 3])


@pytest.mark.parametrize(("batch_size", "shapes"), [(1, [(25, 1)]), (25, [(1, 25)])])
def test_batches_may_be_single_examples_or_everything(backend, batch_size, shapes):
    assert [tuple(piece.rows.shape) for piece in epoch_of(backend, batch_size=batch_size)] == shapes


def test_order_is_the_same_on_every_backend_and_new_in_every_epoch(backend):
    def order(home, **which):
        return np.concatenate([to_numpy(piece.rows).ravel() for piece in epoch_of(home, **which)]).tolist()

    assert order(backend, seed=5, epoch=2) == order(get("numpy"), seed=5, epoch=2)
    assert len({tuple(order(get("numpy"), seed=s, epoch=e)) for s in range(4) for e in range(1, 5)}) == 16


def test_masks_follow_the_place_in_the_epoch_not_the_stretch(backend, monkeypatch):
    network = Network([4, 5, 3], dropout=0.5)
    whole = epoch_of(backend, network=network)
    monkeypatch.setattr(module, "STRETCH", 1)  # one step a stretch
    single = epoch_of(backend, network=network)
    assert [piece.rows.shape[0] for piece in single] == [1, 1, 1]
    assert single[0].masks[0] is None
    for i in range(2):
        np.testing.assert_array_equal(to_numpy(single[i].masks[1])[0], to_numpy(whole[0].masks[1])[i])
    assert (to_numpy(single[0].masks[1]) != to_numpy(single[1].masks[1])).any()


def test_gather_takes_rows_along_leading_axes(backend):
    x = backend.asarray([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    rows = backend.asarray(np.asarray([[2, 0], [1, 1]]))
    assert_close(backend, gather(x, rows), [[[4.0, 5.0], [0.0, 1.0]], [[2.0, 3.0], [2.0, 3.0]]])
    assert_close(backend, gather(x, rows[0, :]), [[4.0, 5.0], [0.0, 1.0]])


@pytest.mark.parametrize("part", [np.s_[:, 1:], np.s_[::-2, :3], np.s_[:]], ids=["columns", "backwards", "fortran"])
def test_rows_are_laid_together_once_and_not_by_every_step(backend, rng, part):
    x = np.asfortranarray(rng.random((20, 4)))[part]
    placed = place(Network([x.shape[1], 3]), backend.asarray(x), np.arange(len(x)) % 3, backend).x
    assert_close(backend, placed, x.astype(backend.dtype_name))
    if backend.name == "numpy":
        assert placed.flags.c_contiguous


def test_rows_that_lie_together_are_not_copied():
    x = np.zeros((20, 4), dtype="float32")
    assert np.shares_memory(place(Network([4, 3]), x, np.arange(20) % 3, get("numpy")).x, x)
