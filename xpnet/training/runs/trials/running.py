"""Running a group of trials: here, or in another process to which it was pickled."""

import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, Backend, to_numpy
from xpnet.data import Table
from xpnet.io import Model
from xpnet.training.runs.many import train_many
from xpnet.training.runs.settings.recipe import Recipe
from xpnet.training.runs.trials.groups import Group, Job
from xpnet.training.runs.trials.rows import read, taken
from xpnet.training.runs.trials.scores import Score
from xpnet.training.runs.trials.trial import Trial, finite
from xpnet.training.watching.result import Result

Fit = Callable[[Any], Any]  # from training rows to what has `apply`


@dataclass(frozen=True)
class Plan:
    """What all groups of a search share.

    Attributes
    ----------
    key : str
        Tells this search from others in the memory of a process.
    data : (x, y), or a function that returns them
    folds : sequence of (training rows, validation rows)
    score : Score
    preprocessing, targets : callable or None
        Fitted to the training rows of each fold.
    sample_weight : array or None
    backend : Backend
    """

    key: str
    data: Any
    folds: Sequence[tuple[Any, Any]]
    score: Score
    preprocessing: Fit | None
    targets: Fit | None
    sample_weight: Any
    backend: Backend

    @property
    def by_fold(self) -> bool:
        """Whether each fold has data of its own."""
        return self.preprocessing is not None or self.targets is not None


@dataclass(frozen=True)
class Rows:
    """Examples as networks take them; `raw` are the targets as they were given, `targets` how they were scaled."""

    x: Array
    y: Array
    raw: Array
    targets: Any = None


def run_group(plan: Plan, group: Group) -> list[Trial]:
    """Return the trials of a group, in the order of its jobs."""
    rows = _remembered("fold", (plan.key, group.jobs[0].fold if plan.by_fold else None), lambda: _rows(plan, group))
    jobs, recipes, places = _unique(group)
    if plan.preprocessing is not None:
        recipes = [recipe.with_inputs(int(rows.x.shape[1])) for recipe in recipes]
    networks = [recipe.network for recipe in recipes]
    arguments: dict[str, Any] = {
        "seeds": [job.seed for job in jobs],
        "splits": [plan.folds[job.fold] for job in jobs],
        "optimizer": [recipe.optimizer for recipe in recipes],
        **{name: [recipe.stacked[name] for recipe in recipes] for name in recipes[0].stacked},
        **recipes[0].shared,
    }
    with ignoring_divergence():
        results = train_many(
            networks, (rows.x, rows.y), sample_weight=plan.sample_weight, backend=plan.backend, **arguments
        )
    return [
        _trial(plan, rows, job, recipes[place], results[place]) for job, place in zip(group.jobs, places, strict=True)
    ]


def _unique(group: Group) -> tuple[list[Job], list[Recipe], list[int]]:
    """Return the jobs and recipes without those that mean the same, and the place of each job of the group in them.

    Dropout without a hidden layer is one example, numbers drawn twice are another.
    """
    first: list[tuple[Job, Recipe]] = []
    places = []
    for job, recipe in zip(group.jobs, group.recipes, strict=True):
        same = (i for i, (other, own) in enumerate(first) if other[1:] == job[1:] and own == recipe)
        place = next(same, len(first))
        places.append(place)
        if place == len(first):
            first.append((job, recipe))
    return [job for job, _ in first], [recipe for _, recipe in first], places


@contextmanager
def ignoring_divergence() -> Iterator[None]:
    """Ignore the warning of networks that diverge, which in a search is a result.

    Warnings belong to the process, so another thread leaves them alone: the one that began the search has done it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*diverged", RuntimeWarning)
        yield


def _rows(plan: Plan, group: Group) -> Rows:
    """Return the data, as the networks of this group take them."""
    x, y = _remembered("data", plan.key, lambda: read(plan.data))
    if not plan.by_fold:
        return Rows(x, y, y)
    train, _ = plan.folds[group.jobs[0].fold]
    dtype, scaled, targets = plan.backend.dtype_name, y, None
    if plan.preprocessing is not None:
        x = x if isinstance(x, Table) else to_numpy(x)
        x = plan.preprocessing(x[train]).apply(x, dtype=dtype)
    if plan.targets is not None:
        column = to_numpy(y).reshape((-1, 1))
        targets = plan.targets(column[train])
        scaled = targets.apply(column, dtype="float64")
    return Rows(x, scaled, y, targets)


def _trial(plan: Plan, rows: Rows, job: Job, recipe: Recipe, result: Result) -> Trial:
    """Return what a trained network showed."""
    watching, diverged = recipe.shared["stopping"] is not None, result.stopped_by == "diverged"
    history = result.history
    record = history.best() if watching else history[-1]
    measured = {"accuracy": record.validation_accuracy, "cost": record.validation_cost}
    if diverged:
        score = None
    elif plan.score.function is None:
        score = measured[plan.score.name]
    else:
        parameters = result.best_parameters if watching else result.parameters
        _, watched = plan.folds[job.fold]
        predicted = Model(result.network, parameters, targets=rows.targets).predict(taken(rows.x, watched))
        score = plan.score.of(to_numpy(taken(rows.raw, watched)), to_numpy(predicted))
    return Trial(
        *job,
        score=finite(score),
        cost=finite(measured["cost"]),
        accuracy=finite(measured["accuracy"]),
        training_cost=finite(record.cost),
        training_accuracy=finite(record.accuracy),
        epoch=record.epoch,
        epochs=len(history),
        stopped_by=result.stopped_by,
        seconds=sum(history.column("seconds")),
    )


# ---- what a process remembers ------------------------------------------------------------------------------

_memory: dict[str, tuple[Any, Any]] = {}


def _remembered(slot: str, key: Any, make: Callable[[], Any]) -> Any:
    """Return what `make` gives, or gave when it was last called for this slot with this key.

    A process that runs many groups reads the data once, and preprocesses a fold once for all groups in a row.
    """
    known = _memory.get(slot)
    if known is None or known[0] != key:
        _memory[slot] = known = (key, make())
    return known[1]


def forget() -> None:
    """Give back the memory of the last search."""
    _memory.clear()
