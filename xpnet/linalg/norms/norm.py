"""`norm`, with NumPy's signature and NumPy's answers."""

from typing import Any

from xpnet.backend import Array, namespace
from xpnet.linalg.arguments import as_axes
from xpnet.linalg.norms.matrix_norms import matrix_norm
from xpnet.linalg.norms.vector_norms import as_order, keep, measure
from xpnet.linalg.precision import promotes


@promotes("x")
def norm(
    x: Any, ord: float | str | None = None, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
) -> Array:
    """Return the norm of vectors or matrices, as ``numpy.linalg.norm`` does, on any library and at any scale.

    Parameters
    ----------
    x : array
        Real, complex or integer; a sequence is taken as a NumPy array.
    ord : number or {"fro", "nuc"}, optional
        See `vector_norm` and `matrix_norm`.  Default: the root of the sum of squares.
    axis : int, 2-tuple of int or None
        An integer: the axis of the vectors.  Two integers: the axes of the rows and of the columns of matrices.
        None: all of `x`, which may have any number of axes if `ord` is not given.
    keepdims : bool
        Whether the axes stay in the result, with length 1.

    Returns
    -------
    Array
        Real, in the precision of `x`.

    Raises
    ------
    ValueError
        If `ord` is not defined for vectors, or for matrices, or `axis` names neither.

    Examples
    --------
    >>> import numpy as np
    >>> float(norm([3, 4])), float(norm([[1, 3], [5, 7]], np.inf))
    (5.0, 12.0)
    >>> float(norm(np.asarray([600, 800], dtype=np.float16)))  # squared, more than float16 can hold
    1000.0
    """
    axes = as_axes(axis, x.ndim)
    if (ord is None and (axis is None or len(axes) < 3)) or (ord == "fro" and len(axes) == 2):
        found = measure(x, axes, 2.0)
    elif len(axes) == 1:
        found = measure(x, axes, as_order(ord))
    elif len(axes) == 2:
        matrices = x if axes == (x.ndim - 2, x.ndim - 1) else namespace(x).moveaxis(x, axes, (-2, -1))
        found = matrix_norm(matrices, ord=ord)  # type: ignore[arg-type]
    else:
        raise ValueError(f"axis must name one axis (vectors) or two (matrices), got {len(axes)}")
    return keep(found, x, axes, keepdims)
