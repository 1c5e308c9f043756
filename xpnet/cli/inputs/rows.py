"""Errors about the rows of a table, which name file and line.  Rows are checked before training."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xpnet.checks import from_row
from xpnet.cli.inputs.flags import in_flags
from xpnet.cli.inputs.parts import Parts
from xpnet.cli.inputs.sources import read_whole
from xpnet.cli.terminal import shown
from xpnet.data import Dataset, Encoding, FormatError, Scaling, Table

ROWS = 8192  # checked at once
ADVICE = {  # advice of the library, and the same with its flag
    "leave it out": "leave it out (--ignore)",
    "leave the column out": "leave the column out (--ignore)",
    "let it be imputed": "let it be imputed (--impute)",
    "call it missing": "call it missing (--missing)",
    "call the column categorical": "call the column categorical (--categorical)",
    "drop rows without a label": "drop rows without a label (--drop-missing-target)",
    "name the decimal character": "name the decimal character (--decimal , or --decimal .)",
    "name the order of dates": "name the order of dates (--dates)",
    "name its encoding": "name its encoding (--encoding)",
}


@contextmanager
def about(file: str | None, *, cells: bool = False) -> Iterator[None]:
    """Add `file` to every error of the block, and flags to its advice if the file is a table of `cells`."""
    try:
        yield
    except (TypeError, ValueError) as error:
        text = str(error)
        for advice, flag in ADVICE.items() if cells else ():
            text = text.replace(advice, flag)
        known = file is None or Path(file).name in text
        raise _like(error, in_flags(text) if known else f"{file}: {in_flags(text)}") from error


def check_parts(described: dict[str, Any], preprocessing: Scaling | Encoding, parts: Parts, dtype: str) -> None:
    """Refuse a row that the network cannot read, in any part.  The message names the file and the line."""
    try:
        for part in (parts.validation, parts.test):
            if part is not None:
                check_rows(described, preprocessing, part, dtype)
    except ValueError:
        if not isinstance(parts.train.x, Table):  # a table knows the places of its rows
            check_rows(described, preprocessing, read_whole(described), dtype)  # the same row, counted in the file
        raise


def check_rows(described: dict[str, Any], preprocessing: Any, whole: Dataset, dtype: str) -> None:
    """Refuse a row that the network cannot read.  The message names the file and the line."""
    file = described["path"]
    try:
        _check(preprocessing, whole, dtype)
    except ValueError as error:
        if file is None or re.search(r"\b(row|line) \d+", str(error)) is None:
            raise
        raise FormatError(f"{shown(file)}: {error}") from error


def _check(preprocessing: Any, part: Dataset, dtype: str) -> None:
    """Apply the preprocessing to blocks of rows.  Errors name the row of the whole table."""
    if preprocessing is None:
        return
    for start in range(0, part.n, ROWS):
        try:
            preprocessing.apply(part.x[start : start + ROWS], dtype=dtype)
        except ValueError as error:
            if isinstance(part.x, Table):
                raise
            raise _like(error, from_row(start, str(error))) from error


def _like(error: Exception, text: str) -> Exception:
    """Return an error with this text, of the same kind if that kind takes a text only."""
    return type(error)(text) if type(error) in (FormatError, TypeError) else ValueError(text)
