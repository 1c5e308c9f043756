"""Training by sgd and adam: epoch after epoch, until the loss or the validation score no longer improves."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from xpnet.backend import Array, namespace, of, quiet, to_numpy
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.common.tasks import NoTask
from xpnet.estimators.multilayer.epochs import Examples, Training, scale_of
from xpnet.estimators.multilayer.keeping import Point, fit_keeper
from xpnet.estimators.multilayer.lines import say
from xpnet.estimators.multilayer.settings import make_optimizer
from xpnet.estimators.multilayer.step import Penalties
from xpnet.nn import Network, Parameters
from xpnet.training import Record, TrainingInfo
from xpnet.trees import copied, map_arrays

SLOWEST = 1e-6  # the learning rate at which "adaptive" stops


class OptimizerProgress(NamedTuple):
    """What an optimizer keeps between two calls of ``partial_fit``."""

    learning_rate: float  # of the next epoch
    t: int  # steps taken
    slots: Any  # shaped like the parameters


def outputs_of(network: Network, parameters: Parameters, rows: Rows) -> Array:
    """Return the output's weighted inputs z of all rows, shape (n, n_out), on their backend."""
    found = [network.outputs(parameters, x) for _, x in rows.parts()]
    return found[0] if len(found) == 1 else rows.backend.xp.concat(found)


def fit_stochastic(
    estimator: Any,
    network: Network,
    parameters: Parameters,
    examples: Examples,
    rng: np.random.RandomState,
    validation: Examples | None,
    *,
    incremental: bool,
    task: NoTask,
    clock: Callable[[], float] = monotonic,
) -> Parameters:
    """Return the parameters after training; the estimator gets its curves, counts and the optimizer's progress.

    Parameters
    ----------
    estimator : MultilayerPerceptron
    network : Network
    parameters : tuple of Layer
    examples : Examples
    rng : RandomState
        Draws the held-out rows, the seed of dropout if there is some, and the order of each epoch.
    validation : Examples or None
        Examples that are measured after each epoch.  None: some are held out, if the estimator stops early.
    incremental : bool
        Whether this is ``partial_fit``: one epoch, and the optimizer goes on.
    task : NoTask
        Told of each epoch, and may ask to stop.
    clock : callable
        Returns seconds, for the records of callbacks.
    """
    numbers = np.arange(examples.rows.n)
    if estimator.early_stopping and validation is None:
        numbers, held = _split(estimator, examples, rng)
        validation = _subset(examples, held)
    size = _batch_size(estimator.batch_size, len(numbers))
    seed = int(rng.randint(2**31 - 1)) if any(network.dropout) else 0
    optimizer, penalties = make_optimizer(estimator), Penalties(estimator.alpha, estimator.l1, estimator.max_norm)
    training = Training(network, examples, optimizer, penalties, size, seed, epochs=1 if incremental else None)
    rate, t, slots = _progress(estimator, optimizer, parameters, incremental)
    estimator.n_iter_ = 0
    point = Point(parameters, parameters, slots, np.arange(len(numbers)), rate, t)
    keeper = None if incremental else fit_keeper(estimator, point, examples, validation, rng)
    point = point if keeper is None else keeper.resumed(point)
    for callback in estimator.callbacks:
        callback.start(TrainingInfo(network, examples.rows.backend, len(numbers), size, estimator.max_iter))
    try:
        while estimator.n_iter_ < estimator.max_iter and not point.ended:
            started, rate = clock(), point.rate
            task.begin(_shown(estimator, point))
            order = point.order[rng.permutation(len(point.order))] if estimator.shuffle else point.order
            paced = replace(optimizer, settings={**optimizer.settings, "eta": rate})
            number = len(estimator.loss_curve_) + 1
            *moved, t, loss = training.epoch(point.parameters, point.slots, point.t, numbers[order], paced, number)
            parameters, slots = copied(tuple(moved))
            improved = _note(estimator, network, parameters, loss, len(numbers), validation)
            _tell(estimator, parameters, rate, clock() - started, watched=validation is not None)
            rate, stops = _pace(estimator, rate)
            point = Point(parameters, parameters if improved else point.best, slots, order, rate, t)
            estimator._optimizer = OptimizerProgress(rate, t, slots)
            stops |= task.end(_shown(estimator, point)) or incremental or not isfinite(loss)
            point = point._replace(ended=bool(stops))
            if keeper is not None:
                keeper.offer(point)
            if not stops:
                _warn_at_the_end(estimator)
    except KeyboardInterrupt:
        warnings.warn("Training interrupted by user.", stacklevel=4)
    finally:
        if keeper is not None:
            keeper.close()
    estimator._optimizer = OptimizerProgress(point.rate, point.t, point.slots)
    return _shown(estimator, point)


def _shown(estimator: Any, point: Point) -> Parameters:
    """Return the parameters that the estimator would keep here."""
    shown: Parameters = point.best if estimator.early_stopping else point.parameters
    return shown


def _warn_at_the_end(estimator: Any) -> None:
    if estimator.n_iter_ == estimator.max_iter:
        warnings.warn(
            f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and the optimization hasn't "
            "converged yet.",
            ConvergenceWarning,
            stacklevel=5,
        )


def _progress(estimator: Any, optimizer: Any, parameters: Parameters, incremental: bool) -> OptimizerProgress:
    """Return where the optimizer goes on: partial_fit keeps its state, and warm_start keeps Adam's."""
    first = OptimizerProgress(float(estimator.learning_rate_init), 0, optimizer.init(parameters).slots)
    kept = getattr(estimator, "_optimizer", None)
    goes_on = incremental or (estimator.warm_start and estimator.solver == "adam")
    if not goes_on or kept is None or len(kept.slots) != optimizer.n_slots:
        return first
    return kept._replace(slots=map_arrays(lambda like, x: of(like).asarray(x, like.dtype), first.slots, kept.slots))


def _split(estimator: Any, examples: Examples, rng: np.random.RandomState) -> tuple[Any, Any]:
    """Return the numbers of the rows to train on, and of those held out: a binary target's classes are stratified."""
    binary = estimator._is_classifier and examples.y.shape[1] == 1
    train, held = train_test_split(
        np.arange(examples.rows.n),
        random_state=rng,
        test_size=estimator.validation_fraction,
        stratify=to_numpy(examples.y) if binary else None,
    )
    if len(held) < 2:
        raise ValueError(
            "validation_fraction must leave at least 2 rows for the validation set, "
            f"got {len(held)} of {examples.rows.n}"
        )
    return train, held


def _subset(examples: Examples, numbers: Any) -> Examples:
    rows = examples.rows.subset(numbers)
    y = namespace(examples.y).take(examples.y, rows.backend.asarray(numbers), axis=0)
    return Examples(rows, y, None if examples.weights is None else examples.weights[numbers])


def _batch_size(given: Any, n: int) -> int:
    if isinstance(given, str):  # "auto"
        return min(200, n)
    if given > n:
        warnings.warn(f"Got `batch_size` larger than sample size: {given} is clipped to {n}", UserWarning, stacklevel=6)
    return min(int(given), n)


def _note(
    estimator: Any, network: Network, parameters: Parameters, loss: float, n: int, validation: Examples | None
) -> bool:
    """Note an epoch in the estimator's attributes; return whether its validation score is the best so far."""
    estimator.n_iter_ += 1
    estimator.t_ += n
    estimator.loss_ = loss
    estimator.loss_curve_.append(loss)
    say(estimator.verbose, f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
    if validation is not None:
        with quiet():
            z = outputs_of(network, parameters, validation.rows)
        estimator.validation_curve_.append(_mean_cost(network, z, validation))
    if not estimator.early_stopping:
        estimator._no_improvement_count = (
            estimator._no_improvement_count + 1 if loss > estimator.best_loss_ - estimator.tol else 0
        )
        estimator.best_loss_ = loss if loss < estimator.best_loss_ else estimator.best_loss_
        return False
    score = estimator._validation_score(network, z, validation)
    estimator.validation_scores_.append(score)
    say(estimator.verbose, f"Validation score: {score:f}")
    before = estimator.best_validation_score_
    estimator._no_improvement_count = estimator._no_improvement_count + 1 if score < before + estimator.tol else 0
    estimator.best_validation_score_ = score if score > before else before
    return bool(score > before)


def _tell(estimator: Any, parameters: Parameters, rate: float, seconds: float, *, watched: bool) -> None:
    """Call the callbacks with the record of an epoch."""
    cost = estimator.validation_curve_[-1] if watched else None
    score = estimator.validation_scores_[-1] if estimator.early_stopping and estimator._is_classifier else None
    record = Record(estimator.n_iter_, estimator.loss_, None, cost, score, rate, seconds)
    for callback in estimator.callbacks:
        callback.epoch(record, parameters)


def _mean_cost(network: Network, z: Array, examples: Examples) -> float:
    with quiet():
        costs = to_numpy(network.measure(z, examples.y)[0]).astype("float64")
        return float(np.average(costs, weights=examples.weights)) * scale_of(network)


def _pace(estimator: Any, rate: float) -> tuple[float, bool]:
    """Return the learning rate of the next epoch, and whether training stops."""
    by_sgd = estimator.solver == "sgd"
    if by_sgd and estimator.learning_rate == "invscaling":
        rate = float(estimator.learning_rate_init) / (estimator.t_ + 1) ** estimator.power_t
    if estimator._no_improvement_count <= estimator.n_iter_no_change:
        return rate, False
    what = "Validation score" if estimator.early_stopping else "Training loss"
    text = (
        f"{what} did not improve more than tol={estimator.tol:f} for {estimator.n_iter_no_change} consecutive epochs."
    )
    if not by_sgd or estimator.learning_rate != "adaptive":
        say(estimator.verbose, f"{text} Stopping.")
        return rate, True
    if rate <= SLOWEST:
        say(estimator.verbose, f"{text} Learning rate too small. Stopping.")
        return rate, True
    say(estimator.verbose, f"{text} Setting learning rate to {rate / 5.0:f}")
    estimator._no_improvement_count = 0
    return rate / 5.0, False
