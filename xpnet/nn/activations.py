"""Activation functions: the output of a neuron as a function of its weighted input z, and its derivative.

Each is a value of type `Activation`, which is called like a function.  A derivative receives both z and a = f(z),
because for sigmoid and tanh it is cheapest in terms of a.  Sources: Nielsen, chapters 1 and 3, and those named below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, pi, sqrt

from xpnet.backend import Array, namespace, of

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "elu",
    "exponential",
    "gelu",
    "leaky_relu",
    "linear",
    "relu",
    "sigmoid",
    "softmax",
    "step",
    "tanh",
]

LEAK = 0.01  # slope of leaky_relu below zero


@dataclass(frozen=True)
class Activation:
    """A function from weighted inputs to activations, with its derivative and the properties that other code reads.

    No decision depends on the name: an activation of your own states its properties here.

    Attributes
    ----------
    name : str
        Its name in files and errors.
    value : callable
        ``value(z) -> a``, same shape.
    derivative : callable
        ``derivative(z, a) -> da/dz``, given ``a = value(z)``: same shape as z where the function is elementwise,
        else the Jacobian, shape (..., n, n).
    elementwise : bool
        Whether each activation depends on its own weighted input alone.
    threshold : float, optional
        Given if the outputs stand for classes.  The class is that of the largest weighted input; a single output says
        1 where z > threshold.  The function must then increase with z.  None: the outputs are values.
    differentiable : bool
        Whether its derivative can be used for training.
    link : str, optional
        The function that it inverts, in the words of generalized linear models: ``"logit"`` (sigmoid), ``"softmax"``,
        ``"log"`` (exponential) or ``"identity"``.  The formulas of some costs hold for one link only.
    log : callable, optional
        ``log(z) -> ln a``, accurate where a underflows; used for probabilities.
    overflows_above : float
        The weighted input above which the value is too large for float32.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.asarray([0.0])
    >>> sigmoid(z), sigmoid.derivative(z, sigmoid(z))
    (array([0.5]), array([0.25]))

    A sigmoid of your own tells classes apart as the built-in one does:

    >>> steep = Activation("steep", lambda z: sigmoid(4.0 * z), lambda z, a: 4.0 * a * (1.0 - a), threshold=0.0)
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    elementwise: bool = True
    threshold: float | None = None
    differentiable: bool = True
    link: str | None = None
    log: Callable[[Array], Array] | None = None
    overflows_above: float = inf

    def __call__(self, z: Array) -> Array:
        """Return the activations of the weighted inputs `z`."""
        return self.value(z)

    def is_like(self, other: "Activation") -> bool:
        """Return whether it is the same function as `other`, whatever their names: by its link, or by its code."""
        return self.value == other.value if self.link is None else self.link == other.link

    def decide(self, z: Array, several: bool = False) -> Array:
        """Return what an output's weighted inputs `z`, shape (..., m, n_out), stand for.

        For classes it is the index of the largest z, shape (..., m): activations that round to one number cause no tie.
        A single output is 1 where z passes the threshold, and so is each of `several` labels, shape (..., m, n_out).
        Values are the activations, shape (..., m) or (..., m, n_out).
        """
        xp, n_out = namespace(z), z.shape[-1]
        if self.threshold is None:
            a = self.value(z)
            return a[..., 0] if n_out == 1 and not several else a
        if several:
            return xp.astype(z > self.threshold, xp.int32)
        return xp.argmax(z, axis=-1) if n_out > 1 else xp.astype(z[..., 0] > self.threshold, xp.int32)

    def probabilities(self, z: Array, several: bool = False) -> Array:
        """Return a probability for each class, shape (..., m, n_classes), from an output's weighted inputs.

        A single output p gives (1 - p, p).  Each of `several` labels has a probability of its own.  Else each row sums
        to one: sigmoid outputs are divided by their sum, in logarithms, so that they may underflow.

        Raises
        ------
        ValueError
            If the outputs do not stand for classes.
        """
        if self.threshold is None:
            raise ValueError(f"output must stand for classes to have probabilities, got {self.name!r}")
        a, xp = self.value(z), namespace(z)
        if several:
            return a
        if z.shape[-1] == 1:
            return xp.concat([1.0 - a, a], axis=-1)
        if not self.elementwise:
            return a
        if self.log is not None:
            return _softmax(self.log(z))
        total = xp.sum(a, axis=-1, keepdims=True)
        return xp.where(total > 0.0, a / xp.where(total > 0.0, total, xp.ones_like(total)), _softmax(z))


# ---- activations of the book --------------------------------------------------------------------------------


def _sigmoid(z: Array) -> Array:
    # 1 / (1 + exp(-z)) overflows for large -z; this form does not
    return 0.5 * namespace(z).tanh(0.5 * z) + 0.5


def _sigmoid_derivative(z: Array, a: Array) -> Array:
    return a * (1.0 - a)


def _log_sigmoid(z: Array) -> Array:
    xp = namespace(z)
    return xp.minimum(z, 0.0) - xp.log1p(xp.exp(-xp.abs(z)))


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


sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_derivative, threshold=0.0, link="logit", log=_log_sigmoid)
tanh = Activation("tanh", _tanh, _tanh_derivative)
relu = Activation("relu", _relu, _relu_derivative)
leaky_relu = Activation("leaky_relu", _leaky_relu, _leaky_relu_derivative)
linear = Activation("linear", _linear, _linear_derivative, link="identity")
step = Activation("step", _step, _step_derivative, threshold=0.0, differentiable=False)
# the softmax of a single output is always 1, so that its threshold is -inf
softmax = Activation("softmax", _softmax, _softmax_derivative, elementwise=False, threshold=-inf, link="softmax")


# ---- other activations --------------------------------------------------------------------------------------


def _elu(z: Array) -> Array:
    xp = namespace(z)
    return xp.where(z > 0.0, z, xp.expm1(xp.minimum(z, 0.0)))


def _elu_derivative(z: Array, a: Array) -> Array:
    xp = namespace(z)
    return xp.exp(xp.minimum(z, 0.0))


def _exponential(z: Array) -> Array:
    return namespace(z).exp(z)


def _exponential_derivative(z: Array, a: Array) -> Array:
    return a


# Phi(-x) exp(x^2 / 2) as a ratio of polynomials in x, lowest power first, for 0 <= x <= 40: fitted for this file in 60
# digits, relative error 1.2e-18.  All coefficients are positive, so that nothing cancels.
_ABOVE = (
    *(0.5, 0.82747105425982567, 0.67888462065339902, 0.35677438997887333, 0.13176073105459978),
    *(0.035568645108708608, 0.0070981505602992461, 0.0010352856016552916, 0.00010602022722365666),
    *(6.9320259122121406e-06, 2.2245211708088181e-07),
)
_BELOW = (
    *(1.0, 2.4528266693225169, 2.8148417710847428, 1.9990157558157179, 0.97844189485908016, 0.34754166100267491),
    *(0.091717695951084931, 0.018057062972679250, 0.0026124521737837200, 0.00026631090400490050),
    *(1.7376012152055178e-05, 5.5760476642633834e-07),
)


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    value = coefficients[-1] * x
    for c in coefficients[-2:0:-1]:
        value = (value + c) * x
    return value + coefficients[0]


def _normal_tail(z: Array) -> tuple[Array, Array, Array]:
    """Return x = min(|z|, 40), exp(-x^2/2), and Phi(-x), the share of the normal distribution below -x."""
    xp = namespace(z)
    x = xp.minimum(xp.abs(z), 40.0)  # beyond it the tail is 0 in every dtype
    cut = xp.floor(16.0 * x) / 16.0  # its square is exact, and so is x - cut: rounding x^2 would cost digits
    density = xp.exp(-0.5 * cut * cut) * xp.exp(-0.5 * (x - cut) * (x + cut))
    return x, density, density * (_polynomial(x, _ABOVE) / _polynomial(x, _BELOW))


def _gelu(z: Array) -> Array:
    x, _, tail = _normal_tail(z)
    return namespace(z).maximum(z, 0.0) - x * tail  # z Phi(z)


def _gelu_derivative(z: Array, a: Array) -> Array:
    xp = namespace(z)
    _, density, tail = _normal_tail(z)
    slope = xp.minimum(xp.maximum(z, -40.0), 40.0) * density / sqrt(2.0 * pi)
    return xp.where(z > 0.0, 1.0 - tail, tail) + slope  # Phi(z) + z phi(z)


# Clevert, Unterthiner and Hochreiter, arXiv:1511.07289, equation 16, with alpha = 1
elu = Activation("elu", _elu, _elu_derivative)
# Hendrycks and Gimpel, arXiv:1606.08415: z Phi(z), not one of its approximations
gelu = Activation("gelu", _gelu, _gelu_derivative)
# the output of a model with a log link: it is positive
exponential = Activation(
    "exponential", _exponential, _exponential_derivative, link="log", log=_linear, overflows_above=88.0
)

ACTIVATIONS = {f.name: f for f in list(globals().values()) if isinstance(f, Activation)}
