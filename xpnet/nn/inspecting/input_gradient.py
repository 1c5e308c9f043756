"""How a small change of the inputs changes an output: backpropagation carried on to the inputs."""

from xpnet.backend import Array, namespace, quiet
from xpnet.backend import of as backend_of
from xpnet.nn.checking.inputs import check_inputs
from xpnet.nn.forward import forward
from xpnet.nn.network import Network
from xpnet.nn.parameters import Parameters


def input_gradient(network: Network, parameters: Parameters, x: Array, v: Array, *, activated: bool = False) -> Array:
    """Return the gradients, with respect to each row of `x`, of the sum over the outputs of v times the output.

    Parameters
    ----------
    network : Network
        Its dropout is not applied.
    parameters : tuple of Layer
        They may have leading axes.
    x : Array, shape (m, n_in)
    v : Array, shape (n_out,) or (m, n_out)
        Of which outputs, 1 for the one that is asked for and 0 for the others.
    activated : bool
        Whether the outputs are the activations a; else they are the weighted inputs z of the last layer.

    Returns
    -------
    Array, shape (m, n_in)
        With the leading axes of the parameters.

    Raises
    ------
    ValueError
        If the parameters or `x` do not fit the network.

    Notes
    -----
    With delta = v at the last layer, BP2 leads to the inputs: ``dx = delta[0] w[0]``.

    References
    ----------
    Nielsen, chapter 2, BP2.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer
    >>> neuron = (Layer(np.asarray([[4.0, -2.0]]), np.asarray([[0.0]])),)
    >>> x, v = np.asarray([[1.0, 2.0]]), np.asarray([1.0])
    >>> input_gradient(Network([2, 1]), neuron, x, v)
    array([[ 4., -2.]])
    >>> input_gradient(Network([2, 1]), neuron, x, v, activated=True)
    array([[ 1. , -0.5]])
    """
    network.check(parameters)
    w, fs = parameters[0].w, network.activations
    xp = namespace(parameters=w, x=x, v=v)
    x = xp.astype(check_inputs(x, network.sizes[0], backend_of(w)), w.dtype, copy=False)
    with quiet():
        trace = forward(parameters, x, fs)
        z, a = trace.zs[-1], trace.activations[-1]
        delta = xp.broadcast_to(xp.astype(v, w.dtype, copy=False), z.shape)
        if activated:
            slope = fs[-1].derivative(z, a)
            delta = slope * delta if fs[-1].elementwise else (slope.mT @ delta[..., None])[..., 0]
        for l in range(len(parameters) - 1, 0, -1):
            delta = (delta @ parameters[l].w) * fs[l - 1].derivative(trace.zs[l - 1], trace.activations[l])  # BP2
        return delta @ w
