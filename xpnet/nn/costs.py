"""Cost functions: the distance of an output from its target, and the error with which backpropagation starts.

A cost is the mean over the examples of `Cost.value`, the sum over the outputs of one example.  Where the output's
activation is known, values are computed from the weighted input z, so that nothing overflows and no logarithm of zero
is taken.  Sources: Nielsen, equations 6 (quadratic), 63 (cross-entropy) and 80 (log-likelihood), and those named below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.nn.activations import ACTIVATIONS, Activation, exponential, linear, sigmoid, softmax
from xpnet.nn.checking.arguments import look_up
from xpnet.nn.checking.kinds import REAL, look_up_targets

__all__ = ["COSTS", "Cost", "cross_entropy", "huber", "log_likelihood", "poisson", "quadratic"]


@dataclass(frozen=True)
class Cost:
    """A cost, its derivative with respect to z, and the properties that other code reads.

    No decision depends on the name: a cost of your own states its properties here.

    Attributes
    ----------
    name : str
        Its name in files and errors.
    value : callable
        ``value(z, a, y) -> C``, shape (..., m): one cost for each example.
    delta : callable
        ``delta(z, a, y, f) -> dC/dz``, shape (..., m, n_out), for one example's cost; f is the output's activation.
    outputs : sequence of Activation or str
        The output activations for which its formulas hold; empty: any elementwise, differentiable one.
    targets : Targets or str
        What y may be: ``"real"``, ``"unit"`` (between 0 and 1), ``"distribution"`` (that, and rows that sum to 1),
        ``"counts"`` (0 or more), or rules of your own.
    output : Activation or str, optional
        The output activation of a network that is given none.  Default: the first of `outputs`, else sigmoid.
    hyper : tuple of (str, float)
        Its hyper-parameters, which model files keep.
    remake : callable, optional
        ``remake(**hyper) -> Cost``: the same cost with other hyper-parameters.

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
    outputs: tuple[Any, ...] = ()
    targets: Any = REAL
    output: Any = None
    hyper: tuple[tuple[str, float], ...] = ()
    remake: "Callable[..., Cost] | None" = None

    def __post_init__(self) -> None:
        outputs = tuple(look_up(f, ACTIVATIONS, Activation, "outputs") for f in self.outputs)
        output = (*outputs, sigmoid)[0] if self.output is None else self.output
        object.__setattr__(self, "outputs", outputs)
        object.__setattr__(self, "targets", look_up_targets(self.targets))
        object.__setattr__(self, "output", look_up(output, ACTIVATIONS, Activation, "output"))

    def accepts(self, output: Activation) -> bool:
        """Return whether a network may end in `output` and be trained on this cost."""
        if self.outputs:
            return any(output.is_like(f) for f in self.outputs)
        return output.elementwise and output.differentiable

    @property
    def cancels(self) -> bool:
        """Whether the derivative of the output's activation cancels, so that delta is a - y."""
        return self.delta is difference

    @property
    def may_standardize(self) -> bool:
        """Whether the targets of a regression may be shifted and scaled: every real number is allowed."""
        return not self.targets.rules


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


def difference(z: Array, a: Array, y: Array, f: Activation) -> Array:
    """Return a - y, the delta of a cost that cancels the derivative of its output: Nielsen, equation 68."""
    return a - y


def _poisson(z: Array, a: Array, y: Array) -> Array:
    # a - y - y ln(a / y) with a = exp(z), which is 0 where a = y; y ln y is 0 where y is 0
    xp = namespace(z)
    log_y = xp.log(xp.where(y > 0.0, y, xp.ones_like(y)))
    return xp.sum(xp.maximum(a - y - y * (z - log_y), 0.0), axis=-1)  # rounding must not make it negative


@dataclass(frozen=True)
class _HuberValue:
    width: float  # a value, not a closure: costs of one width are equal, and can be pickled

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        near = _within(a - y, self.width)
        return namespace(a).sum(near * (a - y - 0.5 * near), axis=-1)  # e^2/2, or width (|e| - width/2)


@dataclass(frozen=True)
class _HuberDelta:
    width: float

    def __call__(self, z: Array, a: Array, y: Array, f: Activation) -> Array:
        return _within(a - y, self.width) * f.derivative(z, a)


def _within(error: Array, width: float) -> Array:
    xp = namespace(error)
    return xp.minimum(xp.maximum(error, -width), width)


def huber(width: float = 1.0) -> Cost:
    """Return the cost that is quadratic for errors up to `width` and linear beyond: outliers have less influence.

    Parameters
    ----------
    width : float
        Above 0, in the unit of the outputs.  Targets that are standardized for training have a unit of one standard
        deviation.

    References
    ----------
    Huber, doi:10.1214/aoms/1177703732, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> a, y = np.asarray([[0.5], [10.0]]), np.asarray([[0.0], [0.0]])
    >>> huber(width=2.0).value(a, a, y)
    array([ 0.125, 18.   ])
    """
    if isinstance(width, bool | str) or not hasattr(width, "__float__"):
        raise TypeError(f"width must be a number, got {width!r}")
    width = float(width)
    if not 0.0 < width < inf:
        raise ValueError(f"width must be finite and above 0, got {width}")
    hyper = (("width", width),)
    return Cost("huber", _HuberValue(width), _HuberDelta(width), output=linear, hyper=hyper, remake=huber)


quadratic = Cost("quadratic", _quadratic, _quadratic_delta)
cross_entropy = Cost("cross_entropy", _cross_entropy, difference, outputs=(sigmoid,), targets="unit")
log_likelihood = Cost("log_likelihood", _log_likelihood, difference, outputs=(softmax,), targets="distribution")
# half the Poisson deviance, with a log link: Nelder and Wedderburn, doi:10.2307/2344614
poisson = Cost("poisson", _poisson, difference, outputs=(exponential,), targets="counts")

COSTS = {cost.name: cost for cost in (quadratic, cross_entropy, log_likelihood, poisson, huber())}
