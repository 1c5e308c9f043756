"""Model files: safetensors with a JSON description in its metadata.  No pickle is written or read.

Arrays are named ``layers.0.w``, ``layers.0.b``, …  Those of an ensemble have a leading axis, as long as the description
says under ``members``; such a file has format 2, and older versions of xpnet refuse it.  The description carries a
SHA-256 digest of itself and of every array, so that a file that was changed is refused.
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from xpnet.backend import Backend, get, of, quiet, to_numpy
from xpnet.checks import one_line
from xpnet.data import FormatError
from xpnet.io.atomic import write_atomically
from xpnet.io.models.description import ENSEMBLE, description_of, model_of
from xpnet.io.models.functions import check_functions
from xpnet.io.models.model import Model
from xpnet.io.tensors import LONGEST_HEADER, Arrays, read_tensors
from xpnet.nn import Activation, Cost

FORMAT = ENSEMBLE  # the newest that is read
KEY = "xpnet"
FURTHER = "further."  # before the names of arrays that are no parameters of the network
# what a description without sense may raise
FAULTS = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


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
    model = replace(model, preprocessing=preprocessing, data=data)
    model = model if classes is None else replace(model, classes=tuple(classes))
    arrays = {
        f"layers.{l}.{name}": as_written(f"layers.{l}.{name}", x)
        for l, layer in enumerate(model.parameters)
        for name, x in layer._asdict().items()
    }
    further = getattr(result_or_model, "further_arrays", {})
    arrays |= {FURTHER + name: as_written(name, x) for name, x in further.items()}
    description = json.loads(json.dumps(description_of(model)))  # as it will be read: keys are text
    metadata = {KEY: json.dumps(description | {"digest": digest_of(description, arrays)})}
    written = safetensors.numpy.save(arrays, metadata)
    (length,) = struct.unpack("<Q", written[:8])
    if length > LONGEST_HEADER:
        raise ValueError(f"result_or_model must be described in {LONGEST_HEADER:,} bytes at most, got {length:,}")
    write_atomically(path, written)


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

    Returns
    -------
    Model
        One network or an ensemble, ready to predict.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is not a model, is truncated or changed, was written by a newer xpnet, or needs a function of your own
        that is not in `functions`.
    TypeError, ValueError
        If `functions` holds something else, or a function with the name of another, or of a built-in one.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet import Network
    >>> network = Network([2, 3, 2])
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> save(path, Model(network, network.initialize(seed=0)))
    >>> load(path).network == network
    True
    """
    own = check_functions(functions)
    if not Path(path).exists():
        raise FileNotFoundError(f"model file {path} does not exist")
    arrays, description = _read(path)
    home = (
        get(backend) if isinstance(backend, Backend) else get(backend, dtype=max(str(x.dtype) for x in arrays.values()))
    )
    try:
        with quiet():
            return model_of(description, of_network(arrays), home, own)
    except FAULTS as error:
        raise FormatError(f"{path} describes a model that this xpnet does not know: {error}") from error


def further_arrays(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arrays of a model file that are no parameters, by name, on the host; `load` checks the file.

    An estimator of `xpnet.estimators` keeps its optimizer's running means there.

    Parameters
    ----------
    path : str or path-like
        A file that `save` wrote.

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


def of_network(arrays: Arrays) -> Arrays:
    """Return the arrays of a file that are parameters of the network."""
    return {name: x for name, x in arrays.items() if not name.startswith(FURTHER)}


def is_model_file(path: str | os.PathLike[str]) -> bool:
    """Return whether xpnet wrote the file at `path`, in any format.

    Parameters
    ----------
    path : str or path-like
        A file that exists.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "notes.txt"
    ...     _ = path.write_text("of my own", encoding="utf-8")
    ...     is_model_file(path)
    False
    """
    try:
        _, description = _parsed(path)
    except (OSError, FormatError):
        return False
    return "format" in description and "digest" in description


def _read(path: str | os.PathLike[str]) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and the description of a model file that was not changed."""
    arrays, description = _parsed(path)
    digest, written = description.pop("digest", None), description.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise FormatError(f"{path} was written by a newer xpnet (format {one_line(written, 20)}); upgrade xpnet")
    if written not in range(1, FORMAT + 1) or isinstance(written, bool):
        raise FormatError(f"{path} must have a format from 1 to {FORMAT}, got {written!r:.40}")
    try:
        fits = digest == digest_of(description, arrays)
    except (RecursionError, ValueError):
        fits = False
    if not fits:
        raise FormatError(f"{path} was changed after it was written: its digest does not fit")
    if not arrays:
        raise FormatError(f"{path} must hold arrays of float32 or float64, got none")
    return arrays, description


def _parsed(path: str | os.PathLike[str]) -> tuple[Arrays, dict[str, Any]]:
    arrays, metadata = read_tensors(path)
    try:
        description = json.loads(metadata[KEY])
    except (LookupError, MemoryError, RecursionError, ValueError) as error:
        raise FormatError(f"{path} is a safetensors file, but not one that xpnet wrote") from error
    if not isinstance(description, dict):
        raise FormatError(f"{path} is a safetensors file, but not one that xpnet wrote")
    return arrays, description


def as_written(name: str, x: Any) -> Any:
    """Return parameters as a contiguous array of float32 or float64 in this machine's byte order."""
    backend = of(x)
    if not backend.xp.isdtype(x.dtype, "real floating"):
        raise TypeError(f"parameters must be real floating to be saved, got {x.dtype}")
    kind = "float64" if backend.xp.finfo(x.dtype).bits > 32 else "float32"  # bfloat16, for one, NumPy does not know
    written = np.ascontiguousarray(to_numpy(backend.xp.astype(x, getattr(backend.xp, kind))), dtype=kind)
    if not np.isfinite(written).all():
        raise ValueError(f"parameters must be finite to be saved, got infinity or NaN in {name}")
    return written


def digest_of(description: dict[str, Any], arrays: Arrays) -> str:
    """Return the hash of everything that a file holds."""
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name in sorted(arrays):
        x = arrays[name]
        digest.update(f"{name} {x.dtype} {x.shape}".encode())
        digest.update(x.tobytes())
    return digest.hexdigest()
