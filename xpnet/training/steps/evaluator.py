"""Each example's cost and whether it was right: for the outputs of steps, and for whole data sets."""

from typing import Any

from xpnet.backend import Array, Backend, namespace
from xpnet.execution import Executor, executor
from xpnet.execution.loop import Loop, Step
from xpnet.training.batches.batches import STRETCH, Data, gather, stretches
from xpnet.training.model import Trainable
from xpnet.training.steps.step import floating

CACHED = 2**14  # outputs measured at once on NumPy, as many as fit in a core's cache; devices measure all at once


class Evaluator:
    """Measures a model's outputs.  It runs its steps by the same executors as training.

    Every method returns the measures of single examples, shape (1, n), or (2, n) with the hits of a classifier: the
    cost of each example, and 1 if it was right, 0 if not.  `total` sums them at the end, in the order of the examples,
    so that sums do not depend on the parts in which the examples were measured.

    Parameters
    ----------
    model : Trainable
    backend : Backend
    steps : int, optional
        How many steps are expected at most, if that is known; results do not depend on it.
    hits : bool
        Whether to measure, besides the cost, if a classifier was right.
    """

    def __init__(self, model: Trainable, backend: Backend, steps: int | None = None, *, hits: bool = True) -> None:
        self.model, self.backend = model, backend
        # no methods: a program that holds the evaluator that holds it keeps its memory until garbage is collected
        measure = _output_step(model, hits=hits)
        self._outputs = _runner(measure, backend, steps)
        self._rows = _runner(_row_step(model, backend, measure), backend, steps)

    def outputs(self, z: Array, y: Array, weights: Array | None = None) -> Array:
        """Return the measures for outputs z, shape (steps, m, n_out), targets y and the examples' weights (steps, m).

        In a stack of k networks, k comes before m in all three, and after n in the result: (2, steps * k * m).
        """
        n_out = z.shape[-1]
        z, y = (namespace(z).reshape(each, (-1, n_out)) for each in (z, y))
        weights = None if weights is None else namespace(z).reshape(weights, (-1,))
        n = z.shape[0]
        return _joined(
            [
                self._outputs((), (_cut(z, *part), _cut(y, *part), None if weights is None else _cut(weights, *part)))[
                    1
                ]
                for part in stretches(n, self._at_once(n, max(1, CACHED // n_out)), n)
            ]
        )

    def data(self, parameters: Any, data: Data, rows: Array | None = None) -> Array:
        """Return the measures for all examples of a data set: (2, n), or (2, k, n) for a stack of networks.

        With `rows`, shape (n,) or (k, n), integers: for these examples, for each network its own.
        """
        n = data.n if rows is None else rows.shape[-1]
        each, limit = rows_at_once(self.model, data), STRETCH // (8 * self.model.footprint)
        measures = []
        # inputs that are read or gathered take memory: one part at a time
        for start, parts, m in stretches(n, each, each if data.streamed or rows is not None else limit):
            if rows is None:
                x, y = (_cut(array, start, parts, m) for array in (data.x, data.y))
            else:
                chosen = _cut_rows(rows, start, parts, m)
                x, y = gather(data.x, chosen), gather(data.y, chosen)
            x = self.backend.asarray(x)  # streamed rows lie on the host
            measures.append(self._rows(parameters, (x, self.model.targets(y, self.backend.dtype)))[1])
        return _joined(measures)

    def _at_once(self, n: int, cached: int) -> int:
        return min(n, cached) if self.backend.name == "numpy" else n


def _runner(step: Step, backend: Backend, steps: int | None) -> Executor:
    # a few large operations gain nothing from a graph, and a graph cannot hold some of them
    return Loop(step) if backend.name == "cupy" else executor(step, backend.name, steps)


def _output_step(model: Trainable, *, hits: bool) -> Step:
    """Return the step from (z, y, weights) to their measures."""

    def step(carry: Any, inputs: Any) -> tuple[Any, Array]:
        z, y, weights = inputs
        cost, right = model.measure(z, y)
        measured = [cost] if right is None or not hits else [cost, right]
        return carry, namespace(z).stack([each if weights is None else weights * each for each in measured])

    return step


def _row_step(model: Trainable, backend: Backend, measure: Step) -> Step:
    """Return the step from (x, y) to their measures; the carry is the parameters."""

    def step(carry: Any, inputs: Any) -> tuple[Any, Array]:
        x, y = inputs
        z = model.outputs(carry, floating(x, backend.dtype))
        return carry, measure((), (z, y, None))[1]

    return step


def total(measures: list[Array]) -> Array:
    """Return the sums over all examples, whose measures came in these parts: shape (2,), or (2, k) for a stack."""
    xp = namespace(*measures)
    joined = xp.concat(measures, axis=-1)
    # in rows: NumPy keeps the layout of the parts, and adds the numbers of a row in an order that depends on it
    return xp.sum(xp.reshape(xp.reshape(joined, (-1,)), joined.shape), axis=-1)


def rows_at_once(model: Trainable, data: Data) -> int:
    """Return how many rows to evaluate in one go: as many as fit in a stretch, and at least 256."""
    return max(256, STRETCH // (8 * (model.footprint + data.x.shape[-1])))


def _cut(x: Array, start: int, parts: int, m: int) -> Array:
    """Return `parts` times m of the examples of x, shape (n, ...), from number `start` on: (parts, m, ...)."""
    return namespace(x).reshape(x[start : start + parts * m, ...], (parts, m, *x.shape[1:]))


def _cut_rows(rows: Array, start: int, parts: int, m: int) -> Array:
    """Return `parts` times m of the row numbers (..., n): (parts, ..., m)."""
    xp = namespace(rows)
    cut = xp.reshape(rows[..., start : start + parts * m], (*rows.shape[:-1], parts, m))
    return xp.moveaxis(cut, -2, 0)


def _joined(measures: list[Array]) -> Array:
    """Return the measures of stretches of parts, each (parts, ..., m), as one array (..., n)."""
    xp = namespace(*measures)
    flat = [xp.reshape(xp.moveaxis(each, 0, -2), (*each.shape[1:-1], -1)) for each in measures]
    return flat[0] if len(flat) == 1 else xp.concat(flat, axis=-1)
