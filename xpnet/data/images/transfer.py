"""Download the body of one answer, with limits on its size and its time."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import ssl

SILENCE = 30.0  # seconds without data after which a mirror is given up
DURATION = 900.0  # seconds that one file may take: 10 MB at 11 kB/s
LARGEST = 2**25  # bytes of one file: the largest of MNIST has 10 MB
PIECE = 2**16  # bytes that are asked for at once


def transfer(
    address: str,
    file: str | BinaryIO,
    pooch: Any = None,  # noqa: ARG001
    check_only: bool = False,  # noqa: ARG001
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Write what a mirror sends to a file; pooch calls this function as its downloader.

    The body is stored as it arrives.  It is never inflated, so a small answer cannot become a large file.

    Parameters
    ----------
    address : str
        ``http``, ``https``, or ``file`` for a copy on this machine.
    file : str or binary file
        Where to write.
    pooch, check_only
        Part of pooch's protocol; not used.
    clock : callable
        Seconds from some start.

    Raises
    ------
    OSError
        If the mirror does not answer, answers with an error, or sends too much or too slowly.
    ValueError
        If the address is of another kind.
    """
    if not address.startswith(("http://", "https://", "file://")):
        raise ValueError(f"address must begin with http://, https:// or file://, got {address}")
    from http.client import HTTPException  # these are slow to import, and most people never download
    from urllib.request import urlopen

    end = clock() + DURATION
    with ExitStack() as opened:
        target = opened.enter_context(Path(file).open("wb")) if isinstance(file, str) else file
        try:
            answer = opened.enter_context(urlopen(address, timeout=SILENCE, context=_certificates()))
            _copy(answer, target, clock, end)
        except HTTPException as error:
            raise OSError(f"it sent no proper answer: {error!r}") from error


def _copy(answer: Any, file: BinaryIO, clock: Callable[[], float], end: float) -> None:
    size = 0
    while piece := answer.read1(PIECE):  # read1 returns what has arrived, so the clock is checked often
        size += len(piece)
        if size > LARGEST:
            raise OSError(f"it sent more than {LARGEST:,} bytes")
        if clock() > end:
            raise OSError(f"it took more than {DURATION:g} seconds")
        file.write(piece)
    if getattr(answer, "length", 0):  # a file of this machine has none
        raise OSError(f"it ended {answer.length:,} bytes too early")


def _certificates() -> "ssl.SSLContext":
    """Return certifi's certificates, because some Python installations have none."""
    import ssl

    try:
        import certifi
    except ImportError:
        return ssl.create_default_context()
    return ssl.create_default_context(cafile=certifi.where())
