"""A limit on the norm of the weights into each neuron."""

from typing import Any

from xpnet.backend import Array, namespace
from xpnet.nn.parameters import Layer, Parameters
from xpnet.trees import expand


def constrain(parameters: Parameters, max_norm: Any) -> Parameters:
    """Return the parameters with the weights into each neuron shortened to a Euclidean norm of at most `max_norm`.

    Parameters
    ----------
    parameters : tuple of Layer
    max_norm : number or Array, shape (k,)
        Above 0; one number for each network of a stack, or one for all.

    References
    ----------
    Srivastava et al., JMLR 15 (2014), section 5.1.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Layer(w=np.asarray([[3.0, 4.0], [0.3, 0.4]]), b=np.asarray([[9.0, 9.0]]))
    >>> constrain((layer,), 1.0)[0].w
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    return tuple(Layer(_shorten(w, expand(max_norm, w)), b) for w, b in parameters)


def _shorten(w: Array, limit: Any) -> Array:
    xp = namespace(w)
    norm = xp.sqrt(xp.sum(w * w, axis=-1, keepdims=True))  # (n_out, 1)
    return w * (limit / xp.maximum(norm, limit))
