"""The members of an ensemble: trained in one stack, each on the rows that it does not watch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xpnet.backend import Backend
from xpnet.nn import Network, Parameters
from xpnet.tabular.scaled_network import ScaledNetwork
from xpnet.training import Result, Results, train_many
from xpnet.trees import stacked


def train_members(
    network: Network,
    data: tuple[Any, Any],
    *,
    seeds: Sequence[int],
    backend: Backend,
    scheme: str = "he",
    scaled: bool = True,
    start: Parameters | None = None,
    **how: Any,
) -> Results:
    """Return the trained members, one for each seed; learned scales are folded into their first layers.

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
    >>> results = train_members(network, (x, x[:, :1]), seeds=range(3), backend=get("numpy"), **how)
    >>> len(results), results.ensemble().n_members
    (3, 3)
    """
    model: Any = ScaledNetwork(network) if scaled else network
    first = stacked(model.initialize(backend, seed, scheme) for seed in seeds)
    if start is not None:
        first = first._replace(layers=start) if scaled else start
    results = train_many(model, data, seeds=list(seeds), parameters=first, backend=backend, **how)
    return Results(tuple(map(_folded, results))) if scaled else results


def _folded(result: Result) -> Result:
    """Return the result of the network behind the scales."""
    model: ScaledNetwork = result.network
    last, best = (model.fold(parameters) for parameters in (result.parameters, result.best_parameters))
    return replace(result, network=model.network, parameters=last, best_parameters=best)
