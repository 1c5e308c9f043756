"""How a table is trained on when nothing else is said: one recipe for all tables, by task and size only.

It was chosen on eight tables and confirmed on others: docs/tables.md, docs/benchmarks/tables.md.
"""

from dataclasses import dataclass, replace
from math import ceil

from xpnet.checks import whole
from xpnet.training import OPTIMIZERS, Optimizer, schedules

INPUTS = 4096  # at most so many piecewise-linear inputs, so that a table of thousands of columns fits
LARGE = 20_000  # rows from which on there are fewer epochs of larger batches


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
    schedule : {"cosine", "constant"}
        How it goes on.
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
    schedule: str = "cosine"
    epochs: int = 60
    batch_size: int = 128
    bins: int = 16
    rare: int = 0
    scaled: bool = True

    def make_optimizer(self, n: int) -> Optimizer:
        """Return the optimizer for n training rows: its learning rate falls over all steps of all epochs."""
        if self.schedule == "constant":
            return OPTIMIZERS[self.optimizer](eta=self.eta)
        steps = self.epochs * ceil(n / min(self.batch_size, n))
        return OPTIMIZERS[self.optimizer](eta=schedules.cosine(self.eta, steps=max(1, steps)))


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
        One network and a third of the epochs: a first look at a large table.

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
    )
    return replace(recipe, epochs=20) if fast else recipe


def _batch_size(n: int) -> int:
    """Return the examples of a step: a power of two, an eighth of the rows at most, so that few rows take steps enough.

    Examples
    --------
    >>> [_batch_size(n) for n in (10, 50, 200, 1000, 3000, 5000)]
    [8, 8, 16, 64, 128, 256]
    """
    return 256 if n >= 3750 else max(8, min(128, 2 ** ((n // 8).bit_length() - 1)))
