"""The page as a file."""

import json
import os
import re
from pathlib import Path
from typing import Any

from xpnet.data import FormatError
from xpnet.io import write_atomically
from xpnet.report.page.rendering import render

BEGINNING = "<!doctype html><!-- written by xpnet report -->"

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


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


def read_page(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the numbers that a page shows, as plain JSON.

    Parameters
    ----------
    path : str or path
        The HTML file.

    Raises
    ------
    FormatError
        If xpnet did not write the file as a page, or it is damaged.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet import Model, Network
    >>> from xpnet.report import report_numbers
    >>> network = Network([2, 3, 2])
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "report.html"
    >>> write_page(path, report_numbers(Model(network, network.initialize(seed=0)), name="mine"))
    >>> read_page(path)["name"]
    'mine'
    """
    if not is_page(Path(path)):
        raise FormatError(f"{os.fspath(path)} must be a page that xpnet wrote, got another file")
    try:
        found = DATA.search(Path(path).read_text(encoding="utf-8"))
        numbers: dict[str, Any] = json.loads(found[1] if found else "")
    except ValueError as error:
        raise FormatError(f"{os.fspath(path)} must be an undamaged page: {error}") from error
    numbers.pop("words", None)  # of the page itself
    return numbers


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
