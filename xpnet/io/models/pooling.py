"""What an ensemble predicts: means over its members.  A single network is its own mean.

The functions are those of a network, for parameters with one leading axis (an ensemble) or none (a single network).
They take what is checked already, parameters and inputs, and are called where NumPy is `quiet`.
"""

from collections.abc import Sequence
from typing import Any

from xpnet.backend import Array, device_of, namespace
from xpnet.nn import Network, Parameters, sigmoid
from xpnet.trees import stacked


def is_stack(parameters: Parameters) -> bool:
    """Return whether parameters are those of an ensemble: every array has a leading axis."""
    return parameters[0].w.ndim > 2


def pooled(models: Sequence[Any]) -> dict[str, Any]:
    """Return what the ensemble of these models holds in place of what the first of them does."""
    first = models[0]
    return {
        "parameters": stacked(member.parameters for each in models for member in each.members),
        "data": first.data if all(each.data == first.data for each in models) else None,
        "errors": None,
        "runs": tuple(run for each in models for run in each.runs) if all(each.runs for each in models) else (),
    }


def mean(values: Array, parameters: Parameters) -> Array:
    """Return the mean over the members of what these parameters gave; of a single network it is what it gave."""
    return namespace(values).mean(values, axis=0) if is_stack(parameters) else values


def feedforward(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the mean output activations, shape (m, n_out)."""
    return mean(network.output(network.outputs(parameters, x)), parameters)


def predict_proba(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the mean probabilities, shape (m, n_classes); see `Network.predict_proba`."""
    return mean(network.output.probabilities(network.outputs(parameters, x), network.several), parameters)


def predict(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the classes that the mean probabilities stand for, or the mean values; see `Network.predict`."""
    if network.classifies and is_stack(parameters):
        return _decide(network, predict_proba(network, parameters, x))
    return mean(network.decide(network.outputs(parameters, x)), parameters)


def spread(network: Network, parameters: Parameters, x: Array) -> Array:
    """Return the standard deviation, over the members, of the probabilities or values."""
    z = network.outputs(parameters, x)
    found = network.output.probabilities(z, network.several) if network.classifies else network.decide(z)
    return namespace(found).std(found, axis=0)


def costs(network: Network, parameters: Parameters, x: Array, y: Array) -> Array:
    """Return the cost of the mean output activations for each example, shape (m,)."""
    dtype = parameters[0].w.dtype
    z = network.outputs(parameters, namespace(x).astype(x, dtype, copy=False))
    a = mean(network.output(z), parameters)
    z = _inverse(network, z) if is_stack(parameters) else z
    return network.cost.value(z, a, network.targets(y, dtype))


def _decide(network: Network, p: Array) -> Array:
    """Return the classes that probabilities stand for, as `Network.predict` gives them."""
    xp = namespace(p)
    if network.n_classes == network.sizes[-1] and not network.several:
        return xp.argmax(p, axis=-1)
    limit = network.output(xp.full((1, 1), network.output.threshold, dtype=p.dtype, device=device_of(p)))[0, 0]
    # the probability at the threshold; it is 1/2 where the output jumps there
    limit = xp.where((limit > 0.0) & (limit < 1.0), limit, 0.5)
    return xp.astype((p if network.several else p[:, -1]) > limit, xp.int32)


def _inverse(network: Network, z: Array) -> Array:
    """Return the weighted inputs whose activations are the means of those of `z`, shape (k, m, n_out).

    They are found in logarithms, so that probabilities may underflow.
    """
    link = network.output.link
    if link in INVERSE:
        return INVERSE[link](z)
    if network.cost.outputs:  # its formula may hold for weighted inputs of this output only
        raise ValueError(
            f"network must end in an output that says its link for the cost of an ensemble, got {network.output.name!r}"
        )
    return namespace(z).mean(z, axis=0)


def _mean_of_powers(z: Array) -> Array:
    """Return the logarithm of the mean of exp(z) over the first axis."""
    xp = namespace(z)
    top = xp.max(z, axis=0)
    return top + xp.log(xp.mean(xp.exp(z - top), axis=0))


def _mean_of_sigmoids(z: Array) -> Array:
    log_of: Any = sigmoid.log
    return _mean_of_powers(log_of(z)) - _mean_of_powers(log_of(-z))  # ln p - ln(1 - p)


def _mean_of_softmax(z: Array) -> Array:
    xp = namespace(z)
    z = z - xp.max(z, axis=-1, keepdims=True)
    return _mean_of_powers(z - xp.log(xp.sum(xp.exp(z), axis=-1, keepdims=True)))


def _mean_of_values(z: Array) -> Array:
    return namespace(z).mean(z, axis=0)


INVERSE = {
    "identity": _mean_of_values,
    "log": _mean_of_powers,
    "logit": _mean_of_sigmoids,
    "softmax": _mean_of_softmax,
}
