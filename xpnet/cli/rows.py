"""Errors about a table, with its file and line: checked before training, so that no later step can fail on a row."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xpnet.cli.sources import Parts, read_whole
from xpnet.cli.terminal import shown
from xpnet.cli.usage import in_flags
from xpnet.data import Dataset, Encoding, FormatError, Scaling
from xpnet.data.tables.readers.csv_records import read_rows

ROWS = 8192  # checked at once
TEXT = (".csv", ".tsv", ".txt")
ADVICE = {  # what the library advises, and the flag that does it
    "leave it out": "leave it out (--ignore)",
    "leave the column out": "leave the column out (--ignore)",
    "let it be imputed": "let it be imputed (--impute)",
    "call the column categorical": "call the column categorical (--categorical)",
}


@contextmanager
def about(file: str | None, *, cells: bool = False) -> Iterator[None]:
    """Let every error of the block name `file`; of a table of `cells`, advice names its flag."""
    try:
        yield
    except (TypeError, ValueError) as error:
        text = str(error)
        for advice, flag in ADVICE.items() if cells else ():
            text = text.replace(advice, flag)
        known = file is None or Path(file).name in text
        raise _like(error, in_flags(text) if known else f"{file}: {in_flags(text)}") from error


def check_parts(described: dict[str, Any], preprocessing: Scaling | Encoding, parts: Parts, dtype: str) -> None:
    """Refuse a row that the network cannot read, in any part, before training; the message names file and line."""
    try:
        for part in (parts.validation, parts.test):
            if part is not None:
                _check(preprocessing, part, dtype)
    except ValueError:
        check_rows(described, preprocessing, read_whole(described), dtype)  # the same row, by its place in the file
        raise


def check_rows(described: dict[str, Any], preprocessing: Any, whole: Dataset, dtype: str) -> None:
    """Refuse a row of a file that the network cannot read; the message names file and line."""
    file = described["path"]
    try:
        _check(preprocessing, whole, dtype)
    except ValueError as error:
        found = re.search(r"\brow (\d+)", str(error))
        if file is None or found is None:
            raise
        place = _place(file, int(found[1]))
        text = f"{str(error)[: found.start()]}{place}{str(error)[found.end() :]}"
        raise FormatError(f"{shown(file)}: {text}") from error


def _check(preprocessing: Any, part: Dataset, dtype: str) -> None:
    """Apply the preprocessing to a block of rows at a time; an error counts rows from the first block's first."""
    if preprocessing is None:
        return
    for start in range(0, part.n, ROWS):
        try:
            preprocessing.apply(part.x[start : start + ROWS], dtype=dtype)
        except ValueError as error:
            raise _like(error, _from_row(start, str(error))) from error


def _like(error: Exception, text: str) -> Exception:
    """Return an error of the same kind that says `text`; some kinds, such as UnicodeError, take more than a text."""
    return type(error)(text) if type(error) in (FormatError, TypeError) else ValueError(text)


def _from_row(start: int, text: str) -> str:
    """Return an error about a row of a block, which begins at row `start`, with the row of the table."""
    return re.sub(r"\brow (\d+)", lambda found: f"row {start + int(found[1])}", text, count=1)


def _place(file: str, row: int) -> str:
    """Return where the row, counted from 0, stands in a file."""
    if Path(file).suffix.lower() in TEXT:
        _, rows = read_rows(file)
        for i, (line, _) in enumerate(rows):
            if i == row:
                return f"line {line}"
    return f"row {row + 1}"
