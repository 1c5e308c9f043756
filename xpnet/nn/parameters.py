"""Weights and biases: the parameters of a layer, and their initial values."""

from collections.abc import Callable
from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, Backend, holds, library_of


class Layer(NamedTuple):
    """The weights and biases that lead into one layer.

    Gradients and velocities have the same form.  In a stack of k networks both arrays have a leading axis of length k.
    """

    w: Array  # (n_out, n_in)
    b: Array  # (1, n_out)


Parameters: TypeAlias = tuple[Layer, ...]


def _scaled(rng: Any, n_out: int, n_in: int) -> tuple[Any, Any]:
    return rng.standard_normal((n_out, n_in)) / sqrt(n_in), rng.standard_normal((1, n_out))


def _large(rng: Any, n_out: int, n_in: int) -> tuple[Any, Any]:
    return rng.standard_normal((n_out, n_in)), rng.standard_normal((1, n_out))


def _glorot(rng: Any, n_out: int, n_in: int) -> tuple[Any, Any]:
    limit = sqrt(6.0 / (n_in + n_out))
    return rng.uniform(-limit, limit, (n_out, n_in)), rng.uniform(0.0, 0.0, (1, n_out))


def _he(rng: Any, n_out: int, n_in: int) -> tuple[Any, Any]:
    return rng.standard_normal((n_out, n_in)) * sqrt(2.0 / n_in), rng.uniform(0.0, 0.0, (1, n_out))


SCHEMES: dict[str, Callable[[Any, int, int], tuple[Any, Any]]] = {
    "scaled": _scaled,
    "large": _large,
    "glorot": _glorot,
    "he": _he,
}


def initialize(sizes: tuple[int, ...], backend: Backend, seed: int | None, scheme: str = "scaled") -> Parameters:
    """Return random parameters for layers of `sizes`; they are drawn on the host and moved to `backend`.

    Parameters
    ----------
    sizes : tuple of int
        Neurons per layer, inputs first.
    backend : Backend
        The library, device and dtype of the parameters.
    seed : int or None
        One seed gives the same parameters on every backend, rounded to its dtype; None draws a new seed.
    scheme : {"scaled", "large", "glorot", "he"}
        ``scaled``: weights N(0, 1/n_in), biases N(0, 1), Nielsen's chapter 3.  ``large``: weights and biases
        N(0, 1), his chapter 1.  ``glorot``: weights uniform within ±sqrt(6 / (n_in + n_out)), biases 0.  ``he``:
        weights N(0, 2/n_in), biases 0, for relu.

    Raises
    ------
    ValueError
        If `scheme` is unknown.

    References
    ----------
    Glorot and Bengio, AISTATS 2010, equation 16; He et al., doi:10.1109/ICCV.2015.123, equation 10.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> [layer.w.shape for layer in initialize((784, 30, 10), get("numpy"), seed=0)]
    [(30, 784), (10, 30)]
    """
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")
    rng = backend.rng(seed)
    drawn = [SCHEMES[scheme](rng, n_out, n_in) for n_in, n_out in pairwise(sizes)]
    return tuple(Layer(backend.asarray(w), backend.asarray(b)) for w, b in drawn)


def check_parameters(parameters: Parameters, sizes: tuple[int, ...]) -> None:
    """Refuse parameters that do not fit layers of `sizes`; they may have any leading axes."""
    if not isinstance(parameters, tuple) or not all(isinstance(layer, Layer) for layer in parameters):
        raise TypeError(f"parameters must be a tuple of Layer(w, b), got {_kind(parameters)}")
    if len(parameters) != len(sizes) - 1:
        raise ValueError(f"parameters must hold {len(sizes) - 1} layers, got {len(parameters)}")
    for l, (w, b) in enumerate(parameters):
        _check_array(l, "w", w, (sizes[l + 1], sizes[l]))
        _check_array(l, "b", b, (1, sizes[l + 1]))


def _check_array(l: int, name: str, x: Any, shape: tuple[int, int]) -> None:
    if library_of(x) is None:
        raise TypeError(f"parameters[{l}].{name} must be an array, got {type(x).__name__}")
    if not holds(x, "real floating"):
        raise TypeError(f"parameters[{l}].{name} must be real floating, got {x.dtype}")
    if x.shape[-2:] != shape:
        raise ValueError(f"parameters[{l}].{name} must have shape {shape}, got {tuple(x.shape)}")


def _kind(parameters: Any) -> str:
    kind = type(parameters).__name__
    return f"{kind} of {type(parameters[0]).__name__}" if isinstance(parameters, tuple | list) and parameters else kind
