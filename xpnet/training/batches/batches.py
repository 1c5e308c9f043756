"""Mini-batches: the order of an epoch, cut into the inputs of its steps.

The data stay where they are; each step gathers its own rows.  Everything else that a step needs (targets, dropout
masks) is made here for many steps at once, which are called a stretch, because many small arrays are expensive.
Inputs in a file, or on the host while a device trains, are part of the stretch: a thread reads them ahead
(`streaming`).
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from itertools import pairwise
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, detached, get, namespace
from xpnet.backend.mapped import is_mapped
from xpnet.data.tables.frames import as_plain, take_features
from xpnet.training.batches.expansion import Expansion, draw
from xpnet.training.batches.streaming import read_ahead, rows_at_once
from xpnet.training.model import Trainable

IMAGE_KEY = 2**20  # an id that no layer has: it selects the random numbers of an expansion
STRETCH = 2**23  # bytes of targets, masks and outputs that one stretch may hold


class Data(NamedTuple):
    """Examples on their device: x (n, n_in), y labels (n,) or targets (n, n_out), weights (n,) with mean 1.

    If they are streamed, x is a host array, in memory or in a file, and rows are read when they are needed.
    """

    x: Array
    y: Array
    weights: Array | None = None
    weight: float | None = None  # sum of the weights before they were scaled; without weights n
    streamed: bool = False
    # host integers (n,): for each row, the row to read instead; rows of weight 0 are replaced
    substitutes: Any = None

    @property
    def n(self) -> int:
        """Number of examples."""
        return int(self.y.shape[0])

    @property
    def total(self) -> float:
        """The size of the training set for penalties: a row of weight 2 counts twice."""
        return self.n if self.weight is None else self.weight


def check_pair(name: str, given: Any, features: Sequence[str] | None = None) -> tuple[Any, Any]:
    """Return x and y of an argument that must be such a pair; the columns of a frame x are matched by name."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise TypeError(f"{name} must be a pair (x, y), got {type(given).__name__}")
    prefix = "" if name == "data" else f"{name}: "
    return take_features(f"{prefix}x", given[0], features), as_plain(f"{prefix}y", given[1])


def place(model: Trainable, x: Any, y: Any, backend: Backend, stream: bool = False) -> Data:
    """Return checked examples on `backend`, for one network.  A memory-mapped x is streamed; `stream` streams any x."""
    stream = stream or is_mapped(x)
    home = get("numpy", dtype=backend.dtype_name) if stream else backend
    x, y = model.examples(detached(x), detached(y), home)
    if x.ndim != 2:
        raise ValueError(f"x must have shape (n, n_in) for training, got {tuple(x.shape)}")
    if stream:
        return Data(home.xp.asarray(x), backend.asarray(y), streamed=True)
    # make rows contiguous: gathering from x[:, 1:] or from Fortran's order would copy the whole array each time
    return Data(backend.xp.reshape(backend.xp.reshape(x, (-1,)), x.shape), y)


class Inputs(NamedTuple):
    """The inputs of the steps of a stretch: the first axis is the step, the second the mini-batch."""

    rows: Array  # (steps, m), integers
    y: Array  # (steps, m, n_out)
    masks: tuple[Array | None, ...] = ()  # each (steps, m, n_in of its layer)
    weights: Array | None = None  # (steps, m)
    draws: Array | None = None  # (steps, m, random numbers of an expansion)
    numbers: tuple[Array, ...] = ()  # each (steps,), or (steps, k) for a stack: the optimizer's step numbers
    x: Array | None = None  # (steps, m, n_in) if the data are streamed; valid until the next stretch
    share: Array | None = None  # (steps,): the part of each mini-batch that these rows are, if others have the rest


def batches(
    model: Trainable,
    data: Data,
    batch_size: int,
    seed: int,
    epoch: int,
    backend: Backend,
    expand: Expansion | None = None,
    every: int | None = None,
    most: int | None = None,
    done: int = 0,
    part: tuple[int, int] = (0, 1),
) -> Generator[Inputs, None, None]:
    """Yield the inputs of one epoch's steps, in stretches of equal mini-batches; a short last batch is a stretch alone.

    Parameters
    ----------
    model : Trainable
    data : Data
    batch_size : int
        From 1 (one by one) to n (full batch).
    seed, epoch : int
        Together they determine the order and the dropout on every backend, without a generator.
    backend : Backend
    expand : Expansion, optional
        The expansion of the images, which needs random numbers.
    every : int, optional
        A stretch ends after so many steps, again and again, so that callbacks can look in between.
    most : int, optional
        Steps that a stretch may hold.
    done : int
        Steps of the epoch that are left out, because they have been taken.
    part : (int, int)
        Which part of each mini-batch to yield, and of how many; others compute the rest.  Order, targets and dropout
        do not depend on it.  A mini-batch with fewer rows than parts gives a part without rows one of weight 0.

    Notes
    -----
    Nielsen, chapter 1: stochastic gradient descent by mini-batches of shuffled examples.
    """
    order = backend.rng((seed, epoch)).permutation(data.n)
    keys = cache(partial(hash_keys, backend, seed, epoch))
    footprint = model.footprint + (expand.n_draws if expand else 0)
    limit = STRETCH // (8 * footprint)
    limit = min(limit, rows_at_once(data.x, backend)) if data.streamed else limit
    limit = min(limit, most * batch_size) if most else limit
    whole = list(after(done, stretches(data.n, batch_size, limit, every)))
    if not whole:
        return
    places, parts, shares = own_part(whole, *part)
    order = order[places]
    read = order if data.substitutes is None else data.substitutes[order]
    placed, weighed, numbered = (backend.asarray(each) for each in (read, order, places))
    with closing(_inputs(data, read, parts, backend)) as xs:
        for (start, steps, m), share, x in zip(parts, shares, xs, strict=True):
            rows, own, at = (
                backend.xp.reshape(each[start : start + steps * m], (steps, m)) for each in (placed, weighed, numbered)
            )
            weights = None if data.weights is None else gather(data.weights, own)
            yield Inputs(
                rows=rows,
                y=model.targets(gather(data.y, rows), backend.dtype),
                masks=model.masks(at, keys, backend.dtype),
                weights=backend.full((steps, m)) if share == 0.0 else weights,
                draws=None if expand is None else draw(at, expand.n_draws, keys(IMAGE_KEY), backend.dtype),
                x=x,
                share=None if share == 1.0 else backend.full((steps,), share),
            )


def own_part(
    whole: list[tuple[int, int, int]], i: int, parts: int
) -> tuple[Any, list[tuple[int, int, int]], list[float]]:
    """Return part i of the mini-batches of stretches: the places of its rows, its own stretches, and its shares.

    Parameters
    ----------
    whole : list of (first place, steps, rows a step)
    i, parts : int
        Which part, and of how many.

    Examples
    --------
    >>> places, own, shares = own_part([(0, 2, 4), (8, 1, 1)], 1, 2)
    >>> places.tolist(), own, shares
    ([2, 3, 6, 7, 8], [(0, 2, 2), (4, 1, 1)], [0.5, 0.0])
    """
    xp, found, own, shares, n = get("numpy").xp, list[Any](), [], [], 0
    for start, steps, m in whole:
        cuts = borders(m, parts)
        first, last = cuts[i] if i < len(cuts) else (m - 1, m)
        rows = xp.reshape(xp.arange(start, start + steps * m, dtype=xp.int32), (steps, m))[:, first:last]
        own.append((n, steps, last - first))
        found.append(xp.reshape(rows, (-1,)))
        n += steps * (last - first)
        shares.append((last - first) / m if i < len(cuts) else 0.0)
    return xp.concat(found), own, shares


def borders(m: int, parts: int) -> list[tuple[int, int]]:
    """Return the first row and the end of each part of m rows; the longer parts come first.

    Examples
    --------
    >>> borders(10, 4), borders(2, 4)
    ([(0, 3), (3, 6), (6, 8), (8, 10)], [(0, 1), (1, 2)])
    """
    parts = min(parts, m)
    each, more = divmod(m, parts)
    ends = [i * each + min(i, more) for i in range(parts + 1)]
    return list(pairwise(ends))


def _inputs(
    data: Data, order: Any, parts: list[tuple[int, int, int]], backend: Backend
) -> Generator[Array | None, None, None]:
    """Return the inputs of each stretch, or None if the steps gather their own."""
    return read_ahead(data.x, order, parts, backend) if data.streamed else (None for _ in parts)


def hash_keys(backend: Backend, seed: int, epoch: int, layer: int) -> tuple[int, int]:
    """Return the two int32 numbers that stand for a seed, an epoch and a layer; see `xpnet.counter_rng`."""
    first, second = backend.rng((seed, epoch, layer + 1)).integers(-(2**31), 2**31, 2).tolist()
    return first, second


def stretches(n: int, batch_size: int, limit: int, every: int | None = None) -> Iterator[tuple[int, int, int]]:
    """Yield (first row, steps, rows a step) that cover n rows: at most `limit` rows, or one step, at a time.

    With `every`, none goes beyond a multiple of so many steps.

    Examples
    --------
    >>> list(stretches(25, 10, 1000))
    [(0, 2, 10), (20, 1, 5)]
    >>> list(stretches(25, 10, 1))
    [(0, 1, 10), (10, 1, 10), (20, 1, 5)]
    >>> list(stretches(70, 10, 20, every=3))
    [(0, 2, 10), (20, 1, 10), (30, 2, 10), (50, 1, 10), (60, 1, 10)]
    """
    whole, most = n // batch_size, max(1, limit // batch_size)
    for begin in range(0, whole, every or whole or 1):
        end = min(begin + (every or whole), whole)
        for first in range(begin, end, most):
            yield first * batch_size, min(most, end - first), batch_size
    if n % batch_size:
        yield whole * batch_size, 1, n % batch_size


def after(done: int, parts: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield the stretches without the first `done` steps.

    Examples
    --------
    >>> list(after(3, [(0, 2, 10), (20, 2, 10), (40, 1, 5)]))
    [(30, 1, 10), (40, 1, 5)]
    """
    for start, steps, m in parts:
        left_out = min(done, steps)
        done -= left_out
        if left_out < steps:
            yield start + left_out * m, steps - left_out, m


def gather(x: Array, rows: Array) -> Array:
    """Return the rows of `x` with the numbers `rows`, shape (...): an array of shape (..., n_in)."""
    xp = namespace(rows)
    if rows.ndim == 1:
        return xp.take(x, rows, axis=0)
    return xp.reshape(xp.take(x, xp.reshape(rows, (-1,)), axis=0), (*rows.shape, *x.shape[1:]))
