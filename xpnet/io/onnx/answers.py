"""What a graph gives: labels and probabilities, or values, by the functions that a model predicts with."""

from collections.abc import Collection
from typing import Any

import numpy as np

from xpnet.checks import listing
from xpnet.io.models import pooling
from xpnet.io.onnx.functions import functions as xp
from xpnet.io.onnx.graph import Array, Graph, Value
from xpnet.io.onnx.inputs import check_text
from xpnet.nn import Parameters

NO_LABEL = -(2**63)  # the label of a row that xpnet refuses, where labels are whole numbers; "" where they are text
REFUSED = "of a row that xpnet refuses"


def output_names(classifies: bool, taken: Collection[str]) -> tuple[str, ...]:
    """Return the names of the outputs; one that a column has gets an underscore.

    Examples
    --------
    >>> output_names(True, {"label", "width"}), output_names(False, {"width"})
    (('label_', 'probabilities'), ('value',))
    """
    return tuple(_free(name, taken) for name in (("label", "probabilities") if classifies else ("value",)))


def _free(name: str, taken: Collection[str]) -> str:
    return _free(f"{name}_", taken) if name in taken else name


def add_answers(graph: Graph, model: Any, parameters: Parameters, x: Value, names: tuple[str, ...]) -> None:
    """Add the outputs: what `Model.predict` and `Model.predict_proba` give for the network's inputs.

    A row is refused if one of its inputs is not finite: its outputs are NaN, and no label.
    """
    network = model.network
    refused = xp.isnan(xp.sum(x - x, axis=-1, keepdims=True))  # (batch, 1)
    decided = pooling.predict(network, parameters, x)
    if not network.classifies:
        value = _in_units(decided, model.targets)
        value = xp.where(refused if value.ndim > 1 else refused[..., 0], np.nan, value)
        graph.output(names[0], value, f"in the unit of the data; NaN {REFUSED}")
        return
    label = _label(graph, model, xp.astype(decided, np.int64), refused)
    graph.output(names[0], label, f"{'empty' if label.dtype == object else '-2**63'} {REFUSED}")
    p = xp.where(refused, np.nan, pooling.predict_proba(network, parameters, x))
    graph.output(names[1], p, f"of each class, in the order of the metadata's classes; NaN {REFUSED}")


def _label(graph: Graph, model: Any, decided: Value, refused: Value) -> Value:
    """Return the labels of class numbers; of several labels each is 0 or 1."""
    if model.network.several:
        label: Value = xp.where(refused, NO_LABEL, decided)
        return label
    labels = label_array(model.classes or range(model.network.n_classes))
    number = xp.where(refused[..., 0], len(labels) - 1, decided)
    return graph.gather(graph.constant(labels, name="labels"), number, 0)


def label_array(classes: Any) -> Array:
    """Return the labels, and behind them that of a refused row: int64 if all are whole numbers, else text.

    Raises
    ------
    ValueError
        If two labels are equal as text.

    Examples
    --------
    >>> label_array((3, 7)).tolist() == [3, 7, -(2**63)]
    True
    >>> label_array(("cat", 0.5)).tolist()
    ['cat', '0.5', '']
    """
    plain = [label.item() if isinstance(label, np.generic) else label for label in classes]
    if all(type(label) is int and -(2**63) < label < 2**63 for label in plain):
        return np.asarray([*plain, NO_LABEL], np.int64)
    texts = [str(label) for label in plain]
    if len(set(texts)) < len(texts):
        raise ValueError(f"classes must differ as text to be labels of a graph, got {listing(texts)}")
    check_text("classes", texts)
    return np.asarray([*texts, ""], object)


def _in_units(value: Value, targets: Any) -> Value:
    """Return the values of a regression in the unit of the data."""
    if targets is None:
        return value
    scale, shift = (_unit(value.graph, values, value.dtype) for values in (targets.scale, targets.shift))
    return value * scale + shift


def _unit(graph: Graph, values: tuple[float, ...], dtype: Any) -> Any:
    return values[0] if len(values) == 1 else graph.constant([values], dtype)
