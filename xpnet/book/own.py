"""Mathematics that the reader has changed: how it is found, and how it is run.

The book invites its readers to change things: to use another cost, override a method, or replace the sigmoid.
`unchanged` returns whether a result depends on the book's own functions only.  If so, `xpnet.book.descent` computes it
on whole batches, on any library.  If not, the functions here compute it in NumPy.  They call every function that may
have been replaced for one example at a time, with columns.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from xpnet.book.arguments import as_column, layer_sizes
from xpnet.book.descent import outputs
from xpnet.book.examples import Examples
from xpnet.book.functions import Array
from xpnet.nn import Activation, Cost, Layer, backprop, forward

Function = TypeVar("Function", bound=Callable[..., Any])

_originals: list[Callable[..., Any]] = []


def original(function: Function) -> Function:
    """Register `function` as one of the book's own."""
    _originals.append(function)
    return function


def unchanged(*functions: Any) -> bool:
    """Return whether all of these functions or methods are the book's own.

    Examples
    --------
    >>> from xpnet.book import network
    >>> unchanged(network.sigmoid), unchanged(np.tanh)
    (True, False)
    """
    return all(any(getattr(f, "__func__", f) is known for known in _originals) for f in functions)


def by_column(function: Callable[..., Any], name: str) -> Callable[..., Array]:
    """Return a function of rows that calls `function`, which takes columns, for one row at a time.

    Examples
    --------
    >>> by_column(lambda z: z / np.sum(z), "share")(np.asarray([[1.0, 3.0], [1.0, 1.0]]))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """

    def rows(*arrays: Array) -> Array:
        n = arrays[0].shape[1]
        made = [function(*(row[:, None] for row in example)) for example in zip(*arrays, strict=True)]
        return np.stack([as_column(name, column, n)[:, 0] for column in made])

    return rows


def nablas(
    net: Any, x: Array, y: Array, sigmoid: Callable[..., Any], sigmoid_prime: Callable[..., Any], delta: Any
) -> tuple[list[Array], list[Array]]:
    """Return (nabla_b, nabla_w), the gradient of the mean cost of these examples, by backpropagation.

    Parameters
    ----------
    net : object with weights and biases
    x, y : array, shapes (m, n_in) and (m, n_out)
        The columns, as rows.
    sigmoid, sigmoid_prime : callable
        Of a column z: the activations, and their derivative.
    delta : callable
        ``delta(z, a, y)``, the error of the output column.

    References
    ----------
    Nielsen, chapter 2, equations BP1 to BP4.
    """
    if not unchanged(sigmoid, sigmoid_prime):
        sigmoid, sigmoid_prime = by_column(sigmoid, "sigmoid"), by_column(sigmoid_prime, "sigmoid_prime")
    f = Activation("own", sigmoid, lambda z, _: sigmoid_prime(z))
    error = by_column(delta, "the output's error")
    cost = Cost("own", lambda *_: None, lambda z, a, y, _: error(z, a, y))  # only its error is used
    fs = [f] * len(net.weights)
    parameters = tuple(Layer(np.asarray(w), np.asarray(b).T) for w, b in zip(net.weights, net.biases, strict=True))
    gradients = backprop(parameters, forward(parameters, x, fs), y, fs, cost)
    return [g.b.T for g in gradients], [g.w for g in gradients]


def as_rows(net: Any, x: Any, y: Any) -> tuple[Array, Array]:
    """Return the columns x and y of one example, checked to fit `net`, as rows (1, n_in) and (1, n_out)."""
    sizes = layer_sizes(net.weights, net.biases)
    return as_column("x", x, sizes[0]).T, as_column("y", y, sizes[-1]).T


def step(
    net: Any, examples: Examples, eta: float, decay: float, gradient: Callable[[Array, Array], Any]
) -> tuple[list[Array], list[Array]]:
    """Return weights and biases after one step: ``w' = (1 - eta decay) w - eta nabla_w``; biases without decay.

    The gradient is the mean of ``net.backprop`` over the examples.  If that method is the book's own,
    ``gradient(x, y)`` computes it for all rows at once.
    """
    if unchanged(net.backprop):
        sizes = layer_sizes(net.weights, net.biases)
        nabla_b, nabla_w = gradient(examples.rows(0, sizes[0]), examples.rows(1, sizes[-1]))
    else:
        each = zip(*(net.backprop(x, y) for x, y in examples), strict=True)
        nabla_b, nabla_w = ([sum(layer) / len(examples) for layer in zip(*nabla, strict=True)] for nabla in each)
    weights = [(1.0 - eta * decay) * w - eta * g for w, g in zip(net.weights, nabla_w, strict=True)]
    return weights, [b - eta * g for b, g in zip(net.biases, nabla_b, strict=True)]


def step_by_step(
    net: Any, training: Examples, order: list[int], size: int, update: Callable[[list[tuple[Any, Any]]], None]
) -> None:
    """Call `update` with one mini-batch of examples after the other, in this order."""
    if unchanged(net.update_mini_batch, net.backprop):  # a method of the reader's may take other shapes
        sizes = layer_sizes(net.weights, net.biases)
        for part, n in ((0, sizes[0]), (1, sizes[-1])):
            training.columns(part, n)
    for start in range(0, len(order), size):
        update([training[i] for i in order[start : start + size]])


def answers(net: Any, examples: Examples, sigmoid: Callable[..., Any]) -> tuple[Array | None, Array]:
    """Return the output's z and a for each example, (n, n_out); z is None if ``net.feedforward`` was replaced."""
    if unchanged(net.feedforward, sigmoid):
        z = outputs(net, examples)
        return z, sigmoid(z)
    return None, np.stack([np.ravel(net.feedforward(x)) for x, _ in examples])


def costs_one_by_one(cost: Any, a: Array, y: Array) -> list[float]:
    """Return ``cost.fn`` for each row of outputs and desired outputs, which it gets as columns."""
    return [np.asarray(cost.fn(a_row[:, None], y_row[:, None])).item() for a_row, y_row in zip(a, y, strict=True)]
