"""The page as a file."""

import os
from pathlib import Path
from typing import Any

from xpnet.io import write_atomically
from xpnet.report.page.rendering import render

BEGINNING = "<!doctype html><!-- written by xpnet report -->"


def write_page(path: str | os.PathLike[str], numbers: dict[str, Any]) -> None:
    """Write the page of these numbers, which `report_numbers` returned, to one HTML file.

    Parameters
    ----------
    path : path
        The file is written completely or not at all; an existing file is replaced.
    numbers : dict

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet import Model, Network
    >>> from xpnet.report import report_numbers
    >>> network = Network([2, 3, 2])
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "report.html"
    >>> write_page(path, report_numbers(Model(network, network.initialize(seed=0))))
    >>> is_page(path)
    True
    """
    write_atomically(path, render(numbers).encode())


def is_page(path: Path) -> bool:
    """Return whether a file was written by `write_page`.

    Parameters
    ----------
    path : Path
        A file that exists.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "page.html"
    ...     _ = path.write_text("<!doctype html>", encoding="utf-8")
    ...     is_page(path)
    False
    """
    with path.open("rb") as file:
        return file.read(len(BEGINNING)) == BEGINNING.encode()
