"""Which classes are taken for which."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.report.plots.canvas import ONE_SIDED, axes, text

MOST_NUMBERS, MOST_NAMES = 20, 40  # classes up to which each cell has its number, and each class its name


def plot_confusion(counts: Any, classes: Sequence[Any] | None = None, *, ax: Any = None) -> Any:
    """Draw a confusion matrix: its colors are shares of the rows of a class, its numbers are rows.

    Parameters
    ----------
    counts : array, shape (k, k)
        How many rows of class i were predicted as class j, as `xpnet.training.metrics.confusion` counts them.
    classes : sequence of k names, optional
        Default: 0, 1 and so on.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With one image of shape (k, k).  More than 20 classes have no numbers, more than 40 no names.

    Raises
    ------
    ValueError
        If `counts` is not square, is empty or holds negative numbers, or there are not k classes.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> ax = plot_confusion([[3, 1], [0, 4]], ["cat", "dog"])
    >>> ax.images[0].get_array().tolist()
    [[0.75, 0.25], [0.0, 1.0]]
    """
    table = np.asarray(to_numpy(counts))
    k = len(table) if table.ndim else 0
    if table.shape != (k, k) or not k:
        raise ValueError(f"counts must have shape (k, k), got {table.shape}")
    if not (table >= 0).all():
        raise ValueError(f"counts must be at least 0, got {table.min()}")
    names = [text(name) for name in (range(k) if classes is None else classes)]
    if len(names) != k:
        raise ValueError(f"classes must be {k} names, got {len(names)}")
    ax, rows = axes(ax), table.sum(axis=1, keepdims=True)
    share = table / np.maximum(rows, 1)
    image = ax.imshow(share, cmap=ONE_SIDED, vmin=0.0, vmax=1.0)
    ax.figure.colorbar(image, ax=ax, label="share of the rows of the class")
    ax.set(xlabel="predicted class", ylabel="class")
    if k <= MOST_NAMES:
        turned = 0 if max(map(len, names)) <= 3 else 90
        ax.set_xticks(range(k), names, rotation=turned)
        ax.set_yticks(range(k), names)
    if k <= MOST_NUMBERS:
        _write_numbers(ax, table, share)
    return ax


def _write_numbers(ax: Any, table: Any, share: Any) -> None:
    size = 10 if len(table) <= 10 else 6
    for i, j in np.argwhere(table > 0).tolist():
        ink = "white" if share[i, j] > 0.5 else "black"
        ax.text(j, i, f"{table[i, j]:g}", ha="center", va="center", color=ink, fontsize=size)
