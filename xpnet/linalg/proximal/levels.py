"""Thresholds, radii and bounds: a number, or one for each vector or matrix of an array."""

from math import inf, isnan
from numbers import Real
from typing import Any

from xpnet.backend import Array, library_of, namespace, quiet
from xpnet.linalg.arguments import real_backend
from xpnet.linalg.norms.vector_norms import keep


def as_level(t: Any, name: str, x: Array, axes: tuple[int, ...]) -> Array:
    """Return `t` as a real array with the precision and number of axes of `x`, and with length 1 along `axes`.

    Parameters
    ----------
    t : number or array
        An array broadcasts to the shape that `x` has without `axes`.  Its values are not checked.
    name : str
        What an error calls `t`.
    x : Array
    axes : tuple of int
        Where a vector (or matrix) of `x` lies, counted from the front.

    Examples
    --------
    >>> import numpy as np
    >>> as_level([1.0, 2.0], "t", np.zeros((2, 3)), axes=(1,))
    array([[1.],
           [2.]])
    """
    xp, home = namespace(x), real_backend(x)
    with quiet():  # a number too large for the dtype is infinite
        if isinstance(t, Real):
            if isnan(t):
                raise ValueError(f"{name} must be a number, got {t}")
            return home.full((1,) * x.ndim, float(t))
        if library_of(t) not in (None, "numpy"):
            namespace(x=x, **{name: t})
        t = xp.astype(home.asarray(t, name=name), home.dtype, copy=False)
    shape = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    if t.ndim > len(shape) or any(m not in (1, n) for m, n in zip(reversed(t.shape), reversed(shape), strict=False)):
        raise ValueError(f"{name} must be a number or have a shape that broadcasts to {shape}, got {tuple(t.shape)}")
    return keep(xp.broadcast_to(t, shape), x, axes, keepdims=True)


def nonnegative(t: Any, name: str, x: Array, axes: tuple[int, ...]) -> Array:
    """Return `t` as `as_level` does; a number must be at least 0."""
    if isinstance(t, Real) and not float(t) >= 0.0:
        raise ValueError(f"{name} must be at least 0, got {t}")
    return as_level(t, name, x, axes)


def positive(t: Any, name: str, x: Array, axes: tuple[int, ...]) -> Array:
    """Return `t` as `as_level` does; a number must be above 0 and finite."""
    if isinstance(t, Real) and not 0.0 < float(t) < inf:
        raise ValueError(f"{name} must be above 0 and finite, got {t}")
    return as_level(t, name, x, axes)
