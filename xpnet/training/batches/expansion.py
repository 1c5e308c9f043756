"""Expanding images: the images of each mini-batch are shifted, turned or bent a little, each time differently.

The distortion of a row is a hash of (seed, epoch, place of the row in the epoch), as dropout is.  It is the same on
every array library, needs no transfer and no generator, and is applied inside the step, on the device.
"""

from dataclasses import dataclass
from math import cos, pi
from typing import Any

from xpnet.backend import Array, Backend, namespace, of
from xpnet.checks import number, whole
from xpnet.counter_rng import draw_bits

WAVES = 4  # cosines along each axis; the bending is a sum of their products, without the constant one


@dataclass(frozen=True)
class Expansion:
    """How far images may be distorted in training.

    Attributes
    ----------
    side : int
        Pixels along an edge: rows of x are square images of ``side * side`` pixels.
    shift : float
        Largest shift along each axis, in pixels.
    rotation : float
        Largest turn, in degrees, either way.
    bend : float
        Strength of the smooth elastic distortion: root mean square displacement along each axis, in pixels.

    Notes
    -----
    Values between the pixels are interpolated bilinearly; pixels outside the image are 0.

    References
    ----------
    Nielsen, chapter 3, "artificially expanding the training data"; Simard, Steinkraus and Platt, ICDAR 2003,
    doi:10.1109/ICDAR.2003.1227801.

    Examples
    --------
    >>> Expansion(side=28, shift=1.0, rotation=10.0)
    Expansion(side=28, shift=1.0, rotation=10.0, bend=0.0)
    """

    side: int
    shift: float = 0.0
    rotation: float = 0.0
    bend: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", whole("side", self.side, 2))
        for name in ("shift", "rotation", "bend"):
            object.__setattr__(self, name, number(name, getattr(self, name)))

    def apply(self, x: Array, draws: Array, fields: Array) -> Array:
        """Return the distorted images: a pure function that transfers nothing.  Shapes may have the same leading axes.

        Parameters
        ----------
        x : Array, shape (m, side * side)
        draws : Array, shape (m, `n_draws`), between -1 and 1
            Random numbers that decide the distortion of each image.
        fields : Array, shape (waves, side * side)
            What `fields` returned.
        """
        xp = namespace(x)
        row, column = self._sources(draws, fields)  # (m, side * side) each
        top, left = xp.floor(row), xp.floor(column)
        down, right = row - top, column - left
        corners = (
            ((1.0 - down) * (1.0 - right), top, left),
            ((1.0 - down) * right, top, left + 1.0),
            (down * (1.0 - right), top + 1.0, left),
            (down * right, top + 1.0, left + 1.0),
        )
        return sum(share * self._pixels(x, i, j) for share, i, j in corners)

    @property
    def n_draws(self) -> int:
        """Random numbers for an image: two for the shift, one for the turn, two for each wave of the bending."""
        return 3 + (2 * (WAVES * WAVES - 1) if self.bend else 0)

    def fields(self, backend: Backend) -> Array:
        """Return the smooth displacements whose sum is the bending, shape (waves, side * side).  They are made once.

        If the coefficients are uniformly distributed in [-1, 1], the root mean square of the sum is `bend`.
        """
        n = self.side
        line = [[cos(pi * k * (p + 0.5) / n) for p in range(n)] for k in range(WAVES)]
        waves = [[a * b for a in line[k] for b in line[l]] for k in range(WAVES) for l in range(WAVES) if k + l]
        power = sum(v * v for wave in waves for v in wave) / (3.0 * n * n)  # the variance of [-1, 1] is 1/3
        return backend.asarray([[self.bend / power**0.5 * v for v in wave] for wave in waves])

    def _sources(self, draws: Array, fields: Array) -> tuple[Array, Array]:
        """Return the place from which each pixel is taken: row and column, (m, side * side)."""
        xp = namespace(draws)
        middle = 0.5 * (self.side - 1)
        grid = xp.arange(self.side * self.side, dtype=draws.dtype, device=of(draws).device)
        i = xp.floor((grid + 0.5) / self.side)[None, :]  # (1, side * side)
        j = grid[None, :] - self.side * i
        angle = (self.rotation * pi / 180.0) * draws[..., 2:3]  # (m, 1)
        c, s = xp.cos(angle), xp.sin(angle)
        row = middle + c * (i - middle) - s * (j - middle) + self.shift * draws[..., 0:1]
        column = middle + s * (i - middle) + c * (j - middle) + self.shift * draws[..., 1:2]
        if not self.bend:
            return row, column
        half = 3 + fields.shape[0]
        return row + draws[..., 3:half] @ fields, column + draws[..., half:] @ fields

    def _pixels(self, x: Array, i: Array, j: Array) -> Array:
        """Return the pixels at the whole-numbered places i and j; outside the image they are 0."""
        xp, last = namespace(x), self.side - 1.0
        indexing = xp.__array_namespace_info__().default_dtypes(device=of(x).device)["indexing"]
        inside = (i >= 0.0) & (i <= last) & (j >= 0.0) & (j <= last)
        place = xp.minimum(xp.maximum(i, 0.0), last) * self.side + xp.minimum(xp.maximum(j, 0.0), last)
        return xp.where(inside, xp.take_along_axis(x, xp.astype(place, indexing), axis=-1), 0.0)


def draw(places: Array, n: int, keys: tuple[int, int], dtype: Any) -> Array:
    """Return n numbers for each place, uniformly distributed in [-1, 1): see `xpnet.counter_rng.draw_bits`.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = draw(np.arange(5000, dtype=np.int32), 4, (1, 2), np.float64)
    >>> drawn.shape, bool(abs(drawn.mean()) < 0.02), bool(abs((drawn**2).mean() - 1 / 3) < 0.01)
    ((5000, 4), True, True)
    """
    return (1.0 / 2**23) * namespace(places).astype(draw_bits(places, n, keys), dtype) - 1.0
