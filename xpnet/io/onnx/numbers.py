"""Columns of numbers and booleans in a graph: all of them together, in float64, as `NumberEncoder` computes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xpnet.data.preparing.encoders.numbers import NumberEncoder
from xpnet.io.onnx.functions import functions as xp
from xpnet.io.onnx.graph import Array, Graph, Value

NOTE = "a number, or 0 or 1 for a boolean; NaN is a gap"


class Piece(NamedTuple):
    """Some inputs of the network, shape (batch, n), and which of them they are."""

    value: Value
    places: Array  # (n,), their numbers among all inputs of the network


def number_pieces(graph: Graph, encoders: Sequence[NumberEncoder], starts: Sequence[int]) -> list[Piece]:
    """Return the inputs of the network that columns of numbers become.

    Parameters
    ----------
    graph : Graph
        It gets an input for each column.
    encoders : sequence of NumberEncoder, length n
        One or more.
    starts : sequence of int, length n
        For each column, the number of its first input.

    Returns
    -------
    list of Piece
        In float64: the standardized numbers, then the intervals and the gaps, if there are any.  A gap that the encoder
        refuses is NaN.
    """
    given = xp.concat([graph.input(encoder.name, np.float64, 1, NOTE) for encoder in encoders], axis=1)
    gaps = xp.isnan(given)
    fill = [np.nan if encoder.fill is None else encoder.fill for encoder in encoders]
    x = given if np.isnan(fill).all() else xp.where(gaps, graph.constant([fill]), given)
    mean, scale = (graph.constant([[getattr(each, name) for each in encoders]]) for name in ("mean", "scale"))
    pieces = [Piece((x - mean) / scale, np.asarray(starts))]
    binned = [i for i, encoder in enumerate(encoders) if len(encoder.bins)]
    if binned:
        edges = [np.asarray(encoders[i].bins.edges) for i in binned]
        wide = graph.gather(x, np.repeat(binned, [len(each) - 1 for each in edges]), 1)
        places = np.concatenate([starts[i] + np.arange(1, len(each)) for i, each in zip(binned, edges, strict=True)])
        pieces.append(Piece(through(wide, edges), places))
    told = [i for i, encoder in enumerate(encoders) if encoder.gaps]
    if told:
        flags = xp.astype(graph.gather(gaps, np.asarray(told), 1), np.float64)
        pieces.append(Piece(flags, np.asarray([starts[i] + encoders[i].width - 1 for i in told])))
    return pieces


def through(x: Value, edges: Sequence[Array]) -> Value:
    """Return how far numbers are through the intervals between edges, as `Bins` computes it.

    Parameters
    ----------
    x : Value, shape (batch, number of all intervals) or (batch, 1)
        In float64.
    edges : sequence of arrays
        Those of one column each.
    """
    lower = x.graph.constant(np.concatenate([each[:-1] for each in edges])[None])
    width = x.graph.constant(np.concatenate([np.diff(each) for each in edges])[None])
    inside: Value = xp.minimum(xp.maximum(x - lower, 0.0), width) / width
    return inside
