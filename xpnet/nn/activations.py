"""Activation functions: what a layer makes of its weighted input z, and the derivative of that.

Each is a value, `Activation`, that is called like a function.  A derivative is given both z and a = f(z), since
for sigmoid and tanh it is cheapest in terms of a.  Sources: Nielsen, chapters 1 and 3.
"""

from collections.abc import Callable
from dataclasses import dataclass

from xpnet.backend import Array, namespace, of

LEAK = 0.01  # slope of leaky_relu below zero


@dataclass(frozen=True)
class Activation:
    """A function from weighted inputs to activations, with its derivative.

    Attributes
    ----------
    name : str
        What files and errors call it.
    value : callable
        ``value(z) -> a``, same shape.
    derivative : callable
        ``derivative(z, a) -> da/dz``, given ``a = value(z)``: same shape as z where the function is elementwise,
        else the Jacobian, shape (..., n, n).
    elementwise : bool
        Whether each activation depends on its own weighted input alone.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.asarray([0.0])
    >>> sigmoid(z), sigmoid.derivative(z, sigmoid(z))
    (array([0.5]), array([0.25]))
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    elementwise: bool = True

    def __call__(self, z: Array) -> Array:
        """Return the activations of the weighted inputs `z`."""
        return self.value(z)


def _sigmoid(z: Array) -> Array:
    # 1 / (1 + exp(-z)) overflows for large -z; this form cannot
    return 0.5 * namespace(z).tanh(0.5 * z) + 0.5


def _sigmoid_derivative(z: Array, a: Array) -> Array:
    return a * (1.0 - a)


def _tanh(z: Array) -> Array:
    return namespace(z).tanh(z)


def _tanh_derivative(z: Array, a: Array) -> Array:
    return 1.0 - a * a


def _relu(z: Array) -> Array:
    return namespace(z).maximum(z, 0.0)


def _relu_derivative(z: Array, a: Array) -> Array:
    return namespace(z).astype(z > 0.0, z.dtype)


def _leaky_relu(z: Array) -> Array:
    return namespace(z).maximum(z, LEAK * z)


def _leaky_relu_derivative(z: Array, a: Array) -> Array:
    xp = namespace(z)
    return xp.where(z > 0.0, xp.ones_like(z), LEAK)


def _linear(z: Array) -> Array:
    return z


def _linear_derivative(z: Array, a: Array) -> Array:
    return namespace(z).ones_like(z)


def _step(z: Array) -> Array:
    return namespace(z).astype(z > 0.0, z.dtype)


def _step_derivative(z: Array, a: Array) -> Array:
    return namespace(z).zeros_like(z)


def _softmax(z: Array) -> Array:
    xp = namespace(z)
    powers = xp.exp(z - xp.max(z, axis=-1, keepdims=True))  # the largest is exp(0): nothing overflows
    return powers / xp.sum(powers, axis=-1, keepdims=True)


def _softmax_derivative(z: Array, a: Array) -> Array:
    xp = namespace(a)
    identity = xp.eye(a.shape[-1], dtype=a.dtype, device=of(a).device)
    return a[..., None] * (identity - a[..., None, :])  # (..., n, n): da_i/dz_j = a_i (1[i=j] - a_j)


sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_derivative)
tanh = Activation("tanh", _tanh, _tanh_derivative)
relu = Activation("relu", _relu, _relu_derivative)
leaky_relu = Activation("leaky_relu", _leaky_relu, _leaky_relu_derivative)
linear = Activation("linear", _linear, _linear_derivative)
step = Activation("step", _step, _step_derivative)
softmax = Activation("softmax", _softmax, _softmax_derivative, elementwise=False)

ACTIVATIONS = {f.name: f for f in (sigmoid, tanh, relu, leaky_relu, linear, step, softmax)}
