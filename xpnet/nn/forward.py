"""The forward pass: from inputs to outputs; it keeps what backpropagation needs."""

from collections.abc import Sequence
from typing import NamedTuple

from xpnet.backend import Array
from xpnet.nn.activations import Activation
from xpnet.nn.parameters import Layer, Parameters


class Trace(NamedTuple):
    """The values of a forward pass: ``activations[l + 1] = f(zs[l])``, and ``activations[0]`` is the input x.

    The activations are those before dropout; `masks` are the factors of dropout.
    """

    zs: tuple[Array, ...]  # each (m, n_out)
    activations: tuple[Array, ...]  # one more than zs
    masks: tuple[Array | None, ...]  # one for each of activations but the last; None where there is no dropout

    def entering(self, l: int) -> Array:
        """Return the inputs of layer `l`: the activations before it, after dropout."""
        return dropped(self.activations[l], self.masks[l])


def dropped(a: Array, mask: Array | None) -> Array:
    """Return the activations after dropout."""
    return a if mask is None else a * mask


def weigh(a: Array, layer: Layer) -> Array:
    """Return the weighted inputs z = a w^T + b of a layer, shape (m, n_out)."""
    return a @ layer.w.mT + layer.b


def last_z(parameters: Parameters, x: Array, fs: Sequence[Activation]) -> Array:
    """Return the weighted inputs of the last layer, shape (m, n_out), and keep nothing else of the forward pass.

    The arguments are those of `forward`, whose ``zs[-1]`` it is.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer, linear
    >>> double = Layer(w=np.asarray([[2.0]]), b=np.asarray([[1.0]]))
    >>> last_z((double, double), np.asarray([[5.0]]), (linear, linear))
    array([[23.]])
    """
    for layer, f in zip(parameters[:-1], fs, strict=False):
        x = f(weigh(x, layer))
    return weigh(x, parameters[-1])


def forward(parameters: Parameters, x: Array, fs: Sequence[Activation], masks: tuple[Array | None, ...] = ()) -> Trace:
    """Return the weighted inputs and activations of every layer: a = f(a w^T + b), layer by layer.

    Parameters
    ----------
    parameters : tuple of Layer
    x : Array, shape (m, n_in)
        A mini-batch, one example in each row.
    fs : sequence of Activation
        One activation for each layer.
    masks : tuple of Array or None, optional
        Dropout factors for the inputs of each layer, shape (m, n_in) of that layer.

    Notes
    -----
    Nielsen, equations 22 and 25, with the examples as rows.  All shapes may have the same leading axes.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer, linear
    >>> double = Layer(w=np.asarray([[2.0]]), b=np.asarray([[1.0]]))
    >>> forward((double, double), np.asarray([[5.0]]), (linear, linear)).activations
    (array([[5.]]), array([[11.]]), array([[23.]]))
    """
    masks = masks or (None,) * len(parameters)
    zs: list[Array] = []
    activations = [x]
    for layer, f, mask in zip(parameters, fs, masks, strict=True):
        zs.append(weigh(dropped(activations[-1], mask), layer))
        activations.append(f(zs[-1]))
    return Trace(tuple(zs), tuple(activations), masks)
