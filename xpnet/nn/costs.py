"""Cost functions: how far an output is from its target, and the error that begins backpropagation.

A cost is the mean over the examples of `Cost.value`, the sum over the outputs of one example.  Values are computed
from the weighted input z, so that nothing overflows and no logarithm of zero is taken.  Sources: Nielsen, equations
6 (quadratic), 63 (cross-entropy) and 80 (log-likelihood).
"""

from collections.abc import Callable
from dataclasses import dataclass

from xpnet.backend import Array, namespace
from xpnet.nn.activations import Activation


@dataclass(frozen=True)
class Cost:
    """A cost with the error it sends back, and the outputs it is made for.

    Attributes
    ----------
    name : str
        What files and errors call it.
    value : callable
        ``value(z, a, y) -> C``, shape (..., m): one cost for each example.
    delta : callable
        ``delta(z, a, y, f) -> dC/dz``, shape (..., m, n_out), for one example's cost; f is the output's activation.
    outputs : tuple of str
        Names of the output activations it may be paired with, the default first; empty: any elementwise one.
    targets : {"real", "unit", "distribution"}
        What y may be: any number, between 0 and 1, or that and rows which sum to 1.

    Examples
    --------
    >>> import numpy as np
    >>> z, y = np.asarray([[1000.0, -1000.0]]), np.asarray([[0.0, 0.0]])
    >>> cross_entropy.value(z, 0.5 * np.tanh(0.5 * z) + 0.5, y)
    array([1000.])
    """

    name: str
    value: Callable[[Array, Array, Array], Array]
    delta: Callable[[Array, Array, Array, Activation], Array]
    outputs: tuple[str, ...] = ()
    targets: str = "real"

    def accepts(self, output: Activation) -> bool:
        """Return whether a network may end in `output` and be trained on this cost."""
        if self.outputs:
            return output.name in self.outputs
        return output.elementwise and output.name != "step"


def _quadratic(z: Array, a: Array, y: Array) -> Array:
    return 0.5 * namespace(a).sum((a - y) ** 2, axis=-1)


def _quadratic_delta(z: Array, a: Array, y: Array, f: Activation) -> Array:
    return (a - y) * f.derivative(z, a)


def _cross_entropy(z: Array, a: Array, y: Array) -> Array:
    # -y ln a - (1 - y) ln(1 - a) with a = sigmoid(z), in terms of z
    xp = namespace(z)
    return xp.sum(xp.maximum(z, 0.0) - z * y + xp.log1p(xp.exp(-xp.abs(z))), axis=-1)


def _log_likelihood(z: Array, a: Array, y: Array) -> Array:
    # -sum y ln a with a = softmax(z), in terms of z
    xp = namespace(z)
    top = xp.max(z, axis=-1, keepdims=True)
    log_sum = top + xp.log(xp.sum(xp.exp(z - top), axis=-1, keepdims=True))
    return xp.sum(y * (log_sum - z), axis=-1)


def _difference(z: Array, a: Array, y: Array, f: Activation) -> Array:
    # the derivative of the output's activation cancels: Nielsen, equation 68
    return a - y


quadratic = Cost("quadratic", _quadratic, _quadratic_delta)
cross_entropy = Cost("cross_entropy", _cross_entropy, _difference, outputs=("sigmoid",), targets="unit")
log_likelihood = Cost("log_likelihood", _log_likelihood, _difference, outputs=("softmax",), targets="distribution")

COSTS = {cost.name: cost for cost in (quadratic, cross_entropy, log_likelihood)}
