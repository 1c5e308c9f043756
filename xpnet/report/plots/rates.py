"""Curves over the learning rate, over lambda, and over epochs by layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.report.plots.canvas import axes, color, curve, text, tidy

WIDE = 100  # a range of values for which the axis is logarithmic
LAMBDA = ("lambda", "lam")  # the name in JSON, and in Python, where lambda is taken


def plot_learning_rate_range(found: Any, *, ax: Any = None) -> Any:
    """Draw a learning-rate range test: the cost of each step over its learning rate.

    Parameters
    ----------
    found : RangeTest, mapping with etas and costs, or (etas, costs)
        What `xpnet.training.learning_rate_range` returns.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        The axis of the cost is logarithmic if the costs are positive and range over a factor of 100.

    Raises
    ------
    ValueError
        If there is no step, a learning rate is not positive, or there are not as many costs.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> plot_learning_rate_range(([0.01, 0.1], [2.0, 1.0])).get_xscale()
    'log'
    """
    etas, costs = (found["etas"], found["costs"]) if isinstance(found, Mapping) else found
    etas = _numbers("etas", etas)
    costs = _numbers("costs", costs)
    if not len(etas) or not (etas > 0).all():
        raise ValueError(
            "etas must be positive numbers, at least one, got " + (f"{etas.min()}" if len(etas) else "none")
        )
    if len(etas) != len(costs):
        raise ValueError(f"costs must be as many as etas, {len(etas)}, got {len(costs)}")
    ax = axes(ax)
    curve(ax, etas, costs, color=color(0))
    ax.set(xlabel="learning rate η", ylabel="cost C of the mini-batch", xscale="log", yscale=_scale(costs))
    return tidy(ax, legend=False)


def plot_gradient_norms(norms: Any, *, epochs: Sequence[int] | None = None, ax: Any = None) -> Any:
    """Draw the norm of the gradient of each layer's weights, over recorded moments of a training.

    Parameters
    ----------
    norms : array, shape (n_moments, n_layers), or a sequence of gradients
        Gradients are what `Network.gradients` returns: a layer's w and b, for each layer.
    epochs : sequence of n_moments numbers, optional
        When they were recorded.  Default: 1, 2 and so on.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With a line for each layer, on a logarithmic axis: where lines lie far apart, gradients vanish or explode.

    Raises
    ------
    ValueError
        If there is no moment, or there are not as many epochs.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    References
    ----------
    Nielsen, chapter 5, on the vanishing gradient.

    Examples
    --------
    >>> ax = plot_gradient_norms([[0.01, 1.0], [0.02, 0.5]])
    >>> [line.get_ydata().tolist() for line in ax.lines]
    [[0.01, 0.02], [1.0, 0.5]]
    """
    table = np.asarray([[_norm(layer) for layer in moment] for moment in norms], dtype="float64")
    if table.ndim != 2 or not table.size:
        raise ValueError(f"norms must have shape (n_moments, n_layers), at least one of each, got {table.shape}")
    places = list(range(1, len(table) + 1)) if epochs is None else list(epochs)
    if len(places) != len(table):
        raise ValueError(f"epochs must be {len(table)} numbers, got {len(places)}")
    ax = axes(ax)
    for l, column in enumerate(table.T):
        label = rf"$\|\partial C/\partial w^{{{l + 2}}}\|$"  # the book's layer 1 is the inputs
        curve(ax, places, np.where(column > 0, column, np.nan), color=color(l), label=label)
    ax.set(xlabel="epoch", ylabel="norm of the gradient", yscale="log" if (table > 0).any() else "linear")
    return tidy(ax)


def plot_regularization_path(points: Any, *, measures: Sequence[str] | None = None, ax: Any = None) -> Any:
    """Draw the regularization path of a recommender: errors, or the rank, over lambda.

    Parameters
    ----------
    points : sequence of mappings or PathPoint
        What ``xpnet recommend fit --json`` prints (`read_path` reads it), or the `history` of a recommender that
        `SoftImpute` fitted; mappings may have more measures.
    measures : sequence of str, optional
        What is drawn.  Default: the error of validation, and without one the rank.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With a line for each measure.  Lambda is on a logarithmic axis.

    Raises
    ------
    ValueError
        If there is no point, or a point lacks lambda or a measure.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> ax = plot_regularization_path([{"lambda": 8.0, "validation": 1.1}, {"lambda": 4.0, "validation": 0.9}])
    >>> ax.lines[0].get_xydata().tolist()
    [[8.0, 1.1], [4.0, 0.9]]
    """
    rows = [dict(point) if isinstance(point, Mapping) else point._asdict() for point in points]
    if not rows:
        raise ValueError("points must hold at least one, got none")
    if measures is None:
        measures = ["validation" if rows[0].get("validation") is not None else "rank"]
    lambdas = [next((row[name] for name in LAMBDA if name in row), None) for row in rows]
    for name, column in (("lambda", lambdas), *((name, [row.get(name) for row in rows]) for name in measures)):
        if None in column:
            raise ValueError(f"points must all have {name}, got one without")
    ax = axes(ax)
    for i, name in enumerate(measures):
        curve(ax, lambdas, [row[name] for row in rows], color=color(i), label=text(name))
    ylabel = "rank" if list(measures) == ["rank"] else "root mean square error"
    ax.set(xlabel="λ", ylabel=ylabel, xscale="log")
    return tidy(ax)


def _norm(layer: Any) -> float:
    """Return a number, or the Frobenius norm of a layer's weights."""
    return float(np.linalg.norm(to_numpy(layer.w))) if hasattr(layer, "w") else float(layer)


def _numbers(name: str, values: Any) -> Any:
    found = np.asarray([np.nan if value is None else value for value in values], dtype="float64")
    if found.ndim != 1:
        raise ValueError(f"{name} must have shape (n,), got {found.shape}")
    return found


def _scale(values: Any) -> str:
    known = values[np.isfinite(values)]
    return "log" if len(known) and known.min() > 0 and known.max() > WIDE * known.min() else "linear"
