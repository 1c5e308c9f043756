"""Logarithms of probabilities that underflow."""

from xpnet.backend import Array, namespace
from xpnet.nn import Network


def log_probabilities(network: Network, z: Array) -> Array:
    """Return the logarithm of each class's probability, shape (m, n_classes), for the outputs' weighted inputs z.

    Examples
    --------
    >>> import numpy as np
    >>> log_probabilities(Network([1, 1]), np.asarray([[1000.0]]))
    array([[-1000.,     0.]])
    """
    xp, log = namespace(z), network.output.log
    if log is None:  # softmax
        below = z - xp.max(z, axis=-1, keepdims=True)
        return below - xp.log(xp.sum(xp.exp(below), axis=-1, keepdims=True))
    return log(z) if network.several else xp.concat([log(-z), log(z)], axis=-1)
