"""Named host arrays with a note in one npz file.

The file is written completely or not at all, is read without pickle, and is refused if it was changed.
"""

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xpnet.checks import one_line
from xpnet.data import FormatError
from xpnet.data.tables.readers.npz import read_arrays
from xpnet.io.atomic import write_atomically

NOTE = "xpnet"  # the array that holds the note, as UTF-8
Arrays = dict[str, npt.NDArray[Any]]


def write_archive(path: str | os.PathLike[str], kind: str, arrays: Arrays, note: dict[str, Any]) -> None:
    """Write `arrays` and a JSON `note` to `path`.

    Parameters
    ----------
    path : path
    kind : str
        The kind of the file with the number of its form, such as ``"recommender 2"``.
    arrays : dict of str to array
        Arrays of numbers or text.
    note : dict
        Anything that JSON can represent.
    """
    text = json.dumps({"kind": kind, "digest": digest_of(kind, arrays, note), "note": note}, allow_nan=False)
    stream = io.BytesIO()
    np.savez(stream, **{NOTE: np.frombuffer(text.encode(), np.uint8)}, **arrays)  # type: ignore[arg-type]
    write_atomically(path, stream.getvalue())


def read_archive(path: str | os.PathLike[str], kind: str) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and the note of a file that `write_archive` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is damaged or changed, was not written by xpnet, or has another kind or a newer form.
    """
    arrays = dict(read_arrays(path))
    head = _head(arrays.pop(NOTE, None))
    if head is None:
        raise FormatError(f"{path}: must be a file that xpnet wrote, got a foreign one")
    if head["kind"] != kind:
        raise FormatError(f"{path}: must be a {kind}, got a {one_line(head['kind'], 100)}")
    note: dict[str, Any] = head["note"]
    try:
        fits = head["digest"] == digest_of(kind, arrays, note)
    except RecursionError:
        fits = False
    if not fits:
        raise FormatError(f"{path}: must be as xpnet wrote it, got one that was changed")
    return arrays, note


def is_archive(path: str | os.PathLike[str], kind: str) -> bool:
    """Return whether `path` is a file that `write_archive` wrote, of this kind in any form."""
    try:
        head = _head(read_arrays(Path(path)).get(NOTE))
    except (OSError, FormatError):
        return False
    return head is not None and head["kind"].split()[0] == kind.split()[0]


def _head(note: Any) -> dict[str, Any] | None:
    """Return the content of the note's array, or None if `write_archive` did not write it."""
    try:
        head: dict[str, Any] = json.loads(note.tobytes())
        whole = {"kind", "digest", "note"} == set(head) and isinstance(head["kind"], str) and head["kind"].strip()
        return head if whole and isinstance(head["note"], dict) else None
    except (AttributeError, ValueError, TypeError, RecursionError):
        return None


def digest_of(kind: str, arrays: Arrays, note: dict[str, Any]) -> str:
    """Return the hash of the whole content of a file: its kind, its note and its arrays."""
    seen = hashlib.sha256(json.dumps([kind, note], sort_keys=True).encode())
    for name in sorted(arrays):
        x = np.ascontiguousarray(arrays[name])
        seen.update(f"{name} {x.dtype.str} {x.shape}".encode())
        seen.update(x.tobytes())
    return seen.hexdigest()
