"""Gradient descent on whole batches: the book's columns become rows on the library in use, and NumPy columns again."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Backend, BackendError, get, to_numpy
from xpnet.book.arguments import layer_sizes
from xpnet.book.examples import Examples
from xpnet.book.functions import Array
from xpnet.execution import executor
from xpnet.nn import Cost, Layer, Network, Parameters, quadratic
from xpnet.training import sgd
from xpnet.training.batches.batches import STRETCH, Data, Inputs, gather, stretches
from xpnet.training.optimizing.optimizer import tabulate
from xpnet.training.steps.evaluator import rows_at_once
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.step import floating, make_step


class Descent(NamedTuple):
    """The settings of one pass over the data: the arguments of the book's `SGD`."""

    cost: Cost
    mini_batch_size: int
    eta: float
    lmbda: float = 0.0
    n: int | None = None  # the number of examples in the penalty; None is those of this call


def home() -> Backend:
    """Return the backend in use, in float64, or in float32 where it has no float64."""
    try:
        return get(dtype="float64")
    except BackendError:
        return get(dtype="float32")


def descend(net: Any, examples: Examples, order: Sequence[int], how: Descent) -> tuple[list[Array], list[Array]]:
    """Return the weights and biases of `net` after one pass over the examples in this order."""
    backend = home()
    model, parameters = _rows(net, how.cost, backend)
    y = backend.asarray(examples.targets(model.sizes[-1]))
    weight = None if how.n is None else float(how.n)
    data = Data(examples.inputs(model.sizes[0], backend), y, weight=weight)
    optimizer = sgd(1.0).scaled(how.eta)  # not sgd(eta): the book lets eta be negative
    settings = Settings(1, how.mini_batch_size, optimizer, l2=how.lmbda)
    run = executor(make_step(model, data, settings, backend), backend.name)
    carry, t = (parameters, optimizer.init(parameters).slots), 0
    places = backend.asarray(np.asarray(order))
    for start, steps, m in stretches(len(order), how.mini_batch_size, STRETCH // (8 * model.footprint)):
        rows = backend.xp.reshape(places[start : start + steps * m], (steps, m))
        carry, _ = run(carry, Inputs(rows, gather(y, rows), numbers=tabulate(optimizer, t, steps, backend)))
        t += steps
    return _columns(carry[0])


def outputs(net: Any, examples: Examples) -> Array:
    """Return the output's weighted inputs z for all examples, shape (n, n_out), in float64 on the host."""
    backend = home()
    model, parameters = _rows(net, quadratic, backend)
    x = examples.inputs(model.sizes[0], backend)
    blocks = [
        to_numpy(model.outputs(parameters, floating(x[start : start + m, ...], backend.dtype)))
        for start, _, m in stretches(x.shape[0], rows_at_once(model, Data(x, x)), 1)
    ]
    return np.concatenate(blocks).astype(np.float64, copy=False)


def _rows(net: Any, cost: Cost, backend: Backend) -> tuple[Network, Parameters]:
    """Return `net` as a network whose examples are rows, and its parameters on `backend`."""
    sizes = layer_sizes(net.weights, net.biases)
    layers = (
        Layer(backend.asarray(np.asarray(w, dtype=np.float64)), backend.asarray(np.asarray(b, dtype=np.float64).T))
        for w, b in zip(net.weights, net.biases, strict=True)
    )
    return Network(sizes, output="sigmoid", cost=cost), tuple(layers)


def _columns(parameters: Parameters) -> tuple[list[Array], list[Array]]:
    """Return weights (n_out, n_in) and biases (n_out, 1) as writable NumPy arrays."""
    host = [(to_numpy(w), to_numpy(b).T) for w, b in parameters]
    return [np.array(w, dtype=np.float64) for w, _ in host], [np.array(b, dtype=np.float64) for _, b in host]
