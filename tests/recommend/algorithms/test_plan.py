"""Plans: sums, products and solutions over each row's own ratings, beside the dense matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close

from xpnet.backend import get, to_numpy
from xpnet.recommend.algorithms import plan
from xpnet.recommend.algorithms.plan import make_plan, multiply, pairs, row_sums
from xpnet.training.parallel import Parallel


def ragged(rng, n_rows=9, n_columns=7):
    """Return ratings of rows with 0 to 7 entries each, in any order, and the dense matrix."""
    dense = rng.standard_normal((n_rows, n_columns)) * (
        rng.random((n_rows, n_columns)) < np.linspace(0, 1, n_rows)[:, None]
    )
    rows, columns = np.nonzero(dense)
    order = rng.permutation(rows.size)
    return rows[order], columns[order], dense[rows, columns][order], dense


def test_row_sums_and_products_equal_the_dense_matrixs(backend, rng):
    rows, columns, values, dense = ragged(rng)
    made, v = make_plan(rows, columns, values, 9, 7, backend), backend.asarray(values)
    x = rng.standard_normal((7, 3))
    assert_close(backend, row_sums(made, v), dense.sum(axis=1), "product")
    assert_close(backend, multiply(made, v, backend.asarray(x)), dense @ x, "product")
    assert_close(backend, made.lengths, (dense != 0).sum(axis=1))


def test_blocks_hold_the_values_of_their_entries(backend, rng):
    rows, columns, values, _ = ragged(rng)
    made = make_plan(rows, columns, values, 9, 7, backend)
    for blocks, own in ((made.blocks, values), (made.with_values(backend.asarray(-values)).blocks, -values)):
        for block in blocks:
            entries = to_numpy(block.entries)
            there = entries < values.size
            assert_close(backend, block.values, np.where(there, own[np.where(there, entries, 0)], 0.0))


def test_little_of_a_block_is_padding():
    """Widths above 32 have four binary digits, those below are powers of two."""
    for n in range(1, 4000):
        width = plan._width(n)
        assert n <= width < (2 * n if n <= 32 else 1.125 * n)
        assert plan._width(width) == width


def test_pairs_computes_only_the_entries_that_are_asked_for(backend, rng):
    rows, columns, _, _ = ragged(rng)
    p, q = rng.standard_normal((9, 3)), rng.standard_normal((7, 3))
    found = pairs(*(backend.asarray(x) for x in (p, q, rows, columns)))
    assert_close(backend, found, (p @ q.T)[rows, columns], "product")


def test_blocks_are_cut_where_they_would_grow_too_large(rng, monkeypatch):
    backend = get("numpy", dtype="float64")
    rows, columns, values, dense = ragged(rng)
    whole = make_plan(rows, columns, values, 9, 7, backend)
    monkeypatch.setattr(plan, "ENTRIES", 4)
    pieces = make_plan(rows, columns, values, 9, 7, backend)
    assert len(pieces.blocks) > len(whole.blocks)
    np.testing.assert_allclose(row_sums(pieces, values), dense.sum(axis=1), atol=1e-14)
    p, q = rng.standard_normal((9, 3)), rng.standard_normal((7, 3))
    np.testing.assert_allclose(pairs(p, q, rows, columns), (p @ q.T)[rows, columns], atol=1e-14)


@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6))
def test_any_pattern_of_ratings_is_summed_right(seed, n_rows, n_columns):
    rng = np.random.default_rng(seed)
    mask = rng.random((n_rows, n_columns)) < 0.6
    mask[0, 0] = True
    rows, columns = np.nonzero(mask)
    values = rng.standard_normal(rows.size)
    dense = np.zeros(mask.shape)
    dense[rows, columns] = values
    made = make_plan(rows, columns, values, n_rows, n_columns, get("numpy", dtype="float64"))
    np.testing.assert_allclose(row_sums(made, values), dense.sum(axis=1), atol=1e-14)
    assert sorted(i for b in made.blocks for i in to_numpy(b.entries).ravel().tolist() if i < rows.size) == list(
        range(rows.size)
    )


def test_a_matrix_far_too_large_for_memory_is_no_matter():
    """A million users by a million items would be four terabytes."""
    backend = get("numpy")
    n = 1_000_000
    rows, columns = np.asarray([0, 5, n - 1]), np.asarray([7, 7, n - 1])
    made = make_plan(rows, columns, np.ones(3), n, n, backend)
    sums = row_sums(made, backend.asarray([1.0, 2.0, 3.0]))
    assert sums.shape == (n,)
    assert (sums[0], sums[5], sums[n - 1], sums.sum()) == (1.0, 2.0, 3.0, 6.0)


class OneOf(Parallel):
    """A process that no other one answers."""

    def __init__(self, rank, size):
        self.rank, self.size = rank, size


@pytest.mark.parametrize("size", [2, 3, 50])
def test_processes_have_a_part_of_the_blocks_each(size, monkeypatch):
    monkeypatch.setattr("xpnet.recommend.algorithms.plan.ENTRIES", 16)
    rng, home = np.random.default_rng(0), get("numpy", dtype="float64")
    pair = np.sort(rng.permutation(60 * 40)[:700]).astype(np.int32)
    known = (pair // 40, pair % 40, rng.standard_normal(700), 60, 40, home)
    whole = make_plan(*known)
    parts = [make_plan(*known, OneOf(rank, size)) for rank in range(size)]
    members = [block.members.tolist() for part in parts for block in part.blocks]
    assert members == [block.members.tolist() for block in whole.blocks]
    if size < 10:
        ratings = [sum(int(block.values.astype(bool).sum()) for block in part.blocks) for part in parts]
        assert max(ratings) - min(ratings) <= 2 * 16
    for part in parts:
        assert (part.places == whole.places).all()
