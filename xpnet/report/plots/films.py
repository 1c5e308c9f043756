"""The film of learning that a page holds, as an animation of Matplotlib."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xpnet.report.film import centers
from xpnet.report.measuring.packing import unpack
from xpnet.report.planes import Plane
from xpnet.report.plots.boundaries import animated, plot_decision_boundary
from xpnet.report.plots.canvas import text
from xpnet.report.plots.images import plot_weights, weights_picture


def animate_film(
    film: Mapping[str, Any], *, classes: Sequence[Any] | None = None, interval: float = 200.0, ax: Any = None
) -> Any:
    """Return an animation of a recorded film: the decision boundary, or the weights of the first layer.

    Parameters
    ----------
    film : mapping
        What `Film.to_json` returned, or the ``"film"`` of a page that `read_page` read.
    classes : sequence of names, optional
        Without them classes have their numbers.
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
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> import pathlib, tempfile, xpnet
    >>> from xpnet.report import Film
    >>> x, y = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.asarray([0, 1, 1, 0])
    >>> network = xpnet.Network([2, 4, 1])
    >>> film = Film(xpnet.Model(network, network.initialize(seed=0)), x, y)
    >>> result = xpnet.train(network, (x, y), epochs=2, callbacks=[film])
    >>> animate_film(film.to_json()).save(pathlib.Path(tempfile.mkdtemp()) / "film.gif")
    """
    frames, epochs = unpack(film["frames"]), film["epochs"]
    if film["kind"] == "weights":
        return _weights(film, frames, ax, interval)
    n_classes = 0
    if film["planes"] == 2:
        n_classes = max(2, len(classes or ()), 1 + int(frames[..., 0].max()))
    planes = [_plane(film, frame[::-1], n_classes) for frame in frames]  # the first line of a frame is the top
    x, labels = _points(film)
    if not n_classes:
        labels = None
    ax = plot_decision_boundary(planes[0], x, labels, classes=classes, ax=ax)
    ax.set(**dict(zip(("xlabel", "ylabel"), map(text, film["names"]), strict=True)))
    if not n_classes:
        ax.images[0].colorbar.set_label("predicted value: 0 is the middle of the targets, 1 the largest")
    return animated(planes, epochs, ax, interval)


def _plane(film: Mapping[str, Any], frame: Any, n_classes: int) -> Plane:
    across, up = (centers(ends, film["grid"]) for ends in film["ranges"])
    if not n_classes:
        return Plane(across, up, frame[..., 0])
    return Plane(across, up, frame[..., 0].astype("int64"), frame[..., 1] / 255.0, n_classes)


def _points(film: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the rows, (m, 2), and their class numbers, or None if one has none."""
    (left, right), (bottom, top) = film["ranges"]
    x = [[left + (right - left) * a, bottom + (top - bottom) * b] for a, b, _ in film["points"]]
    labels = [label for _, _, label in film["points"]]
    return x, None if None in labels else labels


def _weights(film: Mapping[str, Any], frames: Any, ax: Any, interval: float) -> Any:
    from matplotlib.animation import FuncAnimation

    w = (frames.astype("float64") - 127.0) / 127.0 * np.reshape(film["limits"], (-1, 1, 1))
    ax, pictures = plot_weights(w[0], ax=ax), [weights_picture(each) for each in w]

    def draw(i: int) -> list[Any]:
        ax.images[0].set_data(pictures[i])
        ax.set_title(f"weights of {film['units']} neurons, epoch {film['epochs'][i]}")
        return [ax.images[0]]

    limit = max(film["limits"])  # one scale for all frames, so that growth is seen
    ax.images[0].set_clim(-limit, limit)

    draw(0)
    return FuncAnimation(ax.figure, draw, frames=len(w), interval=interval)
