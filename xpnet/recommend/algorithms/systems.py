"""The least-squares systems of all rows at once: each user's factors for fixed items, or each item's for fixed users.

Every row minimizes ``p^T B p + sum over its ratings (w (x . p)^2 - 2 c x . p)``, x the other side's factors, B common
to all rows.  With ``B = L L^T``, ``x' = L^-1 x`` and ``p' = L^T p``, B becomes the identity, so that

- the systems ``(1 + X^T W X) p = X^T c`` are well conditioned where ratings are few, which is what conjugate
  gradients need, and
- a row with fewer ratings than factors is solved in the space of its ratings: ``(1 + W X X^T) z = c``, ``p = X^T z``.
"""

from collections.abc import Callable
from typing import NamedTuple

from xpnet.backend import Array, namespace, vecdot
from xpnet.recommend.algorithms.plan import Block, BlockPlan, at, over_blocks, padded

# c, (rows, width), and w, at least 0, (rows, width) or (rows, 1), None for 1; in the padding x is 0, so they may be any
Opinions = Callable[[Block], tuple[Array, Array | None]]


class Systems(NamedTuple):
    """What all rows of a matrix minimize."""

    plan: BlockPlan
    x: Array  # (n_columns, k), the factors of the other side
    base: Array  # (k, k), B: symmetric, positive definite
    opinions: Opinions


def solve(systems: Systems) -> Array:
    """Return the factors of all rows, (n_rows, k), exactly; zeros for rows without ratings.

    Notes
    -----
    The smaller of ``1 + X^T W X``, (k, k), and ``1 + W X X^T``, (width, width), is solved for each row:
    n k^2 + n_rows min(k, width)^3 operations.
    """
    white, _, inverse = _whitened(systems)
    return over_blocks(systems.plan, lambda block: _solved(*_of_block(white, block))) @ inverse


def approach(systems: Systems, last: Array, steps: int = 3) -> Array:
    """Return the factors of all rows, (n_rows, k), after some steps of conjugate gradients from the `last` ones.

    No (k, k) matrix of a row is formed: n k operations a step.

    References
    ----------
    Takács, Pilászy and Tikk, doi:10.1145/2043932.2043987.
    """
    white, lower, inverse = _whitened(systems)
    xp, last = namespace(last), last @ lower

    def work(block: Block) -> Array:
        return _conjugate_gradients(*_of_block(white, block), xp.take(last, block.members, axis=0), steps)

    return over_blocks(systems.plan, work) @ inverse


def _whitened(systems: Systems) -> tuple[Systems, Array, Array]:
    """Return the systems with B = 1 and x padded, L, and its inverse."""
    xp = namespace(systems.x)
    lower = xp.linalg.cholesky(systems.base)
    inverse = xp.linalg.inv(lower)
    return systems._replace(x=padded(systems.x @ inverse.mT)), lower, inverse


def _of_block(white: Systems, block: Block) -> tuple[Array, Array, Array | None]:
    """Return x, (rows, width, k), c and w of a block."""
    return at(white.x, block.others), *white.opinions(block)


def _solved(x: Array, c: Array, w: Array | None) -> Array:
    """Return the exact solutions of a block, (rows, k), in the smaller of the two spaces."""
    xp, (_, width, k) = namespace(x), x.shape
    left = x if w is None else x * w[..., None]
    one = xp.eye(min(width, k), dtype=x.dtype, device=x.device)
    if width < k:
        return _back(x, xp.linalg.solve(left @ x.mT + one, c[..., None])[..., 0])
    return xp.linalg.solve(left.mT @ x + one, _back(x, c)[..., None])[..., 0]


def _conjugate_gradients(x: Array, c: Array, w: Array | None, p: Array, steps: int) -> Array:
    """Return `p`, (rows, k), closer to the solutions of ``(1 + X^T W X) p = X^T c``."""
    xp = namespace(x)

    def weighed(z: Array) -> Array:
        return z if w is None else w * z

    left = _back(x, c - weighed(_along(x, p))) - p
    direction, size = left, vecdot(left, left)[:, None]
    for more in reversed(range(steps)):
        z = _along(x, direction)
        curvature = (vecdot(direction, direction) + vecdot(z, weighed(z)))[:, None]
        step = size / xp.where(curvature > 0.0, curvature, 1.0)
        p = p + step * direction
        if more:  # nothing uses what is left after the last step
            left = left - step * (direction + _back(x, weighed(z)))
            before, size = size, vecdot(left, left)[:, None]
            direction = left + size / xp.where(before > 0.0, before, 1.0) * direction
    return p


def _along(x: Array, p: Array) -> Array:
    """Return ``X p`` of each row, (rows, width)."""
    return (x @ p[..., None])[..., 0]


def _back(x: Array, z: Array) -> Array:
    """Return ``X^T z`` of each row, (rows, k)."""
    return (z[:, None, :] @ x)[:, 0, :]
