"""Whom training is measured against, and xpnet itself: a part of bench_training.py.

A contestant is made for a Task and is then a function of a seed: it trains EPOCHS epochs from the task's first
weights and returns the seconds of the last epoch with the parameters that it ended with.  The first epoch is for what
happens once: compilers, recorders, threads that other libraries left waiting.  All but scikit-learn, which shuffles by
itself, take their mini-batches in the same `order`, and draw it inside the epoch that is timed.
"""

import warnings
from time import perf_counter
from typing import NamedTuple

import numpy as np

import xpnet
from xpnet.backend import to_numpy
from xpnet.cli.bench import Case, products

EPOCHS = 2
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # of adam, the same everywhere


class Task(NamedTuple):
    """What every contestant does: sigmoid layers, softmax, the mean of -ln a of the right class, from these weights."""

    case: Case
    x: np.ndarray  # (n, n_in), float32; n is a multiple of the mini-batch
    y: np.ndarray  # (n,), labels
    start: list  # of (w, b), float32, shapes (n_out, n_in) and (1, n_out)
    optimizer: str  # "sgd" or "adam"
    eta: float


def order(seed, epoch, n):
    """Return the order of an epoch's examples: the one that `xpnet.train` draws."""
    return np.random.default_rng((seed, epoch)).permutation(n)


def timed(task, seed, epoch):
    """Call ``epoch(rows)`` for EPOCHS epochs, rows of shape (steps, m), and return the seconds of the last."""
    for number in range(1, EPOCHS + 1):
        start = perf_counter()
        epoch(order(seed, number, len(task.x)).reshape(-1, task.case.batch))
        took = perf_counter() - start
    return took


# ---- xpnet, and its floor ---------------------------------------------------------------------------------


def xpnet_on(library):
    """Return the maker of `xpnet.train` on a backend: the seconds are its history's, metrics included."""

    def make(task):
        backend = xpnet.backend.get(library)
        x, y, *start = (backend.asarray(array) for array in (task.x, task.y, *(p for pair in task.start for p in pair)))
        start = tuple(xpnet.nn.Layer(*pair) for pair in zip(start[::2], start[1::2], strict=True))
        how = {"epochs": EPOCHS, "batch_size": task.case.batch, "backend": backend, "parameters": start}
        optimizer = {"sgd": xpnet.sgd, "adam": xpnet.adam}[task.optimizer](eta=task.eta)
        network = xpnet.Network(task.case.sizes, cost="log_likelihood")

        def run(seed):
            result = xpnet.train(network, (x, y), optimizer=optimizer, seed=seed, **how)
            return result.history[-1].seconds, [(to_numpy(w), to_numpy(b)) for w, b in result.parameters]

        return run

    return make


def products_alone(task):
    """The matrix products of every step in fixed buffers: what is left when nothing else costs anything."""
    multiply = products(task.case, xpnet.backend.get("numpy"))

    def epoch(rows):
        for _ in rows:
            multiply()

    return lambda seed: (timed(task, seed, epoch), None)


# ---- peers ------------------------------------------------------------------------------------------------


def scikit_learn(task):
    """MLPClassifier.fit: one epoch inside it, so that its checks of the data count nowhere."""
    from sklearn.neural_network import MLPClassifier

    def run(seed):
        model = MLPClassifier(
            task.case.sizes[1:-1],
            activation="logistic",
            solver=task.optimizer,
            alpha=0.0,
            batch_size=task.case.batch,
            learning_rate_init=task.eta,
            momentum=0.0,
            nesterovs_momentum=False,
            max_iter=EPOCHS,
            random_state=seed,
        )
        layers, ends = ((np.ascontiguousarray(w.T), b[0].copy()) for w, b in task.start), []
        model._init_coef = lambda *_: next(layers)
        model._update_no_improvement_count = lambda *_: ends.append(perf_counter())  # is called after each epoch
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it would have liked more epochs
            model.fit(task.x, task.y)
        return ends[-1] - ends[-2], [(w.T, b[None]) for w, b in zip(model.coefs_, model.intercepts_, strict=True)]

    return run


def pytorch(task):
    """Eager PyTorch: nn.Linear, a functional cost, fused optimizers, tensors in memory, no DataLoader, no metrics."""
    import torch
    from torch.nn import Linear
    from torch.nn.functional import cross_entropy

    x, y = torch.from_numpy(task.x), torch.from_numpy(task.y)

    def run(seed):
        layers = [Linear(w.shape[1], w.shape[0]) for w, _ in task.start]
        with torch.no_grad():
            for layer, (w, b) in zip(layers, task.start, strict=True):
                layer.weight.copy_(torch.from_numpy(w))
                layer.bias.copy_(torch.from_numpy(b[0]))
        make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[task.optimizer]
        optimizer = make([p for layer in layers for p in layer.parameters()], lr=task.eta, fused=True)

        def epoch(rows):
            for batch in torch.from_numpy(rows):
                a = x.index_select(0, batch)
                for layer in layers[:-1]:
                    a = torch.sigmoid(layer(a))
                cost = cross_entropy(layers[-1](a), y.index_select(0, batch))
                optimizer.zero_grad()
                cost.backward()
                optimizer.step()

        took = timed(task, seed, epoch)
        return took, [(layer.weight.detach().numpy(), layer.bias.detach().numpy()[None]) for layer in layers]

    return run


def jax_step(task):
    """Return a training step by hand, ``step((parameters, memory), rows, x, y)``, and its first carry."""
    import jax
    import jax.numpy as jnp

    def cost(parameters, a, y):
        for w, b in parameters[:-1]:
            a = jax.nn.sigmoid(a @ w.T + b)
        w, b = parameters[-1]
        log_a = jax.nn.log_softmax(a @ w.T + b)
        return -jnp.mean(jnp.take_along_axis(log_a, y[:, None], axis=1))

    def descend(parameters, g, memory):
        return jax.tree.map(lambda p, g: p - task.eta * g, parameters, g), memory

    def adam(parameters, g, memory):
        first, second, t = memory
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, g)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, g)
        size, root = task.eta / (1 - BETA1 ** (t + 1)), jnp.sqrt(1 - BETA2 ** (t + 1))
        moved = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v) / root + EPSILON), parameters, first, second)
        return moved, (first, second, t + 1)

    def step(carry, rows, x, y):
        parameters, memory = carry
        gradients = jax.grad(cost)(parameters, x[rows], y[rows])
        return {"sgd": descend, "adam": adam}[task.optimizer](parameters, gradients, memory)

    def begin():
        parameters, *zeros = (jax.tree.map(f, task.start) for f in (jnp.array, jnp.zeros_like, jnp.zeros_like))
        return parameters, (*zeros, jnp.float32(0)) if task.optimizer == "adam" else ()

    return step, begin


def jax_runner(task, begin, epoch):
    """Return the contestant whose epoch is ``epoch(carry, rows, x, y) -> carry``, with x, y and rows on the device."""
    import jax
    import jax.numpy as jnp

    x, y = jnp.asarray(task.x), jnp.asarray(task.y)

    def run(seed):
        carry = [begin()]

        def one(rows):
            carry[0] = jax.block_until_ready(epoch(carry[0], jnp.asarray(rows), x, y))

        took = timed(task, seed, one)
        return took, [(np.asarray(w), np.asarray(b)) for w, b in carry[0][0]]

    return run


def jax_jit(task):
    """JAX with the step compiled: the loop is Python's, the number of the step stays on the device."""
    import jax
    import jax.numpy as jnp

    step, begin = jax_step(task)
    numbered = jax.jit(lambda carry, i, rows, x, y: (step(carry, rows[i], x, y), i + 1), donate_argnums=(0, 1))

    def epoch(carry, rows, x, y):
        i = jnp.asarray(0)
        for _ in range(len(rows)):
            carry, i = numbered(carry, i, rows, x, y)
        return carry

    return jax_runner(task, begin, epoch)


def jax_scan(task):
    """JAX with the whole epoch compiled into one scan."""
    import jax

    step, begin = jax_step(task)

    def epoch(carry, rows, x, y):
        return jax.lax.scan(lambda carry, batch: (step(carry, batch, x, y), None), carry, rows)[0]

    return jax_runner(task, begin, jax.jit(epoch, donate_argnums=0))


def by_hand(task):
    """The same step as one would write it in NumPy: float32, whole mini-batches, no `out=`, no metrics."""
    targets = np.eye(task.case.sizes[-1], dtype="float32")[task.y]

    def run(seed):
        parameters = list(task.start)

        def epoch(rows):
            for batch in rows:
                entering = [task.x[batch]]
                for w, b in parameters[:-1]:
                    entering.append(0.5 * np.tanh(0.5 * (entering[-1] @ w.T + b)) + 0.5)
                w, b = parameters[-1]
                z = entering[-1] @ w.T + b
                powers = np.exp(z - z.max(axis=1, keepdims=True))
                delta = (powers / powers.sum(axis=1, keepdims=True) - targets[batch]) / len(batch)
                for l in range(len(parameters) - 1, -1, -1):
                    (w, b), a = parameters[l], entering[l]
                    parameters[l] = w - task.eta * (delta.T @ a), b - task.eta * delta.sum(axis=0, keepdims=True)
                    delta = (delta @ w) * (a * (1.0 - a)) if l else None

        return timed(task, seed, epoch), parameters

    return run


def book(task):
    """The book's way in NumPy, float64: one example after the other, as columns; a step when a mini-batch is through.

    The output and the cost are those of all the others, so that its error is a - y, too.
    """
    xs = [x.reshape(-1, 1).astype("float64") for x in task.x]
    ys = np.eye(task.case.sizes[-1])[task.y][..., None]

    def gradients(parameters, x, y):
        entering = [x]
        for w, b in parameters[:-1]:
            entering.append(1.0 / (1.0 + np.exp(-(w @ entering[-1] + b))))
        w, b = parameters[-1]
        powers = np.exp(w @ entering[-1] + b)
        delta = powers / powers.sum() - y
        found = [(delta @ entering[-1].T, delta)]
        for l in range(len(parameters) - 1, 0, -1):
            delta = (parameters[l][0].T @ delta) * entering[l] * (1.0 - entering[l])
            found.append((delta @ entering[l - 1].T, delta))
        return found[::-1]

    def run(seed):
        parameters = [(w.astype("float64"), b.T.astype("float64")) for w, b in task.start]

        def epoch(rows):
            nonlocal parameters
            for batch in rows:
                sums = [(np.zeros_like(w), np.zeros_like(b)) for w, b in parameters]
                for i in batch:
                    found = gradients(parameters, xs[i], ys[i])
                    sums = [(dw + dw1, db + db1) for (dw, db), (dw1, db1) in zip(sums, found, strict=True)]
                rate, pairs = task.eta / len(batch), zip(parameters, sums, strict=True)
                parameters = [(w - rate * dw, b - rate * db) for (w, b), (dw, db) in pairs]

        return timed(task, seed, epoch), [(w, b.T) for w, b in parameters]

    return run
