"""The training loop: epochs of steps.  Results are read from the device once an epoch."""

from collections.abc import Callable, Iterator
from math import gcd
from time import monotonic
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.execution import Executor, executor
from xpnet.io.models.history import History, Record
from xpnet.training.batches.batches import Data, batches
from xpnet.training.model import Trainable
from xpnet.training.optimizing.optimizer import tabulate
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.resuming.state import State
from xpnet.training.steps.evaluator import Evaluator, total
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.step import make_step
from xpnet.training.watching.decision import decide
from xpnet.trees import copied, leaves

ALONE = Parallel()


class Outcome(NamedTuple):
    """The state of training after its last epoch."""

    parameters: Any
    best_parameters: Any
    history: History
    stopped_by: str
    execution: str


class Run(NamedTuple):
    """What stays the same during a training."""

    model: Trainable
    data: Data
    validation: Data | None
    settings: Settings
    backend: Backend
    clock: Callable[[], float]
    parallel: Parallel
    keeper: Any
    execute: Executor
    evaluator: Evaluator


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
    parallel: Parallel = ALONE,
    keeper: Any = None,
) -> Outcome:
    """Return the parameters after training, the best ones seen, and the history.

    Notes
    -----
    The best epoch is that of `History.best`.  Without a validation set, the best parameters are the last ones.
    Training ends when a cost or a parameter is no longer finite, with the parameters of the previous epoch.
    KeyboardInterrupt ends it too, if `keep` is true: with the last complete epoch.  A keeper writes the state now and
    then, at the end and at an interrupt, and training begins with the state that it finds.
    """
    # a stopping rule may end it at any time
    expected = None if settings.stopping else settings.epochs * -(-data.n // settings.batch_size)
    execute = runner(model, data, settings, backend, parallel, expected)
    run = Run(model, data, validation, settings, backend, clock, parallel, keeper, execute, Evaluator(model, backend))
    slots = settings.optimizer.init(parameters).slots
    state = State((copied(parameters), slots), parameters, parameters, History(keep=settings.keep))
    stopped_by = "epochs"
    try:
        for moved in _states(run, state if keeper is None else _found(run, keeper, state)):
            state = moved
    except KeyboardInterrupt:
        if not keep:
            raise
        stopped_by = "interrupted"
    finally:
        if keeper is not None:
            keeper.write(state)
    return Outcome(state.before, state.best, state.history, state.reason or stopped_by, execute.way)


def _found(run: Run, keeper: Any, first: State) -> State:
    """Return the state of the newest checkpoint, or else the first state."""
    state = keeper.newest(first, run.backend) or first
    if not len(state.history):
        return state
    verdict = decide(state.history, run.settings.stopping, run.validation is not None).verdict
    return state._replace(reason=verdict.reason)


def _states(run: Run, state: State) -> Iterator[State]:
    """Yield the state at the beginning and after each stretch of steps, until training ends.

    If there is a keeper, a state is no longer changed; else its carry is that of the executor, which goes on with it.
    """
    yield state
    while state.epoch <= run.settings.epochs and not state.reason:
        begun = run.clock() - state.seconds
        for moved in _stretches(run, state, begun):
            state = moved
            yield state
        state = _end_of_epoch(run, state, begun)
        yield state
        if run.keeper is not None:
            run.keeper.offer(state)


def _stretches(run: Run, state: State, begun: float) -> Iterator[State]:
    """Yield the state after each stretch of the running epoch, which began at the time `begun`."""
    settings, keeper = run.settings, run.keeper
    optimizer = settings.optimizer.scaled(state.factor)
    most = None if keeper is None else keeper.most()
    part = run.parallel.rank, run.parallel.size
    how = settings.expand, _look_in(settings), most, state.done, part
    for inputs in batches(run.model, run.data, settings.batch_size, settings.seed, state.epoch, run.backend, *how):
        steps = inputs.rows.shape[0]
        numbers = tabulate(optimizer, state.t, steps, run.backend)
        carry, z = run.execute(state.carry, inputs._replace(numbers=numbers))
        measures = *state.measures, run.evaluator.outputs(z, inputs.y, inputs.weights)
        state = state._replace(carry=carry, t=state.t + steps, done=state.done + steps, measures=measures)
        for callback in settings.callbacks:
            if callback.every and state.done % callback.every == 0:
                callback.steps(state.t, copied(carry[0]))
        if keeper is not None:
            state = state._replace(carry=copied(carry), seconds=run.clock() - begun)
            keeper.offer(state)
        yield state


def _end_of_epoch(run: Run, state: State, begun: float) -> State:
    """Return the state after an epoch, of which all steps are done: it is measured, and may be the best or the last."""
    parameters = copied(state.carry[0])
    sums = [or_nan(total(list(state.measures)), parameters)]
    if run.validation is not None:
        sums.append(total([run.evaluator.data(parameters, run.validation)]))
    watched = 0 if run.validation is None else run.parallel.sum_numbers([run.validation.n])[0]
    seen = _read(sums, run.parallel, (run.data.n, watched))
    eta = run.settings.optimizer.scaled(state.factor).eta(state.t - 1)
    seconds = max(run.parallel.gather(run.clock() - begun))
    record = Record(state.epoch, *seen, eta, seconds)
    state = state._replace(history=state.history.after(record), done=0, measures=(), seconds=0.0)
    for callback in run.settings.callbacks:
        callback.epoch(record, parameters)
    decision = decide(state.history, run.settings.stopping, run.validation is not None)
    parameters = state.before if decision.diverged else parameters
    best = parameters if decision.is_best else state.best
    factor, reason = decision.verdict.factor, decision.verdict.reason
    return state._replace(before=parameters, best=best, factor=factor, reason=reason)


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


def runner(
    model: Trainable, data: Data, settings: Settings, backend: Backend, parallel: Parallel, steps: int | None
) -> Executor:
    """Return what runs the steps: the whole step at once, or its halves if others compute parts of the mini-batches."""
    if parallel.workers == parallel.size == 1:
        return executor(make_step(model, data, settings, backend), backend.name, steps)
    from xpnet.training.parallel.halves import Halves

    return Halves(model, data, settings, backend, parallel, steps)


def _read(
    sums: list[Array], parallel: Parallel, n: tuple[int, int]
) -> tuple[float, float | None, float | None, float | None]:
    """Return cost and accuracy of training and validation: the only read from the device in an epoch.

    They are sums over all processes.
    """
    host = parallel.sum_numbers(to_numpy(namespace(sums[0]).stack(sums)).tolist())
    (cost, accuracy), (validation_cost, validation_accuracy) = (
        [total / rows for total in row] + [None] * (2 - len(row)) for row, rows in zip([*host, []][:2], n, strict=True)
    )
    return cost, accuracy, validation_cost, validation_accuracy
