"""Perceptrons that compute: NAND, an adder made only of NANDs, and an output layer that gives numbers in binary.

The weights are set by hand; nothing is learned.  Source: Nielsen, chapter 1.
"""

from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, all_true, get, resolve
from xpnet.checks import whole
from xpnet.nn.parameters import Layer
from xpnet.nn.perceptrons.perceptron import Perceptron, weighted_input


class Sum(NamedTuple):
    """Two bits added: ``x1 + x2 = sum + 2 carry``."""

    sum: Array
    carry: Array


def nand_perceptron(backend: str | Backend | None = None) -> Perceptron:
    """Return the perceptron whose output is 0 if and only if both inputs are 1: weights -2 and -2, bias 3.

    Parameters
    ----------
    backend : str or Backend, optional
        The backend for the weights and the bias.

    Examples
    --------
    >>> nand_perceptron().predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([1, 1, 1, 0], dtype=int32)
    """
    home = get(backend)
    return Perceptron(home.asarray([-2.0, -2.0]), home.asarray(3.0))


def nand(x1: Any, x2: Any) -> Array:
    """Return the outputs of the NAND perceptron for bits `x1` and `x2`.

    Parameters
    ----------
    x1, x2 : array of 0 and 1, or number
        Their shapes must broadcast.

    Returns
    -------
    Array
        int32: 0 where both are 1, else 1.

    Raises
    ------
    ValueError
        If an input is neither 0 nor 1.

    Examples
    --------
    >>> nand([0, 0, 1, 1], [0, 1, 0, 1])
    array([1, 1, 1, 0], dtype=int32)
    """
    home = resolve(None, x1=x1, x2=x2)
    xp = home.xp
    x = xp.stack(xp.broadcast_arrays(_bits("x1", x1, home), _bits("x2", x2, home)), axis=-1)  # (..., 2)
    return xp.astype(weighted_input(nand_perceptron(home), x) > 0.0, xp.int32)


def add_bits(x1: Any, x2: Any) -> Sum:
    """Return the sum and the carry of two bits, computed only by NAND perceptrons.

    Parameters
    ----------
    x1, x2
        As for `nand`.

    Notes
    -----
    Every logical function can be built from NAND, and therefore from perceptrons.  To add longer numbers, chain adders:
    add the carry of two digits to the next two digits.

    Examples
    --------
    >>> add_bits([0, 0, 1, 1], [0, 1, 0, 1])
    Sum(sum=array([0, 1, 1, 0], dtype=int32), carry=array([0, 0, 0, 1], dtype=int32))
    """
    not_both = nand(x1, x2)
    return Sum(sum=nand(nand(x1, not_both), nand(not_both, x2)), carry=nand(not_both, not_both))


def binary_output(n_classes: int = 10, backend: str | Backend | None = None) -> Layer:
    """Return a last layer that turns one output for each class into the number of the class in binary.

    Parameters
    ----------
    n_classes : int
        Number of outputs of the layer before, at least two.
    backend : str or Backend, optional
        The backend that holds the layer.

    Returns
    -------
    Layer
        Neuron j gives the binary digit of value 2^j: weight 1 from every class whose number has that digit, bias -1/2.

    Notes
    -----
    Nielsen's exercise of chapter 1: of ten outputs the right one is at least 0.99 and the others are below 0.01, so a
    weighted input is above 0.49 or below -0.41.  With step neurons the layer is exact; with sigmoid neurons it needs
    larger weights (see `xpnet.nn.sharpened`).

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import forward, step
    >>> six = np.asarray([[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]], dtype=np.float32)
    >>> forward((binary_output(),), six, (step,)).activations[-1]
    array([[0., 1., 1., 0.]], dtype=float32)
    """
    n_classes, home = whole("n_classes", n_classes, 2), get(backend)
    n_digits = (n_classes - 1).bit_length()
    w = [[float(label >> j & 1) for label in range(n_classes)] for j in range(n_digits)]
    return Layer(home.asarray(w), home.full((1, n_digits), -0.5))


def _bits(name: str, x: Any, backend: Backend) -> Array:
    xp = backend.xp
    x = xp.astype(backend.asarray(x, name=name), backend.dtype)
    if all_true((x == 0.0) | (x == 1.0)) is False:
        raise ValueError(f"{name} must hold 0 and 1 only, got other numbers")
    return x
