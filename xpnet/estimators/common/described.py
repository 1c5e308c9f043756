"""Estimators as plain JSON: their parameters and the fitted attributes that are no weights."""

from typing import Any

import numpy as np

from xpnet.backend import Backend, BackendError, get, library_of, to_numpy
from xpnet.io import Model
from xpnet.nn import ACTIVATIONS, COSTS, Activation, Cost

DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "U", "O"),
)
PLAIN = (bool, int, float, str, type(None))
PRIVATE = ("_no_improvement_count",)  # what training goes on from, besides the fitted attributes


def describe(estimator: Any, weights: tuple[str, ...]) -> dict[str, Any]:
    """Return a fitted estimator as plain JSON, without the attributes called `weights`.

    Raises
    ------
    TypeError
        If a parameter has no plain form, such as a RandomState; the message names it.
    """
    parameters = {name: written(name, value) for name, value in estimator.get_params(deep=False).items()}
    attributes = {
        name: written(name, value)
        for name, value in vars(estimator).items()
        if name not in (*parameters, *weights) and (name.endswith("_") or name in PRIVATE)
    }
    return {"kind": type(estimator).__name__, "parameters": parameters, "attributes": attributes}


def rebuilt(kind: type, described: dict[str, Any], model: Model, functions: dict[str, Any]) -> Any:
    """Return the estimator that `describe` described, with the weights of its model."""
    made = kind(**{name: read(value, functions) for name, value in described["parameters"].items()})
    for name, value in described["attributes"].items():
        if hasattr(kind, name):
            raise ValueError(f"attribute {name!r:.40} must be one that fitting sets")
        setattr(made, name, read(value, functions))
    made._take(model)
    return made


def written(name: str, value: Any) -> Any:
    """Return a parameter or an attribute as plain JSON, which `read` reads.

    Examples
    --------
    >>> written("class_weight", {0: 2.0, "b": (1, 2)})
    {'dict': [[0, 2.0], ['b', {'tuple': [1, 2]}]]}
    """
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"dict": [[written(name, key), written(name, one)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [written(name, one) for one in value]}
    if isinstance(value, Activation | Cost):
        return {"cost" if isinstance(value, Cost) else "activation": value.name}
    if isinstance(value, Backend):
        return {"backend": [value.name, value.dtype_name]}
    if library_of(value) is not None:
        host = to_numpy(value)
        return {"array": host.tolist(), "dtype": host.dtype.kind if host.dtype.kind in "UO" else host.dtype.name}
    raise TypeError(f"{name} must be plain to be saved (a number, text, a list of them), got {type(value).__name__}")


def read(value: Any, functions: dict[str, Any]) -> Any:
    """Return what `written` wrote; `functions` are one's own by name.

    Examples
    --------
    >>> read(written("hidden_layer_sizes", (30, 10)), {})
    (30, 10)
    """
    if not isinstance(value, dict):
        return value
    if "array" in value:
        if value["dtype"] not in DTYPES:
            raise ValueError(f"an array must have one of the dtypes {', '.join(DTYPES)}, got {value['dtype']!r:.40}")
        return np.asarray(value["array"], dtype=value["dtype"])
    kind, inside = next(iter(value.items()))
    match kind:
        case "dict":
            return {read(key, functions): read(one, functions) for key, one in inside}
        case "tuple" | "list":
            parts = [read(one, functions) for one in inside]
            return tuple(parts) if kind == "tuple" else parts
        case "backend":
            name, dtype = inside
            try:
                return get(name, dtype=dtype)
            except BackendError:  # the library is not here: training will say so
                return name
        case "activation" | "cost":
            known = functions | (ACTIVATIONS if kind == "activation" else COSTS)
            if inside not in known:
                raise ValueError(f"it needs a function of your own, {inside!r}, in functions")
            return known[inside]
    raise ValueError(f"it holds a value of unknown kind, {kind!r}")


def table_of(estimator: Any) -> dict[str, Any]:
    """Return the description of the data that the command line reads: a table of numbers."""
    names = getattr(estimator, "feature_names_in_", None)
    features = None if names is None else [str(name) for name in names]
    return {"source": "table", "path": "-", "target": None, "features": features, "cells": False, "ignore": []}
