"""The polar decomposition, and the rotation that brings one set of points closest to another."""

from typing import Any, NamedTuple

from xpnet.backend import Array, namespace, quiet
from xpnet.linalg.arguments import adjoint, as_matrix
from xpnet.linalg.factorizations.svd import moderate_finite, svd
from xpnet.linalg.precision import promotes


class Polar(NamedTuple):
    """Factors of a = u p (or p u): orthonormal columns or rows, and Hermitian, positive semidefinite p."""

    u: Array  # (..., m, n)
    p: Array  # (..., n, n), or (..., m, m) on the left


class Procrustes(NamedTuple):
    """The orthogonal matrix that brings a closest to b, and the sum of the singular values of a^H b."""

    r: Array  # (..., n, n)
    scale: Array  # (...)


@promotes("a")
def polar(a: Any, side: str = "right") -> Polar:
    """Return the polar decomposition: a = u p with ``side="right"``, a = p u with ``"left"``.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    side : {"right", "left"}

    Notes
    -----
    u is the matrix with orthonormal columns (or rows, if there are fewer of them) that is nearest to `a`.  From the
    singular value decomposition: u = U Vh, p = V S Vh or U S Uh.

    References
    ----------
    Higham, doi:10.1137/0907079.

    Examples
    --------
    >>> u, p = polar([[0.0, -2.0], [1.0, 0.0]])
    >>> u.round(12) + 0.0, p.round(12) + 0.0
    (array([[ 0., -1.],
           [ 1.,  0.]]), array([[1., 0.],
           [0., 2.]]))
    """
    if side not in ("right", "left"):
        raise ValueError(f"side must be right or left, got {side!r}")
    u, s, vh = svd(as_matrix(a), full_matrices=False, flip=False)
    values = namespace(s).astype(s, u.dtype)[..., None, :]
    p = (adjoint(vh) * values) @ vh if side == "right" else (u * values) @ adjoint(u)
    return Polar(u @ vh, 0.5 * p + 0.5 * adjoint(p))


@promotes("a", "b")
def procrustes(a: Any, b: Any) -> Procrustes:
    """Return the orthogonal (unitary) r that minimizes ``|a r - b|_F``.

    Parameters
    ----------
    a, b : Array, shape (..., m, n)
        Corresponding points as rows.  If they are also shifted, subtract their means first.

    Returns
    -------
    Procrustes
        r, and scale: a r comes nearest to b when it is stretched by the factor ``scale / |a|_F^2``.  `scale` is
        infinite or 0 where the products of entries of a and b leave the range of the dtype; r is right there too.

    Raises
    ------
    ValueError
        If the shapes differ, or `a` or `b` is not finite.

    References
    ----------
    Schönemann, doi:10.1007/BF02289451.

    Examples
    --------
    >>> square = [[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]
    >>> turned = [[-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [1.0, 1.0]]
    >>> procrustes(square, turned).r.round(12) + 0.0
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    if a.shape != b.shape:
        raise ValueError(f"a and b must have one shape, got {tuple(a.shape)} and {tuple(b.shape)}")
    (a, a_unit), (b, b_unit) = moderate_finite(a), moderate_finite(b, "b")
    u, s, vh = svd(adjoint(a) @ b, full_matrices=False, flip=False)
    with quiet():
        scale = namespace(s).sum(s, axis=-1) * a_unit[..., 0, 0] * b_unit[..., 0, 0]
    return Procrustes(u @ vh, scale)
