"""A stack of networks: the members, what a step carries on for all of them, and what runs their steps."""

from typing import Any

from xpnet.backend import Array, Backend, namespace
from xpnet.execution import Executor, executor
from xpnet.training.batches.batches import Data
from xpnet.training.runs.stacks.members import Member
from xpnet.training.runs.stacks.settings import merged
from xpnet.training.steps.evaluator import Evaluator
from xpnet.training.steps.step import make_step
from xpnet.trees import copied, map_arrays


class Stack:
    """Networks that take their steps together: neighbors may also take steps without the others.

    Each choice of neighbors has an executor of its own, which records (or compiles) the step for their number.
    """

    def __init__(self, members: list[Member], carry: Any, data: Data, backend: Backend) -> None:
        self.members, self.carry, self.data, self.backend = members, carry, data, backend
        self.evaluator = Evaluator(members[0].model, backend)
        self._executors: dict[tuple[int, int], Executor] = {}

    def run(self, first: int, last: int, inputs: Any) -> Array:
        """Let the networks from `first` up to `last` take steps; return their outputs, (steps, k, m, n_out)."""
        step = self._executor(first, last)
        if last - first == len(self.members):
            self.carry, z = step(self.carry, inputs)
            return z
        part, z = step(map_arrays(lambda w: w[first:last, ...], self.carry), inputs)
        self.carry = map_arrays(lambda w, new: _put(w, new, first, last), self.carry, part)
        return z

    @property
    def parameters(self) -> Any:
        """A copy of the parameters, (k, ...): an executor reuses its memory."""
        return copied(self.carry[0])

    @property
    def way(self) -> str:
        """How the steps are run, in words."""
        k = len(self.members)
        return f"{self._executor(0, k).way}, {k} network{'s' if k > 1 else ''} in a stack"

    def of(self, places: list[int]) -> "Stack":
        """Return the stack of the networks in these places only."""
        return Stack(
            [self.members[i] for i in places], taken(self.carry, places, self.backend), self.data, self.backend
        )

    def _expected(self, first: int, last: int) -> int | None:
        """Return how many steps these networks will take, if that is known: all of them, without a stopping rule."""
        settings, most = self.members[first].settings, self.members[first].n
        known = last - first == len(self.members) and not settings.stopping
        return settings.epochs * -(-most // settings.batch_size) if known else None

    def _executor(self, first: int, last: int) -> Executor:
        if (first, last) not in self._executors:
            chosen = self.members[first:last]
            data = self.data._replace(weight=1.0)  # the penalties are divided by the size of each training set already
            step = make_step(chosen[0].model, data, merged(chosen, self.backend), self.backend)
            self._executors[first, last] = executor(step, self.backend.name, self._expected(first, last))
        return self._executors[first, last]


def taken(tree: Any, places: list[int], backend: Backend) -> Any:
    """Return copies of the arrays (k, ...) of the networks in these places."""
    chosen = backend.asarray(places)
    return map_arrays(lambda w: namespace(w).take(w, chosen, axis=0), tree)


def one(tree: Any, i: int) -> Any:
    """Return copies of the arrays of one network of a stack."""
    return copied(map_arrays(lambda w: w[i, ...], tree))


def _put(w: Array, new: Array, first: int, last: int) -> Array:
    """Return `w` with the networks from `first` up to `last` replaced."""
    return namespace(w).concat([w[:first, ...], new, w[last:, ...]], axis=0)
