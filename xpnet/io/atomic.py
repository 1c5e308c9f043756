"""Writing a file completely or not at all."""

import os
import secrets
import stat
import sys
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from pathlib import Path

from xpnet.signals import held

TEMPORARY = ".xpnet-{}.part"  # a name of its own, so that one that a killed process left is known


def write_atomically(path: str | os.PathLike[str], data: bytes | Iterable[bytes]) -> None:
    """Write `data` to a temporary file beside `path`, sync it, and rename it to `path`.

    A link is followed, and the file that it names is replaced.  An existing file keeps its mode and owner.  A device
    or a named pipe is written into.  An interrupt waits until the file is whole; pieces, which are written as they
    are made, it ends, and an existing file stays as it was.

    Parameters
    ----------
    path : str or path-like
        Where the file belongs; its folder must exist.
    data : bytes or iterable of bytes
        The content, whole or in pieces.

    Raises
    ------
    OSError
        If the folder is missing or not writable, or the disk is full; an existing file stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "new.txt"
    ...     write_atomically(path, b"whole or not at all")
    ...     path.read_bytes()
    b'whole or not at all'
    """
    target = Path(os.path.realpath(path))
    try:
        known = os.stat(path) if os.path.exists(path) else None  # noqa: PTH110, PTH116  (a pipe has no real path)
        if known is None or stat.S_ISREG(known.st_mode):
            with held() if isinstance(data, bytes) else nullcontext():
                _replace(target, data, known)
        else:
            with Path(path).open("wb") as file:
                file.writelines(_pieces(data))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"folder {target.parent} does not exist; make it first") from error
    except OSError as error:
        text = f"{os.fspath(path)} could not be written: {error.strerror or error}"
        raise type(error)(*([text] if error.errno is None else [error.errno, text])) from error


def _replace(target: Path, data: bytes | Iterable[bytes], known: os.stat_result | None) -> None:
    """Write a temporary file with the mode and owner of the `known` one, and move it to `target`."""
    _remove_left_behind(target.parent)
    descriptor, temporary = _create(target.parent, 0o666 if known is None else stat.S_IMODE(known.st_mode))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(_pieces(data))
            file.flush()
            os.fsync(descriptor)
            if known is not None:
                _keep(temporary, known)
            if sys.platform != "win32":  # moved while it is locked: nobody takes it for one that was left behind
                temporary.replace(target)
        if sys.platform == "win32":
            temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _pieces(data: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return [data] if isinstance(data, bytes) else data


def _create(folder: Path, mode: int) -> tuple[int, Path]:
    """Return the descriptor and the name of a new file that is locked until it is closed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        path = folder / TEMPORARY.format(secrets.token_hex(8))
        descriptor = os.open(path, flags, mode)
        with suppress(OSError):  # a file system without locks: such a file is left where it is, if we are killed
            _lock(descriptor, wait=True)
        if path.exists():
            return descriptor, path
        os.close(descriptor)  # another process removed it before it was locked


def _keep(temporary: Path, known: os.stat_result) -> None:
    """Give a file the owner and mode that are `known`; the owner only where we may."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, known.st_uid, known.st_gid)
    temporary.chmod(stat.S_IMODE(known.st_mode))


def _remove_left_behind(folder: Path) -> None:
    """Remove the temporary files of processes that were killed: those that nobody holds a lock on."""
    for path in folder.glob(TEMPORARY.format("*")):
        with suppress(OSError):  # it is in use, or somebody else's
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            try:
                _lock(descriptor, wait=False)
                path.unlink()
            finally:
                os.close(descriptor)


def _lock(descriptor: int, *, wait: bool) -> None:
    """Lock a file until it is closed, or the process ends; OSError if another process has, and we do not wait.

    Nothing is locked where the system has no such locks.  On Windows a file that is open cannot be removed anyway.
    """
    with suppress(ImportError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
