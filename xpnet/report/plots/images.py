"""Images: what was misread, what the first layer weighs, what a low rank keeps.  Several are tiles of one picture."""

from collections.abc import Sequence
from math import ceil, isqrt
from typing import Any

import numpy as np

from xpnet import linalg
from xpnet.backend import to_numpy
from xpnet.report.plots.canvas import TWO_SIDED, axes, tell, text

GRAY = "gray"


def plot_mistakes(
    images: Any,
    y: Any,
    predicted: Any,
    *,
    proba: Any = None,
    classes: Sequence[Any] | None = None,
    shape: tuple[int, int] | None = None,
    most: int = 12,
    ax: Any = None,
) -> Any:
    """Draw images that were predicted wrong, those with the largest probability of the wrong class first.

    Parameters
    ----------
    images : array, shape (m, n_pixels) or (m, height, width)
    y, predicted : arrays of class numbers, shape (m,)
    proba : array, shape (m, k), optional
        Probabilities of the classes.  Without them the order is that of the rows.
    classes : sequence of k names, optional
    shape : (height, width), optional
        Default: square.
    most : int
        The largest number of images.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With one image of tiles and a text above each.  Where nothing was predicted wrong, a sentence says so.

    Raises
    ------
    ValueError
        If shapes do not fit, or `most` is below 1.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> ax = plot_mistakes(np.eye(4), [0, 1, 1, 0], [0, 1, 0, 0])
    >>> ax.texts[0].get_text()
    '1 read as 0'
    """
    labels, read = (np.asarray(to_numpy(each)).reshape(-1) for each in (y, predicted))
    tiles = _tiles("images", images, shape)
    if not len(tiles) == len(labels) == len(read):
        raise ValueError(f"y and predicted must have {len(tiles)} labels, got {len(labels)} and {len(read)}")
    wrong, chance = np.flatnonzero(labels != read), None
    if proba is not None:
        chance = np.asarray(to_numpy(proba))[np.arange(len(read)), read]
        wrong = wrong[np.argsort(-chance[wrong], kind="stable")]
    ax = axes(ax)
    if not len(wrong):
        return tell(ax, f"none of {len(read)} images was predicted wrong")
    shown = wrong[: _most(most)].tolist()
    names = [str(i) if classes is None else text(classes[i], 12) for i in range(int(max(labels.max(), read.max())) + 1)]
    captions = [f"{names[labels[i]]} read as {names[read[i]]}" for i in shown]
    if chance is not None:
        captions = [f"{words}, {100 * chance[i]:.0f} %" for words, i in zip(captions, shown, strict=True)]
    _show(ax, tiles[shown], captions, cmap=GRAY)
    ax.set_title(f"{len(shown)} of {len(wrong)} mistakes in {len(read)} images")
    return ax


def plot_weights(weights: Any, *, shape: tuple[int, int] | None = None, most: int = 64, ax: Any = None) -> Any:
    """Draw the weights of each neuron of the first layer as an image of the inputs.

    Parameters
    ----------
    weights : array, shape (n_out, n_in), or Result, Model or parameters
        Of an ensemble, the first member.
    shape : (height, width), optional
        Default: square.
    most : int
        The largest number of neurons.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With one image of tiles.  White is 0, and all tiles have one scale.

    Raises
    ------
    ValueError
        If the inputs are no image of that shape, or `most` is below 1.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> ax = plot_weights([[1.0, -2.0, 0.0, 0.0]])
    >>> ax.images[0].get_clim()
    (-2.0, 2.0)
    """
    tiles = _tiles("weights", _first_weights(weights), shape)
    shown = tiles[: _most(most)]
    limit = float(np.abs(shown).max()) or 1.0
    ax = axes(ax)
    image = _show(ax, shown, [], cmap=TWO_SIDED, vmin=-limit, vmax=limit)
    ax.figure.colorbar(image, ax=ax, label="weight w")
    ax.set_title(f"weights of {len(shown)} of {len(tiles)} neurons")
    return ax


def weights_picture(weights: Any) -> Any:
    """Return the picture that `plot_weights` draws of all neurons, to put into its Axes."""
    tiles = _tiles("weights", _first_weights(weights), None)
    gap = max(1, round(0.08 * tiles.shape[1]))
    return _together(tiles, ceil(len(tiles) ** 0.5), gap, gap)


def plot_low_rank(a: Any, ranks: Sequence[int] = (5, 20, 60), *, ax: Any = None) -> Any:
    """Draw a matrix as an image, and its best approximations of lower rank beside it.

    Parameters
    ----------
    a : array, shape (m, n)
    ranks : sequence of int
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With one image of tiles and a text above each: the rank, how many numbers are kept, and the relative error in
        the Frobenius norm.

    Raises
    ------
    ValueError
        If `a` is no matrix, or a rank does not fit it.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    References
    ----------
    Eckart and Young, Psychometrika 1 (1936): no matrix of that rank is nearer.

    Examples
    --------
    >>> ax = plot_low_rank(np.diag([2.0, 1.0]), ranks=[1])
    >>> [text.get_text() for text in ax.texts]
    ['2 × 2: 4 numbers', 'rank 1: 5, error 45 %']
    """
    whole = np.asarray(to_numpy(a), dtype="float64")
    if whole.ndim != 2 or not whole.size:
        raise ValueError(f"a must have shape (m, n), got {whole.shape}")
    size, captions = float(linalg.norm(whole)), [f"{whole.shape[0]} × {whole.shape[1]}: {whole.size} numbers"]
    tiles = [whole]
    for k in ranks:
        near = linalg.low_rank(whole, k)
        error = float(near.frobenius_error) / size if size else 0.0
        captions.append(f"rank {k}: {k * (sum(whole.shape) + 1)}, error {100 * error:.0f} %")
        tiles.append(near.approximation)
    ax = axes(ax)
    limits = {"vmin": whole.min(), "vmax": whole.max()}
    _show(ax, np.stack(tiles), captions, columns=len(tiles), cmap=GRAY, **limits)
    return ax


def _first_weights(weights: Any) -> Any:
    """Return the weights of the first layer, (n_out, n_in)."""
    found = getattr(weights, "model", weights)  # of a Result
    if hasattr(found, "members"):
        found = found.member(0).parameters
    if isinstance(found, tuple) and found and hasattr(found[0], "w"):
        found = found[0].w
    w = np.asarray(to_numpy(found))
    if w.ndim != 2:
        raise ValueError(f"weights must have shape (n_out, n_in), got {w.shape}")
    return w


def _tiles(name: str, rows: Any, shape: tuple[int, int] | None) -> Any:
    """Return rows as images, (m, height, width)."""
    found = np.asarray(to_numpy(rows), dtype="float64")
    if found.ndim == 3:
        return found
    if found.ndim != 2 or not found.size:
        raise ValueError(f"{name} must have shape (m, n_pixels) or (m, height, width), got {found.shape}")
    n = found.shape[1]
    height, width = shape or (isqrt(n), isqrt(n))
    if height * width != n:
        known = "a square number of" if shape is None else f"{height} x {width}"
        raise ValueError(f"{name} must have {known} pixels, got {n}")
    return found.reshape(-1, height, width)


def _most(most: int) -> int:
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    return most


def _show(ax: Any, tiles: Any, captions: Sequence[str], *, columns: int | None = None, **how: Any) -> Any:
    """Draw images beside each other, with gaps of nothing (NaN) between them, and the captions above them."""
    _, height, width = tiles.shape
    columns = columns or ceil(len(tiles) ** 0.5)
    gap = max(1, round(0.08 * height))
    above = max(gap, round(0.2 * height)) if captions else gap
    image = ax.imshow(_together(tiles, columns, above, gap), interpolation="nearest", **how)
    for i, words in enumerate(captions):
        middle = i % columns * (width + gap) + (width - 1) / 2
        bottom = i // columns * (height + above) + above - 1
        ax.text(middle, bottom, words, ha="center", va="bottom", fontsize="x-small")
    ax.set_axis_off()
    return image


def _together(tiles: Any, columns: int, above: int, gap: int) -> Any:
    """Return images as one, with gaps of nothing above them and between them."""
    m, height, width = tiles.shape
    high, wide = height + above, width + gap
    canvas = np.full((ceil(m / columns) * high, columns * wide - gap), np.nan)
    for i, tile in enumerate(tiles):
        top, left = i // columns * high + above, i % columns * wide
        canvas[top : top + height, left : left + width] = tile
    return canvas
