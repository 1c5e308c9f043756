"""Costs and hits of the networks of a stack: summed for each over its own examples, in their order."""

from typing import Any, TypeAlias

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.training.batches.batches import Data
from xpnet.training.runs.stacks.members import Member
from xpnet.training.runs.stacks.phases import runs
from xpnet.training.runs.stacks.stack import Stack
from xpnet.training.steps.evaluator import rows_at_once, total
from xpnet.trees import map_arrays

AT_ONCE = 2**26  # bytes that networks measured at once may need: what they hold for a part of the rows, and measures

Measures: TypeAlias = list[tuple[int, Array]]  # the number of the first network, and its and its neighbors' measures


def by_network(measures: Array, z: Array) -> Array:
    """Return the measures (2, steps * k * m) of outputs z, shape (steps, k, m, n_out), as (2, k, steps * m)."""
    xp, (steps, k, m) = namespace(measures), z.shape[:3]
    table = xp.moveaxis(xp.reshape(measures, (-1, steps, k, m)), 1, 2)  # (2, k, steps, m)
    return xp.reshape(table, (-1, k, steps * m))


def sums_of(measures: Measures, members: list[Member]) -> Array:
    """Return the sums over an epoch, (2, k), of measures (2, neighbors, rows) in the order of the steps."""
    groups = []
    for first, last, _ in runs([member.n for member in members]):
        inside = [(a, x) for a, x in measures if a <= first and last <= a + x.shape[1]]
        groups.append(total([x[:, first - a : last - a, :] for a, x in inside]))
    return namespace(*groups).concat(groups, axis=-1)


def validate(stack: Stack, parameters: Any, validation: Data | None) -> list[Array]:
    """Return the sums (2, k) for the validation set that all watch, or for each network's own rows; [] for neither."""
    members = stack.members
    if validation is None and members[0].watched is None:
        return []
    data = stack.data if validation is None else validation
    groups = []
    for first, last, n in runs([data.n if validation else len(member.watched) for member in members]):
        for a, b in _some(first, last, _bytes(stack, data, n)):
            part = map_arrays(lambda w, a=a, b=b: w[a:b, ...], parameters)
            rows = None if validation else _rows(members[a:b], stack.backend)
            groups.append(total([stack.evaluator.data(part, data, rows)]))
    return [groups[0] if len(groups) == 1 else namespace(*groups).concat(groups, axis=-1)]


def _rows(members: list[Member], backend: Backend) -> Array:
    return backend.xp.stack([backend.asarray(member.watched) for member in members])


def _bytes(stack: Stack, data: Data, n: int) -> int:
    """Return about how many bytes it takes to measure one network on n rows."""
    model = stack.members[0].model
    return 8 * (4 * n + min(n, rows_at_once(model, data)) * (model.footprint + data.x.shape[-1]))


def _some(first: int, last: int, each: int) -> list[tuple[int, int]]:
    """Return the first and the end of each group of networks that are measured at once."""
    at_once = max(1, AT_ONCE // each)
    return [(a, min(last, a + at_once)) for a in range(first, last, at_once)]


def means(sums: list[Array], members: list[Member], validation: Data | None) -> list[tuple[Any, Any, Any, Any]]:
    """Return cost, accuracy, validation cost and validation accuracy of each network; None for what was not measured.

    It is the only read from the device in an epoch.
    """
    host = to_numpy(namespace(*sums).stack(sums)).tolist()  # (1 or 2, 1 or 2, k)
    found = []
    for i, member in enumerate(members):
        sizes = (member.n, validation.n if validation else len(member.watched if member.watched is not None else ()))
        pairs = [[*(row[i] / n for row in table), None][:2] for table, n in zip(host, sizes, strict=False)]
        (cost, accuracy), (watched_cost, watched_accuracy) = [*pairs, [None, None]][:2]
        found.append((cost, accuracy, watched_cost, watched_accuracy))
    return found
