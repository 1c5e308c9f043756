"""What the functions of linalg accept, checked once at the border."""

from dataclasses import replace
from functools import cache
from operator import index
from typing import Any

from xpnet.backend import (
    Array,
    AxisError,
    Backend,
    Namespace,
    all_true,
    device_of,
    library_of,
    namespace,
    of,
    plain_array,
    to_numpy,
)

REAL, COMPLEX = ("real floating",), ("complex floating",)
INEXACT = REAL + COMPLEX
NUMBERS = ("bool", "integral", *INEXACT)


def as_numbers(x: Any, name: str = "x") -> Array:
    """Return `x` as an array of numbers: a sequence as NumPy's, a subclass of NumPy's array as a plain one.

    Raises
    ------
    TypeError
        If `x` does not hold numbers.
    ValueError
        If `x` has masked entries.
    """
    x = plain_array(x, name)
    x = to_numpy(x) if library_of(x) is None else x
    if not is_kind(namespace(x), x.dtype, NUMBERS):
        raise TypeError(f"{name} must hold numbers, got dtype {x.dtype}")
    return x


def as_inexact(x: Any, name: str = "x") -> Array:
    """Return `x` as `as_numbers` does, with integers and booleans in the floating dtype that their device prefers."""
    x = as_numbers(x, name)
    xp = namespace(x)
    return x if is_kind(xp, x.dtype, INEXACT) else xp.astype(x, default_dtype(x))


def default_dtype(x: Array) -> Any:
    """Return the floating dtype that the device of `x` prefers, asked anew each time: a program may change it."""
    return namespace(x).__array_namespace_info__().default_dtypes(device=of(x).device)["real floating"]


def as_matrix(a: Any, name: str = "a") -> Array:
    """Return `a` as a floating matrix or a stack of them, shape (..., m, n)."""
    a = as_inexact(a, name)
    if a.ndim < 2:
        raise ValueError(f"{name} must have shape (..., m, n), got {tuple(a.shape)}")
    return a


def finite_matrix(a: Any, name: str = "a") -> Array:
    """Return `a` as `as_matrix` does, or name the first entry that is NaN or infinite."""
    a = as_matrix(a, name)
    if all_true(namespace(a).isfinite(a)) is False:
        refuse_nonfinite(a, name)
    return a


def refuse_nonfinite(a: Array, name: str = "a") -> None:
    """Raise an error that names the first entry that is NaN or infinite."""
    host = to_numpy(a)
    place = tuple(int(i[0]) for i in (~(abs(host) < float("inf"))).nonzero())
    raise ValueError(f"{name} must be finite, got {host[place]} at {place}")


def as_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return `axis` (an integer, a tuple, or None for all axes) as a tuple of axes counted from the front."""
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


@cache
def is_half(xp: Namespace, dtype: Any) -> bool:
    """Return whether numbers of a floating dtype have 16 bits or fewer; of complex ones, each of the two parts."""
    return int(xp.finfo(dtype).bits) <= 16


@cache
def is_kind(xp: Namespace, dtype: Any, kinds: tuple[str, ...]) -> bool:
    """Return whether `dtype` is of one of the standard's `kinds`; cached, since NumPy takes microseconds to answer."""
    return bool(xp.isdtype(dtype, kinds))


@cache
def limits(xp: Namespace, dtype: Any) -> tuple[float, float]:
    """Return the rounding unit eps and the smallest normal number of a real or complex dtype."""
    info = xp.finfo(dtype)
    tiny = float(info.smallest_normal)
    return float(info.eps), tiny if tiny > 0.0 else info.smallest_normal  # NumPy's longdouble reaches further down


def real_backend(x: Array) -> Backend:
    """Return the backend of `x`, with the real dtype of the same precision."""
    return replace(of(x), dtype=namespace(x).abs(x[(slice(0, 0),) * x.ndim]).dtype)


def unboxed(x: Array) -> Array:
    """Return a 0-d NumPy array as a NumPy scalar, as NumPy's functions do, and any other array as it is."""
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
    return xp.broadcast_to(xp.eye(m, n, dtype=a.dtype, device=device_of(a)), (*a.shape[:-2], m, n))
