"""The members of an ensemble: trained in one stack, each on the rows that it does not watch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from xpnet.backend import Backend
from xpnet.data import Split
from xpnet.data.preparing.splits.folds import Folds
from xpnet.io import Errors
from xpnet.io.models.runs import Run
from xpnet.nn import Network, Parameters
from xpnet.tabular.calibration import has_temperature, with_temperature
from xpnet.tabular.choosing import EpochChoice, Kept
from xpnet.tabular.intervals import errors_held_out
from xpnet.tabular.scaled_network import ScaledNetwork
from xpnet.training import Result, Results, train_many
from xpnet.trees import stacked

SHARE = 0.7  # of a temperature's logarithm: the mean of members that are calibrated each is too unsure; measured


@dataclass(frozen=True)
class Members:
    """Trained members.

    Attributes
    ----------
    results : Results
        One for each; scales are folded into the first layers.
    layers : tuple of Parameters
        Those of each at the epoch that is kept; at the last one if it watches nothing.
    seen : tuple of Kept or None
        What each says of the rows that it watches, if it does.
    """

    results: Results
    layers: tuple[Parameters, ...]
    seen: tuple[Kept | None, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """How each was trained, and which epoch is kept."""
        return tuple(
            replace(result.run, epoch=len(result.history) or None, measure="last")
            if each is None
            else replace(result.run, epoch=each.epoch, measure="score")
            for result, each in zip(self.results, self.seen, strict=True)
        )

    def errors(self, splits: Sequence[tuple[Any, Any]] | None, y: Any, targets: Any) -> Errors | None:
        """Return the errors on the rows that each member watched, of a regression with such rows; else None."""
        if splits is None:
            return None
        known = [(each.z, rows) for each, (_, rows) in zip(self.seen, splits, strict=True) if each is not None]
        if not known:
            return None
        outputs, rows = zip(*known, strict=True)
        return errors_held_out(self.results[0].network, outputs, rows, y, targets)


def splits_of(folds: Folds, k: int) -> list[Split] | None:
    """Return the rows that each of k members trains on and those that it watches; None if there is nothing to watch.

    Examples
    --------
    >>> from xpnet.data import random_folds
    >>> len(splits_of(random_folds(6, 2), 5)), splits_of((), 5)
    (5, None)
    """
    return [folds[i % len(folds)] for i in range(k)] if folds else None


def train_members(
    network: Network,
    data: tuple[Any, Any],
    *,
    seeds: Sequence[int],
    backend: Backend,
    scheme: str = "he",
    scaled: bool = True,
    start: Parameters | None = None,
    together: bool = True,
    ends: Sequence[int] = (),
    **how: Any,
) -> Members:
    """Return the trained members, one for each seed; learned scales are folded into their first layers.

    If there are rows to watch, all members are kept at one epoch (see `EpochChoice`), and of classes each is brought
    near to the temperature that is best for its watched rows.

    Parameters
    ----------
    network : Network
    data : (x, y)
        Encoded inputs, and labels or targets, as for `xpnet.train`.
    seeds : sequence of int
        Of the initial weights and the order of the rows of each member.
    backend : Backend
    scheme : str
        Of the initial weights.
    scaled : bool
        Whether each input has a learned scale.
    start : tuple of Layer, arrays of shape (k, ...), optional
        Layers to begin with, one set for each seed, instead of random ones.
    together : bool
        Whether the members are one ensemble; else each is a network of its own, at an epoch of its own.
    ends : sequence of int
        Epochs after which an ensemble stops if those since the end before were no better than all before them.
    how
        Other arguments of `xpnet.train_many`, such as the ``splits``: rows to train on and rows to watch.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.backend import get
    >>> from xpnet.data import random_folds
    >>> x = np.random.default_rng(0).standard_normal((60, 2))
    >>> network = Network([2, 8, 1], hidden="relu", output="linear", cost="quadratic")
    >>> how = {"splits": random_folds(60, 3), "epochs": 2, "optimizer": "adam"}
    >>> members = train_members(network, (x, x[:, :1]), seeds=range(3), backend=get("numpy"), **how)
    >>> len(members.results), members.seen[0].z.shape
    (3, (20, 1))
    """
    model: Any = ScaledNetwork(network) if scaled else network
    first = stacked(model.initialize(backend, seed, scheme) for seed in seeds)
    if start is not None:
        first = first._replace(layers=start) if scaled else start
    choice = _choice(model, data, how, backend, len(seeds), together)
    if choice is not None:
        how |= {"watch": choice, "at_once": len(seeds)}
        if together and how.get("stopping") is None:
            how["stopping"] = choice.stops_after(ends)
    results = _folded(train_many(model, data, seeds=list(seeds), parameters=first, backend=backend, **how))
    kept = [None if choice is None else choice.kept.get(i) for i in range(len(seeds))]
    share = SHARE if together and len(seeds) > 1 else 1.0
    layers = tuple(_layers(model, each, result, share) for each, result in zip(kept, results, strict=True))
    return Members(results, layers, tuple(kept))


def _choice(
    model: Any, data: tuple[Any, Any], how: dict[str, Any], backend: Backend, k: int, together: bool
) -> EpochChoice | None:
    """Return what chooses the epoch, if there are rows to watch: those of the splits, or a validation part."""
    splits, validation = how.get("splits"), how.get("validation")
    if splits is None and validation is None:
        return None
    x, y = data if validation is None else validation
    watched = [range(len(y))] * k if splits is None else [rows for _, rows in splits]
    asked = {"class_weight": how.get("class_weight"), "then": how.get("watch")}
    return EpochChoice(model, x, y, watched, backend, together=together, **asked)


def _layers(model: Any, kept: Kept | None, result: Result, share: float) -> Parameters:
    """Return the layers of a member, with its scales and its temperature folded into them."""
    if kept is None:
        return result.parameters
    layers: Parameters = model.fold(kept.parameters) if isinstance(model, ScaledNetwork) else kept.parameters
    network = result.network
    return with_temperature(network, layers, kept.temperature**share) if has_temperature(network) else layers


def _folded(results: Results) -> Results:
    """Return the results of the network behind the scales."""
    return Results(tuple(_behind(each) if isinstance(each.network, ScaledNetwork) else each for each in results))


def _behind(result: Result) -> Result:
    model: ScaledNetwork = result.network
    last, best = (model.fold(parameters) for parameters in (result.parameters, result.best_parameters))
    return replace(result, network=model.network, parameters=last, best_parameters=best)
