"""Singular values by one-sided Jacobi rotations in plain array code.

Used where a library has no linear algebra extension, and as the last resort where LAPACK does not converge.  It needs
only products and sums, and it is the most accurate method for small singular values.
"""

from xpnet.backend import Array, LinAlgError, device_of, namespace
from xpnet.linalg.arguments import conjugate, identities, limits

SWEEPS = 40  # ten are enough in practice


def jacobi(a: Array) -> tuple[Array, Array]:
    """Return w = a v, whose columns are orthogonal and sorted by falling length, and the unitary v.

    Parameters
    ----------
    a : Array, shape (..., m, n), finite, of moderate size

    Returns
    -------
    w : Array, shape (..., m, n)
        The lengths of its columns are the singular values of `a`.
    v : Array, shape (..., n, n)

    Raises
    ------
    LinAlgError
        If the columns are not orthogonal after 40 sweeps.

    Notes
    -----
    One sweep rotates every pair of columns once.  Each round pairs half of the columns with the other half; between
    rounds the columns change places as in a round-robin tournament.

    References
    ----------
    Demmel and Veselic, doi:10.1137/0613074; Golub and Van Loan, section 8.6.3.

    Examples
    --------
    >>> import numpy as np
    >>> w, v = jacobi(np.asarray([[3.0, 0.0], [0.0, -4.0], [0.0, 0.0]]))
    >>> np.sqrt((w**2).sum(axis=0))
    array([4., 3.])
    """
    xp = namespace(a)
    n = a.shape[-1]
    half = (n + 1) // 2
    w = xp.concat([a, xp.zeros_like(a[..., : 2 * half - n])], axis=-1)  # an even number of columns
    both = xp.concat([w, identities(a, 2 * half, 2 * half)], axis=-2)  # rotated together, (..., m + 2 half, 2 half)
    order = xp.asarray(_next_round(half), device=device_of(a))
    for _ in range(SWEEPS if n > 1 else 0):
        worst = []
        for _ in range(2 * half - 1):
            both, cosine = _rotate(both, a.shape[-2], half)
            both = xp.take(both, order, axis=-1)
            worst.append(cosine)
        if bool(xp.max(xp.stack(worst)) <= a.shape[-2] * limits(xp, a.dtype)[0]):
            break
    else:
        if n > 1:
            raise LinAlgError(f"a must have columns that Jacobi rotations make orthogonal in {SWEEPS} sweeps")
    w, v = both[..., : a.shape[-2], :], both[..., a.shape[-2] :, :]
    padding = xp.arange(2 * half, device=device_of(a)) >= n
    lengths = xp.sum(xp.abs(w) ** 2, axis=-2) - xp.astype(padding, xp.abs(w).dtype)
    falling = xp.argsort(-lengths, axis=-1)[..., None, :]  # the padding column gets length² -1 and comes last
    w, v = (xp.take_along_axis(x, falling + xp.zeros_like(x[..., :1], dtype=falling.dtype), axis=-1) for x in (w, v))
    return w[..., :n], v[..., :n, :n]


def _next_round(half: int) -> list[int]:
    """Return the column that moves to each place: the first stays, the others rotate."""
    left, right = list(range(half)), list(range(half, 2 * half))
    return [0, right[0], *left[1:-1], *right[1:], left[-1]] if half > 1 else [0, 1]


def _rotate(both: Array, m: int, half: int) -> tuple[Array, Array]:
    """Make columns j and j + half orthogonal, for all j; also return the largest cosine there was between them."""
    xp = namespace(both)
    first, second = both[..., :half], both[..., half:]
    x, y = first[..., :m, :], second[..., :m, :]
    alpha, beta = (xp.sum(xp.abs(z) ** 2, axis=-2, keepdims=True) for z in (x, y))  # (..., 1, half)
    gamma = xp.sum(conjugate(x) * y, axis=-2, keepdims=True)
    size, scale = xp.abs(gamma), xp.sqrt(alpha) * xp.sqrt(beta)
    one = xp.ones_like(size)
    apart = (size > limits(xp, both.dtype)[0] * scale) & (scale > 0.0)  # not orthogonal yet; no length: nothing to do
    safe = xp.where(apart, size, one)
    zeta = (beta - alpha) / (2.0 * safe)
    t = xp.where(zeta >= 0.0, one, -one) / (xp.abs(zeta) + xp.hypot(one, zeta))
    t = xp.where(apart, t, xp.zeros_like(t))
    cosine = one / xp.hypot(one, t)
    second = second * conjugate(xp.where(apart, gamma / safe, xp.ones_like(gamma)))  # gamma becomes real
    rotated = [cosine * first - (cosine * t) * second, (cosine * t) * first + cosine * second]
    gap = xp.where(apart, size / xp.where(apart, scale, one), xp.zeros_like(size))
    return xp.concat(rotated, axis=-1), xp.max(gap)
