"""Exporting a model: the checks before, the graph, and the file."""

import os
from pathlib import Path
from typing import Any

from xpnet.io.atomic import write_atomically
from xpnet.io.models.model import Model
from xpnet.io.models.model_file import as_written
from xpnet.io.onnx.answers import add_answers, output_names
from xpnet.io.onnx.functions import functions
from xpnet.io.onnx.graph import Graph, Value
from xpnet.io.onnx.inputs import add_inputs, names_of
from xpnet.io.onnx.protobuf import PRODUCER, to_bytes
from xpnet.nn import ACTIVATIONS, Layer, Parameters

MOST = 2**31 - 2**20  # bytes of parameters: protobuf's messages end at 2 GiB, and the rest is small


def to_onnx(path: str | os.PathLike[str], model: Any) -> None:
    """Write a model as an ONNX graph (opset 17, ai.onnx.ml 3), for programs without xpnet.

    Everything from raw rows to labels and probabilities is in it; docs/export.md tells its inputs and outputs.

    Parameters
    ----------
    path : path
        The file is written completely or not at all; an existing file is replaced.
    model : Model, Result, or an estimator of `xpnet.estimators`
        What `load` or `train` returned; of a Result, the best parameters.  Of a `TabularClassifier` or
        `TabularRegressor` give its ``model_``.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    TypeError
        If `model` is no model, or has a preprocessing of your own.
    ValueError
        If an activation is one of your own, a column or a class cannot be written as text, or the parameters take
        2 GiB.
    OSError
        If the file cannot be written; an existing file stays as it was.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import xpnet
    >>> frame = {"width": [1.0, 2.0, 3.0, 4.0] * 5, "color": ["red", "blue"] * 10, "size": ["S", "S", "L", "L"] * 5}
    >>> model = xpnet.train_table(frame, "size", fast=True)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "size.onnx"
    >>> xpnet.to_onnx(path, model)
    >>> path.stat().st_size > 0
    True
    """
    given = getattr(model, "model", model)
    if not isinstance(given, Model):
        raise TypeError(f"model must be a Model or a Result, got {type(model).__name__}")
    export(path, given)


def export(path: str | os.PathLike[str], model: Model) -> Graph:
    """Write a model as an ONNX graph, and return what was written; the errors are those of `to_onnx`."""
    graph = graph_of(model)
    write_atomically(path, to_bytes(graph, metadata_of(model)))
    return graph


def graph_of(model: Model) -> Graph:
    """Return the graph of a model."""
    _check_functions(model.network)
    model.network.check(model.parameters)
    layers = [Layer(as_written("w", layer.w), as_written("b", layer.b)) for layer in model.parameters]
    size = sum(x.nbytes for layer in layers for x in layer)
    if size > MOST:
        raise ValueError(f"parameters must take at most {MOST:,} bytes to fit in an ONNX file, got {size:,}")
    taken = names_of(model.preprocessing)
    answers = output_names(model.network.classifies, taken)
    graph = Graph(functions, (*taken, *answers))
    x, order = add_inputs(graph, model.preprocessing, model.network.sizes[0], str(layers[0].w.dtype))
    if order is not None:  # the first weights in the order in which the graph has their inputs
        layers[0] = layers[0]._replace(w=layers[0].w[..., order])
    add_answers(graph, model, _constants(graph, layers), x, answers)
    return graph


def metadata_of(model: Model) -> dict[str, Any]:
    """Return what the file says of the model besides its graph, as plain JSON."""
    classes = model.classes or (range(model.network.n_classes) if model.network.classifies else ())
    names = getattr(model.preprocessing, "features", None) or model.features
    kind = "several" if model.network.several else "classification" if model.network.classifies else "regression"
    return {
        "task": kind,
        "members": model.n_members,
        **({"classes": [c.item() if hasattr(c, "item") else c for c in classes]} if classes else {}),
        **({} if names is None else {"features": list(names)}),
    }


def is_onnx_file(path: Path) -> bool:
    """Return whether `to_onnx` wrote a file: its producer is the second field, behind a version of one byte."""
    written = bytes([0x12, len(PRODUCER)]) + PRODUCER.encode()
    with path.open("rb") as file:
        head = file.read(2 + len(written))
    return head[:1] == b"\x08" and head[2:] == written


def _check_functions(network: Any) -> None:
    """Refuse activations whose formula xpnet does not know; the cost is no part of a prediction."""
    own = [f.name for f in network.activations if ACTIVATIONS.get(f.name) != f]
    if own:
        raise ValueError(f"activations must be built-in ones to be exported, got your own {own[0]!r}")


def _constants(graph: Graph, layers: list[Any]) -> Parameters:
    """Return the parameters as constants of the graph, named as in a model file."""

    def constant(l: int, name: str) -> Value:
        return graph.constant(getattr(layers[l], name), name=f"layers.{l}.{name}")

    return tuple(Layer(constant(l, "w"), constant(l, "b")) for l in range(len(layers)))
