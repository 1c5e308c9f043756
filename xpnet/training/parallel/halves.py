"""A step in two halves: the gradients of shards, in threads and processes, and the update by their sum."""

from collections.abc import Callable
from concurrent.futures import Executor as Pool
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from math import prod
from typing import Any

from xpnet.backend import Array, Backend, namespace, quiet
from xpnet.execution import executor
from xpnet.training.batches.batches import Data, Inputs
from xpnet.training.model import Trainable
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.shards import in_shards, split
from xpnet.training.steps.step import Carry, make_gradients, make_update
from xpnet.trees import leaves, map_arrays, rebuild


class Halves:
    """Runs the step of `make_step` in two halves; it is an executor.

    Each thread has its own program of the first half.  The gradients of the shards are scaled by their shares of the
    mini-batch and summed in the order of the shards, then over the processes; the second half moves the parameters.

    Parameters
    ----------
    model, data, settings, backend
        As for `make_step`.
    parallel : Parallel
    steps : int, optional
        As for `xpnet.execution.executor`.
    """

    def __init__(
        self,
        model: Trainable,
        data: Data,
        settings: Settings,
        backend: Backend,
        parallel: Parallel,
        steps: int | None = None,
    ) -> None:
        self.parallel = parallel
        first = _first(in_shards(make_gradients(model, data, settings, backend), settings.shards))
        self._firsts = [executor(first, backend.name, steps) for _ in range(parallel.workers)]
        self._second = executor(_second(make_update(model, settings, data.total)), backend.name, steps)
        self._carries: dict[int, Any] = {}  # gradients of each shard, in the memory of its program
        self._pool: Pool | None = None

    @property
    def way(self) -> str:
        """How it runs the step, in words."""
        return f"{self.parallel!r}, {self._firsts[0].way}"

    def __call__(self, carry: Carry, inputs: Inputs) -> tuple[Carry, Array]:
        """Run one step for each entry of `inputs`; return the last carry and the stacked outputs."""
        outputs = []
        for i in range(inputs.rows.shape[0]):
            batch = map_arrays(lambda x, i=i: x[i : i + 1, ...], inputs)
            gradients, z = self._gradients(carry[0], batch)
            if self.parallel.size > 1:
                gradients = _summed(gradients, self.parallel.sum)
            carry, _ = self._second(carry, (_as_step(gradients), batch.numbers))
            outputs.append(z)
        return carry, namespace(*outputs).concat(outputs)

    def _gradients(self, parameters: Any, batch: Inputs) -> tuple[Any, Array]:
        """Return the gradients of this process's part of a mini-batch, and its outputs z."""
        given = _as_step(parameters)
        if len(self._firsts) == 1:
            return self._shard(0, given, batch)
        parts = split(batch, len(self._firsts))
        waiting = [self._threads().submit(self._shard, i, given, part) for i, (part, _) in enumerate(parts[1:], 1)]
        found = [self._shard(0, given, parts[0][0]), *(each.result() for each in waiting)]
        total = None
        for (gradients, _), (_, share) in zip(found, parts, strict=True):
            scaled = map_arrays(lambda g, share=share: share * g, gradients)
            total = scaled if total is None else map_arrays(lambda a, b: a + b, total, scaled)
        zs = [z for _, z in found]
        return total, namespace(*zs).concat(zs, axis=-2)

    def _shard(self, i: int, parameters: Any, batch: Inputs) -> tuple[Any, Array]:
        before = self._carries.get(i)
        if before is None:
            before = map_arrays(lambda x: x[0, ...], parameters)
        with quiet():  # a thread of its own has NumPy's warnings turned on
            gradients, z = self._firsts[i](before, (parameters, batch._replace(numbers=())))
        self._carries[i] = gradients
        return gradients, z

    def _threads(self) -> Pool:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(len(self._firsts) - 1, thread_name_prefix="xpnet-shard")
        return self._pool


def _first(gradients_of: Callable[[Any, Inputs], tuple[Any, Array]]) -> Callable[[Any, Any], tuple[Any, Array]]:
    """Return the first half as a step: its carry, which it does not read, are the gradients."""

    def step(carry: Any, inputs: tuple[Any, Inputs]) -> tuple[Any, Array]:  # noqa: ARG001
        parameters, batch = inputs
        gradients, z = gradients_of(parameters, batch)
        if batch.share is None:
            return gradients, z
        return map_arrays(lambda g: batch.share * g, gradients), z

    return step


def _second(update: Callable[[Carry, Any, tuple[Array, ...]], Carry]) -> Callable[[Carry, Any], tuple[Carry, Array]]:
    """Return the second half as a step; its output is a part of its input, because a step must have one."""

    def step(carry: Carry, inputs: Any) -> tuple[Carry, Array]:
        gradients, numbers = inputs
        return update(carry, gradients, numbers), leaves(gradients)[-1]

    return step


def _as_step(tree: Any) -> Any:
    """Return every array as the input of one step."""
    return map_arrays(lambda x: x[None, ...], tree)


def _summed(tree: Any, total: Callable[[Array], Array]) -> Any:
    """Return the tree with every array summed over the processes: one sum, of all of them as one vector."""
    arrays = leaves(tree)
    xp = namespace(*arrays)
    vector = total(xp.concat([xp.reshape(x, (-1,)) for x in arrays]))
    ends = pairwise(accumulate((prod(x.shape) for x in arrays), initial=0))
    parts = (xp.reshape(vector[a:b], x.shape) for x, (a, b) in zip(arrays, ends, strict=True))
    return rebuild(tree, parts)
