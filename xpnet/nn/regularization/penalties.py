"""Penalties on large weights, L2 and L1.  Biases are not penalized.

``C = C0 + l2/(2n) sum w^2 + l1/n sum |w|``, n the size of the whole training set: Nielsen, equations 87 and 95.
"""

from typing import Any

from xpnet.backend import Array, namespace
from xpnet.nn.parameters import Layer, Parameters
from xpnet.trees import expand, is_zero


def penalty(parameters: Parameters, n: float, l1: Any = 0.0, l2: Any = 0.0) -> Array:
    """Return what the penalties add to the cost: a 0-d array, or shape (k,) for a stack.

    Parameters
    ----------
    parameters : tuple of Layer
        Of one network, or of a stack of k.
    n : float
        The number of examples.
    l1, l2 : number or Array of shape (k,)
        As for `xpnet.train`.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Layer(w=np.asarray([[3.0, -4.0]]), b=np.asarray([[9.0]]))
    >>> float(penalty((layer,), n=10, l2=2.0)), float(penalty((layer,), n=14, l1=1.0))
    (2.5, 0.5)
    """
    xp = namespace(parameters[0].w)
    squares = sum(xp.sum(w * w, axis=(-2, -1)) for w, _ in parameters)
    sizes = sum(xp.sum(xp.abs(w), axis=(-2, -1)) for w, _ in parameters)
    return (0.5 * l2 / n) * squares + (l1 / n) * sizes


def penalize(gradients: Parameters, parameters: Parameters, n: float, l1: Any = 0.0, l2: Any = 0.0) -> Parameters:
    """Return the sum of the gradients and those of the penalties: ``(l2/n) w + (l1/n) sgn(w)``, sgn(0) = 0.

    Parameters
    ----------
    gradients, parameters : tuple of Layer
    n : number
        Size (or weight) of the whole training set, not of the mini-batch.
    l1, l2 : number or Array, shape (k,)
        Strength of the penalty, dimensionless; one for each network of a stack, or one for all.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Layer(w=np.asarray([[3.0, -4.0, 0.0]]), b=np.asarray([[9.0]]))
    >>> zero = Layer(w=np.zeros((1, 3)), b=np.zeros((1, 1)))
    >>> penalize((zero,), (layer,), n=10, l1=1.0, l2=2.0)[0].w
    array([[ 0.7, -0.9,  0. ]])
    """
    return tuple(Layer(_add(dw, w, n, l1, l2), db) for (dw, db), (w, _) in zip(gradients, parameters, strict=True))


def _add(dw: Array, w: Array, n: float, l1: Any, l2: Any) -> Array:
    if not is_zero(l2):
        dw = dw + expand(l2 / n, w) * w
    if not is_zero(l1):
        dw = dw + expand(l1 / n, w) * _sgn(w)
    return dw


def _sgn(w: Array) -> Array:
    """Return sgn(w), sgn(0) = 0, by comparisons: array-api-compat's ``sign`` for CuPy waits for the device."""
    xp = namespace(w)
    return xp.astype(w > 0.0, w.dtype) - xp.astype(w < 0.0, w.dtype)
