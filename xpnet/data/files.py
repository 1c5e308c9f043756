"""The bytes of a file, or an error that says plainly that there is none."""

import os
from pathlib import Path
from typing import TypeAlias

PathLike: TypeAlias = str | os.PathLike[str]


def read_bytes(path: PathLike) -> bytes:
    """Return everything that a file holds.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> read_bytes("no-such-file.csv")
    Traceback (most recent call last):
    FileNotFoundError: path must be an existing file, got 'no-such-file.csv'
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(f"path must be an existing file, got '{os.fspath(path)}'") from error
