"""Printing that cannot fail: names are escaped, and so is what the encoding lacks; a reader may go away."""

import errno
import os
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

JOINERS = "\u200c\u200d\u3000"  # they join letters in Persian, and emoji; the space of Chinese
BROKEN_PIPE = 141  # the exit code of a program whose reader went away: 128 and the number of SIGPIPE


def shown(name: Any) -> str:
    r"""Return text from a file as it may be printed: control characters and invisible ones are escaped.

    Examples
    --------
    >>> print(shown("Ünï\x1b[2J\u202etxt\n"))
    Ünï\x1b[2J\u202etxt\n
    """
    text = str(name)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in JOINERS else c.encode("unicode_escape").decode() for c in text)


def one_line(message: Any) -> str:
    """Return a message as one line that is safe to print."""
    return shown(" ".join(str(message).split()))


def command(*words: Any) -> str:
    """Return a command line that works as it is printed.  It begins as this run of xpnet was started."""
    line = [*_started_as(), *(shown(word) for word in words)]
    return subprocess.list2cmdline(line) if os.name == "nt" else shlex.join(line)


def _started_as() -> list[str]:
    path = Path(sys.argv[0] if sys.argv else "")
    if path.name == "__main__.py" and path.parent.name == "xpnet":
        return [sys.orig_argv[0], "-m", "xpnet"]
    if path.stem != "xpnet":
        return ["xpnet"]  # called by a program
    known = shutil.which("xpnet")
    return ["xpnet"] if known and path.exists() and path.samefile(known) else [sys.argv[0]]


class Stream:
    """A standard stream that never fails: when nobody reads it any more, it keeps the error in `lost`."""

    def __init__(self, stream: Any) -> None:
        self.lost: OSError | None = None
        if stream is None:  # the program was started without it
            self.lost = OSError(errno.EBADF, "it is closed")
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        """Return the stream's own attribute."""
        return getattr(self.stream, name)

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self.lost is None and bool(self.stream.isatty())

    def write(self, text: str) -> int:
        """Write text; characters that the encoding lacks are escaped."""
        if self.lost is None:
            with self._noting():
                try:
                    self.stream.write(text)
                except UnicodeEncodeError:
                    code = self.stream.encoding or "ascii"
                    self.stream.write(text.encode(code, "backslashreplace").decode(code))
        return len(text)

    def flush(self) -> None:
        """Send what was written."""
        if self.lost is None:
            with self._noting():
                self.stream.flush()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = error
            with suppress(OSError, ValueError):  # or the rest of its buffer fails when Python ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    @property
    def abandoned(self) -> bool:
        """Whether its reader went away, or it was closed from the start."""
        return self.lost is not None and self.lost.errno in (errno.EPIPE, errno.EBADF)


@contextmanager
def standard_streams() -> Iterator[tuple[Stream, Stream]]:
    """Replace standard output and standard error by such streams, and print warnings in one line."""
    _occupy_standard_descriptors()
    before = sys.stdout, sys.stderr, warnings.showwarning
    out, err = Stream(sys.stdout), Stream(sys.stderr)
    sys.stdout, sys.stderr, warnings.showwarning = out, err, _show_warning
    try:
        yield out, err
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr, warnings.showwarning = before


def _occupy_standard_descriptors() -> None:
    """Open closed descriptors.  Otherwise the next file that is opened would become a standard stream."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


def _show_warning(message: Any, *_: Any, **__: Any) -> None:
    print(f"xpnet: warning: {one_line(message)}", file=sys.stderr)
