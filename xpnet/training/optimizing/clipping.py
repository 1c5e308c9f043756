"""Gradient clipping: functions that shorten gradients that are too large.  They read no number on the host."""

from collections.abc import Callable
from typing import Any, TypeAlias

from xpnet.backend import namespace
from xpnet.checks import number
from xpnet.configured import Configured
from xpnet.trees import expand, leaves, map_arrays

Clipping: TypeAlias = Callable[[Any], Any]


def clip_norm(limit: float) -> Clipping:
    """Return a function that shortens all gradients together to a Euclidean norm of at most `limit`.

    Each network of a stack has its own norm.  The result is exact; PyTorch divides by the norm plus 1e-6.

    Parameters
    ----------
    limit : float
        The largest norm, above 0; in the unit of the cost over that of a parameter.

    References
    ----------
    Pascanu, Mikolov and Bengio, arXiv:1211.5063, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> clip_norm(1.0)((np.asarray([[3.0, 4.0]]),))
    (array([[0.6, 0.8]]),)
    """
    return Configured.of(_clip_norm, limit=number("limit", limit, above=True))


def _clip_norm(gradients: Any, limit: float) -> Any:
    xp = namespace(leaves(gradients)[0])
    norm = xp.sqrt(sum(xp.sum(g * g, axis=(-2, -1)) for g in leaves(gradients)))  # (), or (k,) for a stack
    factor = limit / xp.maximum(norm, limit)
    return map_arrays(lambda g: expand(factor, g) * g, gradients)


def clip_value(limit: float) -> Clipping:
    """Return a function that moves every entry of the gradients into [-limit, limit].

    Parameters
    ----------
    limit : float
        The largest absolute value of an entry, above 0.

    Examples
    --------
    >>> import numpy as np
    >>> clip_value(1.0)((np.asarray([[3.0, -0.5]]),))
    (array([[ 1. , -0.5]]),)
    """
    return Configured.of(_clip_value, limit=number("limit", limit, above=True))


def _clip_value(gradients: Any, limit: float) -> Any:
    xp = namespace(leaves(gradients)[0])
    return map_arrays(lambda g: xp.minimum(xp.maximum(g, -limit), limit), gradients)
