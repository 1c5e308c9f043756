"""QR by Householder reflections in plain array code: for libraries whose linear algebra extension is missing."""

from xpnet.backend import Array, device_of, namespace
from xpnet.linalg.arguments import conjugate, identities


def householder_qr(a: Array, complete: bool = False) -> tuple[Array, Array]:
    """Return q with orthonormal columns and upper triangular r, a = q r.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    complete : bool
        Whether q is square (..., m, m) and r (..., m, n), instead of (..., m, k) and (..., k, n), k = min(m, n).

    Notes
    -----
    Reflection j is I - 2 v v^H and maps what is left of column j onto the axis j.  Zero columns reflect nothing, so
    q is orthonormal whatever the rank.  2 m n^2 operations, n steps one after the other.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 4th edition, section 5.2.

    Examples
    --------
    >>> import numpy as np
    >>> q, r = householder_qr(np.asarray([[3.0, 1.0], [4.0, 2.0]]))
    >>> bool(abs(q @ r - [[3, 1], [4, 2]]).max() < 1e-15), float(abs(r[0, 0]))
    (True, 5.0)
    """
    xp = namespace(a)
    m, n = a.shape[-2:]
    k = min(m, n)
    rows = xp.arange(m, device=device_of(a))[:, None]  # (m, 1)
    r, reflections = a, []
    for j in range(k):
        v = _reflection(xp.where(rows >= j, r[..., :, j : j + 1], xp.zeros_like(r[..., :, :1])), rows == j)
        r = _reflect(v, r)
        reflections.append(v)
    width = m if complete else k
    q = identities(a, m, width)
    for v in reversed(reflections):
        q = _reflect(v, q)
    return q, xp.triu(r[..., :width, :])


def _reflection(x: Array, pivot: Array) -> Array:
    """Return the unit vector v, (..., m, 1), whose reflection maps x onto the pivot's axis; 0 where x is 0."""
    xp = namespace(x)
    top = xp.max(xp.abs(x), axis=-2, keepdims=True)  # (..., 1, 1)
    x = x / xp.where(top > 0.0, top, xp.ones_like(top))  # no square over- or underflows
    length = xp.sqrt(xp.sum(xp.abs(x) ** 2, axis=-2, keepdims=True))
    head = xp.sum(xp.where(pivot, x, xp.zeros_like(x)), axis=-2, keepdims=True)
    size = xp.abs(head)
    phase = xp.where(size > 0.0, head / xp.where(size > 0.0, size, xp.ones_like(size)), xp.ones_like(head))
    v = x + xp.where(pivot, phase * length, xp.zeros_like(x))
    norm = xp.sqrt(xp.sum(xp.abs(v) ** 2, axis=-2, keepdims=True))
    return v / xp.where(norm > 0.0, norm, xp.ones_like(norm))


def _reflect(v: Array, a: Array) -> Array:
    """Return (I - 2 v v^H) a."""
    xp = namespace(a)
    return a - 2.0 * (v * xp.sum(conjugate(v) * a, axis=-2, keepdims=True))
