"""The optimizers.  Each is a rule for one array w with gradient g, written as its source writes it.

Where libraries differ, the convention is PyTorch's, and the docstring says what the others do.
"""

from collections.abc import Callable
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.training.optimizing.optimizer import Optimizer, make_optimizer

# the one table: the public names, the names that `train` and the command line take, and the tests come from it
__all__ = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]  # noqa: RUF022  # simple ones first


def sgd(eta: Any = 0.5) -> Optimizer:
    """Return gradient descent: ``w' = w - eta g``.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate, parameter units per gradient unit.

    References
    ----------
    Nielsen, chapter 1, equations 20 and 21.

    Examples
    --------
    >>> sgd(eta=3.0)
    Optimizer(name='sgd', settings={'eta': 3.0})
    """
    return make_optimizer("sgd", _sgd, 0, eta=eta)


def _sgd(w: Array, g: Array, *, eta: Any) -> tuple[Array]:
    return (w - eta * g,)


def momentum(eta: Any = 0.1, mu: Any = 0.9) -> Optimizer:
    """Return gradient descent with momentum: ``v' = mu v - eta g``, ``w' = w + v'``.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate.
    mu : number or Array of shape (k,)
        Momentum coefficient, 0 (none) to below 1.

    Notes
    -----
    PyTorch keeps v without eta, which is the same if eta does not change.

    References
    ----------
    Nielsen, chapter 3, equations 107 and 108.

    Examples
    --------
    >>> momentum(eta=0.1, mu=0.5).settings["mu"]
    0.5
    """
    return make_optimizer("momentum", _momentum, 1, eta=eta, mu=mu)


def _momentum(w: Array, g: Array, v: Array, *, eta: Any, mu: Any) -> tuple[Array, Array]:
    v = mu * v - eta * g
    return w + v, v


def nesterov(eta: Any = 0.1, mu: Any = 0.9) -> Optimizer:
    """Return Nesterov's momentum: ``v' = mu v - eta g``, ``w' = w + mu v' - eta g``.

    Parameters
    ----------
    eta, mu
        As for `momentum`.

    Notes
    -----
    The gradient is taken at w, which stands for the point ahead of the classical method (as PyTorch, Keras and
    scikit-learn do).

    References
    ----------
    Sutskever, Martens, Dahl and Hinton, ICML 2013, section 2; Bengio et al., arXiv:1212.0901, equations 6 and 7.

    Examples
    --------
    >>> nesterov().name
    'nesterov'
    """
    return make_optimizer("nesterov", _nesterov, 1, eta=eta, mu=mu)


def _nesterov(w: Array, g: Array, v: Array, *, eta: Any, mu: Any) -> tuple[Array, Array]:
    pull = eta * g
    v = mu * v - pull
    return w + (mu * v - pull), v


def adagrad(eta: Any = 0.01, epsilon: Any = 1e-10, initial: Any = 0.0) -> Optimizer:
    """Return AdaGrad: ``s' = s + g^2``, ``w' = w - eta g / (sqrt(s' + initial) + epsilon)``.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate, parameter units.
    epsilon : number or Array of shape (k,)
        Keeps the quotient finite.
    initial : number or Array of shape (k,)
        Initial sum of squares: 0 in PyTorch, 0.1 in Keras.

    References
    ----------
    Duchi, Hazan and Singer, JMLR 12 (2011), 2121-2159.

    Examples
    --------
    >>> adagrad(initial=0.1).settings["initial"]
    0.1
    """
    return make_optimizer("adagrad", _adagrad, 1, eta=eta, epsilon=epsilon, initial=initial)


def _adagrad(w: Array, g: Array, squares: Array, *, eta: Any, epsilon: Any, initial: Any) -> tuple[Array, Array]:
    squares = squares + g * g
    return w - eta * (g / (namespace(w).sqrt(squares + initial) + epsilon)), squares


def rmsprop(eta: Any = 0.001, rho: Any = 0.99, epsilon: Any = 1e-8) -> Optimizer:
    """Return RMSprop: ``s' = rho s + (1 - rho) g^2``, ``w' = w - eta g / (sqrt(s') + epsilon)``.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate, parameter units.
    rho : number or Array of shape (k,)
        Decay factor of the mean square, 0 to below 1: 0.99 in PyTorch, 0.9 in Keras.
    epsilon : number or Array of shape (k,)
        Keeps the quotient finite; Keras adds it under the root.

    References
    ----------
    Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5 (2012).

    Examples
    --------
    >>> rmsprop(rho=0.9).settings["rho"]
    0.9
    """
    return make_optimizer("rmsprop", _rmsprop, 1, step_numbers=_rmsprop_numbers, eta=eta, rho=rho, epsilon=epsilon)


def _rmsprop_numbers(*, rho: Any, **others: Any) -> dict[str, Any]:
    return {"fresh": 1.0 - rho}  # on the host, in double precision: 1 - rho of a float32 array would be rounded twice


def _rmsprop(w: Array, g: Array, square: Array, *, eta: Any, rho: Any, fresh: Any, epsilon: Any) -> tuple[Array, Array]:
    square = rho * square + fresh * (g * g)
    return w - eta * (g / (namespace(w).sqrt(square) + epsilon)), square


def adam(eta: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8) -> Optimizer:
    """Return Adam: steps scaled by running means of the gradient and of its square.

    Parameters
    ----------
    eta : number, Array of shape (k,), or schedule
        Learning rate, parameter units.
    beta1, beta2 : number or Array of shape (k,)
        Decay factors of the two running means, 0 to below 1.
    epsilon : number or Array of shape (k,)
        Added to the root of the mean square after its bias is corrected, as in PyTorch; Keras and scikit-learn add
        it before, which is the same as an epsilon of ``epsilon / sqrt(1 - beta2^t)`` here.

    Notes
    -----
    ``m' = beta1 m + (1 - beta1) g``, ``v' = beta2 v + (1 - beta2) g^2``,
    ``w' = w - eta (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon)``.  The slots are the sums
    ``m / (1 - beta1)`` and ``v / (1 - beta2)``: the same result with a quarter less arithmetic.

    References
    ----------
    Kingma and Ba, arXiv:1412.6980, algorithm 1.

    Examples
    --------
    >>> adam().settings["eta"]
    0.001
    """
    return make_optimizer(
        "adam", _adam, 2, step_numbers=_adam_numbers, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon
    )


def _adam_numbers(*, t: int, eta: Any, beta1: Any, beta2: Any, epsilon: Any, **others: Any) -> dict[str, Any]:
    """Return eta and epsilon such that the rule's two sums act as the bias-corrected means."""
    first, second = (1.0 - beta1**t) / (1.0 - beta1), ((1.0 - beta2**t) / (1.0 - beta2)) ** 0.5
    return {"eta": eta * second / first, "epsilon": epsilon * second}


def _adam(
    w: Array, g: Array, first: Array, second: Array, *, eta: Any, epsilon: Any, beta1: Any, beta2: Any
) -> tuple[Array, Array, Array]:
    first = beta1 * first + g
    second = beta2 * second + g * g
    return w - eta * (first / (namespace(w).sqrt(second) + epsilon)), first, second


def adamw(eta: Any = 0.001, decay: Any = 0.01, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8) -> Optimizer:
    """Return Adam with decoupled weight decay: w shrinks by ``1 - eta decay`` and then takes Adam's step.

    Parameters
    ----------
    eta, beta1, beta2, epsilon
        As for `adam`.
    decay : number or Array of shape (k,)
        Weight decay.  It acts on biases too, as in PyTorch and Keras; `l2` of `xpnet.train` leaves them free.

    References
    ----------
    Loshchilov and Hutter, arXiv:1711.05101, algorithm 2.

    Examples
    --------
    >>> adamw().settings["decay"]
    0.01
    """
    settings = {"eta": eta, "decay": decay, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    return make_optimizer("adamw", _adamw, 2, step_numbers=_adamw_numbers, **settings)


def _adamw_numbers(*, eta: Any, decay: Any, **others: Any) -> dict[str, Any]:
    return {"kept": 1.0 - eta * decay, **_adam_numbers(eta=eta, **others)}


def _adamw(
    w: Array, g: Array, first: Array, second: Array, *, kept: Any, decay: Any, **adams: Any
) -> tuple[Array, ...]:
    return _adam(w * kept, g, first, second, **adams)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {name: globals()[name] for name in __all__}
