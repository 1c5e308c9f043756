"""How well a perceptron separates two classes: its margin, and Novikoff's bound on the mistakes of the rule."""

from math import inf, sqrt
from typing import Any

from xpnet.backend import Array, Backend, device_of, library_of, namespace, resolve, to_numpy
from xpnet.backend import of as backend_of
from xpnet.nn.checking.inputs import check_inputs
from xpnet.nn.perceptrons.perceptron import Perceptron, weighted_input


def margin(x: Any, y: Any, perceptron: Perceptron) -> float:
    """Return the smallest distance of a row (x, 1) from the boundary of (w, b), negative on the wrong side.

    Parameters
    ----------
    x : array, shape (n, n_in)
    y : array, shape (n,)
        Labels 0 and 1, or booleans.
    perceptron : Perceptron
        A single perceptron.

    Notes
    -----
    The bias counts as the weight of an additional input that is always 1, so the norm is that of (w, b).  A perceptron
    with margin 0 may still separate the classes: a row with label 0 on the boundary is classified correctly.

    Examples
    --------
    >>> import numpy as np
    >>> round(margin([[0.0], [3.0]], [0, 1], Perceptron(np.asarray([3.0]), -4.0)), 9)
    0.8
    """
    x, labels = check_examples(x, y, _home_of(perceptron))
    return margin_of(perceptron, x, check_bits(labels))


def novikoff_bound(x: Any, y: Any, perceptron: Perceptron) -> float:
    """Return ``(R / gamma)^2``, an upper bound on the number of mistakes of the perceptron rule, in any order of rows.

    Parameters
    ----------
    x : array, shape (n, n_in)
    y : array, shape (n,)
        Labels 0 and 1, or booleans.
    perceptron : Perceptron
        Any perceptron that separates the classes.  Its margin is gamma; a larger margin gives a better bound.

    Returns
    -------
    float
        R is the largest norm of a row (x, 1).  The bound is infinite if the margin is 0.

    Raises
    ------
    ValueError
        If the perceptron is wrong about a row.

    References
    ----------
    Novikoff, "On convergence proofs for perceptrons" (1962).

    Examples
    --------
    >>> import numpy as np
    >>> corners, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> round(novikoff_bound(corners, y, Perceptron(np.asarray([1.0, 1.0]), -1.5)), 9)
    51.0
    """
    x, labels = check_examples(x, y, _home_of(perceptron))
    bits, outputs = check_bits(labels), to_numpy(perceptron.outputs(x)).tolist()
    wrong = [row for row, output in enumerate(outputs) if output != bits[row]]
    if wrong:
        raise ValueError(f"perceptron must separate the classes, got a wrong output for row {wrong[0]}")
    gamma = margin_of(perceptron, x, bits)
    xp = namespace(x)
    square = _float(xp.max(xp.sum(x * x, axis=-1))) + 1.0  # R^2
    return square / gamma**2 if gamma else inf


def margin_of(perceptron: Perceptron, x: Array, y: list[bool]) -> float:
    """Return the margin on checked examples."""
    xp, z = namespace(x), weighted_input(perceptron, x)
    distances = xp.where(xp.asarray(y, device=device_of(x)), z, -z)
    norm = sqrt(_float(xp.sum(perceptron.w**2)) + _float(perceptron.b) ** 2)
    return _float(xp.min(distances)) / norm + 0.0 if norm else 0.0  # never -0


def check_examples(x: Any, y: Any, backend: Backend | None = None) -> tuple[Array, list[Any]]:
    """Return x as floating numbers, shape (n, n_in), and the labels on the host."""
    backend = _home(x, y) if backend is None else backend
    x = backend.asarray(x, name="x")
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(f"x must have shape (n, n_in), got {tuple(x.shape)}")
    x = backend.xp.astype(check_inputs(x, x.shape[1], backend), backend.dtype, copy=False)
    host = to_numpy(backend.asarray(y, name="y"))
    if host.shape != (x.shape[0],):
        raise ValueError(f"y must have shape ({x.shape[0]},), one label for each row of x, got {host.shape}")
    return x, host.tolist()


def check_bits(labels: list[Any]) -> list[bool]:
    """Return labels 0 and 1 as booleans; both labels must occur."""
    for row, label in enumerate(labels):
        if label not in (0, 1):
            hint = "; labels -1 and 1 can be given as y > 0" if label == -1 else ""
            raise ValueError(f"y must hold labels 0 and 1, got {label:g} in row {row}{hint}")
    bits = [bool(label) for label in labels]
    if len(set(bits)) < 2:
        raise ValueError(f"y must hold both labels, 0 and 1, got only {int(bits[0])}")
    return bits


def _home(x: Any, y: Any) -> Backend:
    """Return the backend to compute with: the library and device of x, and its dtype if that is float32 or float64."""
    backend = resolve(None, x=x, y=y)
    if library_of(x) == backend.name and x.dtype in (backend.xp.float32, backend.xp.float64):
        return backend_of(x)
    return backend


def _home_of(perceptron: Perceptron) -> Backend:
    w = perceptron.w
    if w.ndim != 1:
        raise ValueError(f"perceptron must be a single one, with w of shape (n_in,), got {tuple(w.shape)}")
    return backend_of(w)


def _float(x: Any) -> float:
    return float(to_numpy(x))
