"""From a model to what its file says of it as plain JSON, and back."""

from typing import Any

from xpnet.backend import Backend
from xpnet.data import Encoding, Scaling
from xpnet.io.models.functions import describe, network_of
from xpnet.io.models.intervals import Errors
from xpnet.io.models.model import Model
from xpnet.io.models.pooling import is_stack
from xpnet.io.models.runs import Run
from xpnet.io.tensors import Arrays
from xpnet.nn import Layer, Network

ENSEMBLE = 2  # the format of ensembles, the newest; a single network is written in format 1
MOST_ROWS = 2**53
PREPROCESSING: dict[str, Any] = {"scaling": Scaling, "encoding": Encoding}


def description_of(model: Model) -> dict[str, Any]:
    """Return what a file says of a model, all but the digest.

    Raises
    ------
    ValueError
        If functions of one's own have names that cannot be told apart.
    """
    description = {
        "format": 1,
        "network": describe(model.network),
        "preprocessing": None if model.preprocessing is None else model.preprocessing.to_json(),
        "classes": None if model.classes is None else [c.item() if hasattr(c, "item") else c for c in model.classes],
        "data": model.data,
        "targets": None if model.targets is None else model.targets.to_json(),
        "features": None if model.features is None else list(model.features),
        "runs": [run.to_json() for run in model.runs],
    }
    if model.errors is not None:
        description["errors"] = {"n": model.errors.n, "sizes": list(model.errors.sizes)}
    if is_stack(model.parameters):
        description |= {"format": ENSEMBLE, "members": model.n_members}
    return description


def model_of(description: dict[str, Any], arrays: Arrays, home: Backend, own: dict[Any, Any]) -> Model:
    """Return the model that `description_of` described, with these arrays on the backend `home`.

    Raises
    ------
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError
        If the description makes no sense, or the arrays do not fit it.
    """
    network, classes, features = (
        network_of(description["network"], own),
        description["classes"],
        description["features"],
    )
    preprocessing = _preprocessing(description["preprocessing"])
    _check_inputs(network, preprocessing, features)
    _check_arrays(network, arrays, description.get("members"))
    layers = range(len(network.sizes) - 1)
    parameters = tuple(
        Layer(home.asarray(arrays[f"layers.{l}.w"]), home.asarray(arrays[f"layers.{l}.b"])) for l in layers
    )
    network.check(parameters)
    return Model(
        network,
        parameters,
        preprocessing,
        None if classes is None else tuple(_label(label) for label in _list("classes", classes)),
        _data(description["data"]),
        _targets(description["targets"], float(home.xp.finfo(home.dtype).max)),
        None if features is None else tuple(features),
        _errors(description.get("errors")),
        tuple(Run.from_json(run) for run in _list("runs", description.get("runs", []))),
    )


def _check_arrays(network: Network, arrays: Arrays, members: Any) -> None:
    """Refuse arrays of other names and shapes than those of the network's layers, or that are not finite."""
    axes = () if members is None else (members,)
    if members is not None and (not isinstance(members, int) or isinstance(members, bool) or members < 1):
        raise ValueError(f"members must be a whole number, at least 1, got {members!r:.40}")
    shapes: dict[str, tuple[Any, ...]] = {}
    for l, (n_in, n_out) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        shapes |= {f"layers.{l}.w": (*axes, n_out, n_in), f"layers.{l}.b": (*axes, 1, n_out)}
    unknown, missing = sorted(arrays.keys() - shapes), sorted(shapes.keys() - arrays)
    if unknown or missing:
        raise ValueError(f"it must hold the arrays of {len(shapes) // 2} layers, got {(unknown or missing)[0]!r:.40}")
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {arrays[name].shape}")
        if not bool((abs(arrays[name]) < float("inf")).all()):
            raise ValueError(f"{name} must hold finite numbers")


def _check_inputs(network: Network, preprocessing: Any, features: Any) -> None:
    """Refuse a preprocessing, and names of columns, that do not fit the inputs of the network."""
    n_in = network.sizes[0]
    if features is not None and not all(isinstance(name, str) for name in _list("features", features)):
        raise TypeError("features must be names")
    if isinstance(preprocessing, Encoding):
        if len(preprocessing.names) != n_in:
            raise ValueError(f"preprocessing must give {n_in} inputs, got {len(preprocessing.names)}")
        return
    if preprocessing is not None and len(preprocessing.scale) not in (1, n_in):
        raise ValueError(f"preprocessing must have one scale, or {n_in}, got {len(preprocessing.scale)}")
    if features is not None and len(features) != n_in:
        raise ValueError(f"features must be {n_in} names, got {len(features)}")


def _preprocessing(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("kind") not in PREPROCESSING:
        raise ValueError(f"it has an unknown preprocessing, {value!r:.200}")
    return PREPROCESSING[value["kind"]].from_json(value)


def _targets(value: Any, largest: float) -> Any:
    """Return the scaling of the targets, whose numbers must fit the dtype of the parameters."""
    made = _preprocessing(value)
    if made is None:
        return None
    if not isinstance(made, Scaling) or not all(abs(x) <= largest for x in (*made.shift, *made.scale)):
        raise ValueError(f"targets must be a scaling with numbers of at most {largest:.3g}")
    return made


def _errors(value: Any) -> Errors | None:
    if value is None:
        return None
    n = value["n"]
    if not isinstance(n, int) or isinstance(n, bool) or n > MOST_ROWS:
        raise ValueError(f"errors must be of at most {MOST_ROWS} rows, got {n!r:.40}")
    return Errors(n, tuple(map(float, _list("sizes", value["sizes"]))))


def _data(value: Any) -> Any:
    if value is not None and not isinstance(value, dict):
        raise TypeError(f"data must be an object or null, got {type(value).__name__}")
    return value


def _label(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise TypeError(f"classes must be text or numbers, got {type(value).__name__}")
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{name} must be a list, got {type(value).__name__}")
    return value
