"""Groups of trials whose networks can be trained in one stack: what a search hands out as one piece of work."""

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from os import cpu_count
from typing import NamedTuple

from xpnet.training.runs.settings.recipe import Recipe

MOST = 64  # networks in a group: what an interruption may lose
GROUPS_A_WORKER = 4  # so that workers finish at about the same time


class Job(NamedTuple):
    """A trial that is still to run."""

    setting: int
    fold: int
    seed: int


@dataclass(frozen=True)
class Group:
    """Jobs that are trained together, and their recipes: one for each job."""

    jobs: tuple[Job, ...]
    recipes: tuple[Recipe, ...]


def groups_of(recipes: Sequence[Recipe], jobs: Collection[Job], at_once: int, *, by_fold: bool) -> list[Group]:
    """Return the jobs in groups of at most `at_once`.

    Parameters
    ----------
    recipes : sequence of Recipe
        One for each setting.
    jobs : collection of Job
    at_once : int
    by_fold : bool
        Whether the networks of a group must share their fold, as they must if each fold is preprocessed by itself.
    """
    kinds = _kinds(recipes)
    together: dict[tuple[int, int], list[Job]] = {}
    for job in jobs:
        together.setdefault((job.fold if by_fold else 0, kinds[job.setting]), []).append(job)
    return [
        Group(part, tuple(recipes[job.setting] for job in part))
        for _, members in sorted(together.items())
        for part in _cut(members, at_once)
    ]


def size_for(executor: Executor | None, jobs: int) -> int:
    """Return how many networks a group should have: several groups for each worker, at most 64 networks."""
    if executor is None:
        return MOST
    return max(1, min(MOST, -(-jobs // (GROUPS_A_WORKER * _workers(executor)))))


def _workers(executor: Executor) -> int:
    """Return how many workers an executor has, or the number of this machine's cores if it does not say."""
    told = (getattr(executor, name, None) for name in ("num_workers", "_max_workers"))  # MPI's; the standard library's
    return next((n for n in told if isinstance(n, int) and n > 0), cpu_count() or 1)


def _kinds(recipes: Sequence[Recipe]) -> list[int]:
    """Return a number for each recipe: equal for those that stack."""
    first: list[Recipe] = []
    kinds = []
    for one in recipes:
        kind = next((i for i, other in enumerate(first) if one.stacks_with(other)), len(first))
        kinds.append(kind)
        if kind == len(first):
            first.append(one)
    return kinds


def _cut(members: list[Job], at_once: int) -> list[tuple[Job, ...]]:
    """Return parts of nearly equal length."""
    parts = -(-len(members) // at_once)
    ends = [len(members) * i // parts for i in range(parts + 1)]
    return [tuple(members[start:end]) for start, end in pairwise(ends)]
