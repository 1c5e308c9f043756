"""Gram-Schmidt by matrix products: whole panels of columns, or Householder's reflections.

Both are fast but cannot drop a column.  Each detects when it would have to, or when it has lost accuracy; then that
part is done column by column.
"""

from xpnet.backend import Array, all_true, device_of, is_linalg_error, namespace, quiet
from xpnet.linalg.arguments import adjoint
from xpnet.linalg.factorizations.library import library_qr
from xpnet.linalg.orthogonal.gram_schmidt_columns import (
    PanelColumns,
    classical,
    coefficients,
    in_panels,
    lengths,
    zeros,
)


def block(q: Array, c: Array, rtol: float, room: Array | int) -> PanelColumns:
    """Do what `classical` does in two passes, by matrix products if the columns of `c` allow it."""
    found = cholesky_panel(q, c, rtol)
    return classical(q, c, rtol, room) if found is None else found


def cholesky_panel(q: Array, c: Array, rtol: float) -> PanelColumns | None:
    """Return orthonormal columns that span what `c` adds to `q`, or None if this method is not accurate enough.

    Parameters
    ----------
    q : Array, shape (..., m, k)
        Orthonormal columns; zero ones do nothing.
    c : Array, shape (..., m, p)
    rtol : float
        If a remainder is at most `rtol` times the length of its column, the whole stack needs another method.

    Notes
    -----
    Twice: subtract the part along `q`, factor the Gram matrix of the remainder w, ``w^H w = r^H r``, and compute
    ``w r^-1``.  The Gram matrix costs half of the digits; the second pass restores them if the first one left nearly
    orthonormal columns.  That is checked (one number goes to the host), so no condition number is needed.

    References
    ----------
    Barlow and Smoktunowicz, "Reorthogonalized block classical Gram-Schmidt", arXiv:1108.4209;
    Yamamoto et al., "Roundoff error analysis of the CholeskyQR2 algorithm", ETNA 44 (2015).
    """
    xp = namespace(c)
    if not hasattr(xp, "linalg"):
        return None
    with quiet():
        try:
            s1 = coefficients(q, c)  # (..., k, p)
            q1, r1, _ = _cholesky_qr(c - q @ s1)
            s2 = coefficients(q, q1)
            q2, r2, gap = _cholesky_qr(q1 - q @ s2)
        except Exception as error:
            if is_linalg_error(error):
                return None
            raise
        r = r2 @ r1
        near = gap + xp.sum(xp.abs(s2) ** 2, axis=(-2, -1)) <= 0.25  # q1 was within 1/2 of orthonormal
        independent = xp.all(xp.abs(diagonal(r)) > rtol * lengths(c)[..., 0, :], axis=-1)
        if not all_true(near & independent):  # False for NaN, too, and None while a compiler traces
            return None
    return PanelColumns(q2, xp.concat([s1 + s2 @ r1, r], axis=-2), xp.ones_like(c[..., 0, :], dtype=xp.bool))


def householder(a: Array, rtol: float) -> PanelColumns:
    """Make the columns of `a`, (..., m, n), orthonormal by Householder reflections.

    If a column depends on those before it, the direction of its reflection must not be subtracted from later columns.
    Then the columns of r, which are short, go through `classical`.
    """
    xp = namespace(a)
    k, n = min(a.shape[-2:]), a.shape[-1]
    q, r = library_qr(a)  # (..., m, k), (..., k, n)
    head = diagonal(r)
    size = xp.abs(head)
    if not all_true(size > rtol * lengths(a)[..., 0, :k]):
        small = in_panels(classical, r[..., :0], r, rtol, k)
        return PanelColumns(q @ small.q, small.r, small.kept)
    phase = head / size
    on_diagonal = xp.eye(k, n, dtype=a.dtype, device=device_of(a)) != 0.0
    r = xp.where(on_diagonal, xp.astype(size, a.dtype)[..., None], r / phase[..., None])
    q = xp.concat([q * phase[..., None, :], xp.zeros_like(a[..., k:])], axis=-1)  # no more than m are independent
    kept = xp.ones_like(a[..., 0, :], dtype=xp.bool) & (xp.arange(n, device=device_of(a)) < k)
    return PanelColumns(q, xp.concat([r, zeros(a, n - k, n)], axis=-2), kept)


def diagonal(r: Array) -> Array:
    """Return the diagonal of r, (..., k, n) with k <= n: shape (..., k)."""
    xp = namespace(r)
    k = r.shape[-2]
    return xp.sum(r[..., :k] * xp.eye(k, dtype=r.dtype, device=device_of(r)), axis=-1)


def _cholesky_qr(w: Array) -> tuple[Array, Array, Array]:
    """Return q and r with w = q r and ``w^H w = r^H r``, and the squared distance of that from the identity."""
    xp = namespace(w)
    g = adjoint(w) @ w  # (..., p, p)
    r = adjoint(xp.tril(xp.linalg.cholesky(g)))
    q = xp.matrix_transpose(xp.linalg.solve(xp.matrix_transpose(r), xp.matrix_transpose(w)))
    return q, r, xp.sum(xp.abs(g - xp.eye(g.shape[-1], dtype=g.dtype, device=device_of(g))) ** 2, axis=(-2, -1))
