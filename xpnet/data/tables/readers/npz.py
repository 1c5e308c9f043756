"""NumPy's archives, read whole and never unpickled."""

import io
import math
import tokenize
import zipfile
import zlib

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike, read_bytes
from xpnet.data.tables.dataset import Array

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
        If the file is not an npz archive, is damaged, or holds Python objects, which are never read.

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
            if any(info.compress_type not in METHODS for info in archive.infolist()):
                raise zipfile.BadZipFile("compressed in a way that NumPy does not write")
            names = [info.filename.removesuffix(".npy") for info in archive.infolist()]
            if len(set(names)) < len(names):
                raise zipfile.BadZipFile("two arrays of one name")
            members = {name: archive.read(info) for name, info in zip(names, archive.infolist(), strict=True)}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FormatError(f"{path}: must be a whole npz file, got a damaged or foreign one: {error}") from error
    return {name: _array(path, name, content) for name, content in members.items()}


def _array(path: PathLike, name: str, content: bytes) -> Array:
    """Return the array of one member, after a look at what its header claims."""
    stream = io.BytesIO(content)
    try:
        shape, _, dtype = HEADER_READERS[np.lib.format.read_magic(stream)](stream)
    except (ValueError, KeyError, EOFError, SyntaxError, tokenize.TokenError) as error:
        raise FormatError(f"{path}: member '{name}' must be a NumPy array, got something else: {error}") from error
    if dtype.hasobject:
        raise FormatError(f"{path}: array '{name}' must hold numbers or text, got Python objects: save it anew")
    expected, found = math.prod(shape) * dtype.itemsize, len(content) - stream.tell()
    if found != expected or min(shape, default=0) < 0:
        raise FormatError(f"{path}: array '{name}' must hold {expected} bytes for shape {shape}, got {found}")
    stream.seek(0)
    array: Array = np.lib.format.read_array(stream, allow_pickle=False)
    return array
