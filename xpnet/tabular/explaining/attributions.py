"""Attributions: how much of one answer comes from each column of its row, by integrated gradients."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, get, to_numpy
from xpnet.checks import whole
from xpnet.data.columns.cells import category
from xpnet.io import Model
from xpnet.nn.inspecting.input_gradient import input_gradient
from xpnet.tabular.explaining.columns import Name, for_inputs, inputs_of_columns
from xpnet.tabular.targets import class_numbers

ROWS = 4096  # of all members together, explained at once


@dataclass(frozen=True, eq=False)
class Attributions:
    """How much each raw column adds to the answer for each row, compared with the answer for the baseline.

    All arrays are of NumPy, float64.

    Attributes
    ----------
    columns : tuple of str or int
    values : array, shape (m, n_columns)
        In the unit of the output.
    output : array, shape (m,)
        What is explained: the weighted input z of a class, its logit, or the value in the unit of the data.
    baseline : array, shape (m,)
        The same for the baseline.
    names : tuple, optional
        For each row the label whose logit is explained; None for values.
    """

    columns: tuple[Name, ...]
    values: Array
    output: Array
    baseline: Array
    names: tuple[Any, ...] | None

    @property
    def gap(self) -> Array:
        """What the sum of the attributions misses of ``output - baseline``, shape (m,): 0 but for the finite steps."""
        return self.output - self.baseline - self.values.sum(axis=1)


def attributions(model: Model, x: Any, *, baseline: Any = None, steps: int = 50, output: Any = None) -> Attributions:
    """Return how much each raw column of each row adds to the model's answer: integrated gradients.

    Parameters
    ----------
    model : Model
        Of an ensemble, the mean over its members is explained.
    x : frame, Table or array, shape (m, n_columns)
        Raw rows.
    baseline : frame, Table or array, shape (1, n_columns) or (b, n_columns), optional
        Raw rows, whose mean, after encoding, the rows are compared with.  Default: inputs of 0, which is the mean of
        the training rows for standardized numbers, and no category at all for one-hot inputs.
    steps : int
        At how many points between baseline and row the gradient is taken.  More make `Attributions.gap` smaller.
    output : label or int, optional
        The class whose logit is explained, by label; of several values the number of one.  Default: the class that the
        model says of each row, or the only value.  It must be given for several labels and for several values.

    Returns
    -------
    Attributions

    Raises
    ------
    ValueError
        If the output is unknown or must be given, the network has no gradient, or rows or baseline do not fit.

    Notes
    -----
    On the straight line from the baseline to the row, the gradient of the output with respect to the inputs is
    averaged (midpoint rule) and multiplied by the difference; the inputs of one raw column are summed.  The sum over
    all columns is ``output - baseline``.  A network that is linear is explained exactly by a single step.  The logit of
    a single output is ln(p / (1 - p)) for its class 1, with the other sign for class 0.

    References
    ----------
    Sundararajan, Taly and Yan, arXiv:1703.01365, equations 1 and 3.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet import Network
    >>> from xpnet.nn import Layer
    >>> network = Network([2, 1], output="linear", cost="quadratic")
    >>> model = Model(network, (Layer(np.asarray([[3.0, -1.0]]), np.asarray([[7.0]])),), features=("a", "b"))
    >>> found = attributions(model, [[2.0, 4.0]])
    >>> found.columns, found.values, found.output, found.baseline
    (('a', 'b'), array([[ 6., -4.]]), array([9.]), array([7.]))
    """
    steps = whole("steps", steps, 1)
    if not model.network.trainable:
        raise ValueError("model must have activations with a derivative to be explained, got step neurons")
    inputs = model.encode(x)
    start = _start(model, baseline)
    places = _outputs(model, inputs, output)
    host = get("numpy", dtype="float64")
    found = [_of_rows(model, inputs[part, ...], start, places[part], steps) for part in _parts(model, inputs)]
    per_input, out, base = (host.xp.concat(each) for each in zip(*found, strict=True))
    if model.targets is not None:
        of_row = [(0 if len(model.targets.scale) == 1 else place) for place in places]
        scale, shift = (
            host.asarray(
                [getattr(model.targets, name)[i if len(getattr(model.targets, name)) > 1 else 0] for i in of_row]
            )
            for name in ("scale", "shift")
        )
        per_input, out, base = per_input * scale[:, None], out * scale + shift, base * scale + shift
    columns = inputs_of_columns(model)
    values = host.xp.stack([per_input[:, r.start : r.stop].sum(axis=1) for r in columns.values()], axis=1)
    return Attributions(tuple(columns), values, out, base, _names(model, places))


def _start(model: Model, baseline: Any) -> Array:
    """Return the encoded baseline, shape (1, n_in)."""
    if baseline is None:
        return model.backend.full((1, model.network.sizes[0]))
    rows = model.encode(baseline)
    if not rows.shape[0]:
        raise ValueError("baseline must have a row, got none")
    return model.backend.xp.mean(rows, axis=0, keepdims=True)


def _parts(model: Model, inputs: Array) -> Iterator[slice]:
    at_once = max(1, ROWS // model.n_members)
    n = int(inputs.shape[0])
    return (slice(start, min(start + at_once, n)) for start in range(0, max(1, n), at_once))


def _outputs(model: Model, inputs: Array, output: Any) -> list[int]:
    """Return which class or value is explained, for each row."""
    network, m = model.network, int(inputs.shape[0])
    single = network.classifies and not network.several
    if output is None and single:
        return [int(i) for i in to_numpy(for_inputs(model).decide(inputs)).tolist()]
    if output is None and network.sizes[-1] > 1:
        raise ValueError(f"output must name one of {network.sizes[-1]} outputs to be explained, got None")
    if output is None:
        return [0] * m
    if not network.classifies:
        return [whole("output", output, 0, network.sizes[-1] - 1)] * m
    names = model.classes or tuple(range(network.n_classes))
    if category(output) not in {category(name) for name in names}:
        raise ValueError(f"output must be a label that the model knows, got {output!r}")
    return [int(class_numbers([output], names)[0])] * m


def _names(model: Model, places: list[int]) -> tuple[Any, ...] | None:
    if not model.network.classifies:
        return None
    names = model.classes or tuple(range(model.network.n_classes))
    return tuple(names[place] for place in places)


def _directions(model: Model, places: list[int]) -> Array:
    """Return v of `input_gradient` for each row, shape (m, n_out): of a single output, -1 for its class 0."""
    network, n_out = model.network, model.network.sizes[-1]
    if n_out == 1 and network.classifies and not network.several:
        rows = [[1.0 if place else -1.0] for place in places]
    else:
        rows = [[float(j == place) for j in range(n_out)] for place in places]
    return model.backend.xp.reshape(model.backend.asarray(rows), (len(places), n_out))


def _of_rows(model: Model, inputs: Array, start: Array, places: list[int], steps: int) -> tuple[Array, Array, Array]:
    """Return the attributions to the inputs (m, n_in), the outputs (m,) and those of the baseline, on the host."""
    v, away = _directions(model, places), inputs - start
    activated, total = not model.network.classifies, 0.0 * away
    for step in range(steps):
        there = start + (step + 0.5) / steps * away
        slopes = input_gradient(model.network, model.parameters, there, v, activated=activated)
        total = total + (model.backend.xp.mean(slopes, axis=0) if slopes.ndim > 2 else slopes)
    parts = total * away / steps, _value(model, inputs, v), _value(model, start + 0.0 * away, v)
    host = get("numpy", dtype="float64")
    return tuple(host.asarray(to_numpy(each)) for each in parts)


def _value(model: Model, inputs: Array, v: Array) -> Array:
    """Return v times the outputs, summed over the outputs: weighted inputs of classes, else activations; (m,)."""
    z, xp = model.network.outputs(model.parameters, inputs), model.backend.xp
    out = xp.sum(v * (z if model.network.classifies else model.network.output(z)), axis=-1)
    return xp.mean(out, axis=0) if out.ndim > 1 else out
