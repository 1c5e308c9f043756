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
    """How much examples count: what `train` takes."""

    class_weight: Any = None
    sample_weight: Any = None


def make_member(
    number: int,
    model: Trainable,
    settings: Settings,
    data: Data,
    split: tuple[Any, Any],
    weighing: Weighing,
    backend: Backend,
) -> Member:
    """Return a member that trains on the rows ``split[0]`` of the data and watches the rows ``split[1]``, or none."""
    rows, watched = split
    by_row = weighing.sample_weight
    own = Data(data.x, namespace(data.y).take(data.y, backend.asarray(rows), axis=0))
    own = weigh(model, own, weighing.class_weight, None if by_row is None else to_numpy(by_row)[rows], backend)
    reads = rows if own.substitutes is None else rows[own.substitutes]
    weights = None if own.weights is None else to_numpy(own.weights)
    return Member(number, model, settings, reads, weights, own.total, watched)
