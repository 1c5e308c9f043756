"""What a graph takes: raw rows as one matrix, or the columns of a table; and the network's inputs that they become."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from xpnet.data import Encoding, Scaling
from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.data.preparing.encoders.dates import DateEncoder
from xpnet.data.preparing.encoders.numbers import NumberEncoder
from xpnet.io.onnx.categories import category_piece
from xpnet.io.onnx.dates import date_piece
from xpnet.io.onnx.functions import functions as xp
from xpnet.io.onnx.graph import Array, Graph, Value
from xpnet.io.onnx.numbers import Piece, number_pieces

MATRIX = "x"  # the name of the one input of a model without an encoding


class Inputs(NamedTuple):
    """The network's inputs in a graph, shape (batch, n_in), and which of them each column is; None: in order."""

    x: Value
    order: Array | None = None


def names_of(preprocessing: Any) -> tuple[str, ...]:
    """Return the names of the inputs of the graph.

    Raises
    ------
    ValueError
        If a column has a name that no input can have.
    TypeError
        If the preprocessing is one of your own.
    """
    if type(preprocessing) is Encoding:
        for name in preprocessing.features:
            if not name:
                raise ValueError("columns must have names to become inputs of a graph, got ''")
            check_text("the name of a column", [name])
        return preprocessing.features
    if preprocessing is not None and type(preprocessing) is not Scaling:
        raise TypeError(f"preprocessing must be a Scaling or an Encoding, got {type(preprocessing).__name__}")
    return (MATRIX,)


def add_inputs(graph: Graph, preprocessing: Any, n_in: int, dtype: str) -> Inputs:
    """Add the inputs of a model and what raw rows go through, and return the network's inputs in its dtype."""
    if type(preprocessing) is Encoding:
        return _of_table(graph, preprocessing, dtype)
    x = graph.input(MATRIX, dtype_of_matrix(preprocessing, dtype), n_in, "rows as in the data, before any scaling")
    if preprocessing is None:
        return Inputs(x)
    shift, scale = (graph.constant([values]) for values in (preprocessing.shift, preprocessing.scale))
    return Inputs(xp.astype((xp.astype(x, np.float64) - shift) / scale, dtype))


def dtype_of_matrix(preprocessing: Scaling | None, dtype: str) -> str:
    """Return the dtype of the one input ``x``: that of the network, but float64 where a shift is subtracted.

    Rounding before a division does not harm more than rounding after it; a difference can be much smaller than what was
    rounded.
    """
    return "float64" if preprocessing is not None and any(preprocessing.shift) else dtype


def _of_table(graph: Graph, encoding: Encoding, dtype: str) -> Inputs:
    """Encode the columns of a table: the numbers together, each date and each category by itself."""
    ends = np.cumsum([column.width for column in encoding.columns]).tolist()
    started = [(column, end - column.width) for column, end in zip(encoding.columns, ends, strict=True)]
    numbers = [(column, start) for column, start in started if isinstance(column, NumberEncoder)]
    pieces = number_pieces(graph, *zip(*numbers, strict=True)) if numbers else []
    for column, start in started:
        if isinstance(column, DateEncoder):
            pieces.append(date_piece(graph, column, start))
        elif isinstance(column, CategoryEncoder):
            pieces.append(category_piece(graph, column, start, dtype))
    order = {port.name: port for port in graph.inputs}
    graph.inputs[:] = [order[name] for name in encoding.features]
    return Inputs(_together(pieces, dtype), np.concatenate([piece.places for piece in pieces]))


def _together(pieces: Iterable[Piece], dtype: str) -> Value:
    x: Value = xp.concat([xp.astype(piece.value, dtype) for piece in pieces], axis=1)
    return x


def check_text(what: str, texts: Iterable[str]) -> None:
    """Refuse text that no file can hold."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{what} must be text that UTF-8 can write, got {text!r}") from None
