"""The errors of predicted ratings, right at every scale.

The answers are 0-d arrays, in the floating dtype of the ratings, float32 at least.
"""

from xpnet.backend import Array, namespace, plain_array, quiet
from xpnet.linalg.arguments import as_inexact, refuse_nonfinite
from xpnet.linalg.scaling import over


def rmse(predicted: Array, actual: Array, weights: Array | None = None) -> Array:
    """Return the root of the mean squared error, in the unit of the ratings.

    Parameters
    ----------
    predicted, actual : Array, shape (n,), real
    weights : Array, shape (n,), optional
        How much each rating counts, zero or more.  Default: all the same.

    Raises
    ------
    ValueError
        If there is no rating, a shape does not fit, a value is not finite, or no weight is above zero.

    Notes
    -----
    ``sqrt(sum_i w_i (predicted_i - actual_i)^2 / sum_i w_i)``.  Never below `mae`.  No square or sum overflows or
    vanishes; numbers of 16 bits are computed and answered in float32.

    References
    ----------
    Herlocker et al., ACM TOIS 22 (2004) 5, DOI 10.1145/963770.963772.

    Examples
    --------
    >>> import numpy as np
    >>> float(rmse(np.asarray([1.0, 5.0]), np.asarray([4.0, 1.0])))
    3.5355339059327378
    """
    error, unit, head = _errors(predicted, actual)
    return _in_units(namespace(error).sqrt(_mean(error * error, weights)), unit, head)


def mae(predicted: Array, actual: Array, weights: Array | None = None) -> Array:
    """Return the mean absolute error, in the unit of the ratings.

    ``sum_i w_i |predicted_i - actual_i| / sum_i w_i``.  Arguments, errors and reference are as of `rmse`.

    Parameters
    ----------
    predicted, actual : Array, shape (n,)
        As for `rmse`.
    weights : Array, shape (n,), optional
        As for `rmse`.

    Examples
    --------
    >>> import numpy as np
    >>> float(mae(np.asarray([1.0, 5.0]), np.asarray([4.0, 1.0])))
    3.5
    """
    error, unit, head = _errors(predicted, actual)
    return _in_units(_mean(namespace(error).abs(error), weights), unit, head)


def _errors(predicted: Array, actual: Array) -> tuple[Array, Array, Array]:
    """Return the errors, (n,), times `head` and over `unit`, both (): at most 1, and no difference overflows."""
    namespace(predicted=predicted, actual=actual)
    predicted, actual = plain_array(predicted, "predicted"), plain_array(actual, "actual")
    if predicted.ndim != 1 or predicted.shape[0] == 0:
        raise ValueError(f"predicted must have shape (n,) with n at least 1, got {tuple(predicted.shape)}")
    n = predicted.shape[0]
    predicted, actual = _finite(predicted, "predicted", n), _finite(actual, "actual", n)
    xp = namespace(predicted)
    size = xp.maximum(xp.max(xp.abs(predicted)), xp.max(xp.abs(actual)))
    head = xp.where(size > 1.0, 0.5 * xp.ones_like(size), xp.ones_like(size))
    error, unit = _over_largest(predicted * head - actual * head)
    return error, unit, head


def _over_largest(x: Array) -> tuple[Array, Array]:
    """Return `x`, (n,), over its largest size, and that size: 1 where all are 0."""
    xp = namespace(x)
    unit = xp.max(xp.abs(x))
    unit = xp.where(unit > 0.0, unit, xp.ones_like(unit))
    return over(x, unit), unit


def _in_units(x: Array, unit: Array, head: Array) -> Array:
    """Return `x` in the unit of the ratings: infinite only if it is beyond the dtype's range."""
    with quiet():
        return (x * unit) / head


def _mean(values: Array, weights: Array | None) -> Array:
    xp = namespace(values)
    if weights is None:
        return xp.mean(values)
    namespace(predicted=values, weights=weights)
    weights = _finite(plain_array(weights, "weights"), "weights", values.shape[0])
    if bool(xp.any(weights < 0.0)) or not bool(xp.any(weights > 0.0)):
        raise ValueError(f"weights must be zero or more and not all zero, got a smallest of {float(xp.min(weights))}")
    weights, _ = _over_largest(weights)
    return xp.sum(weights * values) / xp.sum(weights)


def _finite(x: Array, name: str, n: int) -> Array:
    """Return finite real numbers, (n,), in float32 or more bits."""
    if x.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {tuple(x.shape)}")
    xp = namespace(x)
    if xp.isdtype(x.dtype, "complex floating"):
        raise TypeError(f"{name} must hold real numbers, got dtype {x.dtype}")
    x = as_inexact(x, name)
    x = xp.astype(x, xp.float32) if xp.finfo(x.dtype).bits < 32 else x
    if not bool(xp.all(xp.isfinite(x))):
        refuse_nonfinite(x, name)
    return x
