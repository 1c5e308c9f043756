"""A column of categories in a graph: a look-up of the text, then one input for each category."""

from collections.abc import Sequence

import numpy as np

from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.io.onnx.functions import functions as xp
from xpnet.io.onnx.graph import ML, Graph, Value
from xpnet.io.onnx.numbers import Piece

NOTE = "text in the one spelling of its category (10, not 10.0; 1, not true); the empty text is a gap"
NOWHERE, REFUSED = -1, -2  # the places of what is all zeros, and of a gap that is refused


def category_piece(graph: Graph, encoder: CategoryEncoder, start: int, dtype: str) -> Piece:
    """Return the inputs of the network that a column of categories becomes; a gap that is refused is NaN."""
    given = graph.input(encoder.name, object, 1, NOTE)
    place = {category: i for i, category in enumerate(encoder.categories)}
    other = len(encoder.categories) if encoder.rare else NOWHERE
    gap = _place_of_gap(encoder, place, other)
    found = _looked_up(given, [*place, ""], [*place.values(), gap], other)
    zeros_and_one = xp.astype(found == graph.constant(np.arange(encoder.width)[None]), dtype)
    if gap == REFUSED:
        zeros_and_one = xp.where(found == REFUSED, np.nan, zeros_and_one)
    return Piece(zeros_and_one, start + np.arange(encoder.width))


def _place_of_gap(encoder: CategoryEncoder, place: dict[str, int], other: int) -> int:
    if encoder.fill is not None:
        return place.get(encoder.fill, other)
    if encoder.gaps is None:
        return REFUSED
    return encoder.width - 1 if encoder.gaps else NOWHERE


def _looked_up(text: Value, keys: Sequence[str], places: Sequence[int], other: int) -> Value:
    """Return the place of each text, and `other` for a text that is no key."""
    return text.graph.apply(
        "LabelEncoder",
        lambda x: np.zeros(x.shape, np.int64),
        text,
        domain=ML,
        keys_strings=list(keys),
        values_int64s=list(places),
        default_int64=other,
    )
