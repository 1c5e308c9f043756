"""From a drawing or a photo of one digit to the pixels that a network was trained on.

The page of `xpnet report` does the same in JavaScript, step by step (``report/page/assets/drawing.js``): area averages
of our own, since every library and browser resizes pictures in its own way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xpnet.data.tables.dataset import Array

FAINT = 0.2  # of the darkest ink: what is fainter is paper
LEAST = 32.0  # of 255: a picture with less contrast shows nothing


@dataclass(frozen=True, slots=True)
class Framing:
    """How the images of a training set were made.

    Attributes
    ----------
    side : int
        Pixels of a side of the square image.
    box : int
        Pixels of the longer side of the digit in it.
    center : float
        Where the center of mass is, in pixels from the upper and the left edge.
    ink : float
        The number of a pixel that is all ink; paper is 0.

    Examples
    --------
    >>> gray = np.full((40, 40), 255.0)
    >>> gray[10:30, 18:22] = 0.0                     # an upright stroke
    >>> frame(gray, FRAMINGS[8]).sum(axis=0).round(1).tolist()
    [0.0, 0.0, 0.0, 102.4, 102.4, 0.0, 0.0, 0.0]
    """

    side: int
    box: int
    center: float
    ink: float

    def to_json(self) -> dict[str, Any]:
        """Return the framing as plain JSON."""
        return {"side": self.side, "box": self.box, "center": self.center, "ink": self.ink}


# The bundled digits fill the height of 8 blocks of 4 x 4 pixels.  MNIST's were fitted into 20 x 20 pixels; their
# centers of mass lie within pixel 14 of 0..27, whose middle is 14.5: measured, 14.01 to 14.99 in 98 % of 5,000 images.
FRAMINGS = {8: Framing(8, 8, 4.0, 16.0), 28: Framing(28, 20, 14.5, 255.0)}


def frame(gray: Any, framing: Framing) -> Array:
    """Return the image of a training set, shape (side, side), float64, that a gray picture shows.

    Parameters
    ----------
    gray : array, shape (height, width), real numbers
        Brightness from 0, black, to 255, white.  The paper is what most of the border shows: dark ink on light paper
        and light ink on dark paper give the same.
    framing : Framing

    Returns
    -------
    array
        Ink from 0 to ``framing.ink``.  The digit is cropped, scaled so that its longer side is ``box``, and moved so
        that its center of mass is at ``center``, as far as it stays inside.

    Raises
    ------
    ValueError
        If `gray` is no picture, or nothing is drawn on it.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits" (1998).
    """
    ink = ink_of(gray)
    rows, columns = _extent(ink.max(axis=1)), _extent(ink.max(axis=0))
    ink = ink[rows, columns]
    scale = framing.box / max(ink.shape)
    down = _shares(ink.shape[0], scale, _start(ink.sum(axis=1), scale, framing), framing.side)
    across = _shares(ink.shape[1], scale, _start(ink.sum(axis=0), scale, framing), framing.side)
    return np.minimum(framing.ink, framing.ink * (down @ ink @ across.T))


def ink_of(gray: Any) -> Array:
    """Return how much ink each pixel has, 0 to 1; what differs little from the paper has none."""
    gray = np.asarray(gray, dtype=np.float64)
    if gray.ndim != 2 or not gray.size or not np.isfinite(gray).all():
        raise ValueError(f"gray must be a picture of finite numbers, shape (height, width), got {gray.shape}")
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    paper = np.sort(border)[len(border) // 2]
    ink = np.abs(gray - paper)
    darkest = float(ink.max())
    if darkest < LEAST:
        raise ValueError("picture must show a digit that is darker or lighter than its paper, got nothing")
    ink /= darkest
    return np.where(ink < FAINT, 0.0, ink)


def _extent(drawn: Array) -> slice:
    """Return the rows, or columns, from the first to the last with ink."""
    places = np.flatnonzero(drawn)
    return slice(int(places[0]), int(places[-1]) + 1)


def _start(mass: Array, scale: float, framing: Framing) -> float:
    """Return where the digit begins in the image: its center of mass in its place, but all of it inside."""
    middle = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
    return max(0.0, min(framing.center - scale * middle, framing.side - scale * len(mass)))


def _shares(n: int, scale: float, start: float, side: int) -> Array:
    """Return which share of each pixel of the image each of n pixels covers, shape (side, n)."""
    edges = start + scale * np.arange(n + 1)
    pixels = np.arange(side)[:, None]
    return np.maximum(0.0, np.minimum(edges[1:], pixels + 1.0) - np.maximum(edges[:-1], pixels))
