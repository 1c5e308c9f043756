"""Costs and numbers of right answers, summed on the device: for the outputs of steps, and for whole data sets."""

from typing import Any

from xpnet.backend import Array, Backend, namespace
from xpnet.execution import Executor, executor
from xpnet.execution.loop import Loop, Step
from xpnet.training.batches.batches import STRETCH, Data, stretches
from xpnet.training.model import Trainable
from xpnet.training.steps.step import floating

CACHED = 2**14  # outputs measured at once on NumPy, as many as fit in a core's cache; devices measure all at once


class Evaluator:
    """Measures a model's outputs.  It runs its steps by the same executors as training.

    Every method returns sums, shape (parts, 1), or (parts, 2) for a classifier: the costs of the examples in each part,
    and how many of them were right.
    """

    def __init__(self, model: Trainable, backend: Backend) -> None:
        self.model, self.backend = model, backend
        self._outputs, self._rows = self._runner(self._output_step), self._runner(self._row_step)

    def outputs(self, z: Array, y: Array, weights: Array | None = None) -> list[Array]:
        """Return the sums for outputs z, shape (steps, m, n_out), targets y and the examples' weights (steps, m)."""
        n, n_out = z.shape[0] * z.shape[1], z.shape[2]
        return [
            self._outputs((), (_cut(z, *part), _cut(y, *part), None if weights is None else _cut(weights, *part)))[1]
            for part in stretches(n, self._at_once(n, max(1, CACHED // n_out)), n)
        ]

    def data(self, parameters: Any, data: Data) -> list[Array]:
        """Return the sums for all examples of a data set."""
        rows, limit = rows_at_once(self.model, data), STRETCH // (8 * self.model.footprint)
        sums = []
        for start, parts, m in stretches(data.n, rows, rows if data.streamed else limit):
            x, y = (each[start : start + parts * m, ...] for each in (data.x, data.y))
            x = self.backend.asarray(x)  # streamed rows lie on the host
            inputs = (_split(x, parts, m), _split(self.model.targets(y, self.backend.dtype), parts, m))
            sums.append(self._rows(parameters, inputs)[1])
        return sums

    def _at_once(self, n: int, cached: int) -> int:
        return min(n, cached) if self.backend.name == "numpy" else n

    def _runner(self, step: Step) -> Executor:
        # a few large operations gain nothing from a graph, and a graph cannot hold some of them
        return Loop(step) if self.backend.name == "cupy" else executor(step, self.backend.name)

    def _output_step(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        z, y, weights = inputs
        xp = namespace(z)
        measured = [each for each in self.model.measure(z, y) if each is not None]
        return carry, xp.stack([xp.sum(each if weights is None else weights * each) for each in measured])

    def _row_step(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        x, y = inputs
        z = self.model.outputs(carry, floating(x, self.backend.dtype))
        return carry, self._output_step((), (z, y, None))[1]


def rows_at_once(model: Trainable, data: Data) -> int:
    """Return how many rows to evaluate in one go: as many as fit in a stretch, and at least 256."""
    return max(256, STRETCH // (8 * (model.footprint + data.x.shape[-1])))


def _cut(x: Array, start: int, parts: int, m: int) -> Array:
    """Return `parts` times m of the examples of x, shape (steps, examples, ...), from number `start` on."""
    xp = namespace(x)
    return _split(xp.reshape(x, (-1, *x.shape[2:]))[start : start + parts * m, ...], parts, m)


def _split(x: Array, parts: int, m: int) -> Array:
    """Return x, shape (parts * m, ...), as parts of m."""
    return namespace(x).reshape(x, (parts, m, *x.shape[1:]))
