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
from xpnet.cli.commands.bench import Case, loops_by, products

EPOCHS = 2
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # of adam, the same everywhere


class Task(NamedTuple):
    """What every contestant does: sigmoid hidden layers and one of two costs, from these weights.

    cross_entropy: sigmoid outputs, the mean of the binary cross-entropies' sum, the book's and xpnet's default.
    log_likelihood: softmax, the mean of -ln a of the right class.
    """

    case: Case
    x: np.ndarray  # (n, n_in), float32; n is a multiple of the mini-batch
    y: np.ndarray  # (n,), labels
    start: list  # of (w, b), float32, shapes (n_out, n_in) and (1, n_out)
    optimizer: str  # "sgd" or "adam"
    eta: float
    cost: str  # "cross_entropy" or "log_likelihood"

    @property
    def targets(self):
        """A one where each label points, (n, n_out), float32."""
        return np.eye(self.case.sizes[-1], dtype="float32")[self.y]

    def outputs(self, z):
        """Return the activations of the last layer."""
        if self.cost == "cross_entropy":
            return 0.5 * np.tanh(0.5 * z) + 0.5
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


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


def xpnet_on(library, loops=""):
    """Return the maker of `xpnet.train` on a backend: the seconds are its history's, metrics included.

    `loops` says what runs NumPy's elementwise operations: "numpy", or loops compiled by "numba".
    """

    def make(task):
        backend = xpnet.backend.get(library)
        x, y, *start = (backend.asarray(array) for array in (task.x, task.y, *(p for pair in task.start for p in pair)))
        start = tuple(xpnet.nn.Layer(*pair) for pair in zip(start[::2], start[1::2], strict=True))
        how = {"epochs": EPOCHS, "batch_size": task.case.batch, "backend": backend, "parameters": start}
        optimizer = {"sgd": xpnet.sgd, "adam": xpnet.adam}[task.optimizer](eta=task.eta)
        network = xpnet.Network(task.case.sizes, cost=task.cost)

        def run(seed):
            with loops_by(loops):
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

    y = task.targets.astype(int) if task.cost == "cross_entropy" else task.y  # several labels at once: sigmoid outputs

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
            model.fit(task.x, y)
        return ends[-1] - ends[-2], [(w.T, b[None]) for w, b in zip(model.coefs_, model.intercepts_, strict=True)]

    return run


def pytorch(task):
    """Eager PyTorch: nn.Linear, a functional cost, fused optimizers, tensors in memory, no DataLoader, no metrics."""
    import torch
    from torch.nn import Linear
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

    x = torch.from_numpy(task.x)
    if task.cost == "cross_entropy":
        y = torch.from_numpy(task.targets)

        def cost(z, y):
            return binary_cross_entropy_with_logits(z, y, reduction="sum") / len(z)
    else:
        y, cost = torch.from_numpy(task.y), cross_entropy

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
                c = cost(layers[-1](a), y.index_select(0, batch))
                optimizer.zero_grad()
                c.backward()
                optimizer.step()

        took = timed(task, seed, epoch)
        return took, [(layer.weight.detach().numpy(), layer.bias.detach().numpy()[None]) for layer in layers]

    return run


def by_hand(task):
    """The same step as one would write it in NumPy: float32, whole mini-batches, no `out=`, no metrics."""
    targets = task.targets

    def run(seed):
        parameters = list(task.start)

        def epoch(rows):
            for batch in rows:
                entering = [task.x[batch]]
                for w, b in parameters[:-1]:
                    entering.append(0.5 * np.tanh(0.5 * (entering[-1] @ w.T + b)) + 0.5)
                w, b = parameters[-1]
                delta = (task.outputs(entering[-1] @ w.T + b) - targets[batch]) / len(batch)
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
        delta = task.outputs((w @ entering[-1] + b).T).T - y
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
