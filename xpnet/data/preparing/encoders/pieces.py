"""Piecewise-linear inputs of a number: how far it is through each of several intervals."""

from itertools import pairwise

import numpy as np

from xpnet.data.columns.column import Array


def quantile_edges(numbers: Array, bins: int) -> tuple[float, ...]:
    """Return the distinct quantiles that divide numbers into at most `bins` intervals of equally many; () if into one.

    Examples
    --------
    >>> quantile_edges(np.asarray([1.0, 2.0, 3.0, 4.0, 5.0]), 2), quantile_edges(np.asarray([0.0, 1.0]), 1)
    ((1.0, 3.0, 5.0), ())
    """
    edges = np.unique(np.quantile(numbers, np.linspace(0.0, 1.0, bins + 1)))
    return tuple(edges.tolist()) if len(edges) > 2 else ()


def pieces(numbers: Array, edges: tuple[float, ...]) -> Array:
    """Return for each number and interval 0 below it, 1 above it, and inside of it the share that is passed.

    Parameters
    ----------
    numbers : array, shape (n,)
    edges : tuple of float, length k + 1, rising

    Returns
    -------
    array, shape (n, k), float64
        ``clip((x - e_i) / (e_{i+1} - e_i), 0, 1)``.

    References
    ----------
    Gorishniy, Rubachev and Babenko 2022, arXiv:2203.05556, section 3.2; numbers outside of the edges stay at 0 and 1.

    Examples
    --------
    >>> pieces(np.asarray([0.0, 2.0, 3.5, 9.0]), (1.0, 3.0, 5.0))
    array([[0.  , 0.  ],
           [0.5 , 0.  ],
           [1.  , 0.25],
           [1.  , 1.  ]])
    """
    e = np.asarray(edges)
    with np.errstate(over="ignore"):  # a narrow interval that is far away
        passed = (numbers[:, None] - e[:-1]) / (e[1:] - e[:-1])  # (n, k)
    return np.clip(passed, 0.0, 1.0, out=passed)


def piece_names(name: str, edges: tuple[float, ...]) -> tuple[str, ...]:
    """Return a name for each interval; with six digits, or with all where six do not tell them apart.

    Examples
    --------
    >>> piece_names("carat", (0.2, 0.5, 1.0))
    ('carat 0.2 to 0.5', 'carat 0.5 to 1')
    """
    words = [f"{e:.6g}" for e in edges]
    words = words if len(set(words)) == len(words) else [repr(e) for e in edges]
    return tuple(f"{name} {low} to {high}" for low, high in pairwise(words))
