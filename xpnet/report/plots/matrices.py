"""Singular values, and where norms are 1."""

from collections.abc import Sequence
from math import inf, pi
from typing import Any

import numpy as np

from xpnet import linalg
from xpnet.backend import to_numpy
from xpnet.report.plots.canvas import axes, color, curve, tidy, whole_numbers

POINTS = 720  # of an outline; a multiple of 8, so that the axes and diagonals are among them


def plot_singular_values(a: Any, *, ax: Any = None) -> Any:
    """Draw the singular values of a matrix on a logarithmic axis.

    Parameters
    ----------
    a : array, shape (m, n) or (k,)
        A matrix, or its singular values.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        Values that are 0 have no place on the axis; the title counts them.

    Raises
    ------
    ValueError
        If `a` has another shape, or a singular value is negative.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> plot_singular_values(np.diag([1.0, 4.0])).lines[0].get_ydata().tolist()
    [4.0, 1.0]
    """
    given = to_numpy(a) if hasattr(a, "shape") else np.asarray(a, dtype="float64")
    if given.ndim not in (1, 2) or not given.size:
        raise ValueError(f"a must have shape (m, n) or (k,), got {given.shape}")
    s = linalg.svdvals(given) if given.ndim == 2 else given
    if not (s >= 0).all():
        raise ValueError(f"a must hold singular values of at least 0, got {s.min()}")
    ax, zeros = axes(ax), int((s == 0).sum())
    curve(ax, np.arange(1, len(s) + 1), np.where(s > 0, s, np.nan), color=color(0))
    told = f", {zeros} of them 0" if zeros else ""
    ax.set(xlabel="j", ylabel=r"$\sigma_j$", title=f"{len(s)} singular values{told}")
    whole_numbers(ax)
    ax.set_yscale("log" if zeros < len(s) else "linear")
    return tidy(ax, legend=False)


def plot_unit_balls(orders: Sequence[float] = (0.5, 1, 1.5, 2, 4, inf), *, ax: Any = None) -> Any:
    """Draw the points of the plane whose norm is 1, for several orders.

    Parameters
    ----------
    orders : sequence of positive numbers
        The p of the norms; below 1 it is no norm, and the label says so.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With an outline for each order.  A single one is filled.

    Raises
    ------
    ValueError
        If there is no order, or one is not positive.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> ax = plot_unit_balls([1, 2])
    >>> [line.get_label() for line in ax.lines]
    ['L1', 'L2']
    """
    if not len(orders) or not all(p > 0 for p in orders):
        raise ValueError(f"orders must be positive numbers, at least one, got {list(orders)}")
    ax, angles = axes(ax), np.arange(POINTS + 1) * (2 * pi / POINTS)
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    ways[np.abs(ways) < 1e-12] = 0.0  # the axes themselves: for p < 1 the outline has a tip there
    for i, p in enumerate(orders):
        outline = ways / linalg.vector_norm(ways, axis=-1, ord=p)[:, None]
        name = "L∞" if p == inf else f"L{p:g}"
        ax.plot(*outline.T, color=color(i), linewidth=1.5, label=name if p >= 1 else f"{name} (no norm)")
        if len(orders) == 1:
            ax.fill(*outline.T, color=color(i), alpha=0.2, linewidth=0)
    ax.set(aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1], xlabel="$x_1$", ylabel="$x_2$")
    tidy(ax, legend=False).legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
