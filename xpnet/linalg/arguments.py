"""What the functions of linalg accept, checked once at the border."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, wraps
from operator import index
from typing import Any, TypeVar

from xpnet.backend import Array, AxisError, Backend, Namespace, library_of, namespace, of, to_numpy
from xpnet.trees import map_arrays

Function = TypeVar("Function", bound=Callable[..., Any])

REAL, COMPLEX = ("real floating",), ("complex floating",)
INEXACT = REAL + COMPLEX


def as_inexact(x: Any, name: str = "x") -> Array:
    """Return `x` with real or complex floating values.

    Sequences become NumPy arrays; integers and booleans the floating dtype that their device prefers.

    Raises
    ------
    TypeError
        If `x` does not hold numbers.
    """
    x = to_numpy(x) if library_of(x) is None else x
    xp = namespace(x)
    if is_kind(xp, x.dtype, INEXACT):
        return x
    if is_kind(xp, x.dtype, ("bool", "integral")):
        return xp.astype(x, _preferred(xp, x.device))
    raise TypeError(f"{name} must hold numbers, got dtype {x.dtype}")


def as_matrix(a: Any, name: str = "a") -> Array:
    """Return `a` as a floating matrix or a stack of them, shape (..., m, n)."""
    a = as_inexact(a, name)
    if a.ndim < 2:
        raise ValueError(f"{name} must have shape (..., m, n), got {tuple(a.shape)}")
    return a


def finite_matrix(a: Any, name: str = "a") -> Array:
    """Return `a` as `as_matrix` does, or name the first entry that is NaN or infinite."""
    a = as_matrix(a, name)
    xp = namespace(a)
    if not bool(xp.all(xp.isfinite(a))):
        refuse_nonfinite(a, name)
    return a


def refuse_nonfinite(a: Array, name: str = "a") -> None:
    """Name the first entry that is NaN or infinite."""
    host = to_numpy(a)
    place = tuple(int(i[0]) for i in (~(abs(host) < float("inf"))).nonzero())
    raise ValueError(f"{name} must be finite, got {host[place]} at {place}")


def as_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that `axis` (an integer, a tuple of them or None for all) names, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    try:
        axes = tuple(index(i) for i in axis) if isinstance(axis, tuple | list) else (index(axis),)
    except TypeError:
        raise TypeError(f"axis must be None, an integer or a tuple of integers, got {axis!r}") from None
    for i in axes:
        if not -ndim <= i < ndim:
            raise AxisError(f"axis must be between {-ndim} and {ndim - 1} for {ndim} dimensions, got {i}")
    counted = tuple(i % ndim for i in axes)
    if len(set(counted)) < len(counted):
        raise ValueError(f"axis must not name an axis twice, got {axis!r}")
    return counted


def half_as_single(f: Function) -> Function:
    """Return `f` made to compute in float32 where its first argument holds 16-bit numbers, and to answer in those."""

    @wraps(f)
    def wide(x: Any, *args: Any, **kwargs: Any) -> Any:
        if library_of(x) is None:
            return f(x, *args, **kwargs)
        xp, dtype = namespace(x), x.dtype
        if not _is_half(xp, dtype):
            return f(x, *args, **kwargs)
        found = f(xp.astype(x, xp.float32), *args, **kwargs)
        return map_arrays(lambda y: xp.astype(y, dtype) if y.dtype == xp.float32 else y, found)

    return wide  # type: ignore[return-value]


@cache
def _is_half(xp: Namespace, dtype: Any) -> bool:
    return is_kind(xp, dtype, REAL) and xp.finfo(dtype).bits <= 16


@cache
def is_kind(xp: Namespace, dtype: Any, kinds: tuple[str, ...]) -> bool:
    """Return whether `dtype` is of one of the standard's kinds; remembered, since asking NumPy takes microseconds."""
    return bool(xp.isdtype(dtype, kinds))


@cache
def limits(xp: Namespace, dtype: Any) -> tuple[float, float]:
    """Return the rounding unit eps and the smallest normal number of a real or complex dtype."""
    info = xp.finfo(dtype)
    return float(info.eps), float(info.smallest_normal)


def real_backend(x: Array) -> Backend:
    """Return where `x` lives, with the real dtype of its precision."""
    return replace(of(x), dtype=namespace(x).abs(x[(slice(0, 0),) * x.ndim]).dtype)


def unboxed(x: Array) -> Array:
    """Return `x`, but NumPy's scalar of an array without axes, as NumPy's own functions do."""
    return x if x.ndim else x[()]


def conjugate(x: Array) -> Array:
    """Return the complex conjugate of `x`, which is `x` itself where it is real."""
    xp = namespace(x)
    return xp.conj(x) if is_kind(xp, x.dtype, COMPLEX) else x


def adjoint(a: Array) -> Array:
    """Return the conjugate transpose of a matrix, or of each in a stack: (..., m, n) -> (..., n, m)."""
    return conjugate(namespace(a).matrix_transpose(a))


def identities(a: Array, m: int, n: int) -> Array:
    """Return ones on the diagonal of (..., m, n), with the leading axes, dtype and device of `a`."""
    xp = namespace(a)
    return xp.broadcast_to(xp.eye(m, n, dtype=a.dtype, device=a.device), (*a.shape[:-2], m, n))


@cache
def _preferred(xp: Namespace, device: Any) -> Any:
    return xp.__array_namespace_info__().default_dtypes(device=device)["real floating"]
