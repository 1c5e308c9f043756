"""Shards: a mini-batch is computed in parts, whose gradients are summed in order before the update.

One part after another, this is gradient accumulation: only one part's activations are in memory at a time.
"""

from collections.abc import Callable
from typing import Any

from xpnet.backend import Array, namespace
from xpnet.training.batches.batches import Inputs, borders
from xpnet.trees import map_arrays

# the axis of the examples in each of a step's inputs
EXAMPLES = {"rows": -1, "y": -2, "masks": -2, "weights": -1, "draws": -2, "x": -2}


def in_shards(
    gradients: Callable[[Any, Inputs], tuple[Any, Array]], shards: int
) -> Callable[[Any, Inputs], tuple[Any, Array]]:
    """Return the same function of (parameters, inputs), computed in `shards` parts of the mini-batch.

    The gradients are those of the mean cost over the whole mini-batch: ``sum_i (m_i / m) g_i``, summed in the order of
    the parts, where m_i is the number of rows of part i.  Rounding depends on the number of parts, and on nothing else.
    """
    if shards == 1:
        return gradients

    def summed(parameters: Any, inputs: Inputs) -> tuple[Any, Array]:
        total, zs = None, []
        for part, share in split(inputs, shards):
            found, z = gradients(parameters, part)
            scaled = map_arrays(lambda g, share=share: share * g, found)
            total = scaled if total is None else map_arrays(lambda a, b: a + b, total, scaled)
            zs.append(z)
        return total, namespace(*zs).concat(zs, axis=-2)

    return summed


def split(inputs: Inputs, shards: int) -> list[tuple[Inputs, float]]:
    """Return the parts of a mini-batch and their shares of its rows, as equal as possible; none is empty.

    A mini-batch with fewer rows than `shards` has one part for each row.
    """
    m = inputs.rows.shape[-1]
    parts = []
    for first, last in borders(m, shards):
        cut = {name: _cut(getattr(inputs, name), first, last, axis) for name, axis in EXAMPLES.items()}
        parts.append((inputs._replace(**cut), (last - first) / m))
    return parts


def _cut(tree: Any, first: int, last: int, axis: int) -> Any:
    """Return rows `first` up to `last` of every array of the tree, whose rows are along `axis`, -1 or -2."""
    return map_arrays(lambda x: x[..., first:last] if axis == -1 else x[..., first:last, :], tree)
