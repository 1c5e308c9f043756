"""The training loop: epochs of steps, one look at the host an epoch."""

from collections.abc import Callable, Sequence
from math import isfinite
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.execution import run
from xpnet.training.batches import STRETCH, Data, Inputs, batches, gather, stretches
from xpnet.training.callbacks import Callback
from xpnet.training.history import History, Record
from xpnet.training.model import Trainable
from xpnet.training.optimizers import Optimizer
from xpnet.training.stopping import Stopping
from xpnet.trees import leaves

Measured: TypeAlias = tuple[float | None, float | None]  # cost and accuracy


class Settings(NamedTuple):
    """How to train, settled once."""

    epochs: int
    batch_size: int
    optimizer: Optimizer
    l1: Any = 0.0
    l2: Any = 0.0
    seed: int = 0
    stopping: Stopping | None = None
    callbacks: Sequence[Callback] = ()


class Outcome(NamedTuple):
    """Where training ended."""

    parameters: Any
    best_parameters: Any
    history: History
    stopped_by: str


def fit(
    model: Trainable,
    parameters: Any,
    data: Data,
    validation: Data | None,
    settings: Settings,
    backend: Backend,
    clock: Callable[[], float] = monotonic,
) -> Outcome:
    """Return the parameters after training, the best ones seen, and the history.

    Notes
    -----
    The best epoch is the history's, by validation if there is one; without, the best parameters are the last.
    A cost or a parameter that is no longer finite ends training, with the parameters of the epoch before.
    """
    step = make_step(model, data.x, data.n, settings)
    state = settings.optimizer.init(parameters)
    best, history = parameters, History()
    for epoch in range(1, settings.epochs + 1):
        started, before, totals = clock(), parameters, []
        for inputs in batches(model, data, settings.batch_size, settings.seed, epoch, backend):
            (parameters, state), z = run(step, (parameters, state), inputs)
            totals.append(_totals(model, z, inputs.y))
        cost, accuracy = _read(totals, data.n, parameters)
        checked: Measured = (None, None)
        if validation is not None:
            checked = evaluate(model, parameters, validation, backend)
        eta = settings.optimizer.eta(state.t - 1)
        record = Record(epoch, cost, accuracy, checked[0], checked[1], eta, clock() - started)
        history = History((*history, record))
        for callback in settings.callbacks:
            callback.epoch(record, parameters)
        if not isfinite(record.cost):
            return Outcome(before, best if validation else before, history, "diverged")
        if validation is None or history.best() is record:
            best = parameters
        reason = settings.stopping(history) if settings.stopping else None
        if reason:
            return Outcome(parameters, best, history, reason)
    return Outcome(parameters, best, history, "epochs")


def make_step(
    model: Trainable, x: Array, n: int, settings: Settings
) -> Callable[[tuple[Any, Any], Inputs], tuple[tuple[Any, Any], Array]]:
    """Return the step that every executor runs: gather, forward, backward, penalize, update.  Pure, and blind."""
    penalized = not (settings.l1 == 0.0 and settings.l2 == 0.0)
    optimizer = settings.optimizer

    def step(carry: tuple[Any, Any], inputs: Inputs) -> tuple[tuple[Any, Any], Array]:
        parameters, state = carry
        x_batch = _floating(gather(x, inputs.rows), inputs.y.dtype)
        gradients, z = model.backward(parameters, x_batch, inputs.y, inputs.masks)
        if penalized:
            gradients = model.penalize(gradients, parameters, n, settings.l1, settings.l2)
        return optimizer.update(gradients, state, parameters), z

    return step


def evaluate(model: Trainable, parameters: Any, data: Data, backend: Backend) -> tuple[float, float | None]:
    """Return the mean cost and, for classes, the accuracy of `parameters` on `data`, in large batches."""
    totals = []
    for start, _, m in stretches(data.n, rows_at_once(model, data), 1):
        rows = slice(start, start + m)
        z = model.outputs(parameters, _floating(data.x[rows, ...], backend.dtype))
        totals.append(_totals(model, z, model.targets(data.y[rows, ...], backend.dtype)))
    return _read(totals, data.n)


def rows_at_once(model: Trainable, data: Data) -> int:
    """Return how many rows to evaluate in one go: as many as fit in a stretch, and at least 256."""
    return max(256, STRETCH // (8 * (model.footprint + data.x.shape[-1])))


def _floating(x: Array, dtype: Any) -> Array:
    return x if x.dtype == dtype else namespace(x).astype(x, dtype)


def _totals(model: Trainable, z: Array, y: Array) -> tuple[Array, Array | None]:
    costs, right = model.measure(z, y)
    xp = namespace(costs)
    return xp.sum(costs), None if right is None else xp.sum(right)


def _read(totals: list[tuple[Array, Array | None]], n: int, parameters: Any = ()) -> tuple[float, float | None]:
    """Return mean cost and accuracy: the one look at the host.  A parameter that is not finite makes the cost NaN."""
    costs, rights = zip(*totals, strict=True)
    cost = sum(costs) + sum(0.0 * namespace(w).sum(w) for w in leaves(parameters))
    if rights[0] is None:
        return float(to_numpy(cost)) / n, None
    both = to_numpy(namespace(cost).stack([cost, sum(rights)]))
    return float(both[0]) / n, float(both[1]) / n
