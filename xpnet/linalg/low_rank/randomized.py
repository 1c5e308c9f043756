"""Singular value decomposition of large matrices from a random sketch, almost only by matrix products."""

from math import pi, sqrt
from typing import Any, NamedTuple

from xpnet.backend import Array, namespace, quiet
from xpnet.checks import share, whole
from xpnet.linalg.arguments import adjoint, finite_matrix, limits, real_backend
from xpnet.linalg.factorizations.library import library_svd
from xpnet.linalg.factorizations.svd import SVD, flip_signs, moderate_finite
from xpnet.linalg.low_rank.sketch import adjoint_times, extended, gaussian, grown, nothing_yet, orthonormal, times
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.precision import promotes
from xpnet.linalg.scaling import largest, over, unit_of

PROBES = 10  # random vectors that estimate the error; the bound fails with a probability of 10^-10


class RandomizedSVD(NamedTuple):
    """The leading factors of a matrix, and a bound of their error."""

    U: Array  # (..., m, k)
    S: Array  # (..., k)
    Vh: Array  # (..., k, n)
    error: Array  # (...), bounds the spectral norm of a - U diag(S) Vh; fails with a probability of 10^-10


@promotes("a")
def randomized_svd(
    a: Any,
    k: int | None = None,
    *,
    tol: float | None = None,
    oversampling: int = 10,
    power_iterations: int = 2,
    seed: int = 0,
    flip: bool = True,
) -> RandomizedSVD:
    """Return the leading singular values and vectors, close to the best ones, by a few matrix products.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    k : int, optional
        Rank, from 1 to min(m, n).
    tol : float, optional
        Instead of `k`: the rank grows until the Frobenius error is at most `tol` times the norm of `a`.
    oversampling : int
        How many directions the sketch has beyond k, usually 5 to 20.  Ten probe vectors for the error are added.
    power_iterations : int
        How many products with a a^H amplify the leading directions: 0 if singular values fall fast, 2 if they fall
        slowly, 4 if every percent of error counts.
    seed : int
        Seed of the random sketch, which is the same on every backend.
    flip : bool
        Whether signs follow the rule of `svd`.

    Returns
    -------
    RandomizedSVD
        A named tuple (U, S, Vh, error).  The bound `error` is safe, but often ten times too large or more if singular
        values fall slowly; `spectral_error` gives a closer estimate.

    Raises
    ------
    ValueError
        If not exactly one of `k` and `tol` is given, or one is out of range, or `a` is not finite.

    Notes
    -----
    q = orthonormal basis of (a a^H)^p a w for random Gaussian w, orthonormalized at every half step; then the SVD
    of the small q^H a.  About 4 (power_iterations + 1) m n (k + oversampling + 10) operations.
    The bound is ``10 sqrt(2/pi) max |(1 - q q^H) a w|`` over ten probe vectors w independent of the first
    k + oversampling columns of q, plus the first singular value left out.  All columns of q together are even closer.

    References
    ----------
    Halko, Martinsson and Tropp, doi:10.1137/090771806, algorithms 4.4 and 5.1, lemma 4.1.  Blocks: Yu, Gu and Li,
    doi:10.1137/17M1141977.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.outer([1.0, 2.0, 3.0], [1.0, 0.0, 1.0, 0.0])
    >>> found = randomized_svd(a, 1, oversampling=1)
    >>> bool(abs((found.U * found.S) @ found.Vh - a).max() < 1e-12), bool(found.error < 1e-12)
    (True, True)
    """
    if (k is None) == (tol is None):
        raise ValueError(f"give one of k and tol, got k={k}, tol={tol}")
    extra = whole("oversampling", oversampling, 1)
    turns = whole("power_iterations", power_iterations, 0)
    a, unit = moderate_finite(a)
    draw, most = gaussian(a, seed), min(a.shape[-2:])
    if k is None:
        part = _as_part(tol, a)
        sketch, left = grown(a, draw, extra, turns, part)
        judged, probes = sketch.q, times(a, draw(PROBES))
    else:
        l = min(whole("k", k, 1, most) + extra, most)
        images = times(a, draw(l + PROBES))
        sketch = extended(a, nothing_yet(a), images[..., : min(l + PROBES, most)], turns)
        judged, probes = sketch.q[..., :l], images[..., l:]  # the probes are independent of the first l directions
    rows = orthonormal(adjoint(sketch.b))  # (..., n, l): the matrix left to decompose is l x l
    u, s, vh = library_svd(sketch.b @ rows)
    vh = vh @ adjoint(rows)
    k = _rank_within(s, left, part) if k is None else k
    error = _bound(judged, probes) + _first_left_out(s, k)
    with quiet():
        s, error = s[..., :k] * unit[..., 0], error * unit[..., 0, 0]
    factors = SVD(sketch.q @ u[..., :k], s, vh[..., :k, :])
    return RandomizedSVD(*(flip_signs(factors) if flip else factors), error)


def spectral_error(a: Any, factors: Any, *, iterations: int = 20, seed: int = 0) -> Array:
    """Return the spectral norm of ``a - U diag(S) Vh``, shape (...), estimated by power iterations.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    factors : SVD or RandomizedSVD
    iterations : int
        How many products with the difference and its adjoint.  With 20, the result is rarely a percent too small.
    seed : int
        Seed of the random starting vector.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.linalg import truncated_svd
    >>> a = np.diag([3.0, 2.0, 1.0])
    >>> round(float(spectral_error(a, truncated_svd(a, 1))), 6)
    2.0
    """
    u, s, vh = factors[:3]
    return _spectral_error(a, u, vh, s, whole("iterations", iterations, 1), seed)


@promotes("a", "U", "Vh")
def _spectral_error(a: Array, U: Array, Vh: Array, s: Array, iterations: int, seed: int) -> Array:
    a, s = finite_matrix(a), real_backend(a).asarray(s, name="S")[..., None, :]  # (..., 1, k)
    xp = namespace(a=a, S=s)
    unit = unit_of(xp.maximum(largest(a), largest(s)))  # (..., 1, 1)
    a, us = over(a, unit), U * xp.astype(over(s, unit), U.dtype)
    x = orthonormal(gaussian(a, seed)(1))
    for _ in range(iterations):
        y = a @ x - us @ (Vh @ x)  # (..., m, 1)
        z = adjoint_times(a, y) - adjoint_times(Vh, adjoint_times(us, y))
        length = vector_norm(z, axis=-2, keepdims=True)
        x = z / xp.where(length > 0.0, length, xp.ones_like(length))
    with quiet():
        return vector_norm(a @ x - us @ (Vh @ x), axis=(-2, -1)) * unit[..., 0, 0]


def _as_part(tol: Any, a: Array) -> float:
    """Return the fraction of the sum of squares that may be left out."""
    least = 10.0 * limits(namespace(a), a.dtype)[0] ** 0.5
    if not least <= share("tol", tol):
        raise ValueError(f"tol must be at least {least:.1e}, the precision of sums of squares in {a.dtype}, got {tol}")
    return float(tol) ** 2


def _rank_within(s: Array, left: Array, part: float) -> int:
    """Return the smallest rank that leaves at most `part` of the sum of squares, `left` outside the sketch included."""
    xp = namespace(s)
    if not s.shape[-1]:
        return 0
    tails = xp.flip(xp.cumulative_sum(xp.flip(s * s, axis=-1), axis=-1), axis=-1)  # from each value on
    total = left + tails[..., 0]
    return int(xp.max(xp.count_nonzero(left[..., None] + tails > part * total[..., None], axis=-1)))


def _first_left_out(s: Array, k: int) -> Array:
    return s[..., k] if k < s.shape[-1] else 0.0 * namespace(s).sum(s, axis=-1)


def _bound(q: Array, y: Array) -> Array:
    """Return a bound of |a - q q^H a|_2, (...), from y = a w for random w independent of q."""
    lengths = vector_norm(y - q @ adjoint_times(q, y), axis=-2)
    return 10.0 * sqrt(2.0 / pi) * namespace(y).max(lengths, axis=-1)
