"""Rows in the form that an exported graph takes, from everything that a model takes."""

from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.data import Column, Encoding
from xpnet.data.columns.texts import as_categories
from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.data.preparing.encoders.dates import DateEncoder
from xpnet.data.preparing.encoders.numbers import NumberEncoder
from xpnet.io.models.model import Model
from xpnet.io.models.raw_rows import as_rows
from xpnet.io.onnx.dates import NAT
from xpnet.io.onnx.inputs import MATRIX, dtype_of_matrix


def inputs_of(model: Model, x: Any) -> dict[str, Any]:
    """Return raw rows as the inputs of the model's exported graph, by name.

    Parameters
    ----------
    model : Model
        The one that was exported.
    x : frame, Table, mapping or array, shape (m, n_columns)
        Raw rows, as `Model.predict` takes them; their text is read as that of the training rows was.

    Returns
    -------
    dict of str to array
        Of a table's columns, shape (m, 1): numbers and booleans as float64, NaN at gaps; dates as microseconds, int64;
        categories as text.  Else the matrix ``"x"``, shape (m, n_in).

    Raises
    ------
    TypeError
        If a column of numbers or dates holds something else.

    Examples
    --------
    >>> from xpnet import Network
    >>> rows = {"legs": [4, 2, None], "color": ["black", None, " green "]}
    >>> network, encoding = Network([4, 1]), Encoding.fit(rows, impute="indicator")
    >>> inputs_of(Model(Network([5, 1]), network.initialize(), encoding), rows)["color"].tolist()
    [['black'], [''], ['green']]
    """
    rows = as_rows(x, model.preprocessing, model.features, model.network.sizes[0])
    if not isinstance(model.preprocessing, Encoding):
        return {MATRIX: to_numpy(rows).astype(dtype_of_matrix(model.preprocessing, model.backend.dtype_name))}
    pairs = zip(model.preprocessing.columns, rows.columns, strict=True)
    return {encoder.name: _cells(encoder, column)[:, None] for encoder, column in pairs}


def _cells(encoder: Any, column: Column) -> Any:
    """Return the cells of a column as its input takes them, shape (m,)."""
    match encoder:
        case NumberEncoder():
            return encoder.read(column).numbers()
        case DateEncoder():
            read = encoder.read(column)
            if read.kind == "date":
                return read.values.astype("datetime64[us]").view(np.int64)
            if not read.missing.all():
                raise TypeError(f"column '{column.name}' must hold dates, got the kind {read.kind}")
            return np.full(len(read), NAT, np.int64)
        case CategoryEncoder():
            read = as_categories(column)
            return np.asarray([*read.distinct, ""], dtype=object)[read.values]  # a gap has the code -1
    raise TypeError(f"encoder must be one of a number, date or category, got {type(encoder).__name__}")
