"""The book's small functions: the sigmoid and its derivative, unit vectors, initial weights."""

from collections.abc import Sequence
from itertools import pairwise
from operator import index
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from xpnet.backend import quiet

Array: TypeAlias = npt.NDArray[Any]


def sigmoid(z: Any) -> Any:
    """Return ``1 / (1 + exp(-z))``, elementwise, for numbers or NumPy arrays; no z overflows.

    Unlike the tanh form, which training uses, it keeps full precision for very negative z.  So the largest of several
    tiny activations can still be found.

    References
    ----------
    Nielsen, chapter 1, equation 3.

    Examples
    --------
    >>> float(sigmoid(0)), float(sigmoid(-1000.0)), float(sigmoid(1000.0))
    (0.5, 0.0, 1.0)
    """
    z = np.asarray(z) * 1.0
    with quiet():
        small = np.exp(-np.abs(z))
        return (np.where(z >= 0.0, 1.0, small) / (1.0 + small))[()]


def sigmoid_prime(z: Any) -> Any:
    """Return the derivative of the sigmoid, elementwise.

    Examples
    --------
    >>> float(sigmoid_prime(0))
    0.25
    """
    a = sigmoid(z)
    with quiet():
        return a * (1.0 - a)


def vectorized_result(j: Any) -> Array:
    """Return the column, shape (10, 1), with a one in row `j` and zeros elsewhere: the desired output for a digit.

    Raises
    ------
    TypeError, ValueError
        If `j` is not a whole number from 0 to 9.

    Examples
    --------
    >>> vectorized_result(2).T
    array([[0., 0., 1., 0., 0., 0., 0., 0., 0., 0.]])
    """
    try:
        digit = index(j)
    except TypeError:
        raise TypeError(f"j must be a whole number, got {j!r}") from None
    if not 0 <= digit <= 9:
        raise ValueError(f"j must be a digit from 0 to 9, got {digit}")
    column = np.zeros((10, 1))
    column[digit] = 1.0
    return column


def normal(sizes: Sequence[int]) -> tuple[list[Array], list[Array]]:
    """Return biases (n_out, 1) and weights (n_out, n_in) from N(0, 1), all biases first.

    They come from NumPy's global generator, so that ``np.random.seed`` sets them, as in the book.
    """
    draw = np.random.randn
    return [draw(n, 1) for n in sizes[1:]], [draw(n_out, n_in) for n_in, n_out in pairwise(sizes)]
