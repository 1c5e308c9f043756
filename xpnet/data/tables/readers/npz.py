"""Read NumPy's archives, without pickle."""

import io
import math
import tokenize
import warnings
import zipfile
import zlib
from collections import Counter
from typing import Any

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PIECE, PathLike, check_claim, read_bytes
from xpnet.data.tables.dataset import Array

HEADER_ERRORS = (  # what NumPy raises for a header that is damaged, too deep or too large
    *(ValueError, KeyError, EOFError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError),
    tokenize.TokenError,
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
    (3, 0): np.lib.format.read_array_header_2_0,  # differs in the encoding of field names only
}


def read_arrays(path: PathLike) -> dict[str, Array]:
    """Return every array of an npz file by name, in the order of the file.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    dict of str to array
        The arrays, in memory; the file is closed.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the file is not an npz archive, is damaged, has two arrays of one name, claims far more than it can hold, or
        holds Python objects, which are never read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "table.npz")
    ...     np.savez(path, x=[[1, 2]], y=[0])
    ...     sorted(read_arrays(path))
    ['x', 'y']
    """
    raw = read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            _check_members(path, members, len(raw))
            return {_name(info): _read_member(path, archive, info) for info in members}
    except FormatError:
        raise
    except MemoryError as error:
        raise FormatError(f"{path}: must fit into memory, got arrays that do not") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FormatError(f"{path}: must be a whole npz file, got a damaged or foreign one: {error}") from error


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename.removesuffix(".npy")


def _check_members(path: PathLike, members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse members that must not be inflated, before any of them is."""
    if any(info.compress_type not in METHODS for info in members):
        raise zipfile.BadZipFile("compressed in a way that NumPy does not write")
    repeated = [name for name, count in Counter(map(_name, members)).items() if count > 1]
    if repeated:
        raise FormatError(f"{path}: must not hold two arrays of one name, got {', '.join(repeated[:20])}")
    check_claim(path, sum(info.file_size for info in members), size)


def _read_member(path: PathLike, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """Return the array of one member; allocate memory only if its header and its size agree."""
    name = _name(info)
    with archive.open(info) as stream:
        shape, fortran, dtype, start = _header(path, name, stream)
        if dtype.hasobject:
            raise FormatError(f"{path}: array '{name}' must hold numbers or text, got Python objects: save it anew")
        expected, found = math.prod(shape) * dtype.itemsize, info.file_size - start
        if found != expected or min(shape, default=0) < 0 or dtype.itemsize == 0:
            raise FormatError(f"{path}: array '{name}' must hold {expected} bytes for shape {shape}, got {found}")
        flat = np.empty(math.prod(shape), dtype)
        _fill(stream, flat.view(np.uint8).data)
    return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)


def read_header(stream: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return the shape, order and dtype in the header of an array, and the place where its numbers begin.

    Raises
    ------
    HEADER_ERRORS
        If it is damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of headers that Python 2 wrote, which are read all the same
        shape, fortran, dtype = HEADER_READERS[np.lib.format.read_magic(stream)](stream)
    return shape, fortran, dtype, stream.tell()


def _header(path: PathLike, name: str, stream: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return the shape, order and dtype in the header of an array, and the place where its numbers begin."""
    try:
        return read_header(stream)
    except HEADER_ERRORS as error:
        raise FormatError(f"{path}: member '{name}' must be a NumPy array, got something else: {error}") from error


def _fill(stream: Any, memory: memoryview) -> None:
    """Read a member to its end into memory; zipfile compares the checksum at the end."""
    for start in range(0, len(memory), PIECE):
        piece = memory[start : start + PIECE]
        if stream.readinto(piece) != len(piece):
            raise EOFError("it ends too early")
