"""What a Parquet file claims of its pages, checked before polars reads it, which ends the process on some claims."""

import mmap
from pathlib import Path
from typing import Any

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike, check_claim

MAGIC = b"PAR1"
DEEPEST = 20  # structures inside each other
MOST_IN_A_PAGE = 2**26  # values
DATA, DICTIONARY, DATA_2 = 0, 2, 3  # types of pages
HEADERS = {DATA: 5, DICTIONARY: 7, DATA_2: 8}  # the field of a page's header that describes a page of this type
FAULTS = (IndexError, KeyError, OverflowError, TypeError, ValueError)


def check_parquet(path: PathLike) -> None:
    """Refuse a Parquet file whose pages have impossible sizes, or other numbers of values than their columns.

    Raises
    ------
    FormatError
        If it has, or is no whole Parquet file.

    References
    ----------
    The formats: https://parquet.apache.org/docs/file-format/metadata/ and Thrift's compact protocol.
    """
    with Path(path).open("rb") as file:
        try:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:  # it is empty
            raise FormatError(f"{path}: must be a whole Parquet file, got an empty one") from error
        with raw:
            try:
                _check_pages(path, raw)
            except FormatError:
                raise
            except FAULTS as error:
                raise FormatError(f"{path}: must be a whole Parquet file, got a damaged one: {error}") from error


def _check_pages(path: PathLike, raw: Any) -> None:
    size = len(raw)
    length = int.from_bytes(raw[size - 8 : size - 4], "little")
    if size < 12 or raw[:4] != MAGIC or raw[size - 4 :] != MAGIC or length > size - 12:
        raise ValueError("its first or last bytes are not those of Parquet")
    content, _ = _struct(raw, size - 8 - length, 0)
    for group in content.get(4, []):
        for column in group[1]:
            if 3 in column:
                _check_column(path, raw, column[3])


def _check_column(path: PathLike, raw: Any, column: dict[int, Any]) -> None:
    """Refuse the pages of one column of one group of rows; `column` is its metadata by field."""
    place = min(offset for offset in (column[9], column.get(11, 0)) if offset > 0)
    values, seen = column[5], 0
    if values < 0:
        raise ValueError(f"a column claims {values} values")
    while seen < values:
        header, start = _struct(raw, place, 0)
        kind, inflated, stored = header[1], header[2], header[3]
        place = start + stored
        if inflated < 0 or stored < 0 or place > len(raw) - 8:
            raise ValueError(f"a page claims {stored} bytes, {inflated} when it is inflated")
        check_claim(path, inflated, len(raw))
        if kind in HEADERS:
            told = header[HEADERS[kind]]
            levels = [told.get(5, 0), told.get(6, 0)] if kind == DATA_2 else []
            if not 0 <= told[1] <= MOST_IN_A_PAGE or not all(0 <= n <= inflated for n in levels):
                raise ValueError(f"a page claims {told[1]} values")
            seen += 0 if kind == DICTIONARY else told[1]
            if kind != DICTIONARY and told[1] == 0:
                raise ValueError("a page has no value")
    if seen != values:
        raise ValueError(f"a column claims {values} values, and its pages {seen}")


# ---- Thrift's compact protocol ----------------------------------------------------------------------------------


def _struct(raw: Any, place: int, depth: int) -> tuple[dict[int, Any], int]:
    """Return the fields of a structure by number, and the place behind it."""
    if depth > DEEPEST or place < 0:
        raise ValueError("its description is too deep")
    fields, number = {}, 0
    while raw[place]:
        step, kind = raw[place] >> 4, raw[place] & 15
        place += 1
        if step:
            number += step
        else:
            number, place = _whole(raw, place)
        if kind in (1, 2):  # a field that is true or false has its value in its kind
            fields[number] = kind == 1
        else:
            fields[number], place = _value(raw, place, kind, depth)
    return fields, place + 1


def _value(raw: Any, place: int, kind: int, depth: int) -> tuple[Any, int]:
    """Return a value of a kind, and the place behind it; numbers with a fraction and text are None."""
    if kind in (1, 2, 3):
        return raw[place], place + 1
    if kind in (4, 5, 6):
        return _whole(raw, place)
    if kind == 7:
        return None, place + 8
    if kind == 8:
        length, place = _unsigned(raw, place)
        return None, place + length
    if kind in (9, 10):
        return _list(raw, place, depth)
    if kind == 12:
        return _struct(raw, place, depth + 1)
    raise ValueError(f"its description has a value of the unknown kind {kind}")  # Parquet has no maps


def _list(raw: Any, place: int, depth: int) -> tuple[list[Any], int]:
    n, kind = raw[place] >> 4, raw[place] & 15
    place += 1
    if n == 15:
        n, place = _unsigned(raw, place)
    if n > len(raw) - place or depth > DEEPEST:
        raise ValueError(f"its description has a list of {n} values")
    values = []
    for _ in range(n):
        value, place = _value(raw, place, kind, depth + 1)
        values.append(value)
    return values, place


def _whole(raw: Any, place: int) -> tuple[int, int]:
    """Return a signed number, written zigzag."""
    n, place = _unsigned(raw, place)
    return (n >> 1) ^ -(n & 1), place


def _unsigned(raw: Any, place: int) -> tuple[int, int]:
    """Return a number of at most 64 bits, seven in a byte."""
    n = shift = 0
    while True:
        byte = raw[place]
        place += 1
        n |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return n, place
        if shift > 63:
            raise ValueError("its description has a number of more than 64 bits")
