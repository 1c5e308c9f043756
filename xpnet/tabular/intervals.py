"""Prediction intervals: the errors of a regression on rows that were kept aside become part of the model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xpnet.backend import get, to_numpy
from xpnet.io import Errors, Model
from xpnet.tabular.targets import numbers_of


def errors_of(absolute_errors: Any) -> Errors:
    """Return errors of predictions, shape (n,), as a model keeps them: at most 1000 numbers; see `xpnet.io.Errors`.

    They must be of rows that the model, or the members that predicted them, did not see.

    Parameters
    ----------
    absolute_errors : array, shape (n,)
        Absolute differences of predictions and true values, in the unit of the data.

    Examples
    --------
    >>> errors_of([0.2, 0.1, 0.3]).quantile(0.5)
    0.2
    """
    return Errors.of(absolute_errors)


def errors_held_out(network: Any, outputs: Sequence[Any], rows: Sequence[Any], y: Any, targets: Any) -> Errors | None:
    """Return the errors of the members of a regression, each on the rows that it did not train on; None for classes.

    Parameters
    ----------
    network : Network
    outputs : sequence of host arrays, shape (m, 1)
        The weighted inputs of each member's output for its held-out rows.
    rows : sequence of host integers, shape (m,)
        These rows.
    y : host array, shape (n,)
        The values of all rows, in the unit of the data.
    targets : Scaling or None
        How values were scaled for training.

    Notes
    -----
    The mean of the members errs less than a member alone, so that intervals are rather too wide than too narrow; but
    the epoch was chosen on the same rows, which makes errors a little too small.
    """
    if network.classifies or network.sizes[-1] != 1:
        return None
    scale, shift = (1.0, 0.0) if targets is None else (targets.scale[0], targets.shift[0])
    pairs = zip(outputs, rows, strict=True)
    found = [to_numpy(network.decide(z)).reshape(-1) * scale + shift - y[own] for z, own in pairs]
    return errors_of(get("numpy", dtype="float64").xp.concat(found))


def with_intervals(model: Model, x: Any, y: Any) -> Model:
    """Return the model with its errors on these rows, so that `Model.predict_interval` gives intervals.

    Parameters
    ----------
    model : Model
        A regression with one value.
    x : frame, Table or array, shape (m, n_columns)
        Raw rows that the model was not trained on, nor chosen by.  For 90 % they must be 9 at least; with a few
        hundred the coverage is near 90 %, and not only on average over many such sets of rows.
    y : array, list or column, shape (m,)
        Their values, in the unit of the data.

    Raises
    ------
    ValueError
        If the model tells classes apart or predicts several values, or `y` does not fit the rows.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet import Network
    >>> network = Network([1, 1], output="linear", cost="quadratic")
    >>> model = Model(network, network.initialize(seed=0))
    >>> x = np.linspace(-1.0, 1.0, 99)[:, None]
    >>> sure = with_intervals(model, x, x[:, 0])
    >>> sure.predict_interval([[0.5]]).shape, interval_coverage(sure, x, x[:, 0]) >= 0.9
    ((1, 2), True)
    """
    if model.network.classifies or model.network.sizes[-1] != 1:
        raise ValueError("model must be a regression with one value to have intervals; classes have probabilities")
    predicted = get("numpy", dtype="float64").asarray(to_numpy(model.decide(x)))
    return replace(model, errors=errors_of(numbers_of(model, y, len(predicted)) - predicted))


def interval_coverage(model: Model, x: Any, y: Any, coverage: float = 0.9) -> float:
    """Return the share of rows whose value lies in its interval: to be measured on rows of neither use.

    Parameters
    ----------
    model : Model
        Of a table for numbers, with the errors that intervals need.
    x : frame, Table or array, shape (m, n_columns)
        Raw rows, which neither the training nor the errors have seen.
    y : array, list or column, shape (m,)
        Their true values, in the unit of the data.
    coverage : float
        The share of true values that intervals promise to hold, above 0 and below 1.

    Raises
    ------
    ValueError
        If the model has no errors, or too few for `coverage`; if there are no rows, or `y` does not fit them.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet import Network
    >>> network = Network([1, 1], output="linear", cost="quadratic")
    >>> rows = np.linspace(-1.0, 1.0, 200)[:, None]
    >>> sure = with_intervals(Model(network, network.initialize(seed=0)), rows[::2], rows[::2, 0])
    >>> 0.85 < interval_coverage(sure, rows[1::2], rows[1::2, 0]) < 0.95
    True
    """
    ends = get("numpy", dtype="float64").asarray(to_numpy(model.predict_interval(x, coverage)))
    values = numbers_of(model, y, len(ends))
    if not len(values):
        raise ValueError("x must have a row, got none")
    return float(((ends[:, 0] <= values) & (values <= ends[:, 1])).mean())
