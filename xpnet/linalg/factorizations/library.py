"""QR, SVD and eigenvalues as the array library computes them, or as we do where it brings no linear algebra.

These functions do not check, scale or retry; `qr` and `svd` do.
"""

from xpnet.backend import Array, device_of, namespace
from xpnet.linalg.arguments import adjoint, identities
from xpnet.linalg.factorizations.householder import householder_qr
from xpnet.linalg.factorizations.jacobi import jacobi


def library_qr(a: Array, complete: bool = False) -> tuple[Array, Array]:
    """Return q and r of `a`, (..., m, n): (..., m, k) and (..., k, n), or (..., m, m) and (..., m, n)."""
    xp = namespace(a)
    m, n = a.shape[-2:]
    if 0 in a.shape:
        return identities(a, m, m if complete else min(m, n)), a if complete else a[..., : min(m, n), :]
    if not hasattr(xp, "linalg"):
        return householder_qr(a, complete)
    q, r = xp.linalg.qr(a, mode="complete" if complete else "reduced")
    return q, r


def library_svd(a: Array, full: bool = False) -> tuple[Array, Array, Array]:
    """Return u, s and vh of `a`, (..., m, n), with min(m, n) columns and rows, or square u and vh."""
    xp = namespace(a)
    m, n = a.shape[-2:]
    k = min(m, n)
    if 0 in a.shape:
        return identities(a, m, m if full else k), _no_values(a), identities(a, n if full else k, n)
    if not hasattr(xp, "linalg"):
        return jacobi_svd(a, full)
    u, s, vh = xp.linalg.svd(a, full_matrices=full)
    return u, s, vh


def library_svdvals(a: Array) -> Array:
    """Return the singular values of `a`, (..., m, n), in falling order: (..., min(m, n))."""
    xp = namespace(a)
    if 0 in a.shape:
        return _no_values(a)
    if not hasattr(xp, "linalg"):
        w, _ = jacobi(a if a.shape[-2] >= a.shape[-1] else adjoint(a))
        return _lengths(w)
    return xp.linalg.svdvals(a)


def jacobi_svd(a: Array, full: bool = False) -> tuple[Array, Array, Array]:
    """Return u, s and vh of `a` by rotations and reflections, on any library.

    Examples
    --------
    >>> import numpy as np
    >>> u, s, vh = jacobi_svd(np.asarray([[0.0, 2.0], [3.0, 0.0]]))
    >>> s
    array([3., 2.])
    >>> bool(abs((u * s) @ vh - [[0, 2], [3, 0]]).max() < 1e-15)
    True
    """
    xp = namespace(a)
    if a.shape[-2] < a.shape[-1]:
        u, s, vh = jacobi_svd(adjoint(a), full)
        return adjoint(vh), s, adjoint(u)
    w, v = jacobi(a)
    q, r = householder_qr(w, complete=full)  # r is diagonal; q has directions even where w has none
    n = a.shape[-1]
    head = xp.sum(r[..., :n, :] * xp.eye(n, dtype=r.dtype, device=device_of(r)), axis=-2)  # (..., n)
    size = xp.abs(head)
    phase = xp.where(size > 0.0, head / xp.where(size > 0.0, size, xp.ones_like(size)), xp.ones_like(head))
    u = xp.concat([q[..., :n] * phase[..., None, :], q[..., n:]], axis=-1)
    return u, _lengths(w), adjoint(v)


def largest_eigenvalue(g: Array) -> Array:
    """Return the largest eigenvalue of Hermitian positive semidefinite `g`, (..., n, n): shape (...)."""
    xp = namespace(g)
    if not hasattr(xp, "linalg"):
        return library_svdvals(g)[..., 0]
    return xp.linalg.eigvalsh(g)[..., -1]


def _lengths(w: Array) -> Array:
    xp = namespace(w)
    return xp.flip(xp.sort(xp.sqrt(xp.sum(xp.abs(w) ** 2, axis=-2)), axis=-1), axis=-1)


def _no_values(a: Array) -> Array:
    xp = namespace(a)
    return xp.zeros((*a.shape[:-2], min(a.shape[-2:])), dtype=xp.abs(a).dtype, device=device_of(a))
