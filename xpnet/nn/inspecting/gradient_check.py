"""Backpropagation compared with finite differences, equation by equation.

Each equation gives a derivative.  It is checked by changing the variable of that derivative: for BP1 and BP2 the
weighted inputs z of a layer, for BP3 its biases, for BP4 its weights.  The mistake is in the first equation that fails,
from the output backwards.
"""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite, sqrt
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, BackendError, get, of, quiet, to_numpy
from xpnet.nn.backprop import errors, gradients
from xpnet.nn.forward import forward
from xpnet.nn.network import Network
from xpnet.nn.parameters import Layer, Parameters
from xpnet.trees import map_arrays

DIRECTIONS = 3
TOLERANCES = (1e-6, 0.2)  # float64, and float32 where there is no float64: above the errors of rounding and kinks
CAUSES = {
    "BP1": "the cost's delta, or the derivative of the output's activation",
    "BP2": "the derivative of this layer's activation",
    "BP3": "the sum of the errors",
    "BP4": "the product of the errors and what enters the layer, or a penalty",
}


class GradientRow(NamedTuple):
    """One comparison: an equation, its layer, and the largest relative error over the directions."""

    equation: str
    layer: int  # as in parameters[layer]
    error: float


class GradientReport(NamedTuple):
    """All comparisons, from the output backwards, and the largest error that rounding may explain."""

    rows: tuple[GradientRow, ...]
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether every comparison is within the tolerance."""
        return self.first_failure is None

    @property
    def error(self) -> float:
        """The largest relative error."""
        return max(row.error for row in self.rows)

    @property
    def first_failure(self) -> GradientRow | None:
        """The failure nearest to the output; it causes those of the layers before it."""
        return next((row for row in self.rows if not row.error <= self.tolerance), None)

    def __str__(self) -> str:
        lines = ["equation  layer          relative error"]
        for row in self.rows:
            verdict = "ok" if row.error <= self.tolerance else "WRONG"
            lines.append(f"{row.equation:8}  parameters[{row.layer}]  {row.error:.1e}  {verdict}")
        if self.first_failure is not None:
            equation, layer, _ = self.first_failure
            lines.append(f"look at {equation} at parameters[{layer}]: {CAUSES[equation]}")
        return "\n".join(lines)


def gradient_check(
    network: Network, parameters: Parameters, x: Array, y: Array, *, l1: float = 0.0, l2: float = 0.0
) -> GradientReport:
    """Compare backpropagation with central differences of the cost.

    Parameters
    ----------
    network : Network
    parameters : tuple of Layer
        The parameters of one network.  The check uses float64 where their device supports it.
    x : Array, shape (m, n_in)
    y : Array, shape (m,) or (m, n_out)
    l1, l2 : float, optional
        Penalties to include; n is the number of examples given.

    Returns
    -------
    GradientReport
        ``report.ok``, ``report.error``, ``report.first_failure``, and a table when printed.

    Notes
    -----
    For a random unit direction u, g·u is compared with ``(8(C(s) - C(-s)) - (C(2s) - C(-2s))) / 12s`` where C(s) is
    the cost moved by s u and s is the fifth root of the rounding unit; the error is relative to the root mean square
    of g·u.  The comparison fails for a relu whose input is within about s of its kink.  Dropout is not applied.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([2, 3, 2])
    >>> parameters = network.initialize(seed=0)
    >>> gradient_check(network, parameters, np.asarray([[0.0, 1.0], [1.0, 1.0]]), np.asarray([1, 0])).ok
    True
    """
    if parameters[0].w.ndim != 2:
        raise ValueError(f"parameters must be of one network, got w of shape {tuple(parameters[0].w.shape)}")
    backend = _sharpest(of(parameters[0].w))
    parameters = map_arrays(backend.asarray, parameters)
    x, y = network.examples(x, y, backend)
    x, y, n = backend.xp.astype(x, backend.dtype), network.targets(y, backend.dtype), x.shape[0]

    def cost(moved: Parameters) -> float:
        z = network.outputs(moved, x)
        return _float(backend.xp.mean(network.measure(z, y)[0]) + network.penalty(moved, n, l1, l2))

    with quiet():
        trace = forward(parameters, x, network.activations)
        deltas = errors(parameters, trace, y, network.activations, network.cost)
        analytic = network.penalize(gradients(trace, deltas), parameters, n, l1, l2)
        rows = [
            GradientRow(equation, l, _error(g, partial(_moved, cost, parameters, l, which), backend))
            for l in reversed(range(len(parameters)))
            for equation, g, which in (
                ("BP1" if l == len(parameters) - 1 else "BP2", deltas[l], 1),  # a bias for each example moves z itself
                ("BP3", analytic[l].b, 1),
                ("BP4", analytic[l].w, 0),
            )
        ]
    return GradientReport(tuple(rows), TOLERANCES[0 if _step(backend) < 0.01 else 1])


def _moved(cost: Callable[[Parameters], float], parameters: Parameters, l: int, which: int, d: Array) -> float:
    """Return the cost with d added to the weights (which = 0) or biases (which = 1) of layer l."""
    layer = parameters[l]
    layer = Layer(layer.w + d, layer.b) if which == 0 else Layer(layer.w, layer.b + d)
    return cost((*parameters[:l], layer, *parameters[l + 1 :]))


def _error(g: Array, f: Callable[[Array], float], backend: Backend) -> float:
    """Return the largest relative error of g·u against differences of f, over a few random directions."""
    xp, s = backend.xp, _step(backend)
    size = sqrt(_float(xp.sum(g * g)))
    rng, worst = backend.rng(0), 0.0
    for _ in range(DIRECTIONS):
        drawn = rng.standard_normal(tuple(g.shape))
        u = backend.asarray(drawn / sqrt(float((drawn**2).sum())))
        numeric = (8.0 * (f(s * u) - f(-s * u)) - (f(2.0 * s * u) - f(-2.0 * s * u))) / (12.0 * s)
        gap = abs(_float(xp.sum(g * u)) - numeric)
        if not isfinite(gap):
            return inf
        scale = max(size, abs(numeric)) / sqrt(drawn.size)
        worst = max(worst, gap / scale if scale else gap)
    return worst


def _sharpest(backend: Backend) -> Backend:
    try:
        return get(backend.name, device=backend.device, dtype="float64")
    except BackendError:
        return backend


def _step(backend: Backend) -> float:
    return float(backend.xp.finfo(backend.dtype).eps) ** 0.2


def _float(x: Any) -> float:
    return float(to_numpy(x))
