"""How large the activations, the weights and the gradients of each layer are."""

from typing import Any

from xpnet.backend import get, to_numpy
from xpnet.io import Model
from xpnet.nn.forward import forward
from xpnet.tabular.explaining.columns import for_inputs


def norms(model: Model, x: Any, y: Any) -> list[dict[str, float]]:
    """Return measures of each layer for raw rows `x` with targets `y`; of an ensemble, means over its members.

    Parameters
    ----------
    model : Model
    x : array or Table, shape (m, n_columns)
    y : array, shape (m,) or (m, n_out)
        Class numbers, or the targets that the network was trained on (scaled, of a regression).

    Returns
    -------
    list of dict
        ``activation``: the root of the mean squared activation of a neuron.  ``weight``: the same of a weight.
        ``gradient``: the Frobenius norm of the gradient of the mean cost with respect to the layer's weights.

    Examples
    --------
    >>> from xpnet import Network
    >>> network = Network([2, 3, 2])
    >>> found = norms(Model(network, network.initialize(seed=0)), [[0.0, 1.0]], [1])
    >>> [sorted(each) for each in found]
    [['activation', 'gradient', 'weight'], ['activation', 'gradient', 'weight']]
    """
    inputs = for_inputs(model).encode(model.encode(x))
    found = [_of_member(member, inputs, y) for member in model.members]
    k = len(found)
    return [{name: sum(each[l][name] for each in found) / k for name in found[0][l]} for l in range(len(found[0]))]


def _of_member(member: Model, x: Any, y: Any) -> list[dict[str, float]]:
    network, parameters = member.network, member.parameters
    activations = forward(parameters, x, network.activations).activations[1:]
    gradients = network.gradients(parameters, x, member.backend.asarray(to_numpy(y)))
    return [
        {"activation": _root_mean(a), "weight": _root_mean(layer.w), "gradient": _norm(gradient.w)}
        for a, layer, gradient in zip(activations, parameters, gradients, strict=True)
    ]


def _root_mean(x: Any) -> float:
    host = _exact(x)
    return float((host * host).mean()) ** 0.5


def _norm(x: Any) -> float:
    host = _exact(x)
    return float((host * host).sum()) ** 0.5


def _exact(x: Any) -> Any:
    return get("numpy", dtype="float64").asarray(to_numpy(x).astype("float64"))
