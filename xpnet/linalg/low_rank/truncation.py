"""The best approximation of low rank, and its error."""

from typing import Any, NamedTuple

from xpnet.backend import Array, device_of, namespace, quiet
from xpnet.checks import share, whole
from xpnet.linalg.factorizations.svd import SVD, moderate_finite, svd
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.precision import promotes


class LowRank(NamedTuple):
    """A matrix of low rank, and its distance from the original."""

    approximation: Array  # (..., m, n)
    rank: int
    spectral_error: Array  # (...)
    frobenius_error: Array  # (...)


@promotes("a")
def truncated_svd(a: Any, k: int | None = None, *, energy: float | None = None, tol: float | None = None) -> SVD:
    """Return the first factors of the singular value decomposition: as many as `k`, or as the accuracy needs.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    k : int, optional
        Rank, from 1 to min(m, n).
    energy : float, optional
        Instead of `k`: the smallest rank that holds this share of the sum of squares, from 0 to 1.
    tol : float, optional
        Instead of `k`: the smallest rank with a spectral error of at most `tol` times the spectral norm.  A rank of 0
        is possible.  A stack gets the largest rank that one of its matrices needs.

    Returns
    -------
    SVD
        U (..., m, k), S (..., k) and Vh (..., k, n), with the signs of `svd`.

    Raises
    ------
    ValueError
        If not exactly one of `k`, `energy` and `tol` is given, or it is out of range; and as `svd`.

    References
    ----------
    Eckart and Young, doi:10.1007/BF02288367.

    Examples
    --------
    >>> truncated_svd([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]], 1).S
    array([4.])
    >>> truncated_svd([[3.0, 0.0], [0.0, 4.0]], energy=0.9).S.shape
    (2,)
    """
    b, unit = moderate_finite(a)
    u, s, vh = svd(b, full_matrices=False)
    k = _rank(s, k, energy, tol)
    with quiet():
        return SVD(u[..., :k], s[..., :k] * unit[..., 0], vh[..., :k, :])


@promotes("a")
def low_rank(a: Any, k: int | None = None, *, energy: float | None = None, tol: float | None = None) -> LowRank:
    """Return the nearest matrix of rank `k`, in spectral and in Frobenius norm, with its distance in both.

    Errors and references are as for `truncated_svd`.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        As for `truncated_svd`.
    k : int, optional
        As for `truncated_svd`.
    energy, tol : float, optional
        As for `truncated_svd`.

    Notes
    -----
    The spectral error is the first singular value left out; the Frobenius error is the square root of the sum of
    squares of all that are left out.

    Examples
    --------
    >>> near = low_rank([[3.0, 0.0], [0.0, 4.0]], 1)
    >>> near.approximation, float(near.spectral_error)
    (array([[0., 0.],
           [0., 4.]]), 3.0)
    """
    b, unit = moderate_finite(a)
    u, s, vh = svd(b, full_matrices=False)
    xp = namespace(s)
    k = _rank(s, k, energy, tol)
    left = xp.concat([s[..., k:], xp.zeros((*s.shape[:-1], 1), dtype=s.dtype, device=device_of(s))], axis=-1)
    near = (u[..., :k] * xp.astype(s[..., None, :k], u.dtype)) @ vh[..., :k, :]
    size = unit[..., 0, 0]
    with quiet():
        return LowRank(near * unit, k, xp.max(left, axis=-1) * size, vector_norm(left, axis=-1) * size)


def _rank(s: Array, k: Any, energy: Any, tol: Any) -> int:
    if sum(given is not None for given in (k, energy, tol)) != 1:
        raise ValueError(f"give one of k, energy and tol, got k={k}, energy={energy}, tol={tol}")
    if k is not None:
        return whole("k", k, 1, s.shape[-1])
    xp = namespace(s)
    if 0 in s.shape:
        return 0
    top = s[..., :1]
    s = s / xp.where(top > 0.0, top, xp.ones_like(top))
    if energy is not None:
        # the sum of squares from each value on, summed from the smallest so that no digits are lost
        left = xp.flip(xp.cumulative_sum(xp.flip(s * s, axis=-1), axis=-1), axis=-1)
        needed = left > (1.0 - share("energy", energy)) * left[..., :1]
    else:
        needed = s > share("tol", tol)
    return int(xp.max(xp.count_nonzero(needed, axis=-1)))
