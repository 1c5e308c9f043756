"""Permutation importance: how much worse a model is if the cells of a column are dealt out among the rows anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Any, NamedTuple

from xpnet.backend import Array, get, to_numpy
from xpnet.checks import whole
from xpnet.io import Model
from xpnet.tabular.explaining.columns import Group, chosen, for_inputs, groups_of, told
from xpnet.tabular.targets import numbers_of


class Score(NamedTuple):
    """How good predictions are: accuracy or R2, and log loss or mean squared error."""

    score: float
    cost: float


@dataclass(frozen=True)
class Importance:
    """How much the score falls, and the cost rises, when a column is permuted.

    Attributes
    ----------
    columns : tuple of str, int or tuple
        What was permuted: a column, by name or number, or a group of columns.
    falls : tuple of tuple of float
        For each of them the fall of the score in each repeat; below 0 if the score rose.
    rises : tuple of tuple of float
        The same of the rise of the cost.
    baseline : Score
        Score and cost of the rows as they are.
    classifies : bool
        Whether the score is accuracy and the cost log loss; else they are R2 and the mean squared error.
    """

    columns: tuple[Group, ...]
    falls: tuple[tuple[float, ...], ...]
    rises: tuple[tuple[float, ...], ...]
    baseline: Score
    classifies: bool

    @property
    def mean(self) -> tuple[float, ...]:
        """The mean fall of the score, for each column."""
        return tuple(map(fmean, self.falls))

    @property
    def std(self) -> tuple[float, ...]:
        """The standard deviation of the fall over the repeats, for each column."""
        return tuple(map(pstdev, self.falls))

    @property
    def cost_mean(self) -> tuple[float, ...]:
        """The mean rise of the cost, for each column."""
        return tuple(map(fmean, self.rises))

    @property
    def cost_std(self) -> tuple[float, ...]:
        """The standard deviation of the rise over the repeats, for each column."""
        return tuple(map(pstdev, self.rises))

    @property
    def score_name(self) -> str:
        """The name of the score."""
        return "accuracy" if self.classifies else "R2"

    @property
    def cost_name(self) -> str:
        """The name of the cost."""
        return "log loss" if self.classifies else "mean squared error"

    def sorted(self) -> "Importance":
        """Return the same with the most important column first, by the fall of the score and then the rise of cost."""
        mean, cost = self.mean, self.cost_mean
        order = sorted(range(len(self.columns)), key=lambda i: (-mean[i], -cost[i]))
        falls, rises = (tuple(values[i] for i in order) for values in (self.falls, self.rises))
        return Importance(tuple(self.columns[i] for i in order), falls, rises, self.baseline, self.classifies)

    def __repr__(self) -> str:
        """Return the sorted table: column, fall of the score and rise of the cost, each with its deviation."""
        inorder = self.sorted()
        names = [told(column) for column in inorder.columns]
        width = max(6, *map(len, names)) if names else 6
        lines = [
            f"{self.score_name} {self.baseline.score:.4f}, {self.cost_name} {self.baseline.cost:.4g}",
            f"{'column':<{width}}  fall of {self.score_name:<13}  rise of {self.cost_name}",
        ]
        rows = zip(names, inorder.mean, inorder.std, inorder.cost_mean, inorder.cost_std, strict=True)
        for name, fall, std, rise, cost_std in rows:
            lines.append(f"{name:<{width}}  {fall:>9.4f} ± {std:<9.4f}  {rise:>9.4g} ± {cost_std:.2g}")
        return "\n".join(lines)


def permutation_importance(
    model: Model, x: Any, y: Any, *, repeats: int = 5, seed: int = 0, columns: Sequence[Group] | None = None
) -> Importance:
    """Return how much worse `model` is on these rows when the cells of a raw column are permuted among them.

    Parameters
    ----------
    model : Model
    x : frame, Table or array, shape (m, n_columns)
        Raw rows, best those that the model was not trained on; two at least.
    y : array, list or column, shape (m,) or (m, n_out)
        Labels in the model's own terms, or values in the unit of the data.
    repeats : int
        How often each column is permuted.  One permutation a repeat is used for all columns, so that what is found
        for one does not depend on which others are asked for.
    seed : int
    columns : sequence of names or tuples of names, optional
        The columns to permute; those in a tuple are permuted together.  Columns without names are numbered from 0.
        Default: each column.

    Returns
    -------
    Importance

    Raises
    ------
    ValueError
        If a column is unknown, there are fewer than two rows, or `y` does not fit the rows or the model.

    Notes
    -----
    The rows are encoded once; then all inputs of a column are permuted together.  Of two columns that say the same,
    each looks unimportant, since the model has the other: permute them as a group.

    References
    ----------
    Breiman, doi:10.1023/A:1010933404324, section 10; Fisher, Rudin and Dominici, JMLR 20 (2019) 177.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet import Network
    >>> from xpnet.nn import Layer
    >>> network = Network([2, 1], output="linear", cost="quadratic")
    >>> model = Model(network, (Layer(np.asarray([[3.0, 0.0]]), np.asarray([[0.0]])),), features=("used", "unused"))
    >>> x = np.random.default_rng(0).standard_normal((50, 2))
    >>> found = permutation_importance(model, x, 3.0 * x[:, 0])
    >>> found.mean[0] > 1.0, found.mean[1]
    (True, 0.0)
    """
    repeats, groups = whole("repeats", repeats, 1), groups_of(model, columns)
    inputs, plain = model.encode(x), for_inputs(model)
    m = int(inputs.shape[0])
    if m < 2:
        raise ValueError(f"x must have two rows at least to be permuted, got {m}")
    y = numbers_of(model, y, m)
    y = y.reshape(m, -1) if model.network.several else y  # a single label as well
    base, rng = _score(plain, inputs, y), model.backend.rng(whole("seed", seed, 0))
    masks = [chosen(model, places) > 0.5 for places in groups.values()]
    found: list[list[Score]] = [[] for _ in masks]
    for _ in range(repeats):
        others = model.backend.xp.take(inputs, model.backend.asarray(rng.permutation(m)), axis=0)
        for scores, mask in zip(found, masks, strict=True):
            scores.append(_score(plain, model.backend.xp.where(mask, others, inputs), y))
    return Importance(
        tuple(groups),
        tuple(tuple(base.score - each.score for each in scores) for scores in found),
        tuple(tuple(each.cost - base.cost for each in scores) for scores in found),
        base,
        model.network.classifies,
    )


def _score(plain: Model, inputs: Array, y: Array) -> Score:
    """Return how good a model is on inputs, computed on the host in float64."""
    host = get("numpy", dtype="float64")
    decided = host.asarray(to_numpy(plain.decide(inputs)))
    if not plain.network.classifies:
        error, spread = float(((decided - y) ** 2).mean()), float(((y - y.mean(axis=0)) ** 2).mean())
        return Score(1.0 - error / spread if spread else 0.0, error)
    right = decided == y
    accuracy = float((right.all(axis=1) if plain.network.several else right).mean())
    p = host.asarray(to_numpy(plain.predict_proba(inputs)))
    several = plain.network.several
    p = host.xp.where(y > 0.5, p, 1.0 - p) if several else host.xp.take_along_axis(p, y[:, None], axis=1)
    tiny = float(host.xp.finfo(plain.backend.dtype_name).eps)
    return Score(accuracy, -float(host.xp.log(host.xp.maximum(p, tiny)).mean()))
