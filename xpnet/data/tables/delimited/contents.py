"""The text of a table as UTF-8: unpacked, decoded, from a file, a pipe or standard input."""

import codecs
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from xpnet.data.errors import FormatError
from xpnet.data.files import ALWAYS_INFLATED, MOST_TIMES, PathLike, check_claim, read_bytes

STANDARD_INPUT = "-"
ZSTD_PIECE = 2**12  # bytes that are unpacked at once: they may hold 10,000 times as much
MARKS = (  # a longer mark comes before the shorter one that it begins with
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
Unpack = Callable[[PathLike, bytes], bytes]


def read_utf8(path: PathLike, encoding: str | None = None) -> bytes:
    """Return the text of a file in UTF-8, without a byte order mark.

    Parameters
    ----------
    path : str or path-like
        A file or a pipe; compressed if its name ends in ``.gz``, ``.zip`` or ``.zst``.  ``"-"`` is standard input.
    encoding : str, optional
        One that Python knows.  Default: what the byte order mark says, else UTF-8.

    Returns
    -------
    bytes
        Its text, line ends as they are.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is no such text, or cannot be unpacked; the message names the line.
    ValueError
        If the encoding is unknown.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "t.csv")
    ...     _ = path.write_text("größe", encoding="utf-16")
    ...     read_utf8(path).decode()
    'größe'
    """
    if str(path) == STANDARD_INPUT:
        raw = sys.stdin.buffer.read()
    else:
        unpack = UNPACKERS.get(Path(path).suffix.lower())
        raw = read_bytes(path)
        raw = raw if unpack is None else unpack(path, raw)
    mark, marked = next(((mark, name) for mark, name in MARKS if raw.startswith(mark)), (b"", None))
    chosen = marked or _known(encoding or "utf-8")
    raw = raw[len(mark) :] if mark else raw
    if chosen != "utf-8":
        try:
            raw = raw.decode(chosen).removeprefix("\ufeff").encode()
        except (UnicodeDecodeError, UnicodeEncodeError) as error:
            raise FormatError(f"{path}: must be text in {chosen}, got: {error}: name its encoding") from error
    _check_utf8(path, raw)
    return raw


def unpacked_name(path: PathLike) -> str:
    """Return the name of a file without the ending of its compression.

    Examples
    --------
    >>> unpacked_name("fruit.csv.gz"), unpacked_name("fruit.csv"), unpacked_name("fruit.zip")
    ('fruit.csv', 'fruit.csv', 'fruit')
    """
    name = Path(path).name
    return name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in UNPACKERS else name


def table_name(path: PathLike) -> str:
    """Return what the table in a file is called: its name without endings.

    Examples
    --------
    >>> table_name("data/fruit.csv.gz"), table_name("-")
    ('fruit', 'stdin')
    """
    return "stdin" if str(path) == STANDARD_INPUT else Path(unpacked_name(path)).stem


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise ValueError(f"encoding must be one that Python knows, got {encoding!r}") from error
    return "utf-8" if name in ("utf-8", "utf-8-sig", "ascii") else name


def _check_utf8(path: PathLike, raw: bytes) -> None:
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise FormatError(f"{path}: line {line} must be text, got a null character: name its encoding")
    try:
        if not raw.isascii():
            raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FormatError(
            f"{path}: line {line} must be text in UTF-8, got the byte 0x{raw[error.start]:02x}: save it as UTF-8, "
            "or name its encoding"
        ) from error


# ---- compression ------------------------------------------------------------------------------------------


def _limit(raw: bytes) -> int:
    return max(ALWAYS_INFLATED, MOST_TIMES * len(raw))


def _gunzip(path: PathLike, raw: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
        return _all_of(path, raw, stream, "gzip")


def _unzip(path: PathLike, raw: bytes) -> bytes:
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, OSError) as error:
        raise FormatError(f"{path}: must be a whole zip file, got: {error}") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise FormatError(f"{path}: must hold one file, got {len(members)}: unpack it")
        check_claim(path, members[0].file_size, len(raw))
        with _errors(path, "zip"), archive.open(members[0]) as stream:
            return stream.read()


def _unzstd(path: PathLike, raw: bytes) -> bytes:
    for name in ("compression.zstd", "backports.zstd", "zstandard"):  # the first one is Python's own, from 3.14 on
        try:
            zstd: Any = import_module(name)
        except ImportError:
            continue
        if name == "zstandard":
            return _by_zstandard(path, raw, zstd)
        with zstd.ZstdFile(io.BytesIO(raw)) as stream:
            return _all_of(path, raw, stream, "zstd")
    raise ImportError(f"{path}: zstd files need zstandard; pip install 'xpnet[tables]'")


def _by_zstandard(path: PathLike, raw: bytes, zstd: Any) -> bytes:
    """Return the content of all frames; the package itself does not tell a frame that is cut off."""
    pieces, size, frame = [], 0, zstd.ZstdDecompressor().decompressobj()
    with _errors(path, "zstd"):
        for start in range(0, len(raw), ZSTD_PIECE):
            rest = raw[start : start + ZSTD_PIECE]
            while rest:
                frame = zstd.ZstdDecompressor().decompressobj() if frame.eof else frame
                pieces.append(frame.decompress(rest))
                size += len(pieces[-1])
                rest = frame.unused_data if frame.eof else b""
            if size > _limit(raw):
                check_claim(path, size, len(raw))
        if not frame.eof:
            raise EOFError("it ends too early")
    return b"".join(pieces)


UNPACKERS: dict[str, Unpack] = {".gz": _gunzip, ".zip": _unzip, ".zst": _unzstd}


@contextmanager
def _errors(path: PathLike, kind: str) -> Iterator[None]:
    """Turn the errors of every decompressor into a FormatError; those of zstd have no common class."""
    try:
        yield
    except MemoryError as error:
        raise FormatError(f"{path}: must fit into memory when it is inflated: split it") from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise FormatError(f"{path}: must be a whole {kind} file, got: {error}") from error
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise FormatError(f"{path}: must be a whole {kind} file, got: {error}") from error


def _all_of(path: PathLike, raw: bytes, stream: Any, kind: str) -> bytes:
    """Return what a stream unpacks, unless it is much more than a file of this size should hold."""
    limit = _limit(raw)
    with _errors(path, kind):
        text: bytes = stream.read(limit + 1)
    if len(text) > limit:
        check_claim(path, len(text), len(raw))
    return text
