"""The singular value decomposition, with the same signs on every library, and retries where LAPACK fails."""

from collections.abc import Callable, Iterator
from functools import partial
from math import nan
from typing import Any, Literal, NamedTuple, overload

from xpnet.backend import Array, LinAlgError, all_true, device_of, is_linalg_error, namespace, quiet
from xpnet.linalg.arguments import adjoint, as_matrix, conjugate, limits, refuse_nonfinite
from xpnet.linalg.factorizations import library
from xpnet.linalg.precision import promotes
from xpnet.linalg.scaling import moderate

Factors = tuple[Array, Array, Array]


class SVD(NamedTuple):
    """Factors of a = U diag(S) Vh, with the standard's field names."""

    U: Array  # (..., m, k), or (..., m, m)
    S: Array  # (..., k), real, falling
    Vh: Array  # (..., k, n), or (..., n, n)


@overload
def svd(
    a: Any,
    full_matrices: bool = ...,
    compute_uv: Literal[True] = ...,
    hermitian: bool = ...,
    *,
    flip: bool = ...,
) -> SVD: ...
@overload
def svd(
    a: Any, full_matrices: bool = ..., *, compute_uv: Literal[False], hermitian: bool = ..., flip: bool = ...
) -> Array: ...
@promotes("a")
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False, *, flip: bool = True
) -> SVD | Array:
    """Return the singular value decomposition of a matrix, or of each in a stack.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    full_matrices : bool
        Whether U and Vh are square, the default of NumPy and the standard.  Pass False unless you need the square
        factors: they hold m^2 and n^2 numbers.
    compute_uv : bool
        False returns only the singular values; see `svdvals`.
    hermitian : bool
        Whether `a` equals its conjugate transpose.  Then eigenvalues are used, which is faster.
    flip : bool
        Whether signs follow a rule: the first of the largest entries of every column of U (for a row of Vh without
        such a column, of that row) is real and positive.  Otherwise libraries differ.

    Returns
    -------
    SVD
        A named tuple (U, S, Vh), with k = min(m, n).

    Raises
    ------
    ValueError
        If `a` is no matrix, or holds NaN or infinity (the message says where).
    LinAlgError
        If all ways of computing it fail.

    Notes
    -----
    If the library's iteration does not converge, it runs again on the conjugate transpose, on the R of a QR
    decomposition, and on the matrix divided by its norm.  The last resort is Jacobi rotations, which hardly ever fail.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 4th edition, section 8.6.  The ambiguity of signs: Bro, Acar and
    Kolda, doi:10.1002/cem.1122.

    Examples
    --------
    >>> import numpy as np
    >>> u, s, vh = svd(np.asarray([[0.0, -2.0], [3.0, 0.0], [0.0, 0.0]]), full_matrices=False)
    >>> s
    array([3., 2.])
    >>> abs(u)
    array([[0., 1.],
           [1., 0.],
           [0., 0.]])
    """
    if not compute_uv:
        return svdvals(a, hermitian=hermitian)
    b, unit = moderate_finite(a)
    u, s, vh = _hermitian(b) if hermitian and b.shape[-1] else _some_way(b, full_matrices)
    with quiet():
        s = s * unit[..., 0]
    return flip_signs(SVD(u, s, vh)) if flip else SVD(u, s, vh)


@promotes("a")
def svdvals(a: Any, /, *, hermitian: bool = False) -> Array:
    """Return the singular values of `a`, shape (..., m, n), in falling order: (..., min(m, n)).

    Two to five times faster than `svd`, with the same errors.

    Parameters
    ----------
    a : Array, shape (..., m, n)
        Real or complex.
    hermitian : bool
        Whether `a` equals its conjugate transpose, which is faster.

    Examples
    --------
    >>> svdvals([[0.0, -2.0], [3.0, 0.0]])
    array([3., 2.])
    """
    b, unit = moderate_finite(a)
    xp = namespace(b)
    if hermitian and b.shape[-1] and hasattr(xp, "linalg"):
        sizes = xp.abs(xp.linalg.eigvalsh(b))
        s = xp.flip(xp.sort(sizes, axis=-1), axis=-1)
    else:
        found = _attempt(lambda: (b, library.library_svdvals(b), b))
        s = found[1] if found else _some_way(b, False)[1]
    with quiet():
        return s * unit[..., 0]


def moderate_finite(a: Any, name: str = "a") -> tuple[Array, Array]:
    """Return finite `a` divided by a unit, so that it can be squared, and the unit, (..., 1, 1).

    Where a compiler traces, nothing can be refused: a matrix that is not finite becomes NaN, and so do its factors.
    """
    a = as_matrix(a, name)
    b, unit, finite = moderate(a)
    sound = all_true(finite)
    if sound is False:
        refuse_nonfinite(a, name)
    return b if sound else namespace(b).where(finite, b, nan), unit


def flip_signs(factors: SVD) -> SVD:
    """Return the factors with the signs of `svd`: the first of the largest entries of a column of U is positive.

    Entries that differ from the largest by no more than rounding count as largest, so noise does not choose.

    Parameters
    ----------
    factors : SVD
        U, S and Vh of one matrix or a stack.

    Examples
    --------
    >>> import numpy as np
    >>> flip_signs(SVD(np.asarray([[-1.0]]), np.asarray([2.0]), np.asarray([[1.0]])))
    SVD(U=array([[1.]]), S=array([2.]), Vh=array([[-1.]]))
    """
    u, s, vh = factors
    u, vh = _flipped(u, vh, s.shape[-1])
    return SVD(u, s, vh)


@promotes("U", "Vh")
def _flipped(U: Array, Vh: Array, k: int) -> tuple[Array, Array]:
    xp = namespace(U)
    phases = _phases(U)  # (..., 1, m or k)
    extra = _phases(adjoint(Vh[..., k:, :]))  # rows of Vh that belong to no singular value
    both = xp.concat([conjugate(phases[..., :k]), extra], axis=-1)
    return U * phases, xp.matrix_transpose(both) * Vh


def _phases(u: Array) -> Array:
    """Return the factor of absolute value 1 for each column of u: (..., 1, columns)."""
    xp = namespace(u)
    if 0 in u.shape:
        return xp.ones((*u.shape[:-2], 1, u.shape[-1]), dtype=u.dtype, device=device_of(u))
    size = xp.abs(u)
    near = size >= (1.0 - limits(xp, u.dtype)[0] ** 0.5) * xp.max(size, axis=-2, keepdims=True)
    first = xp.argmax(xp.astype(near, xp.int32), axis=-2, keepdims=True)
    head = xp.take_along_axis(u, first, axis=-2)
    return conjugate(head) / xp.abs(head)


def _hermitian(a: Array) -> Factors:
    xp = namespace(a)
    if not hasattr(xp, "linalg"):
        return _some_way(a, True)
    values, v = xp.linalg.eigh(a)
    falling = xp.argsort(-xp.abs(values), axis=-1)
    values = xp.take_along_axis(values, falling, axis=-1)
    v = xp.take_along_axis(v, xp.broadcast_to(falling[..., None, :], v.shape), axis=-1)
    signs = xp.where(values < 0.0, -xp.ones_like(values), xp.ones_like(values))
    return v * xp.astype(signs, v.dtype)[..., None, :], xp.abs(values), adjoint(v)


# ---- when the iteration does not converge -------------------------------------------------------------------


def _some_way(a: Array, full: bool) -> Factors:
    for way in _ways(a, full):
        found = _attempt(way)
        if found is not None:
            return found
    raise LinAlgError(
        "a must have a singular value decomposition that converges, but the library's failed on it, its transpose, "
        "its R factor and rescaled, and so did Jacobi rotations; look for entries of wildly different size, or add "
        "a little noise"
    )


def _attempt(way: Callable[[], Factors]) -> Factors | None:
    """Return the factors, or None if the library failed, with an error or with NaN."""
    try:
        found = way()
    except Exception as error:
        if not is_linalg_error(error):
            raise
        return None
    xp = namespace(found[1])
    return None if all_true(xp.isfinite(found[1])) is False else found


def _ways(a: Array, full: bool) -> Iterator[Callable[[], Factors]]:
    yield partial(library.library_svd, a, full)
    yield partial(_by_transpose, a, full)
    yield partial(_by_qr, a, full)
    yield partial(_rescaled, a, full)
    yield partial(library.jacobi_svd, a, full)


def _by_transpose(a: Array, full: bool) -> Factors:
    u, s, vh = library.library_svd(adjoint(a), full)
    return adjoint(vh), s, adjoint(u)


def _by_qr(a: Array, full: bool) -> Factors:
    q, r = library.library_qr(a, full)
    u, s, vh = library.library_svd(r, full)
    return q @ u, s, vh


def _rescaled(a: Array, full: bool) -> Factors:
    xp = namespace(a)
    length = xp.sqrt(xp.sum(xp.abs(a) ** 2, axis=(-2, -1), keepdims=True))
    length = xp.where(length > 0.0, length, xp.ones_like(length))
    u, s, vh = library.library_svd(a / length, full)
    return u, s * length[..., 0], vh
