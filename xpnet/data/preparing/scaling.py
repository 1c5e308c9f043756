"""Scale the numbers of a file for a network: subtract a shift, then divide."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.data.errors import FormatError
from xpnet.data.preparing.rounding import usable_scale
from xpnet.data.tables.dataset import Array
from xpnet.data.tables.frames import as_plain, feature_names, take_features

ROWS_AT_ONCE = 4096  # the most rows that are copied to float64 at once
NUMBERS_AT_ONCE = 2**22  # the most numbers that are copied at once


@dataclass(frozen=True, slots=True)
class Scaling:
    """The map ``x -> (x - shift) / scale``, column by column.

    Parameters
    ----------
    shift, scale : tuple of float, length n_in or 1
        In the unit of the columns; a single number is used for every column.  All finite, ``scale`` not 0.
    features : tuple of str, optional
        The names of the columns.  A frame is then matched by them; an array is taken by position.

    Raises
    ------
    ValueError
        If a length or a number is not as above.

    Examples
    --------
    >>> import numpy as np
    >>> Scaling((1.0, 2.0), (10.0, 20.0)).apply(np.asarray([[11, 2]]))
    array([[1., 0.]], dtype=float32)
    """

    shift: tuple[float, ...]
    scale: tuple[float, ...]
    features: tuple[str, ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("shift", "scale"):
            object.__setattr__(self, name, tuple(float(v) for v in getattr(self, name)))
        lengths = {len(self.shift), len(self.scale)}
        if 0 in lengths or len(lengths - {1}) > 1:
            raise ValueError(
                f"scale must have one number, or one a column as shift, got {len(self.scale)} and {len(self.shift)}"
            )
        if not all(map(math.isfinite, self.shift)):
            raise ValueError(f"shift must be finite, got {self.shift}")
        if not all(math.isfinite(v) and v != 0 for v in self.scale):
            raise ValueError(f"scale must be finite and not 0, got {self.scale}")
        if self.features is not None and lengths - {1, len(self.features)}:
            raise ValueError(f"features must name {max(lengths)} columns, got {len(self.features)}")

    @classmethod
    def divide_by(cls, value: float) -> "Scaling":
        """Return the scaling that divides every column by one number.

        Parameters
        ----------
        value : float
            In the unit of the columns: 16 for the bundled digits, 256 for MNIST as in the book.

        Returns
        -------
        Scaling
            With shift 0.

        Raises
        ------
        ValueError
            If ``value`` is 0 or not finite.

        Examples
        --------
        >>> Scaling.divide_by(16)
        Scaling(shift=(0.0,), scale=(16.0,))
        """
        return cls((0.0,), (value,))

    @classmethod
    def standardize(cls, x: Array) -> "Scaling":
        """Return the scaling that gives the columns of ``x`` mean 0 and standard deviation 1.

        Parameters
        ----------
        x : array or frame, shape (n, n_in), real numbers
            The examples to fit to: the training rows only.  The names of a frame's columns are remembered.

        Returns
        -------
        Scaling
            Means, and standard deviations over n (not n - 1), computed in float64.  A column that is
            constant, exactly or up to rounding errors, is shifted to 0 and keeps its scale.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If ``x`` is not a matrix with rows, not finite, or has masked entries.

        Examples
        --------
        >>> import numpy as np
        >>> Scaling.standardize(np.asarray([[1, 5], [3, 5]]))
        Scaling(shift=(2.0, 5.0), scale=(1.0, 1.0))
        """
        names, x = feature_names(x), _matrix(x)
        if len(x) == 0:
            raise ValueError(f"x must have a row, got shape {x.shape}")
        for rows in _blocks(x):
            _check_finite(x, x[rows], rows.start)
        constant = x.min(axis=0) == x.max(axis=0)  # (n_in,)
        unit = _power_of_two(x)  # sums and squares of numbers in this unit neither overflow nor vanish
        mean = unit * (sum((x[rows] / unit).sum(axis=0) for rows in _blocks(x)) / len(x))
        mean = np.where(constant, x[0], mean)  # exact; a sum would round
        variance = sum(((x[rows] / unit - mean / unit) ** 2).sum(axis=0) for rows in _blocks(x)) / len(x)
        scale = usable_scale(mean, unit * np.sqrt(variance), x.dtype)
        return cls(tuple(mean.tolist()), tuple(scale.tolist()), names)

    def apply(self, x: Array, *, dtype: str = "float32", out: Array | None = None) -> Array:
        """Return ``(x - shift) / scale`` as a new array, or write it to ``out``.

        Parameters
        ----------
        x : array or frame, shape (n, n_in), real numbers
            Examples as in the file.  A frame is matched by `features`, if they are known: the order of its columns
            does not matter, and others are ignored.
        dtype : {"float32", "float64"}
            Of the result; the arithmetic is float64.
        out : array, shape (n, n_in), optional
            Where to write, in its own dtype.  For examples larger than memory, map a new file with
            ``numpy.lib.format.open_memmap(path, "w+", "float32", x.shape)``.

        Returns
        -------
        array, shape (n, n_in), ``dtype``
            Dimensionless examples; ``out`` if it is given.

        Raises
        ------
        TypeError
            If ``x`` does not hold real numbers.
        ValueError
            If the width does not match, a column is missing, a number is not finite before or after, or ``x`` has
            masked entries.

        Examples
        --------
        >>> import numpy as np
        >>> Scaling.divide_by(256).apply(np.asarray([[0, 64, 255]], np.uint8))
        array([[0. , 0.25 , 0.99609375]], dtype=float32)
        """
        if out is not None:
            dtype = str(out.dtype)
        if dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be 'float32' or 'float64', got {dtype!r}")
        x = _matrix(take_features("x", x, self.features))
        n_in = max(len(self.shift), len(self.scale))
        if n_in not in (1, x.shape[1]):
            raise ValueError(f"x must have {n_in} columns, got {x.shape[1]}")
        shift, scale = np.asarray(self.shift), np.asarray(self.scale)  # (n_in,) or (1,), float64
        out = np.empty(x.shape, dtype=dtype) if out is None else out
        if out.shape != x.shape:
            raise ValueError(f"out must have shape {x.shape}, got {out.shape}")
        for rows in _blocks(x):
            with np.errstate(over="ignore", invalid="ignore"):  # the next line refuses infinity
                out[rows] = (x[rows] - shift) / scale
            _check_finite(x, out[rows], rows.start)
        return out

    def to_json(self) -> dict[str, object]:
        """Return the scaling as plain JSON; floats keep every bit.

        Returns
        -------
        dict
            ``kind``, ``shift`` and ``scale``, and ``features`` if they are known.

        Examples
        --------
        >>> Scaling.divide_by(16).to_json()
        {'kind': 'scaling', 'shift': [0.0], 'scale': [16.0]}
        """
        names = {} if self.features is None else {"features": list(self.features)}
        return {"kind": "scaling", "shift": list(self.shift), "scale": list(self.scale), **names}

    @classmethod
    def from_json(cls, value: object) -> "Scaling":
        """Return the scaling that `to_json` wrote.

        Parameters
        ----------
        value : dict
            ``kind``, ``shift`` and ``scale``, ``features`` perhaps, and nothing else.

        Returns
        -------
        Scaling
            Equal to the one written, bit for bit.

        Raises
        ------
        FormatError
            If ``value`` is anything else, or a kind that this version does not know.

        Examples
        --------
        >>> Scaling.from_json({"kind": "scaling", "shift": [0.0], "scale": [16.0]})
        Scaling(shift=(0.0,), scale=(16.0,))
        """
        if not isinstance(value, dict) or set(value) - {"features"} != {"kind", "shift", "scale"}:
            raise FormatError(f"preprocessing must have kind, shift and scale, got {value!r:.200}")
        if value["kind"] != "scaling":
            raise FormatError(f"preprocessing must be of the kind 'scaling', got {value['kind']!r:.200}")
        for name in ("shift", "scale"):
            numbers = value[name]
            if not isinstance(numbers, list) or not all(type(v) in (int, float) for v in numbers):
                raise FormatError(f"preprocessing {name} must be a list of numbers, got {numbers!r:.200}")
        names = value.get("features", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise FormatError(f"preprocessing features must be a list of names, got {names!r:.200}")
        try:
            return cls(tuple(value["shift"]), tuple(value["scale"]), tuple(names) if "features" in value else None)
        except (ValueError, OverflowError) as error:
            raise FormatError(f"preprocessing must be a usable scaling: {error}") from error


def _blocks(x: Array) -> Iterator[slice]:
    """Yield slices that cover the rows of a matrix."""
    step = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(1, x.shape[1])))
    return (slice(start, start + step) for start in range(0, len(x), step))


def _power_of_two(x: Array) -> Array:
    """Return the size of the largest number of each column, rounded to a power of two, shape (n_in,), float64."""
    largest = np.maximum(np.abs(x.max(axis=0).astype(np.float64)), np.abs(x.min(axis=0).astype(np.float64)))
    return np.ldexp(1.0, np.frexp(largest)[1] - 1)


def _matrix(x: Any) -> Array:
    """Return x as a matrix of real numbers, or refuse it."""
    x = to_numpy(as_plain("x", x))
    if x.dtype.kind not in "biuf":
        raise TypeError(f"x must hold real numbers, got {x.dtype}")
    if x.ndim != 2:
        raise ValueError(f"x must have shape (n, n_in), got {x.shape}")
    return x


def _check_finite(x: Array, block: Array, start: int) -> None:
    """Refuse a block with a number that is not finite; the message shows the number in ``x``."""
    wrong = np.argwhere(~np.isfinite(block))
    if len(wrong):
        row, column = start + int(wrong[0, 0]), int(wrong[0, 1])
        raise ValueError(f"x must be finite and fit {block.dtype}, got {x[row, column]} in row {row}, column {column}")
