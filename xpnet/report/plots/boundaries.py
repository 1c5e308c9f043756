"""The decision boundary of a model with two inputs, and how it moved while the model learned."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.io import Model
from xpnet.report.planes import Plane, decision_plane, rows_in_plane
from xpnet.report.plots.canvas import TWO_SIDED, axes, color, text, tidy

MARKS = "os^Dv<>"


def plot_decision_boundary(
    plane: Any, x: Any, y: Any = None, *, classes: Sequence[Any] | None = None, ax: Any = None
) -> Any:
    """Draw which class a model says where, and the rows.

    Parameters
    ----------
    plane : Result, Model or Plane
        A model with two inputs, or what `decision_plane` has computed.
    x : array, shape (m, 2)
    y : array, shape (m,), optional
        Class numbers of the rows, or values of a regression.
    classes : sequence of names, optional
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With an image of the plane, whose colors are the stronger the more probable the class is, and points for the
        rows, a mark for each class.  The image of a regression has the colors of its values.

    Raises
    ------
    ValueError
        If shapes do not fit.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> plane = Plane(np.asarray([0.0, 1.0]), np.asarray([0.0, 1.0]), np.asarray([[0, 1], [0, 1]]), n_classes=2)
    >>> ax = plot_decision_boundary(plane, [[0.0, 0.5], [1.0, 0.5]], [0, 1])
    >>> ax.images[0].get_array().shape, len(ax.collections)
    ((2, 2, 3), 2)
    """
    rows = rows_in_plane(x)
    labels = None if y is None else np.asarray(to_numpy(y) if hasattr(y, "dtype") else y).reshape(-1)
    if labels is not None and len(labels) != len(rows):
        raise ValueError(f"y must have {len(rows)} labels, got {len(labels)}")
    found = plane if isinstance(plane, Plane) else decision_plane(plane, rows)
    ax = axes(ax)
    _paint(ax, found)
    _mark(ax, rows, labels, found, classes)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=_ends(found.across), ylim=_ends(found.up))
    return tidy(ax, legend=bool(found.n_classes and labels is not None))


def animate_decision_boundary(
    network: Any,
    recorded: Sequence[Any],
    x: Any,
    y: Any = None,
    *,
    epochs: Sequence[int] | None = None,
    n: int = 100,
    interval: float = 200.0,
    ax: Any = None,
) -> Any:
    """Return an animation of the decision boundary while a network learned.

    Parameters
    ----------
    network : Network
        With two inputs.
    recorded : sequence of parameters
        Of each frame, as a callback got them; nothing is trained here.
    x, y : arrays, shape (m, 2) and (m,)
        The rows, in the network's units.
    epochs : sequence of int, optional
        When they were recorded.  Default: 1, 2 and so on.
    n : int
        How many places a side of the plane has.
    interval : float
        Time between two frames, in ms.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        ``animation.save("film.gif")`` writes it; in a notebook ``animation.to_jshtml()`` shows it.

    Raises
    ------
    ValueError
        If no parameters were recorded, or there are not as many epochs.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import pathlib, tempfile, xpnet
    >>> network = xpnet.Network([2, 1])
    >>> recorded = [network.initialize(seed=seed) for seed in (0, 1)]
    >>> film = animate_decision_boundary(network, recorded, [[0.0, 0.0], [1.0, 1.0]], [0, 1], n=10)
    >>> film.save(pathlib.Path(tempfile.mkdtemp()) / "film.gif")
    """
    if not len(recorded):
        raise ValueError("recorded must hold the parameters of at least one epoch, got none")
    times = list(range(1, len(recorded) + 1)) if epochs is None else list(epochs)
    if len(times) != len(recorded):
        raise ValueError(f"epochs must be {len(recorded)} numbers, got {len(times)}")
    rows = rows_in_plane(x)
    planes = [decision_plane(Model(network, parameters), rows, n=n) for parameters in recorded]
    return animated(planes, times, plot_decision_boundary(planes[0], rows, y, ax=ax), interval)


def animated(planes: Sequence[Plane], times: Sequence[int], ax: Any, interval: float) -> Any:
    """Return an animation of planes in Axes that hold the first of them."""
    from matplotlib.animation import FuncAnimation

    if not planes[0].n_classes:
        values = np.stack([plane.values for plane in planes])
        ax.images[0].set_clim(values.min(), values.max())

    def draw(i: int) -> list[Any]:
        ax.images[0].set_data(_colors(planes[i]) if planes[i].n_classes else planes[i].values)
        ax.set_title(f"epoch {times[i]}")
        return [ax.images[0]]

    draw(0)
    return FuncAnimation(ax.figure, draw, frames=len(planes), interval=interval)


def _colors(plane: Plane) -> Any:
    """Return the color of each place, (n, n, 3): white where no class is more probable than the others."""
    from matplotlib.colors import to_rgb

    kinds = np.asarray([to_rgb(color(i)) for i in range(plane.n_classes)])
    strength = 0.5 * np.ones(plane.values.shape)
    if plane.proba is not None:
        least = 1.0 / plane.n_classes
        strength = 0.1 + 0.5 * np.clip((plane.proba - least) / (1.0 - least), 0.0, 1.0)
    return 1.0 - strength[..., None] * (1.0 - kinds[plane.values])


def _ends(places: Any) -> tuple[float, float]:
    """Return where the image begins and ends: half a place beyond the centers of the outer ones."""
    half = (places[1] - places[0]) / 2.0
    return float(places[0] - half), float(places[-1] + half)


def _paint(ax: Any, plane: Plane) -> None:
    how = {"extent": (*_ends(plane.across), *_ends(plane.up)), "origin": "lower", "aspect": "auto"}
    if plane.n_classes:
        ax.imshow(_colors(plane), interpolation="nearest", **how)
        return
    image = ax.imshow(plane.values, cmap=TWO_SIDED, **how)
    ax.figure.colorbar(image, ax=ax, label="predicted value")


def _mark(ax: Any, rows: Any, labels: Any, plane: Plane, classes: Sequence[Any] | None) -> None:
    how = {"s": 18, "edgecolors": "white", "linewidths": 0.5}
    if labels is None:
        ax.scatter(*rows.T, color="#444444", **how)
        return
    if not plane.n_classes:
        ax.scatter(*rows.T, c=labels, cmap=TWO_SIDED, norm=ax.images[0].norm, **how)
        return
    for i in sorted(set(labels.astype(int).tolist())):
        name = text(i if classes is None else classes[i])
        ax.scatter(*rows[labels == i].T, color=color(i), marker=MARKS[i % len(MARKS)], label=name, **how)
