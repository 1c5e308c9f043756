"""Model files: safetensors with a JSON description in its metadata.  No pickle is written or read.

Arrays are named ``layers.0.w``, ``layers.0.b``, …  Those of an ensemble have a leading axis, as long as the description
says under ``members``; such a file has format 2, and older versions of xpnet refuse it.  The description carries a
SHA-256 digest of itself and of every array, so that a file that was changed is refused.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from xpnet.backend import Backend, get, of, to_numpy
from xpnet.data import Encoding, FormatError, Scaling
from xpnet.io.atomic import write_atomically
from xpnet.io.models.functions import check_functions, describe, network_of
from xpnet.io.models.intervals import Errors
from xpnet.io.models.model import Model
from xpnet.io.models.pooling import is_stack
from xpnet.nn import Activation, Cost, Layer, Parameters

FORMAT = 2  # the newest that is read: that of ensembles; a single network is written in format 1
KEY = "xpnet"
FURTHER = "further."  # before the names of arrays that are no parameters of the network
PREPROCESSING: dict[str, Any] = {"scaling": Scaling, "encoding": Encoding}


def save(
    path: str | os.PathLike[str],
    result_or_model: Any,
    *,
    preprocessing: Any = None,
    classes: tuple[Any, ...] | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write a trained network, or an ensemble, to a file that any machine can read, with or without a GPU.

    Parameters
    ----------
    path : path
        The file is written completely or not at all; an existing file is replaced.
    result_or_model : Result, Model, or an estimator of `xpnet.estimators`
        What `train` or `load` returned; of a Result, the best parameters are saved.  Activations and costs of your own
        are saved by name, and `load` needs them again.  A fitted estimator is read by `xpnet.estimators.load`.
    preprocessing : Scaling or Encoding, optional
        The preprocessing of raw rows before the network.
    classes : tuple, optional
        The label of each output, text or a number.
    data : dict, optional
        The origin of the data and how they were split, as plain JSON.

    Raises
    ------
    ValueError
        If an activation or cost of your own has the name of a built-in one, or of another; if `classes` are more or
        fewer than the network tells apart.
    OSError
        If the file cannot be written; an existing file stays as it was.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from xpnet import Network
    >>> network = Network([2, 3, 2])
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> save(path, Model(network, network.initialize(seed=0)), classes=("no", "yes"))
    >>> load(path).classes
    ('no', 'yes')

    A network with a function of your own:

    >>> from xpnet.nn import sigmoid
    >>> swish = Activation("swish", lambda z: z * sigmoid(z), lambda z, a: a + sigmoid(z) * (1.0 - a))
    >>> network = Network([2, 3, 2], hidden=swish)
    >>> save(path, Model(network, network.initialize(seed=0)))
    >>> load(path, functions=[swish]).network == network
    True
    """
    model = getattr(result_or_model, "model", result_or_model)
    if not isinstance(model, Model):
        raise TypeError(f"result_or_model must be a Result or a Model, got {type(result_or_model).__name__}")
    preprocessing = preprocessing if preprocessing is not None else model.preprocessing
    data = data if data is not None else model.data
    _check_kinds(preprocessing, classes, data)
    model = model if classes is None else replace(model, classes=tuple(classes))
    arrays = {
        f"layers.{l}.{name}": as_written(x)
        for l, layer in enumerate(model.parameters)
        for name, x in layer._asdict().items()
    }
    arrays |= {FURTHER + name: as_written(x) for name, x in getattr(result_or_model, "further_arrays", {}).items()}
    description = {
        "format": 1,
        "network": describe(model.network),
        "preprocessing": None if preprocessing is None else preprocessing.to_json(),
        "classes": None if model.classes is None else [c.item() if hasattr(c, "item") else c for c in model.classes],
        "data": data,
        "targets": None if model.targets is None else model.targets.to_json(),
        "features": None if model.features is None else list(model.features),
    }
    if model.errors is not None:
        description["errors"] = {"n": model.errors.n, "sizes": list(model.errors.sizes)}
    if is_stack(model.parameters):
        description |= {"format": FORMAT, "members": model.n_members}
    metadata = {KEY: json.dumps(description | {"digest": _digest(description, arrays)})}
    write_atomically(path, safetensors.numpy.save(arrays, metadata))


def _check_kinds(preprocessing: Any, classes: Any, data: Any) -> None:
    """Refuse what no file can hold; the message names the argument."""
    if preprocessing is not None and not hasattr(preprocessing, "to_json"):
        raise TypeError(f"preprocessing must have to_json(), as a Scaling has, got {preprocessing!r:.200}")
    if classes is not None and (isinstance(classes, str) or not isinstance(classes, Iterable)):
        raise TypeError(f"classes must be a sequence of labels, got {classes!r:.200}")
    try:
        json.dumps(data)
    except (TypeError, ValueError) as error:
        raise TypeError(f"data must be plain JSON, got {data!r:.200}: {error}") from error


def load(
    path: str | os.PathLike[str],
    backend: str | Backend | None = None,
    *,
    functions: Iterable[Activation | Cost] = (),
) -> Model:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : path
    backend : str or Backend, optional
        The backend for the parameters; they keep the dtype in which they were saved.
    functions : sequence of Activation and Cost, optional
        Functions of your own with which the network was saved.  Others are ignored.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is not a model, is truncated or changed, was written by a newer xpnet, or needs a function of your own
        that is not in `functions`.
    TypeError, ValueError
        If `functions` holds something else, or a function with the name of another, or of a built-in one.
    """
    own = check_functions(functions)
    if not Path(path).is_file():
        raise FileNotFoundError(f"model file {path} does not exist")
    arrays, description = _read(path)
    digest = description.pop("digest", None)
    written = description.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise FormatError(f"{path} was written by a newer xpnet (format {written}); upgrade xpnet")
    if digest != _digest(description, arrays):
        raise FormatError(f"{path} was changed after it was written: its digest does not fit")
    dtypes = {str(x.dtype) for x in arrays.values()}
    if not dtypes or dtypes - {"float32", "float64"}:
        raise FormatError(f"{path} must hold arrays of float32 or float64, got {', '.join(sorted(dtypes)) or 'none'}")
    home = get(backend) if isinstance(backend, Backend) else get(backend, dtype=max(dtypes))
    try:
        return _model(description, arrays, home, own)
    except (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise FormatError(f"{path} describes a model that this xpnet does not know: {error}") from error


def _model(description: dict[str, Any], arrays: dict[str, Any], home: Backend, own: dict[Any, Any]) -> Model:
    network, classes = network_of(description["network"], own), description["classes"]
    names = [(f"layers.{l}.w", f"layers.{l}.b") for l in range(len(network.sizes) - 1)]
    parameters = tuple(Layer(home.asarray(arrays[w]), home.asarray(arrays[b])) for w, b in names)
    network.check(parameters)
    _check_members(parameters, description.get("members"))
    return Model(
        network,
        parameters,
        _preprocessing(description["preprocessing"]),
        None if classes is None else tuple(classes),
        description["data"],
        _preprocessing(description["targets"]),
        None if description.get("features") is None else tuple(description["features"]),
        _errors(description.get("errors")),
    )


def _errors(value: Any) -> Errors | None:
    return None if value is None else Errors(value["n"], tuple(map(float, value["sizes"])))


def _check_members(parameters: Parameters, members: Any) -> None:
    """Refuse parameters whose leading axis is not as long as the description says; None: they must not have one."""
    axes, expected = tuple(parameters[0].w.shape[:-2]), () if members is None else (members,)
    if axes != expected:
        raise ValueError(f"it must have leading axes {expected}, one place for each member, got {axes}")


def further_arrays(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arrays of a model file that are no parameters, by name, on the host; `load` checks the file.

    An estimator of `xpnet.estimators` keeps its optimizer's running means there.

    Raises
    ------
    FormatError
        If it is not a model file, or is truncated.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from xpnet import Network
    >>> network = Network([2, 3, 2])
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> save(path, Model(network, network.initialize(seed=0)))
    >>> further_arrays(path)
    {}
    """
    arrays, _ = _read(path)
    return {name.removeprefix(FURTHER): x for name, x in arrays.items() if name.startswith(FURTHER)}


def is_model_file(path: str | os.PathLike[str]) -> bool:
    """Return whether xpnet wrote the file at `path`."""
    try:
        _read(path)
    except (OSError, FormatError):
        return False
    return True


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with safetensors.safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
        return arrays, dict(json.loads(metadata[KEY]))
    except safetensors.SafetensorError as error:
        raise FormatError(f"{path} is not a model file, or is truncated: {error}") from error
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise FormatError(f"{path} is a safetensors file, but not one that xpnet wrote") from error


def as_written(x: Any) -> Any:
    """Return parameters as a contiguous array of float32 or float64 in this machine's byte order."""
    backend = of(x)
    if not backend.xp.isdtype(x.dtype, "real floating"):
        raise TypeError(f"parameters must be real floating to be saved, got {x.dtype}")
    name = "float64" if backend.xp.finfo(x.dtype).bits > 32 else "float32"  # bfloat16, for one, NumPy does not know
    return np.ascontiguousarray(to_numpy(backend.xp.astype(x, getattr(backend.xp, name))), dtype=name)


def _preprocessing(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("kind") not in PREPROCESSING:
        raise ValueError(f"it has an unknown preprocessing, {value!r}")
    return PREPROCESSING[value["kind"]].from_json(value)


def _digest(description: dict[str, Any], arrays: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name in sorted(arrays):
        x = arrays[name]
        digest.update(f"{name} {x.dtype} {x.shape}".encode())
        digest.update(x.tobytes())
    return digest.hexdigest()
