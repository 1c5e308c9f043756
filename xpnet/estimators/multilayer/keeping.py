"""Checkpoints of an estimator's training by epochs: ``checkpoint=folder``."""

from time import monotonic
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import to_numpy
from xpnet.estimators.multilayer.epochs import Examples
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.resuming.checkpoint import check_checkpoint
from xpnet.training.resuming.identity import digest_of, surroundings, told
from xpnet.training.resuming.keeper import Keeper, unchanged
from xpnet.training.resuming.state import named, number_of, plain, tree_of
from xpnet.trees import leaves

MAY_CHANGE = ("max_iter", "tol", "n_iter_no_change", "verbose", "callbacks", "checkpoint")
CURVES = ("loss_curve_", "validation_curve_", "validation_scores_")
COUNTS = ("n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_", "_no_improvement_count")


class Point(NamedTuple):
    """How far a fit has come, beside the attributes of the estimator."""

    parameters: Any
    best: Any
    slots: Any
    order: Any  # host integers: the last order of the rows
    rate: float  # the learning rate of the next epoch
    t: int  # steps so far
    ended: bool = False


class FitKeeper:
    """Writes the state of a fit after an epoch, and sets an estimator to the newest one.

    Parameters
    ----------
    estimator : MultilayerPerceptron
    first : Point
    examples : Examples
    validation : Examples or None
    rng : RandomState
        It must have been made from a number: another draw is another fit.
    """

    def __init__(
        self, estimator: Any, first: Point, examples: Examples, validation: Examples | None, rng: np.random.RandomState
    ) -> None:
        self.estimator, self.rng, self.backend = estimator, rng, examples.rows.backend
        settings = {name: told(x) for name, x in estimator.get_params(deep=False).items() if name not in MAY_CHANGE}
        known = settings | {
            "data": _data(examples),
            "validation": "none" if validation is None else _data(validation),
            "first parameters": digest_of(to_numpy(x) for x in leaves(first.parameters)),
        }
        around = surroundings(self.backend, Parallel(), None)
        checkpoint: Any = check_checkpoint(estimator.checkpoint)
        self.keeper = Keeper(checkpoint, known, around, monotonic, Parallel())

    def offer(self, point: Point) -> None:
        """Write a state if it is time; else it is kept until `close`."""
        self.keeper.hold(*self._told(point))

    def close(self) -> None:
        """Write the newest state, if it has not been written."""
        self.keeper.close()

    def _told(self, point: Point) -> tuple[int, dict[str, Any], dict[str, Any]]:
        """Return the steps so far, named host arrays and plain JSON."""
        trees = {"parameters": point.parameters, "best": point.best, "slots": point.slots}
        arrays = {key: x for name, tree in trees.items() for key, x in named(name, tree).items()}
        name, keys, *place = self.rng.get_state()
        curves = {each: getattr(self.estimator, each) for each in CURVES}
        note = {
            "curves": {each: None if x is None else list(map(plain, x)) for each, x in curves.items()},
            "counts": {each: plain(getattr(self.estimator, each)) for each in COUNTS},
            "random": [name, *map(plain, place)],
            **{each: getattr(point, each) for each in ("rate", "t", "ended")},
        }
        return point.t, arrays | {"order": point.order, "keys": keys}, note

    def resumed(self, first: Point) -> Point:
        """Return the newest state, or else the first; the estimator and its random numbers are set to it."""
        found = self.keeper.load(unchanged)
        if found is None:
            return first
        arrays, note = found
        for name, values in note["curves"].items():
            setattr(self.estimator, name, None if values is None else list(map(number_of, values)))
        for name, value in note["counts"].items():
            setattr(self.estimator, name, number_of(value))
        kind, *place = note["random"]
        self.rng.set_state((kind, arrays["keys"], *place))
        trees = {
            name: tree_of(arrays, name, getattr(first, name), self.backend) for name in ("parameters", "best", "slots")
        }
        return Point(**trees, order=arrays["order"], rate=number_of(note["rate"]), t=note["t"], ended=note["ended"])


def fit_keeper(estimator: Any, *given: Any) -> FitKeeper | None:
    """Return the keeper of a fit, if the estimator asks for checkpoints."""
    return None if estimator.checkpoint is None else FitKeeper(estimator, *given)


def _data(examples: Examples) -> str:
    """Return a digest of rows, targets and weights; of sparse rows, of what they hold."""
    x = examples.rows.x
    parts = [x.data, x.indices, x.indptr] if examples.rows.sparse else [x]
    given = [*parts, examples.y, examples.weights]
    return digest_of(to_numpy(each) for each in given if each is not None)
