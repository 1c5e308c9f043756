"""What all encoders share: errors about one cell, and spellings in JSON."""

from typing import Any

import numpy as np

from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Spelling
from xpnet.data.errors import FormatError


class CellError(FormatError):
    """An error about one cell; who knows the file names the place in it instead of the row.

    Examples
    --------
    >>> str(CellError(2, "legs", "must be a finite number, got 'four'").at("line 4"))
    "line 4, column 'legs' must be a finite number, got 'four'"
    """

    def __init__(self, row: int, name: str, words: str) -> None:
        super().__init__(f"row {row}, column '{name}' {words}")
        self.row, self.name, self.words = row, name, words

    def at(self, place: str) -> FormatError:
        """Return the error with a place in the file."""
        return FormatError(f"{place}, column '{self.name}' {self.words}")


def first_gap(column: Column) -> CellError:
    """Return the error about the first gap of a column that must have none."""
    return CellError(int(np.argmax(column.missing)), column.name, "must not be missing, got a gap")


def json_of_spelling(spelling: Spelling | None) -> dict[str, Any]:
    """Return the entry of a spelling in the JSON of an encoder, if there is one."""
    return {} if spelling is None else {"spelling": spelling.to_json()}


def spelling_of_json(value: dict[str, Any]) -> Spelling | None:
    """Return the spelling in the JSON of an encoder, if there is one."""
    return Spelling.from_json(value["spelling"]) if "spelling" in value else None
