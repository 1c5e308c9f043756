"""Items in groups of neighbors, laid out so that one elementwise operation finds the maximum of every group.

Item i is at ``[i % GROUP, i // GROUP]``: a group is a column, and the last one is filled up.
"""

from math import inf

from xpnet.backend import Array, namespace

GROUP = 32  # items of which only the best is looked at first


def in_groups(x: Array, fill: float = -inf) -> Array:
    """Return `x`, (rows, m), with its columns in groups: (rows, GROUP, groups).

    Examples
    --------
    >>> import numpy as np
    >>> found = in_groups(np.arange(70.0)[None, :])
    >>> found.shape, found[0, :2].tolist(), found[0, -1].tolist()
    ((1, 32, 3), [[0.0, 32.0, 64.0], [1.0, 33.0, 65.0]], [31.0, 63.0, -inf])
    """
    xp, (rows, m) = namespace(x), x.shape
    groups = count(m)
    filling = xp.full((rows, groups * GROUP - m), fill, dtype=x.dtype, device=x.device)
    return xp.reshape(xp.concat([x, filling], axis=-1), (rows, groups, GROUP)).mT


def count(m: int) -> int:
    """Return how many groups hold m items.

    Examples
    --------
    >>> count(64), count(65)
    (2, 3)
    """
    return -(-m // GROUP)


def items_in_groups(factors: Array, biases: Array) -> Array:
    """Return the items' factors, (n_items, k), and biases, (n_items,), as one array: (k + 1, GROUP, groups).

    The product of ``(p_1, ..., p_k, 1)`` with it is a user's scores.  What fills the last group scores minus infinity.

    Examples
    --------
    >>> import numpy as np
    >>> items_in_groups(np.asarray([[2.0], [3.0]]), np.asarray([0.5, 0.0]))[:, :3, 0].tolist()
    [[2.0, 3.0, 0.0], [0.5, 0.0, -inf]]
    """
    xp = namespace(factors)
    found = xp.concat([in_groups(factors.mT, 0.0), in_groups(biases[None, :])], axis=0)
    return xp.reshape(xp.reshape(found, (-1,)), found.shape)  # in the order of the axes in memory, too
