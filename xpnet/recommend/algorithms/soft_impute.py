"""SoftImpute: ratings fitted by a matrix of small nuclear norm, for a path of lambdas.

``minimize 1/2 sum over ratings (y - z)^2 + lambda |Z|_*``.  A step fills the gaps of the matrix with the estimate and
shrinks the singular values by lambda.  The filled matrix is sparse plus low rank and is never formed.
"""

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

from xpnet.backend import Array, Backend, namespace
from xpnet.linalg import lstsq, qr, svd, vector_norm
from xpnet.linalg.low_rank.sketch import gaussian, orthonormal
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.plan import multiply, pairs


class LowRankEstimate(NamedTuple):
    """Z = u diag(d) v^T: orthonormal columns, falling d.  Columns with d = 0 are kept: a smaller lambda needs them."""

    u: Array  # (n_users, k)
    d: Array  # (k,)
    v: Array  # (n_items, k)

    def predict(self, users: Array, items: Array) -> Array:
        """Return the entries of Z at row numbers `users` and `items`, (n,)."""
        return pairs(self.u * self.d, self.v, users, items)


class PathPoint(NamedTuple):
    """The result at one lambda of a path."""

    lam: float
    rank: int
    objective: float
    steps: int
    validation: float | None = None  # the root mean square error on ratings put aside


def start(observed: Observed, k: int, backend: Backend, seed: int = 0) -> LowRankEstimate:
    """Return Z = 0 with k random directions."""
    n_users, n_items = observed.shape
    draw = gaussian(backend.full((1, n_items)), seed)
    u = backend.full((n_users, k))
    return LowRankEstimate(u, backend.full((k,)), orthonormal(draw(k)))


def improved(observed: Observed, z: LowRankEstimate, lam: float) -> LowRankEstimate:
    """Return the estimate after one step: a subspace iteration on the filled matrix, then shrinking.

    Notes
    -----
    X = S + Z with sparse S = P(y - Z).  ``q = orth(X v)``, ``X^T q = v' s w^T``, u' = q w, d' = max(s - lambda, 0):
    two sparse products with k columns, and O((n_users + n_items) k^2) operations.

    References
    ----------
    Mazumder, Hastie and Tibshirani, JMLR 11 (2010), algorithm 1; Hastie et al., JMLR 16 (2015), section 5.
    """
    xp = namespace(z.u)
    gaps = observed.values - z.predict(observed.users, observed.items)
    q = orthonormal(multiply(observed.by_user, gaps, z.v) + z.u * z.d)
    b = multiply(observed.by_item, gaps, q) + (z.v * z.d) @ (xp.matrix_transpose(z.u) @ q)  # (n_items, k)
    rows = orthonormal(b)
    left, s, right = svd(xp.matrix_transpose(rows) @ b, full_matrices=False, flip=False)
    return LowRankEstimate(q @ xp.matrix_transpose(right), xp.maximum(s - lam, 0.0), rows @ left)


def change(before: LowRankEstimate, after: LowRankEstimate) -> float:
    """Return ``|after - before|_F / |before|_F``, from the factors alone: infinity if only `before` is 0."""
    xp = namespace(after.u)
    size = float(vector_norm(before.d))
    if size == 0.0:
        return inf if float(vector_norm(after.d)) > 0.0 else 0.0
    inner = (xp.matrix_transpose(before.u) @ after.u) * (xp.matrix_transpose(before.v) @ after.v)
    both = float(xp.sum(before.d[:, None] * after.d[None, :] * inner))
    square = size**2 + float(vector_norm(after.d)) ** 2 - 2.0 * both
    if square > 1e-6 * size**2:
        return square**0.5 / size
    # the squares cancel, so compute the difference itself: (u, u') times (v d, -v' d')^T
    _, r = qr(xp.concat([before.u, after.u], axis=-1))
    _, l = qr(xp.concat([before.v * before.d, -after.v * after.d], axis=-1))
    return float(vector_norm(r @ xp.matrix_transpose(l))) / size


def objective(observed: Observed, z: LowRankEstimate, lam: float) -> float:
    """Return ``1/2 sum (y - z)^2 + lambda |Z|_*``."""
    gaps = observed.values - z.predict(observed.users, observed.items)
    xp = namespace(gaps)
    return float(0.5 * xp.sum(gaps * gaps) + lam * xp.sum(z.d))


def largest_lambda(observed: Observed, backend: Backend, steps: int = 100, tol: float = 1e-12) -> float:
    """Return the spectral norm of the ratings with zeros in the gaps: from that lambda on, Z is 0."""
    n_items = observed.shape[1]
    v = orthonormal(gaussian(backend.full((1, n_items)), 0)(min(8, *observed.shape)))
    found = 0.0
    for _ in range(steps):
        u = orthonormal(multiply(observed.by_user, observed.values, v))
        w = multiply(observed.by_item, observed.values, u)
        before, found = found, float(svd(w, compute_uv=False)[0])
        v = orthonormal(w)
        if found - before <= tol * found:
            break
    return found


def path(
    observed: Observed,
    lambdas: Sequence[float],
    k: int,
    backend: Backend,
    *,
    steps: int = 100,
    tol: float = 1e-4,
    seed: int = 0,
    first: LowRankEstimate | None = None,
) -> Iterator[tuple[PathPoint, LowRankEstimate]]:
    """Yield the estimate for each of the falling `lambdas`; each starts from the one before.

    Parameters
    ----------
    observed : Observed
    lambdas : sequence of float
        Above or equal to 0, falling.
    k : int
        The largest number of singular values.
    backend : Backend
    steps : int
        The largest number of steps for each lambda.
    tol : float
        The steps for a lambda end when a step makes a relative change of Z of at most `tol`.
    seed : int
        Names the first directions.
    first : LowRankEstimate, optional
        The estimate to start from, instead of 0.
    """
    z = start(observed, k, backend, seed) if first is None else first
    for lam in lambdas:
        taken, moved = 0, inf
        while taken < steps and moved > tol:
            before, z = z, improved(observed, z, lam)
            taken, moved = taken + 1, change(before, z)
        rank = int(namespace(z.d).count_nonzero(z.d))
        yield PathPoint(lam, rank, objective(observed, z, lam), taken), z


def geometric(largest: float, smallest: float, n: int) -> list[float]:
    """Return n numbers from `largest` down to `smallest`, with the same ratio between neighbors.

    Examples
    --------
    >>> geometric(8.0, 1.0, 4)
    [8.0, 4.0, 2.0, 1.0]
    """
    return [largest * (smallest / largest) ** (i / max(n - 1, 1)) for i in range(n)]


def debiased(observed: Observed, z: LowRankEstimate) -> LowRankEstimate:
    """Return Z with its singular values refitted to the ratings by least squares, directions unchanged.

    Shrinking makes every estimate too small; the refit undoes that and keeps the rank.
    """
    xp = namespace(z.u)
    k, n = z.d.shape[0], observed.values.shape[0]
    g, b = xp.zeros((k, k), dtype=z.d.dtype, device=z.d.device), xp.zeros_like(z.d)
    most = max(1, 2**22 // k)
    for first in range(0, n, most):
        some = slice(first, min(first + most, n))
        f = xp.take(z.u, observed.users[some], axis=0) * xp.take(z.v, observed.items[some], axis=0)  # (m, k)
        g, b = g + xp.matrix_transpose(f) @ f, b + xp.matrix_transpose(f) @ observed.values[some]
    used = xp.astype(z.d > 0.0, z.d.dtype)
    return z._replace(d=lstsq(g * used[:, None] * used[None, :], (b * used)[:, None]).x[:, 0])
