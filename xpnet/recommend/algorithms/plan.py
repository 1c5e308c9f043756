"""Ratings in blocks, so that plain array calls sum, multiply and solve over the ratings of each user or each item.

The array API has no sparse arrays and no scattered additions.  But rows (users, say) with about the same number of
ratings can share a block: a rectangle of indices of ratings, padded with an index that holds nothing.  The widths of
blocks are 1, 2, 4, 8, 16, 32, 36, 40, ..., 64, 72, ...: a tenth of all blocks is padding where most rows have more than
32 ratings, and a quarter where most have fewer; one block for all rows would be nine tenths padding.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

from xpnet.backend import Array, Backend, namespace, of, to_numpy, vecdot
from xpnet.recommend.algorithms.workers import work_on, workers_of
from xpnet.training.parallel.parallel import Parallel

ALONE = Parallel()
ENTRIES = 2**15  # the most entries of a block: with 64 factors each, 8 MB in float32


class Block(NamedTuple):
    """Rows with at most `width` ratings each."""

    members: Array  # (rows,), which rows of the matrix these are
    entries: Array  # (rows, width), the index of a rating; for padding, the number of ratings
    others: Array  # (rows, width), the column of that rating; for padding, the number of columns
    values: Array  # (rows, width), that rating; for padding, 0


class BlockPlan(NamedTuple):
    """The blocks of all rows of a matrix of ratings, and how to put the blocks' rows back in order.

    Several processes have a part of the blocks each, in the order of their ranks.
    """

    blocks: tuple[Block, ...]
    # (n_rows,), the index of each row among the rows of all blocks; for rows without ratings, the index after the last
    places: Array
    lengths: Array  # (n_rows,), the number of ratings of each row, in the backend's dtype
    workers: int = 1  # how many blocks are worked on at a time
    parallel: Parallel = ALONE

    def with_values(self, values: Array) -> "BlockPlan":
        """Return the same blocks with other `values`, (n,)."""
        values = padded(values)
        return self._replace(blocks=tuple(one._replace(values=at(values, one.entries)) for one in self.blocks))


def make_plan(
    rows: Array,
    columns: Array,
    values: Array,
    n_rows: int,
    n_columns: int,
    backend: Backend,
    parallel: Parallel = ALONE,
) -> BlockPlan:
    """Return the blocks of a matrix with a rating at each (row, column).

    Parameters
    ----------
    rows, columns : host array of int, shape (n,)
    values : host array, shape (n,)
    n_rows, n_columns : int
    backend : Backend
        Where the blocks will live.
    parallel : Parallel
        The processes among which the blocks are divided: none makes the blocks of another.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.backend import get
    >>> plan = make_plan(np.asarray([0, 2, 2]), np.asarray([1, 0, 1]), np.asarray([5.0, 3.0, 4.0]), 3, 2, get("numpy"))
    >>> [block.others.tolist() for block in plan.blocks], plan.places.tolist()
    ([[[1]], [[0, 1]]], [0, 2, 1])
    >>> [block.values.tolist() for block in plan.blocks]
    [[[5.0]], [[3.0, 4.0]]]
    """
    xp, n = namespace(rows), rows.shape[0]
    order = xp.argsort(rows, stable=True)
    starts = xp.searchsorted(xp.take(rows, order), xp.arange(n_rows + 1, dtype=rows.dtype))
    lengths = starts[1:] - starts[:-1]
    blocks, members = list[Block](), list(_rows_of_blocks(lengths))
    for some in _own(members, lengths, parallel):
        first, length = xp.take(starts[:-1], some), xp.take(lengths, some)
        place = xp.arange(_width(int(xp.max(length))))
        there = place < length[:, None]
        entries = xp.take(order, xp.where(there, first[:, None] + place, 0).reshape(-1)).reshape(there.shape)
        others, own = (xp.take(x, entries.reshape(-1)).reshape(there.shape) for x in (columns, values))
        entries, others = xp.where(there, entries, n), xp.where(there, others, n_columns)
        whole = [backend.asarray(xp.astype(x, xp.int32)) for x in (some, entries, others)]
        blocks.append(Block(whole[0], whole[1], whole[2], backend.asarray(xp.where(there, own, 0.0), backend.dtype)))
    empty = xp.nonzero(lengths == 0)[0]
    in_blocks = xp.concat([*members, empty])  # the rows, in the order of the blocks
    places = xp.minimum(xp.argsort(in_blocks), n_rows - empty.shape[0])
    return BlockPlan(
        tuple(blocks),
        backend.asarray(xp.astype(places, xp.int32)),
        backend.asarray(xp.astype(lengths, xp.float64)),
        parallel.blas_threads(workers_of(backend)) or 1 if n > ENTRIES else 1,
        parallel,
    )


def _own(members: list[Array], lengths: Array, parallel: Parallel) -> list[Array]:
    """Return the rows of the blocks of this process: neighbors, with about as many ratings as those of the others."""
    xp = namespace(lengths)
    sizes = [int(xp.sum(xp.take(lengths, some))) for some in members]
    middles = (end - 0.5 * size for end, size in zip(accumulate(sizes), sizes, strict=True))
    ranks = [int(parallel.size * middle / sum(sizes)) for middle in middles]
    return [some for some, rank in zip(members, ranks, strict=True) if rank == parallel.rank]


def _rows_of_blocks(lengths: Array) -> Iterator[Array]:
    """Yield the indices of the rows of each block: rows of about the same length, at most as many as fill a block."""
    xp, shorter = namespace(lengths), 0
    longest = int(xp.max(lengths))
    while shorter < longest:
        width = _width(shorter + 1)
        some = xp.nonzero((lengths > shorter) & (lengths <= width))[0]
        most = max(1, ENTRIES // width)
        for start in range(0, some.shape[0], most):
            yield some[start : start + most]
        shorter = width


def _width(n: int) -> int:
    """Return the width of the block of a row with n ratings: a power of two, or from 32 on four binary digits."""
    step = 1 << max((n - 1).bit_length() - 4, 0)
    return 1 << (n - 1).bit_length() if n <= 32 else -(-n // step) * step


# ---- sums and products over blocks --------------------------------------------------------------------------


def over_blocks(plan: BlockPlan, work: Callable[[Block], Array]) -> Array:
    """Return what `work` makes of the rows of each block, (rows, ...), in the order of the matrix's rows.

    Rows without ratings get zeros.  Each process works on its blocks, and gets what the others make of theirs.
    """
    found = work_on(plan.blocks, work, plan.workers)
    if plan.parallel.size > 1:
        home = of(plan.lengths)
        everybody = plan.parallel.gather([to_numpy(x) for x in found])
        found = [home.asarray(x) for each in everybody for x in each]
    xp, like = namespace(found[0]), found[0]
    rows = xp.concat([*found, xp.zeros((1, *like.shape[1:]), dtype=like.dtype, device=like.device)], axis=0)
    return xp.take(rows, plan.places, axis=0)


def row_sums(plan: BlockPlan, values: Array) -> Array:
    """Return the sum of each row's `values`, (n,) -> (n_rows,)."""
    xp, values = namespace(values), padded(values)
    return over_blocks(plan, lambda block: xp.sum(at(values, block.entries), axis=-1))


def multiply(plan: BlockPlan, values: Array, x: Array) -> Array:
    """Return the sparse matrix of `values`, (n,), times `x`, (n_columns, k): (n_rows, k)."""
    values, x = padded(values), padded(x)
    return over_blocks(plan, lambda block: (at(values, block.entries)[:, None, :] @ at(x, block.others))[:, 0, :])


def pairs(p: Array, q: Array, users: Array, items: Array) -> Array:
    """Return the inner products of the rows ``p[users]`` and ``q[items]``, (n,); no other product is computed."""
    xp, most = namespace(p), max(1, ENTRIES * 16 // max(1, p.shape[-1]))
    found = [
        vecdot(xp.take(p, users[start : start + m], axis=0), xp.take(q, items[start : start + m], axis=0))
        for start, m in _pieces(users.shape[0], most)
    ]
    return xp.concat(found) if found else xp.zeros((0,), dtype=p.dtype, device=p.device)


def _pieces(n: int, most: int) -> Iterator[tuple[int, int]]:
    for start in range(0, n, most):
        yield start, min(most, n - start)


def padded(x: Array) -> Array:
    """Return `x` with a last entry (or row) of zeros, which the padding's indices point to."""
    xp = namespace(x)
    return xp.concat([x, xp.zeros((1, *x.shape[1:]), dtype=x.dtype, device=x.device)], axis=0)


def at(x: Array, where: Array) -> Array:
    """Return the entries (or rows) of `x` at the indices `where`, (rows, width)."""
    xp = namespace(x)
    return xp.reshape(xp.take(x, xp.reshape(where, (-1,)), axis=0), (*where.shape, *x.shape[1:]))
