"""Write records, such as a training history, to JSON Lines and CSV."""

import csv
import io
import json
import os
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from xpnet.io.atomic import write_atomically


def save_records(path: str | os.PathLike[str], records: Iterable[Any]) -> None:
    """Write records to a file, one per line: JSON Lines (.jsonl) or CSV with a header (.csv), by the name's ending.

    Parameters
    ----------
    path : path
        The file is written completely or not at all; an existing file is replaced.
    records : iterable of named tuples
        All of the same type, such as a `History`.  None becomes null, or an empty cell.

    Raises
    ------
    ValueError
        If the name ends otherwise, or there are no records.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet.training import Record
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "history.csv"
    >>> save_records(path, [Record(1, 0.25, 0.9, None, None, 0.5, 0.1)])
    >>> print(path.read_text().strip())
    epoch,cost,accuracy,validation_cost,validation_accuracy,eta,seconds
    1,0.25,0.9,,,0.5,0.1
    """
    ending = Path(path).suffix.lower()
    if ending not in WRITERS:
        raise ValueError(f"path must end in {' or '.join(WRITERS)}, got {str(path)!r}")
    rows = [record._asdict() for record in records]
    if not rows:
        raise ValueError("records must hold at least one record, got none")
    write_atomically(path, WRITERS[ending](rows).encode())


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a record's fields as JSON values: a number that is not finite becomes None.

    Examples
    --------
    >>> plain({"epoch": 1, "cost": float("nan")})
    {'epoch': 1, 'cost': None}
    """
    return {name: None if isinstance(v, float) and not isfinite(v) else v for name, v in row.items()}


def _json_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(plain(row)) + "\n" for row in rows)


def _csv(rows: list[dict[str, Any]]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


WRITERS = {".jsonl": _json_lines, ".csv": _csv}
