"""Growing parts of the training rows: a sixteenth, an eighth, …, to see how the test figures grow with them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
FEWEST = 20  # rows; fewer show nothing but chance


def parts_of_rows(labels: Any, n: int, seed: int) -> Iterator[Any]:
    """Yield row numbers of growing parts of n training rows, each inside of the next; all classes are in each.

    Examples
    --------
    >>> [len(rows) for rows in parts_of_rows(None, 800, 0)]
    [50, 100, 200, 400]
    """
    order = np.random.default_rng(seed).permutation(n)
    classes = 0 if labels is None else len(np.unique(labels))
    for share in SHARES:
        rows = order[: round(share * n)]
        if len(rows) >= FEWEST and (labels is None or len(np.unique(labels[rows])) == classes):
            yield rows
