"""The training loop: epochs of steps.  Results are read from the device once an epoch."""

from collections.abc import Callable, Iterator
from math import gcd
from time import monotonic
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.execution import executor
from xpnet.io.models.history import History, Record
from xpnet.training.batches.batches import Data, batches
from xpnet.training.model import Trainable
from xpnet.training.optimizing.optimizer import tabulate
from xpnet.training.steps.evaluator import Evaluator, total
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.step import make_step
from xpnet.training.watching.decision import decide
from xpnet.trees import copied, leaves


class Outcome(NamedTuple):
    """The state of training after its last epoch."""

    parameters: Any
    best_parameters: Any
    history: History
    stopped_by: str
    execution: str


def fit(
    model: Trainable,
    parameters: Any,
    data: Data,
    validation: Data | None,
    settings: Settings,
    backend: Backend,
    clock: Callable[[], float] = monotonic,
    *,
    keep: bool = False,
) -> Outcome:
    """Return the parameters after training, the best ones seen, and the history.

    Notes
    -----
    The best epoch is that of `History.best`.  Without a validation set, the best parameters are the last ones.
    Training ends when a cost or a parameter is no longer finite, with the parameters of the previous epoch.
    KeyboardInterrupt ends it too, if `keep` is true: with the last complete epoch.
    """
    outcome = Outcome(parameters, parameters, History(keep=settings.keep), "epochs", "")
    try:
        for outcome in _outcomes(model, parameters, data, validation, settings, backend, clock):  # noqa: B007
            pass
    except KeyboardInterrupt:
        if not keep:
            raise
        return outcome._replace(stopped_by="interrupted")
    return outcome


def _outcomes(
    model: Trainable,
    parameters: Any,
    data: Data,
    validation: Data | None,
    settings: Settings,
    backend: Backend,
    clock: Callable[[], float],
) -> Iterator[Outcome]:
    """Yield the state of training at the beginning and after each epoch; the last one is the outcome."""
    # a stopping rule may end it at any time
    expected = None if settings.stopping else settings.epochs * -(-data.n // settings.batch_size)
    run = executor(make_step(model, data, settings, backend), backend.name, expected)
    evaluator = Evaluator(model, backend)
    carry, t = (copied(parameters), settings.optimizer.init(parameters).slots), 0
    best, history, factor = parameters, History(keep=settings.keep), 1.0
    yield Outcome(parameters, best, history, "epochs", run.way)
    for epoch in range(1, settings.epochs + 1):
        started, before, measures = clock(), parameters, list[Array]()
        optimizer = settings.optimizer.scaled(factor)
        begun = t
        for inputs in batches(
            model, data, settings.batch_size, settings.seed, epoch, backend, settings.expand, _look_in(settings)
        ):
            steps = inputs.rows.shape[0]
            carry, z = run(carry, inputs._replace(numbers=tabulate(optimizer, t, steps, backend)))
            t += steps
            for callback in settings.callbacks:
                if callback.every and (t - begun) % callback.every == 0:
                    callback.steps(t, copied(carry[0]))
            measures.append(evaluator.outputs(z, inputs.y, inputs.weights))
        parameters = copied(carry[0])
        sums = [or_nan(total(measures), parameters)]
        if validation is not None:
            sums.append(total([evaluator.data(parameters, validation)]))
        seen = _read(sums, (data.n, validation.n if validation else 0))
        record = Record(epoch, *seen, optimizer.eta(t - 1), clock() - started)
        history = history.after(record)
        for callback in settings.callbacks:
            callback.epoch(record, parameters)
        decision = decide(history, settings.stopping, validation is not None)
        parameters = before if decision.diverged else parameters
        best = parameters if decision.is_best else best
        factor, reason = decision.verdict.factor, decision.verdict.reason
        yield Outcome(parameters, best, history, reason or "epochs", run.way)
        if reason:
            return


def _look_in(settings: Settings) -> int | None:
    """Return how many steps may run between two calls of callbacks, or None."""
    wanted = [callback.every for callback in settings.callbacks if callback.every]
    return gcd(*wanted) if wanted else None


def or_nan(sums: Array, parameters: Any) -> Array:
    """Return the sums (2,), or (2, k) for a stack, but NaN for the cost if a parameter is not finite."""
    xp, stack = namespace(sums), tuple(sums.shape[1:])
    unsound = sum(0.0 * xp.sum(xp.reshape(w, (*stack, -1)), axis=-1) for w in leaves(parameters))  # 0 or NaN
    cost, *hits = xp.unstack(sums)
    return xp.stack([cost + unsound, *hits])


def _read(sums: list[Array], n: tuple[int, int]) -> tuple[float, float | None, float | None, float | None]:
    """Return cost and accuracy of training and validation: the only read from the device in an epoch."""
    host = to_numpy(namespace(sums[0]).stack(sums)).tolist()
    (cost, accuracy), (validation_cost, validation_accuracy) = (
        [total / rows for total in row] + [None] * (2 - len(row)) for row, rows in zip([*host, []][:2], n, strict=True)
    )
    return cost, accuracy, validation_cost, validation_accuracy
