"""Sketches: a few orthonormal directions that hold most of a matrix, found from products with random vectors."""

from collections.abc import Callable
from typing import NamedTuple

from xpnet.backend import Array, all_true, device_of, is_linalg_error, namespace, quiet
from xpnet.linalg.arguments import COMPLEX, adjoint, is_kind, limits, real_backend
from xpnet.linalg.factorizations.library import library_qr


class Sketch(NamedTuple):
    """The part q b = q q^H a of a matrix a that lies in the directions q."""

    q: Array  # (..., m, l), orthonormal columns
    b: Array  # (..., l, n), q^H a


def nothing_yet(a: Array) -> Sketch:
    """Return a sketch of `a` without directions."""
    return Sketch(a[..., :0] if a.shape[-1] else a, adjoint(adjoint(a)[..., :0]))


def fresh(a: Array, sketch: Sketch, w: Array) -> Array:
    """Return a w, (..., m, p), for random w, minus its part in the sketch."""
    q, b = sketch
    return times(a, w) - q @ (b @ w)


def extended(a: Array, sketch: Sketch, y: Array, turns: int) -> Sketch:
    """Return a sketch of `a` with further directions.

    Parameters
    ----------
    a : Array, shape (..., m, n)
    sketch : Sketch
        The sketch so far; new directions are found in the rest of `a`.
    y : Array, shape (..., m, p)
        Images of random vectors, from `fresh`, one for each new direction.
    turns : int
        How many products with a a^H amplify the leading directions.
    """
    xp, (q, b) = namespace(a), sketch
    for _ in range(turns):
        y = orthonormal(y, nearly=True)
        z = orthonormal(adjoint_times(a, y) - adjoint_times(b, adjoint_times(q, y)), nearly=True)
        y = fresh(a, sketch, z)
    y = orthonormal(y)
    if q.shape[-1]:
        y = orthonormal(y - q @ adjoint_times(q, y))
    return Sketch(xp.concat([q, y], axis=-1), xp.concat([b, adjoint(adjoint_times(a, y))], axis=-2))


def grown(a: Array, draw: Callable[[int], Array], block: int, turns: int, part: float) -> tuple[Sketch, Array]:
    """Return a sketch with enough directions, and the sum of squares of `a` outside it, (...).

    Parameters
    ----------
    a : Array, shape (..., m, n)
    draw : callable
        ``draw(p)``: p new random vectors.
    block : int
        How many directions to begin with; later steps add half as many as there are.
    turns : int
    part : float
        The fraction of the sum of squares that may be left.
    """
    xp, most = namespace(a), min(a.shape[-2:])
    sketch = nothing_yet(a)
    left = total = xp.sum(xp.abs(a) ** 2, axis=(-2, -1))
    while (l := sketch.q.shape[-1]) < most and bool(xp.any(left > part * total)):
        w = draw(min(max(block, l // 2), most - l))
        sketch = extended(a, sketch, fresh(a, sketch, w), turns)
        gained = xp.sum(xp.abs(sketch.b[..., l:, :]) ** 2, axis=(-2, -1))
        left = xp.maximum(left - gained, 0.0)
    return sketch, left


def gaussian(a: Array, seed: int) -> Callable[[int], Array]:
    """Return a function that draws random vectors for `a`, (..., m, n): a call returns the next p of them, (n, p).

    One host generator draws them, so that a seed gives the same vectors on every backend.
    """
    xp = namespace(a)
    backend = real_backend(a)
    rng = backend.rng(seed)

    def real(p: int) -> Array:
        return xp.astype(backend.asarray(rng.standard_normal((a.shape[-1], p))), a.dtype)

    return lambda p: real(p) + 1j * real(p) if is_kind(xp, a.dtype, COMPLEX) else real(p)


def times(a: Array, w: Array) -> Array:
    """Return a w for a `w` of few columns: BLAS is faster with the narrow matrix on the left."""
    xp = namespace(a)
    return xp.matrix_transpose(xp.matrix_transpose(w) @ xp.matrix_transpose(a))


def adjoint_times(a: Array, y: Array) -> Array:
    """Return a^H y for a `y` of few columns, in the same way and without a copy of `a`."""
    return adjoint(adjoint(y) @ a)


def orthonormal(y: Array, nearly: bool = False) -> Array:
    """Return an orthonormal basis of the columns of `y`, by matrix products if they are far from dependent.

    Twice ``y r^-1`` with ``y^H y = r^H r``.  The first pass leaves nearly orthonormal columns, enough for power
    iterations; the second makes them orthonormal.  If the factorization fails, or a check shows that the columns are
    too dependent, reflections do it.
    """
    xp = namespace(y)
    if 0 in y.shape:
        return y
    found = None
    if hasattr(xp, "linalg"):
        with quiet():
            try:
                found = _by_cholesky(y, nearly)
            except Exception as error:
                if not is_linalg_error(error):
                    raise
    return library_qr(y)[0] if found is None else found


def _by_cholesky(y: Array, nearly: bool) -> Array | None:
    xp = namespace(y)
    inverse = _inverse_factor(adjoint(y) @ y)
    if inverse is None:
        return None
    q = y @ inverse
    if nearly:
        return q
    g = adjoint(q) @ q
    one = xp.eye(y.shape[-1], dtype=y.dtype, device=device_of(y))
    if not all_true(xp.abs(g - one) < 0.25 / y.shape[-1]):  # False for NaN, too
        return None
    return q @ xp.linalg.inv(adjoint(xp.tril(xp.linalg.cholesky(g))))


def _inverse_factor(g: Array) -> Array | None:
    """Return r^-1 with ``g = r^H r``, or None where `g` is not positive definite.

    Not every library says so (CuPy does not): the product of the factors does.
    """
    xp = namespace(g)
    lower = xp.tril(xp.linalg.cholesky(g))
    residual = xp.abs(lower @ adjoint(lower) - g)
    inverse = xp.linalg.inv(adjoint(lower))
    bound = 10.0 * g.shape[-1] * limits(xp, g.dtype)[0] * xp.max(xp.abs(g), axis=(-2, -1), keepdims=True)
    return inverse if all_true((residual <= bound) & xp.isfinite(inverse)) else None
