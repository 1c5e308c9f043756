"""The parameters of an estimator: checked, and turned into a network, an optimizer and initial weights."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from math import inf, sqrt
from typing import Any

import numpy as np

from xpnet.backend import Array, Backend, namespace
from xpnet.checks import number, whole
from xpnet.nn import ACTIVATIONS, Activation, Layer, Network, Parameters
from xpnet.training import Optimizer, adam, momentum, nesterov, sgd
from xpnet.training.resuming.checkpoint import check_checkpoint
from xpnet.training.steps.arguments import check_callbacks

# scikit-learn's names of what xpnet calls otherwise
NAMES = {"identity": "linear", "logistic": "sigmoid"}
SOLVERS = ("lbfgs", "sgd", "adam")
LBFGS_HAS_NOT: dict[str, Any] = {"l1": 0, "dropout": 0, "max_norm": None, "callbacks": (), "checkpoint": None}
EPOCH_SOLVERS = SOLVERS[1:]
SCHEDULES = ("constant", "invscaling", "adaptive")


def _one_of(*names: str) -> Callable[[str, Any], None]:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"{name} must be one of {', '.join(names)}, got {value!r}")

    return check


def _whole(name: str, value: Any) -> None:
    whole(name, value, 1)


def _number(name: str, value: Any) -> None:
    number(name, value)


def _positive(name: str, value: Any) -> None:
    number(name, value, above=True)


def _below_one(name: str, value: Any) -> None:
    number(name, value, below=1.0)


def _momentum(name: str, value: Any) -> None:
    if number(name, value) > 1.0:
        raise ValueError(f"{name} must be between 0 and 1, got {value}")


def _flag(name: str, value: Any) -> None:
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")


def _batch_size(name: str, value: Any) -> None:
    if not (isinstance(value, str) and value == "auto"):
        whole(name, value, 1)


def _patience(name: str, value: Any) -> None:
    if not (isinstance(value, float) and value == inf):
        whole(name, value, 1)


def _limit(name: str, value: Any) -> None:
    if value is not None:
        number(name, value, above=True)


def _callbacks(name: str, value: Any) -> None:
    for callback in check_callbacks(value):
        if callback.every is not None:
            raise ValueError(f"{name} must look at epochs, with every = None, got every = {callback.every}")


def _checkpoint(_: str, value: Any) -> None:
    check_checkpoint(value)


CHECKS: dict[str, Callable[[str, Any], None]] = {
    "solver": _one_of(*SOLVERS),
    "learning_rate": _one_of(*SCHEDULES),
    "batch_size": _batch_size,
    "n_iter_no_change": _patience,
    "momentum": _momentum,
    "max_norm": _limit,
    "callbacks": _callbacks,
    "checkpoint": _checkpoint,
    **dict.fromkeys(("max_iter", "max_fun"), _whole),
    **dict.fromkeys(("alpha", "l1", "power_t", "tol"), _number),
    **dict.fromkeys(("learning_rate_init", "epsilon"), _positive),
    **dict.fromkeys(("beta_1", "beta_2", "validation_fraction"), _below_one),
    **dict.fromkeys(("shuffle", "warm_start", "nesterovs_momentum", "early_stopping"), _flag),
}


def check_settings(estimator: Any) -> None:
    """Refuse parameters that make no sense; the message names the first of them."""
    for name, check in CHECKS.items():
        check(name, getattr(estimator, name))
    if estimator.solver == "lbfgs":
        for name, off in LBFGS_HAS_NOT.items():
            value = getattr(estimator, name)
            if len(value) if off == () else np.any(np.asarray(value) != off):
                raise ValueError(f"{name} must be {off} with solver 'lbfgs', got {value!r}; sgd and adam take it")


def has_epochs(estimator: Any) -> bool:
    """Return whether the solver trains epoch by epoch, so that there is a ``partial_fit``.

    Raises
    ------
    AttributeError
        If it does not.
    """
    if estimator.solver not in EPOCH_SOLVERS:
        raise AttributeError(f"partial_fit is only available for sgd and adam, got solver {estimator.solver!r}")
    return True


def hidden_sizes(given: Any) -> list[int]:
    """Return the neurons of each hidden layer.

    Examples
    --------
    >>> hidden_sizes(5), hidden_sizes((30, 10)), hidden_sizes(())
    ([5], [30, 10], [])
    """
    sizes = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    return [whole("hidden_layer_sizes", n, 1) for n in sizes]


def hidden_activations(given: Any, n: int) -> list[Activation]:
    """Return the activation of each of n hidden layers; one may stand for all.

    Examples
    --------
    >>> [f.name for f in hidden_activations("logistic", 2)]
    ['sigmoid', 'sigmoid']
    """
    several = isinstance(given, list | tuple)
    found = [_activation(f) for f in (given if several else [given] * max(n, 1))]
    if several and len(found) != n:
        raise ValueError(f"activation must name one activation or {n}, one for each hidden layer, got {len(found)}")
    return found[:n]


def _activation(given: Any) -> Activation:
    if isinstance(given, Activation):
        return given
    name = NAMES.get(given, given) if isinstance(given, str) else given
    found = ACTIVATIONS.get(name) if isinstance(name, str) else None
    if found is None or not (found.elementwise and found.differentiable):
        known = [f.name for f in ACTIVATIONS.values() if f.elementwise and f.differentiable]
        raise ValueError(f"activation must be one of {', '.join((*NAMES, *known))}, or an Activation, got {given!r}")
    return found


def make_network(estimator: Any, n_in: int, n_out: int, output: str, cost: Any, labels: str = "one") -> Network:
    """Return the network that an estimator's parameters describe."""
    hidden = hidden_sizes(estimator.hidden_layer_sizes)
    return Network(
        [n_in, *hidden, n_out],
        hidden=hidden_activations(estimator.activation, len(hidden)),
        output=output,
        cost=cost,
        dropout=estimator.dropout,
        labels=labels,
    )


def draw_parameters(network: Network, rng: np.random.RandomState, backend: Backend) -> Parameters:
    """Return scikit-learn's random initial parameters: weights and biases are drawn by Glorot's rule, layer by layer.

    The uniform distribution's limit is ``sqrt(6 / (n_in + n_out))``, or ``sqrt(2 / ...)`` beside sigmoid neurons.
    """
    beside = [*network.hidden, *network.hidden[-1:]]  # the output layer follows the last hidden one
    layers = []
    for l, (n_in, n_out) in enumerate(pairwise(network.sizes)):
        limit = sqrt((2.0 if beside and beside[l].link == "logit" else 6.0) / (n_in + n_out))
        w = rng.uniform(-limit, limit, (n_in, n_out))
        b = rng.uniform(-limit, limit, n_out)
        layers.append(Layer(contiguous(backend.asarray(w.T)), backend.asarray(b[None, :])))
    return tuple(layers)


def contiguous(w: Array) -> Array:
    """Return a matrix in the order of its rows, in which steps on it are fastest."""
    xp = namespace(w)
    return xp.reshape(xp.reshape(w, (-1,)), w.shape)


def make_optimizer(estimator: Any) -> Optimizer:
    """Return the optimizer that an estimator's parameters describe, with its first learning rate."""
    eta = float(estimator.learning_rate_init)
    if estimator.solver == "adam":
        made = adam(eta, float(estimator.beta_1), float(estimator.beta_2), float(estimator.epsilon))
        return replace(made, step_numbers=_adam_numbers)
    mu = float(estimator.momentum)
    if mu == 0.0:
        return sgd(eta)
    made = nesterov(eta) if estimator.nesterovs_momentum else momentum(eta)
    return replace(made, settings={"eta": eta, "mu": mu})  # mu = 1 is allowed here


def _adam_numbers(*, t: int, eta: Any, beta1: Any, beta2: Any, epsilon: Any, **_: Any) -> dict[str, Any]:
    """Return the step numbers of `xpnet.adam` for scikit-learn's epsilon, added before the bias is corrected."""
    first, second = (1.0 - beta1**t) / (1.0 - beta1), ((1.0 - beta2**t) / (1.0 - beta2)) ** 0.5
    return {"eta": eta * second / first, "epsilon": epsilon / sqrt(1.0 - beta2)}
