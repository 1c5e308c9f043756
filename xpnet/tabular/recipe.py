"""How a table is trained on when nothing else is said: one recipe for all tables, by task and size only.

It was chosen on eight tables and confirmed on others: docs/tables.md, docs/benchmarks/tables.md.
"""

from dataclasses import dataclass, replace
from math import ceil

from xpnet.checks import whole
from xpnet.training import OPTIMIZERS, Optimizer, schedules

INPUTS = 4096  # at most so many piecewise-linear inputs, so that a table of thousands of columns fits
CYCLES = 4  # half cosines of a whole training, each twice as long as the one before
PARTS = 2**CYCLES - 1  # the first of them is one such part of all steps


@dataclass(frozen=True, slots=True)
class TableRecipe:
    """The settings of an ensemble for a table.

    Attributes
    ----------
    members : int
        Networks whose mean is taken.
    folds : int
        Parts of the training rows; each member watches another one, and trains on the rest.
    hidden : tuple of int
        Neurons of the hidden layers.
    activation, scheme, optimizer : str
        Of the hidden layers, of the initial weights, and of the training.
    eta : float
        The first learning rate.
    schedule : {"restarts", "cosine", "constant"}
        How it goes on: half cosines of 1, 2, 4 and 8 fifteenths of all steps, after each of which training may stop;
        one half cosine; or not at all.
    epochs, batch_size : int
    bins : int
        Piecewise-linear inputs of each number column; 0 for none.
    rare : int
        Categories with fewer rows share an input.
    scaled : bool
        Whether each input has a learned scale.
    """

    members: int = 5
    folds: int = 5
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "relu"
    scheme: str = "he"
    optimizer: str = "adam"
    eta: float = 0.01
    schedule: str = "restarts"
    epochs: int = 60
    batch_size: int = 64
    bins: int = 16
    rare: int = 10
    scaled: bool = True

    def make_optimizer(self, n: int) -> Optimizer:
        """Return the optimizer for n training rows."""
        return scheduled(self.optimizer, self.eta, self.schedule, self.epochs * ceil(n / min(self.batch_size, n)))


def scheduled(optimizer: str, eta: float, schedule: str, steps: int) -> Optimizer:
    """Return an optimizer by name, whose learning rate goes from `eta` as the schedule of this name, in `steps` steps.

    Examples
    --------
    >>> scheduled("sgd", 0.1, "constant", 60).eta(30), scheduled("sgd", 0.1, "restarts", 60).eta(4)
    (0.1, 0.1)
    """
    make = OPTIMIZERS[optimizer]
    if schedule == "constant":
        return make(eta=eta)
    if schedule == "cosine":
        return make(eta=schedules.cosine(eta, steps=max(1, steps)))
    return make(eta=schedules.restarts(eta, steps=max(1, steps) / PARTS))


def ends_of_cycles(epochs: int) -> tuple[int, ...]:
    """Return the epochs in which the half cosines of `scheduled` end, but the last one.

    Examples
    --------
    >>> ends_of_cycles(60), ends_of_cycles(5)
    ((4, 12, 28), (1, 3))
    """
    ends = (ceil(epochs * (2**k - 1) / PARTS) for k in range(1, CYCLES))
    return tuple(dict.fromkeys(end for end in ends if end < epochs))


def recipe_for(n: int, n_columns: int, *, classifies: bool, members: int = 5, fast: bool = False) -> TableRecipe:
    """Return the recipe for a table.

    Parameters
    ----------
    n : int
        Training rows.
    n_columns : int
        Columns without the target.
    classifies : bool
        Whether the target is a class; else it is a number.
    members : int
        Networks whose mean is taken.
    fast : bool
        One network and a quarter of the epochs: a first look at a large table.

    Examples
    --------
    >>> recipe_for(5000, 10, classifies=False).eta
    0.01
    >>> recipe_for(5000, 2000, classifies=True).bins
    2
    """
    members = whole("members", members, 1)
    recipe = TableRecipe(
        members=1 if fast else members,
        folds=max(2, min(max(members, 5), n // 2)),
        eta=3e-3 if classifies else 1e-2,
        batch_size=_batch_size(n),
        bins=max(1, min(16, max(4, n // 50), INPUTS // max(1, n_columns))),
        rare=min(10, max(2, n // 100)),
    )
    return replace(recipe, epochs=15, batch_size=4 * recipe.batch_size) if fast else recipe


def _batch_size(n: int) -> int:
    """Return the examples of a step: a power of two, an eighth of the rows at most, so that few rows take steps enough.

    From 20,000 rows on it grows with them, so that the steps of an epoch do not get shorter and shorter.

    Examples
    --------
    >>> [_batch_size(n) for n in (10, 50, 200, 1000, 10_000, 50_000, 1_000_000)]
    [8, 8, 16, 64, 64, 256, 512]
    """
    if n < 20_000:
        return max(8, min(64, 2 ** ((n // 8).bit_length() - 1)))
    return min(512, 2 ** ((n // 256).bit_length()))
