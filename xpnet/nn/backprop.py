"""Backpropagation: the four equations of Nielsen's chapter 2, for a whole mini-batch at once."""

from collections.abc import Sequence

from xpnet.backend import Array, namespace
from xpnet.nn.activations import Activation
from xpnet.nn.costs import Cost
from xpnet.nn.forward import Trace, dropped
from xpnet.nn.parameters import Layer, Parameters


def backprop(
    parameters: Parameters,
    trace: Trace,
    y: Array,
    fs: Sequence[Activation],
    cost: Cost,
    weights: Array | None = None,
) -> Parameters:
    """Return the gradients of the mean cost over the mini-batch, shaped like the parameters.

    Parameters
    ----------
    parameters : tuple of Layer
    trace : Trace
        The result of `forward` with these parameters.
    y : Array, shape (m, n_out)
        Targets.
    fs : sequence of Activation
        One activation for each layer.
    cost : Cost
    weights : Array, shape (m,), optional
        The weight of each example; the mean over all examples (not those of the batch) should be 1.

    Notes
    -----
    The book's column vectors are rows here, one for each example.  Its ``w^T delta`` is therefore ``delta @ w``, and
    BP3 and BP4 sum over the examples.  All shapes may have the same leading axes.

    References
    ----------
    Nielsen, chapter 2, equations BP1 to BP4.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.nn import Layer, forward, linear, quadratic
    >>> double = Layer(w=np.asarray([[2.0]]), b=np.asarray([[0.0]]))
    >>> x, y = np.asarray([[3.0]]), np.asarray([[5.0]])
    >>> backprop((double,), forward((double,), x, (linear,)), y, (linear,), quadratic)
    (Layer(w=array([[3.]]), b=array([[1.]])),)
    """
    return gradients(trace, errors(parameters, trace, y, fs, cost, weights))


def errors(
    parameters: Parameters,
    trace: Trace,
    y: Array,
    fs: Sequence[Activation],
    cost: Cost,
    weights: Array | None = None,
) -> tuple[Array, ...]:
    """Return delta = dC/dz of every layer, first to last, where C is the mean cost."""
    m, last = y.shape[-2], len(parameters) - 1
    delta = cost.delta(trace.zs[last], trace.activations[last + 1], y, fs[last]) / m  # BP1, (m, n_out)
    if weights is not None:
        delta = delta * weights[..., None]
    deltas = [delta]
    for l in range(last, 0, -1):
        slope = fs[l - 1].derivative(trace.zs[l - 1], trace.activations[l])
        delta = (delta @ parameters[l].w) * slope  # BP2, (m, n_in)
        delta = dropped(delta, trace.masks[l])  # silenced neurons have no error
        deltas.append(delta)
    return tuple(reversed(deltas))


def gradients(trace: Trace, deltas: Sequence[Array]) -> Parameters:
    """Return dC/dw and dC/db of every layer, given the errors."""
    xp = namespace(deltas[-1])
    return tuple(
        Layer(
            w=delta.mT @ trace.entering(l),  # BP4, (n_out, n_in)
            b=xp.sum(delta, axis=-2, keepdims=True),  # BP3, (1, n_out)
        )
        for l, delta in enumerate(deltas)
    )
