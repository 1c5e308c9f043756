"""Safetensors files: what the header claims is checked against the file before anything is made of it."""

import json
import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xpnet.data import FormatError
from xpnet.data.files import check_regular

LONGEST_HEADER = 2**25  # bytes, 32 MiB; JSON takes some twenty times as much memory when it is read
MOST_AXES = 8
DTYPES = {"F32": "<f4", "F64": "<f8"}
Arrays = dict[str, npt.NDArray[Any]]


def read_tensors(path: str | os.PathLike[str]) -> tuple[Arrays, dict[str, str]]:
    """Return the arrays and the metadata of a safetensors file with arrays of float32 or float64.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is something else, is truncated, or claims another size than it has.

    References
    ----------
    The format: https://github.com/huggingface/safetensors, section "Format".

    Examples
    --------
    >>> import pathlib, safetensors.numpy, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "two.safetensors"
    >>> safetensors.numpy.save_file({"w": np.zeros((2, 3), dtype="float32")}, path, {"by": "hand"})
    >>> arrays, metadata = read_tensors(path)
    >>> arrays["w"].shape, metadata
    ((2, 3), {'by': 'hand'})
    """
    check_regular(path)
    with Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        header, start = _header(path, file, size)
        try:
            metadata, places = _parsed(header, size - start)
            arrays = {}
            for name, (dtype, shape, begin, end) in places.items():
                file.seek(start + begin)
                raw = file.read(end - begin)
                arrays[name] = np.frombuffer(raw, dtype).reshape(shape).astype(np.dtype(dtype).newbyteorder("="))
        except MemoryError as error:
            raise FormatError(f"{path} must fit into memory, got {size:,} bytes") from error
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise FormatError(f"{path} is not a model file, or is truncated: {error}") from error
    return arrays, metadata


def _header(path: str | os.PathLike[str], file: Any, size: int) -> tuple[bytes, int]:
    """Return the text of the header, and where the arrays begin."""
    first = file.read(8)
    length = struct.unpack("<Q", first)[0] if len(first) == 8 else size
    if length > size - 8:
        raise FormatError(f"{path} is not a model file, or is truncated: its header must end inside {size:,} bytes")
    if length > LONGEST_HEADER:
        raise FormatError(f"{path} must have a header of at most {LONGEST_HEADER:,} bytes, got {length:,}")
    return file.read(length), 8 + length


def _parsed(header: bytes, room: int) -> tuple[dict[str, str], dict[str, tuple[str, tuple[int, ...], int, int]]]:
    """Return the metadata, and of each array the dtype, shape, begin and end; together they fill the room."""
    entries = json.loads(header)
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise TypeError("its metadata must be text")
    places = {name: _place(name, entry) for name, entry in entries.items()}
    ordered = sorted((begin, end) for _, _, begin, end in places.values())
    borders = [0, *(end for _, end in ordered)]
    if any(begin != before for (begin, _), before in zip(ordered, borders, strict=False)) or borders[-1] != room:
        raise ValueError(f"its arrays must fill {room:,} bytes without a gap")
    return metadata, places


def _place(name: str, entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    """Return dtype, shape, begin and end of an array."""
    dtype, shape, (begin, end) = DTYPES.get(entry["dtype"]), entry["shape"], entry["data_offsets"]
    if dtype is None:
        raise ValueError(f"it must hold arrays of float32 or float64, got {entry['dtype']!r:.40}")
    whole = [*shape, begin, end]
    if len(shape) > MOST_AXES:
        raise ValueError(f"{name!r:.40} must have at most {MOST_AXES} axes, got {len(shape)}")
    if not all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in whole):
        raise ValueError(f"the shape and place of {name!r:.40} must be whole numbers")
    if math.prod(shape) * np.dtype(dtype).itemsize != end - begin:
        raise ValueError(f"{name!r:.40} must have as many bytes as its shape says, got {end - begin:,}")
    return dtype, tuple(shape), begin, end
