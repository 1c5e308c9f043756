"""One rule for every file that the command line writes.  It is checked before any work is done."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from xpnet.cli.terminal import shown
from xpnet.training import Record

HEADER = 2**16  # bytes of a first line that are looked at
RESERVED = {"con", "prn", "aux", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}  # on Windows
IsOwn = Callable[[Path], bool]


class Output(NamedTuple):
    """A file that a command will write.

    Attributes
    ----------
    flag : str
        The flag that names it.
    path : Path
    is_own : callable
        Whether an existing file was written by `writer`, and may be written over.
    writer : str
        ``"xpnet"``, or the one command that writes such files.
    """

    flag: str
    path: Path
    is_own: IsOwn
    writer: str = "xpnet"


def begins(*beginnings: str) -> IsOwn:
    """Return a function that tests whether a file begins with one of these words."""
    known = tuple(word.encode() for word in beginnings)

    def is_own(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(max(map(len, known))).startswith(known)

    return is_own


is_history = begins(",".join(Record._fields), '{"epoch": ')
_is_json = begins('{"row": ')


def is_prediction(path: Path) -> bool:
    """Return whether a file was written by ``xpnet predict``: its columns begin with row, and prediction is one."""
    if _is_json(path):
        return True
    with path.open("rb") as file:
        first = file.readline(HEADER).split(b",")
    return first[0] == b"row" and b"prediction" in [name.rstrip(b"\r\n") for name in first]


def check_outputs(outputs: Sequence[Output], inputs: Iterable[str | None], *, force: bool) -> None:
    """Refuse a file that cannot or should not be written.

    These are: a folder; a file in a folder that is missing or read-only; a write-protected file; an input file; the
    same file for two outputs, or two names that are one where case does not count (Windows, macOS); a name that
    Windows cannot hold, on Windows; and, without `force`, a file that xpnet did not write.  Links are followed.
    Devices and named pipes hold nothing that could be lost, and are written into.
    """
    for one, other in combinations(outputs, 2):
        if _same(one.path, other.path) and _may_hold_something(one.path):
            raise ValueError(f"{one.flag} and {other.flag} must name two files, got {shown(one.path)} twice")
        if _same_but_for_case(one.path, other.path):
            raise ValueError(
                f"{one.flag} and {other.flag} must differ in more than the case of letters, "
                f"got {shown(one.path)} and {shown(other.path)}"
            )
    read = [Path(name) for name in inputs if name is not None]
    for output in outputs:
        _check_place(output)
        if any(_same(output.path, path) for path in read):
            raise ValueError(f"{shown(output.path)} is an input file; name another file with {output.flag}")
        _check_content(output, force)


def interrupted_name(path: Path) -> Path:
    """Return the name under which an interrupted training is saved, in the same folder.

    Examples
    --------
    >>> print(interrupted_name(Path("model.safetensors")))
    model.interrupted.safetensors
    """
    return path.with_name(f"{path.stem}.interrupted{path.suffix}")


def _check_place(output: Output) -> None:
    path, flag = output.path, output.flag
    if os.name == "nt" and _windows_cannot_hold(path.name):
        raise ValueError(f"{shown(path)} is no name for a file on Windows; name another file with {flag}")
    if path.is_dir():
        raise IsADirectoryError(f"{shown(path)} is a folder; name a file with {flag}")
    if path.exists() and (stat.S_ISSOCK(_mode(path)) or stat.S_ISBLK(_mode(path))):
        raise OSError(f"{shown(path)} is a socket or a disk; name a file with {flag}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{shown(path)} is write-protected; name another file with {flag}")
    if not _may_hold_something(path):
        return
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"folder {shown(path.parent)} does not exist; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"folder {shown(path.parent)} is not writable; name another file with {flag}")


def _check_content(output: Output, force: bool) -> None:
    path = output.path
    if force or not path.exists() or not _may_hold_something(path) or path.stat().st_size == 0:
        return
    if not output.is_own(path):
        raise FileExistsError(
            f"{shown(path)} was not written by {output.writer}; name another file with {output.flag}, or use --force"
        )


def _may_hold_something(path: Path) -> bool:
    """Return whether this is a file or may become one, and not a device or a pipe."""
    return not path.exists() or stat.S_ISREG(_mode(path))


def _mode(path: Path) -> int:
    return path.stat().st_mode


def _same(one: Path, other: Path) -> bool:
    """Return whether two names lead to the same file, which may not exist yet."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _same_but_for_case(one: Path, other: Path) -> bool:
    """Return whether two names are one on a file system that ignores case, unless they are two files here."""
    if one.exists() and other.exists():
        return False
    names = (unicodedata.normalize("NFC", os.path.realpath(path)).casefold() for path in (one, other))
    return next(names) == next(names)


def _windows_cannot_hold(name: str) -> bool:
    """Return whether Windows takes a name for a device, cuts its end, or writes beside the file that it names.

    Examples
    --------
    >>> [_windows_cannot_hold(name) for name in ("data:1.csv", "con.csv", "model.", "contents.csv", "NUL")]
    [True, True, True, False, False]
    """
    device = name.partition(".")[0].rstrip().casefold() in RESERVED
    return device or name.endswith((".", " ")) or any(character in '<>:"|?*' for character in name)
