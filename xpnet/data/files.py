"""Read the bytes of a file, or say plainly why they cannot be read."""

import os
import select
import stat
from pathlib import Path
from typing import TypeAlias

from xpnet.data.errors import FormatError

PathLike: TypeAlias = str | os.PathLike[str]

WAIT = 10.0  # seconds that a pipe may stay without a writer
MOST_FROM_A_PIPE = 2**28  # bytes; a pipe does not say beforehand when it ends
PIECE = 2**20  # bytes read in one go
ALWAYS_INFLATED = 2**27  # bytes that every compressed file may claim to hold
MOST_TIMES = 50  # a larger claim may be at most so many times the size of the file


def check_regular(path: PathLike) -> None:
    """Refuse a device, a pipe or a folder, which cannot be mapped or read twice.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is something else than a regular file.
    """
    mode = _status(path).st_mode
    if not stat.S_ISREG(mode):
        raise FormatError(f"{os.fspath(path)}: must be a regular file, got {_kind(mode)}")


def read_bytes(path: PathLike) -> bytes:
    """Return everything that a file holds.

    Parameters
    ----------
    path : str or path-like
        A regular file, or a pipe, which is read through once.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is a folder or a device, if it does not fit into memory, or if it is a pipe that has no writer or does
        not end.

    Examples
    --------
    >>> read_bytes("no-such-file.csv")
    Traceback (most recent call last):
    FileNotFoundError: path must be an existing file, got 'no-such-file.csv'
    """
    mode = _status(path).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return _read_pipe(path)
    check_regular(path)
    try:
        return Path(path).read_bytes()
    except (MemoryError, OverflowError) as error:
        raise FormatError(f"{os.fspath(path)}: must fit into memory, got {_status(path).st_size:,} bytes") from error


def check_claim(path: PathLike, claimed: int, size: int) -> None:
    """Refuse a compressed file that claims to hold much more than its size allows, before it is inflated.

    Parameters
    ----------
    path : str or path-like
        The file, for the message.
    claimed : int
        Bytes that it says it holds.
    size : int
        Bytes that it has.

    Raises
    ------
    FormatError
        If it claims more than 128 MiB and more than 50 times its size.

    Examples
    --------
    >>> check_claim("bomb.npz", 3 * 2**30, 3 * 2**20)
    Traceback (most recent call last):
    xpnet.data.errors.FormatError: bomb.npz: must not claim to hold 3,221,225,472 bytes in a compressed file of \
3,145,728: save it uncompressed
    """
    if claimed > max(ALWAYS_INFLATED, MOST_TIMES * size):
        raise FormatError(
            f"{os.fspath(path)}: must not claim to hold {claimed:,} bytes in a compressed file of {size:,}: "
            "save it uncompressed"
        )


def _status(path: PathLike) -> os.stat_result:
    try:
        return Path(path).stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(f"path must be an existing file, got '{os.fspath(path)}'") from error


def _kind(mode: int) -> str:
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((name for test, name in kinds.items() if test(mode)), "a device")


def _read_pipe(path: PathLike) -> bytes:
    """Return what is written to a pipe until its last writer closes it."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a blocking open would wait for a writer forever
    with os.fdopen(number, "rb", buffering=0) as pipe:
        poll = select.poll()
        poll.register(number, select.POLLIN)
        told = poll.poll(WAIT * 1000)
        piece = pipe.read(PIECE)  # None means that a writer has the pipe open but has written nothing yet
        if not told and piece == b"":
            raise FormatError(f"{os.fspath(path)}: must have a writer, got a pipe that nobody writes to")
        os.set_blocking(number, True)
        pieces, size = [piece or b""], len(piece or b"")
        while piece is None or piece:
            piece = pipe.read(PIECE)
            pieces.append(piece)
            size += len(piece)
            if size > MOST_FROM_A_PIPE:
                raise FormatError(
                    f"{os.fspath(path)}: must end after {MOST_FROM_A_PIPE:,} bytes at most, got a pipe that goes on: "
                    "write it to a file"
                )
        return b"".join(pieces)
