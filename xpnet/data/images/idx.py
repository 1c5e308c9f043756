"""Read IDX, the format of MNIST: four magic bytes, the sizes, then the numbers."""

import gzip
import io
import math
import struct
import sys
import zlib
from typing import BinaryIO

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike, check_claim, read_bytes
from xpnet.data.tables.dataset import Array

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_HEADER = 4 + 4 * 255  # bytes; one byte holds the number of dimensions
MOST_TOLD = 10**30  # bytes
DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: PathLike) -> Array:
    """Return the array of an IDX file, compressed by gzip or not.

    The first bytes tell whether the file is compressed; its name does not matter.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    array
        The shape that the file states; uint8, int8, int16, int32, float32 or float64 in the byte order
        of this machine.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the file is not IDX, is truncated or has bytes left over, or its gzip stream is damaged or claims far more
        than it can hold.

    Notes
    -----
    Bytes 0 and 1 are zero, byte 2 is the type, byte 3 the number of dimensions; then one big-endian
    uint32 per dimension and the items, big-endian, last index fastest.

    References
    ----------
    .. [1] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits", section
       "File formats".

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels")
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    packed = read_bytes(path)
    compressed = packed.startswith(GZIP_MAGIC)
    stream = gzip.GzipFile(fileobj=io.BytesIO(packed)) if compressed else io.BytesIO(packed)
    head = _read(path, stream, LONGEST_HEADER)
    dtype, shape = _header(path, head)
    start = 4 + 4 * len(shape)
    expected = start + math.prod(shape) * dtype.itemsize
    if compressed:
        check_claim(path, expected, len(packed))
    raw = head + _read(path, stream, max(0, expected - len(head)) + 1)  # one byte more shows whether something follows
    if len(raw) != expected:
        fault = f"{len(raw)}: it is truncated" if len(raw) < expected else "more: it is followed by something else"
        claimed = expected if expected < MOST_TOLD else f"more than {MOST_TOLD:.0e}"
        raise FormatError(f"{path}: must hold {claimed} bytes for shape {shape}, got {fault}")
    try:
        array = np.frombuffer(raw, dtype=dtype, offset=start).reshape(shape)
    except ValueError as error:
        raise FormatError(f"{path}: must have a shape that an array can have, got {shape}") from error
    return array.astype(dtype.newbyteorder("="))  # a writable copy


def _read(path: PathLike, stream: BinaryIO | gzip.GzipFile, size: int) -> bytes:
    """Return at most ``size`` more bytes, inflated if the file is compressed."""
    try:
        return stream.read(min(size, sys.maxsize))
    except MemoryError as error:
        raise FormatError(f"{path}: must fit into memory when it is inflated") from error
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(f"{path}: must be a whole gzip stream, got a damaged one: {error}") from error


def _header(path: PathLike, raw: bytes) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """Return the dtype of the items and the shape, as the header states them."""
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in DTYPES or raw[3] == 0:
        raise FormatError(f"{path}: must begin with the magic of an IDX file, got {raw[:4].hex(' ') or 'nothing'}")
    ndim = raw[3]
    if len(raw) < 4 + 4 * ndim:
        raise FormatError(f"{path}: must state {ndim} sizes, got {len(raw)} bytes in all: it is truncated")
    return np.dtype(DTYPES[raw[2]]), struct.unpack_from(f">{ndim}I", raw, 4)
