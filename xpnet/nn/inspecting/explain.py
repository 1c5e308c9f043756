"""Every number of one step of backpropagation, with the equation that gives it.

The numbers come from `forward`, `errors` and `gradients`, which training uses too.
"""

from math import sqrt
from typing import NamedTuple

from xpnet.backend import Array, namespace, quiet, to_numpy
from xpnet.backend import of as backend_of
from xpnet.nn.backprop import errors, gradients
from xpnet.nn.forward import Trace, forward
from xpnet.nn.network import Network
from xpnet.nn.parameters import Layer, Parameters

ROWS, COLUMNS = 8, 6  # larger arrays are not printed number by number


class Quantity(NamedTuple):
    """An array, the number of its equation in the book, and the equation in the notation used here."""

    name: str
    equation: str
    formula: str
    value: Array


class ExplainedLayer(NamedTuple):
    """The numbers of one layer, in the forward pass and in the backward pass."""

    z: Quantity  # (m, n_out)
    a: Quantity  # (m, n_out)
    delta: Quantity  # (m, n_out)
    dw: Quantity  # (n_out, n_in)
    db: Quantity  # (1, n_out)


class Explanation(NamedTuple):
    """One forward and one backward pass; it prints as a table in the order of computation."""

    x: Array  # (m, n_in)
    y: Array  # (m, n_out)
    cost: Array  # (), the mean over the m examples
    layers: tuple[ExplainedLayer, ...]

    def __str__(self) -> str:
        ends = Quantity("y", "", "", self.y), Quantity("C", "", "mean cost", self.cost)
        there = [Quantity("x", "", "", self.x), *(q for layer in self.layers for q in layer[:2]), *ends]
        back = [q for layer in reversed(self.layers) for q in layer[2:]]
        width = max(len(q.formula) for q in there + back)
        return "\n".join(["forward", *(_lines(q, width) for q in there), "backward", *(_lines(q, width) for q in back)])


def explain_backprop(network: Network, parameters: Parameters, x: Array, y: Array) -> Explanation:
    """Return every z, a, delta and gradient of one step of backpropagation, with the equation that gives it.

    Parameters
    ----------
    network : Network
        Its dropout is not applied.
    parameters : tuple of Layer
    x : Array, shape (m, n_in)
    y : Array, shape (m,) or (m, n_out)
        Labels or targets.

    Returns
    -------
    Explanation
        For example ``explanation.layers[l].delta.value``.  It prints as a table, large arrays as shape and norm.

    Raises
    ------
    TypeError, ValueError
        As `Network.gradients`.

    Notes
    -----
    C is the mean cost of the m examples, so that each delta holds the factor 1/m and the sums over the examples in
    BP3 and BP4 are means.  The index is that of ``parameters[l]``; the book counts the inputs as layer 1 and calls
    this layer l + 2.

    References
    ----------
    Nielsen, chapter 2, equation 25 and BP1 to BP4.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer
    >>> neuron = (Layer(np.asarray([[0.6]]), np.asarray([[0.9]])),)
    >>> network = Network([1, 1], cost="quadratic")
    >>> print(explain_backprop(network, neuron, np.asarray([[1.0]]), np.asarray([[0.0]])))
    forward
      x                                                    1
      z[0]      eq. 25  x w[0]^T + b[0]                  1.5
      a[0]      eq. 25  sigmoid(z[0])                 0.8176
      y                                                    0
      C                 mean cost                     0.3342
    backward
      delta[0]  BP1     dC/da[0] * sigmoid'(z[0])     0.1219
      dw[0]     BP4     delta[0]^T x                  0.1219
      db[0]     BP3     sum of delta[0]               0.1219
    """
    network.check(parameters)
    w, fs = parameters[0].w, network.activations
    xp = namespace(parameters=w, x=x, y=y)
    x, y = network.examples(x, y, backend_of(w), tuple(w.shape[:-2]))
    x, y = xp.astype(x, w.dtype, copy=False), network.targets(y, w.dtype)
    with quiet():
        trace = forward(parameters, x, fs)
        deltas = errors(parameters, trace, y, fs, network.cost)
        costs = network.cost.value(trace.zs[-1], trace.activations[-1], y)  # (..., m)
        made = gradients(trace, deltas)
    layers = [_layer(network, l, trace, deltas[l], gradient) for l, gradient in enumerate(made)]
    return Explanation(x, y, xp.mean(costs, axis=-1), tuple(layers))


def _layer(network: Network, l: int, trace: Trace, delta: Array, gradient: Layer) -> ExplainedLayer:
    f, last, entering = network.activations[l].name, len(network.activations) - 1, f"a[{l - 1}]" if l else "x"
    error = f"delta[{l + 1}] w[{l + 1}] * {f}'(z[{l}])"
    if l == last:
        # if the derivative of the output's activation cancels, it is not computed
        error = f"(a[{l}] - y) / m" if network.cost.cancels else f"dC/da[{l}] * {f}'(z[{l}])"
    return ExplainedLayer(
        z=Quantity(f"z[{l}]", "eq. 25", f"{entering} w[{l}]^T + b[{l}]", trace.zs[l]),
        a=Quantity(f"a[{l}]", "eq. 25", f"{f}(z[{l}])", trace.activations[l + 1]),
        delta=Quantity(f"delta[{l}]", "BP1" if l == last else "BP2", error, delta),
        dw=Quantity(f"dw[{l}]", "BP4", f"delta[{l}]^T {entering}", gradient.w),
        db=Quantity(f"db[{l}]", "BP3", f"sum of delta[{l}]", gradient.b),
    )


def _lines(q: Quantity, width: int) -> str:
    """Return the lines of one array in the table: one for each of its rows."""
    margin = f"  {q.name:8}  {q.equation:6}  {q.formula:{width}}"
    first, *rest = _rows(q.value)
    return "\n".join([margin + first, *(" " * len(margin) + row for row in rest)])


def _rows(x: Array) -> list[str]:
    host = to_numpy(x)
    if host.ndim < 3:
        table = host.reshape(-1, host.shape[-1] if host.ndim else 1)
        if table.shape[0] <= ROWS and table.shape[1] <= COLUMNS:
            return ["".join(f"{value + 0.0:>11.4g}" for value in row) for row in table.tolist()]  # never -0
    return [f"  shape {host.shape}, norm {sqrt(float((host * host).sum())):.4g}"]
