"""How a small change of the weights changes the outputs, and how sigmoid neurons become perceptrons.

This is the reason for sigmoid neurons: their outputs change in proportion to a small change of the weights, while
those of perceptrons jump or stay the same.  Source: Nielsen, chapter 1.
"""

from typing import Any, NamedTuple

from xpnet.backend import Array, namespace, quiet
from xpnet.backend import of as backend_of
from xpnet.nn.activations import Activation
from xpnet.nn.checking.inputs import check_inputs
from xpnet.nn.forward import forward
from xpnet.nn.network import Network
from xpnet.nn.parameters import Parameters
from xpnet.trees import expand, map_arrays


class SmallChange(NamedTuple):
    """The change of the outputs to first order, and the actual one; both (m, n_out)."""

    predicted: Array
    actual: Array


def small_change(network: Network, parameters: Parameters, x: Array, changes: Parameters) -> SmallChange:
    """Return the change of the outputs when `changes` are added to the parameters.

    Parameters
    ----------
    network : Network
    parameters : tuple of Layer
    x : Array, shape (m, n_in)
    changes : tuple of Layer
        Of the same shapes as the parameters.

    Returns
    -------
    SmallChange
        ``predicted`` is linear in the changes; ``actual - predicted`` shrinks as their square.

    Raises
    ------
    ValueError
        If the parameters, the changes or `x` do not fit the network.

    Notes
    -----
    ``da = sum over all weights of da/dw dw + sum over all biases of da/db db``, carried forward through the layers:
    ``dz = da w^T + a dw^T + db``, then ``da = f'(z) dz``.  For step neurons it is 0.

    References
    ----------
    Nielsen, chapter 1, equation 5.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer
    >>> network = Network([1, 1])
    >>> parameters = (Layer(np.asarray([[0.0]]), np.asarray([[0.0]])),)
    >>> changes = (Layer(np.asarray([[0.0]]), np.asarray([[0.1]])),)
    >>> predicted, actual = small_change(network, parameters, np.asarray([[1.0]]), changes)
    >>> round(float(predicted[0, 0]), 6), round(float(actual[0, 0]), 6)
    (0.025, 0.024979)
    """
    network.check(parameters)
    try:
        network.check(changes)
    except ValueError as error:
        raise ValueError(f"changes: {error}") from error
    w = parameters[0].w
    xp = namespace(parameters=w, x=x, changes=changes[0].w)
    x = xp.astype(check_inputs(x, network.sizes[0], backend_of(w)), w.dtype, copy=False)
    changes = map_arrays(lambda dw: xp.astype(dw, w.dtype, copy=False), changes)
    moved = map_arrays(lambda w, dw: w + dw, parameters, changes)
    actual = network.feedforward(moved, x) - network.feedforward(parameters, x)
    with quiet():
        return SmallChange(_carried_forward(network, parameters, x, changes), actual)


def sharpened(parameters: Parameters, c: Any) -> Parameters:
    """Return the parameters with all weights and biases multiplied by `c`.

    Parameters
    ----------
    parameters : tuple of Layer
    c : number or Array, shape (k,)
        Above 0; one number for each network of a stack, or one for all.

    Notes
    -----
    As c grows, sigmoid neurons become perceptrons: where the weighted input z is not 0, the output is within
    ``exp(-c |z|)`` of the perceptron's 0 or 1.  Layer by layer, the network approaches
    `xpnet.nn.perceptron_network` with the same parameters.  Where z = 0 the output is 1/2 for every c.

    References
    ----------
    Nielsen, chapter 1, exercises on sigmoid neurons simulating perceptrons.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer
    >>> neuron = (Layer(np.asarray([[1.0]]), np.asarray([[-0.5]])),)
    >>> x = np.asarray([[0.0], [0.5], [1.0]])
    >>> Network([1, 1]).feedforward(sharpened(neuron, 100.0), x).round(6)
    array([[0. ],
           [0.5],
           [1. ]])
    """
    if isinstance(c, int | float) and not 0.0 < c < float("inf"):
        raise ValueError(f"c must be finite and above 0, got {c}")
    return map_arrays(lambda w: expand(c, w) * w, parameters)


def _carried_forward(network: Network, parameters: Parameters, x: Array, changes: Parameters) -> Array:
    trace = forward(parameters, x, network.activations)
    da: Any = None  # the inputs do not change
    for l, ((w, _), (dw, db), f) in enumerate(zip(parameters, changes, network.activations, strict=True)):
        dz = trace.activations[l] @ dw.mT + db  # (m, n_out)
        dz = dz if da is None else dz + da @ w.mT
        da = _through(f, trace.zs[l], trace.activations[l + 1], dz)
    return da


def _through(f: Activation, z: Array, a: Array, dz: Array) -> Array:
    slope = f.derivative(z, a)
    return slope * dz if f.elementwise else (slope @ dz[..., None])[..., 0]
