"""The forward pass: from inputs to outputs, keeping what backpropagation will need."""

from collections.abc import Sequence
from typing import NamedTuple

from xpnet.backend import Array
from xpnet.nn.activations import Activation
from xpnet.nn.parameters import Parameters


class Trace(NamedTuple):
    """What a forward pass saw: ``activations[l + 1] = f(zs[l])``, and ``activations[0]`` is the input x.

    Activations are kept as they were before dropout; `masks` are the factors it multiplied them by.
    """

    zs: tuple[Array, ...]  # each (m, n_out)
    activations: tuple[Array, ...]  # one more than zs
    masks: tuple[Array | None, ...] = ()  # as activations without the last; empty means no dropout

    def entering(self, l: int) -> Array:
        """Return what layer `l` received: the activations before it, with their dropout."""
        mask = self.masks[l] if self.masks else None
        return self.activations[l] if mask is None else self.activations[l] * mask


def forward(parameters: Parameters, x: Array, fs: Sequence[Activation], masks: tuple[Array | None, ...] = ()) -> Trace:
    """Return the weighted inputs and activations of every layer: a = f(a w^T + b), layer by layer.

    Parameters
    ----------
    parameters : tuple of Layer
    x : Array, shape (m, n_in)
        A mini-batch, one example a row.
    fs : sequence of Activation
        One for each layer.
    masks : tuple of Array or None, optional
        Dropout factors for what enters each layer, shape (m, n_in) of that layer.

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
    trace = Trace((), (x,), masks)
    for l, ((w, b), f) in enumerate(zip(parameters, fs, strict=True)):
        z = trace.entering(l) @ w.mT + b  # (m, n_out)
        trace = Trace((*trace.zs, z), (*trace.activations, f(z)), masks)
    return trace
