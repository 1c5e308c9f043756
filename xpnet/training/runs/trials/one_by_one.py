"""Networks trained one after another."""

from collections.abc import Sequence
from typing import Any

from xpnet.training.result import Result
from xpnet.training.runs.trials.rows import taken
from xpnet.training.train import train


def train_many(
    network: Any, data: tuple[Any, Any], *, seeds: Any, splits: Any, optimizer: Any, l1: Any, l2: Any, **arguments: Any
) -> Sequence[Result]:
    """Return the result of each network of `seeds` by itself."""
    x, y = data
    weights = arguments.pop("sample_weight", None)
    results = []
    for i, (rows, watched) in enumerate(splits):
        results.append(
            train(
                network[i] if isinstance(network, list | tuple) else network,
                (taken(x, rows), taken(y, rows)),
                validation=(taken(x, watched), taken(y, watched)),
                seed=seeds[i],
                optimizer=optimizer[i],
                l1=l1[i],
                l2=l2[i],
                sample_weight=None if weights is None else weights[rows],
                **arguments,
            )
        )
    return results
