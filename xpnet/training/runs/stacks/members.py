"""The members of a stack: what each network trains on, and how."""

from typing import Any, NamedTuple

from xpnet.backend import Backend, namespace, to_numpy
from xpnet.training.batches.batches import Data
from xpnet.training.batches.weights import weigh
from xpnet.training.model import Trainable
from xpnet.training.steps.settings import Settings


class Member(NamedTuple):
    """One network of a stack.  Its rows are gathered from data that all members share; nothing is copied for it."""

    number: int  # its place among all networks that were asked for
    model: Trainable
    settings: Settings
    reads: Any  # host integers (n,): for each of its training rows, the row of the shared data to read
    weights: Any  # host numbers (n,) with mean 1, or None
    total: float  # the size of its training set for penalties
    watched: Any = None  # host integers: its validation rows in the shared data, or None

    @property
    def n(self) -> int:
        """How many rows it trains on."""
        return len(self.reads)


class Weighing(NamedTuple):
    """How much examples count."""

    class_weight: Any = None  # as `train` takes it
    sample_weight: Any = None  # checked host numbers, one for each row of the shared data


class Weighed(NamedTuple):
    """Training rows with their weights; the fields are those of `Member`."""

    reads: Any
    weights: Any
    total: float


def weigh_rows(model: Trainable, data: Data, rows: Any, weighing: Weighing, backend: Backend) -> Weighed:
    """Return what a network needs that trains on these rows of the data, host integers."""
    by_row = weighing.sample_weight
    own = Data(data.x, namespace(data.y).take(data.y, backend.asarray(rows), axis=0))
    own = weigh(model, own, weighing.class_weight, None if by_row is None else by_row[rows], backend)
    reads = rows if own.substitutes is None else rows[own.substitutes]
    return Weighed(reads, None if own.weights is None else to_numpy(own.weights), own.total)


def make_members(
    networks: list[Trainable],
    settings: list[Settings],
    pairs: list[tuple[Any, Any]],
    data: Data,
    weighing: Weighing,
    backend: Backend,
) -> list[Member]:
    """Return the members: what each trains on, and how; `pairs` are their training rows and validation rows.

    Networks that share their rows share their weights.
    """
    weighed: dict[int, Weighed] = {}  # by the id of the rows
    members = []
    for i, (network, how, (rows, watched)) in enumerate(zip(networks, settings, pairs, strict=True)):
        if id(rows) not in weighed:
            try:
                weighed[id(rows)] = weigh_rows(network, data, rows, weighing, backend)
            except ValueError as error:
                raise ValueError(f"{error} (for network {i})") from error
        members.append(Member(i, network, how, *weighed[id(rows)], watched))
    return members
