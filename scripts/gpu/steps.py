"""Microseconds per training step: xpnet, its peers and the lower bound.  A part of bench_gpu.

A row's figures are medians over epochs, after a first one that compiles and is told apart.  xpnet is trained through
`xpnet.train`, its order drawn and its cost and hits measured inside its time.  The floor is what the device needs at
the least, from the measured ceilings.
"""

import logging
import warnings
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np

import xpnet
from gpu.bench import environment
from gpu.device import ceilings, own_product, relative_error
from gpu.peers import PEERS, Problem

ETA = 0.5
NETWORKS = {  # sizes: batch, steps an epoch, precisions
    (784, 30, 10): (10, 1000, ("fp32",)),
    (784, 512, 512, 10): (1024, 64, ("fp32", "tf32")),
    (784, 2048, 2048, 10): (4096, 16, ("fp32", "tf32")),
    (784, 4096, 4096, 10): (8192, 8, ("fp32", "tf32")),
}
SMALL = {(20, 6, 4): (5, 8, ("fp32",)), (20, 8, 8, 4): (10, 4, ("fp32", "tf32"))}  # a dry run's
REPEATS = 7
SAME = {"fp32": 1e-3, "tf32": 3e-2}  # how far apart one arithmetic may end, relative to what was learned
HOST_WORK = 3e11  # floating-point operations of an epoch on the host


def items(bench):
    """Return the items: for each network the lower bound, xpnet and the peers, then the host."""
    found = []
    for sizes, (batch, steps, precisions) in bench.pick(NETWORKS, SMALL).items():
        label = f"{'-'.join(map(str, sizes))}, batch {batch}"
        for precision in precisions:
            rows = {}
            for name, generic in (("xpnet on CuPy", None), ("xpnet on CuPy, plain loop", "1")):
                rows[name] = partial(own_row, bench, sizes, batch, steps, precision, generic)
            for name, peer in PEERS.items():
                rows[name] = partial(peer_row, bench, sizes, batch, steps, precision, peer)
            found.append((f"floor: {label}, {precision}", partial(floor, bench, sizes, batch, precision)))
            found += [(f"{label}, {precision}: {name}", call) for name, call in rows.items()]
        found.append((f"{label}, fp32: xpnet on NumPy", partial(host_row, bench, sizes, batch, steps)))
    return found


@lru_cache(maxsize=1)
def make_problem(sizes, batch, steps):
    """Return random data, and xpnet's initial weights and batch order for seed 0."""
    rng = np.random.default_rng(0)
    x = rng.random((batch * steps, sizes[0]), dtype="float32")
    labels = rng.integers(0, sizes[-1], batch * steps)
    order = np.random.default_rng((0, 1)).permutation(batch * steps).reshape(steps, batch)
    start = [array for layer in xpnet.Network(sizes).initialize("numpy", seed=0) for array in layer]
    return Problem(sizes, batch, ETA, x, labels, order, start)


def work(sizes, batch):
    """Return the floating-point operations of a step, its least bytes, and the kernels of one without fusion.

    Examples
    --------
    >>> work((784, 30, 10), 10)
    (958800, 222720, 15)
    """
    products = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    layers, weights = len(products), sum(products) + sum(sizes[1:])
    operations = 2 * batch * (3 * sum(products) - products[0])  # the inputs need no error
    least = 4 * (2 * weights + batch * (sizes[0] + sizes[-1]))  # weights read and written, the mini-batch read
    # gather x and y; a product and an activation a layer; delta; a product and a sum a layer for dw and db;
    # a product with the derivative's factor for each hidden error; an update a layer
    kernels = 2 + 2 * layers + 1 + 2 * layers + 2 * (layers - 1) + layers
    return operations, least, kernels


def floor(bench, sizes, batch, precision):
    """Return the lower bound of a step's time: the largest of three bounds."""
    operations, least, kernels = work(sizes, batch)
    top = ceilings(bench)
    rate = top[f"{precision} product, flop/s"] or float("nan")
    return {
        "microseconds of arithmetic": 1e6 * operations / rate,
        "microseconds of bytes": 1e6 * least / top["copy, bytes/s"],
        "microseconds of launches in a graph": kernels * top["microseconds a node of a graph"],
        "kernels without fusion": kernels,
    }


# ---- rows ---------------------------------------------------------------------------------------------------------


class First(xpnet.Callback):
    """Keeps the parameters after the first epoch."""

    def epoch(self, record, parameters):
        """Store the parameters of the first epoch."""
        if record.epoch == 1:
            self.parameters = parameters


@contextmanager
def listening():
    """Collect the warnings and log records of the package inside a ``with`` block."""
    said, handler = [], logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    logger = logging.getLogger("xpnet")
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
        said += [str(warning.message) for warning in caught]
    finally:
        logger.removeHandler(handler)


def train(problem, backend, generic, epochs):
    """Train and return seconds of each epoch, host parameters after the first, and what xpnet said of its way."""
    x, labels = (backend.asarray(each) for each in (problem.x, problem.labels))
    start = xpnet.Network(problem.sizes).initialize("numpy", seed=0)
    first = First()
    with environment(XPNET_GENERIC=generic), listening() as said:
        result = xpnet.train(
            xpnet.Network(problem.sizes),
            (x, labels),
            epochs=epochs,
            batch_size=problem.batch,
            optimizer=xpnet.sgd(eta=problem.eta),
            parameters=start,
            callbacks=[first],
            backend=backend,
        )
    weights = [xpnet.backend.to_numpy(array) for layer in first.parameters for array in layer]
    way = getattr(result, "execution", None)
    return result.history.column("seconds"), weights, "; ".join(filter(None, [way, *dict.fromkeys(said)])) or "not said"


@lru_cache(maxsize=1)
def reference(bench, sizes, batch, steps):
    """Return the weights after one epoch of the plain loop in fp32."""
    return train(make_problem(sizes, batch, steps), bench.backend(), "1", 1)[1]


def apart(bench, sizes, batch, steps, weights):
    """Return how far `weights` are from the reference, relative to how far that is from the start."""
    expected, start = reference(bench, sizes, batch, steps), make_problem(sizes, batch, steps).start
    square = [sum(float(np.sum((a - b) ** 2)) for a, b in zip(x, expected, strict=True)) for x in (weights, start)]
    return (square[0] / square[1]) ** 0.5


def row(bench, precision, seconds, steps, far, error):
    """Return a row; seconds are of epochs, of which the first is told apart.

    Raises
    ------
    AssertionError
        In a dry run, if the arithmetic was another: it must not wait for a GPU to be found out.
    """
    same = far < SAME[precision]
    if bench.dry and not same:
        raise AssertionError(f"the weights ended {far:.1e} apart: not the same arithmetic")
    rest = [1e6 * each / steps for each in seconds[1:]]
    return {
        "precision": precision,
        "microseconds a step": bench.figure(median(rest)),
        "lowest": bench.figure(min(rest)),
        "highest": bench.figure(max(rest)),
        "first epoch, seconds": bench.figure(seconds[0]),
        "weights apart": bench.figure(far),
        "same arithmetic": same,
        "error of a product": bench.figure(error),
    }


def pair(n):
    """Return two random host matrices, to try a product with."""
    rng = np.random.default_rng(1)
    return [rng.standard_normal((n, n), dtype="float32") for _ in range(2)]


def own_row(bench, sizes, batch, steps, precision, generic):
    """Return the row of xpnet on CuPy."""
    problem, backend = make_problem(sizes, batch, steps), bench.backend(tf32=precision == "tf32")
    seconds, weights, way = train(problem, backend, generic, 1 + bench.pick(REPEATS, 1))
    a, b = pair(bench.pick(512, 8))
    error = relative_error(own_product(backend, a, b), a, b)
    far = apart(bench, sizes, batch, steps, weights)
    return row(bench, precision, seconds, steps, far, error) | {"way": way}


def peer_row(bench, sizes, batch, steps, precision, peer):
    """Return the row of a peer."""
    problem = make_problem(sizes, batch, steps)
    began = perf_counter()
    made = peer(bench, problem, precision == "tf32")
    made.epoch()
    seconds, weights = [perf_counter() - began], made.weights()
    for _ in range(bench.pick(REPEATS, 1)):
        began = perf_counter()
        made.epoch()
        seconds.append(perf_counter() - began)
    a, b = pair(bench.pick(512, 8))
    far = apart(bench, sizes, batch, steps, weights)
    return row(bench, precision, seconds, steps, far, relative_error(made.product(a, b), a, b))


def host_row(bench, sizes, batch, steps):
    """Return the row of xpnet on the host's NumPy, over fewer steps where they are long."""
    most = int(HOST_WORK / work(sizes, batch)[0])
    steps = min(steps, max(2, most))
    problem = make_problem(sizes, batch, steps)
    seconds, _, way = train(problem, xpnet.backend.get("numpy"), None, 1 + bench.pick(3, 1))
    rest = [1e6 * each / steps for each in seconds[1:]]
    return {
        "precision": "fp32",
        "microseconds a step": bench.figure(median(rest)),
        "lowest": bench.figure(min(rest)),
        "highest": bench.figure(max(rest)),
        "first epoch, seconds": bench.figure(seconds[0]),
        "way": way,
    }
