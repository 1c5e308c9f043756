"""The file of a search: JSON Lines, what is searched in the first line and a finished trial in each other one.

The first line is written with the file, which is there completely or not at all.  Trials are appended group by group
and synced; what an interruption, a crash or a full disk leaves of a last line is cut off by the next run.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xpnet.checks import one_line
from xpnet.data.errors import FormatError
from xpnet.io import write_atomically
from xpnet.io.records import plain
from xpnet.signals import held
from xpnet.training.runs.trials.trial import Trial

ABSENT = object()
MARK = '{"xpnet_search": 1, '  # how the file begins
FIGURES = ("score", "cost", "accuracy", "training_cost", "training_accuracy")
# of the fields of a trial that are no whole numbers
KINDS: dict[str, Any] = {"stopped_by": str, "seconds": float, **dict.fromkeys(FIGURES, float | None)}


class ResultsFile:
    """The finished trials of one search, kept in a file.

    Parameters
    ----------
    path : path
    search : mapping
        What is searched, as plain JSON.

    Raises
    ------
    FormatError
        If the file was not written by a search, or is damaged.
    ValueError
        If it holds another search; the message says what differs.
    OSError
        If it cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], search: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.finished: list[Trial] = []  # what the file held when it was opened
        if self.path.exists() and self.path.stat().st_size:
            self.finished = self._read({"xpnet_search": 1, **search})
        else:
            write_atomically(self.path, f"{json.dumps({'xpnet_search': 1, **search})}\n".encode())

    def append(self, trials: Sequence[Trial]) -> None:
        """Add finished trials to the file."""
        lines = "".join(f"{json.dumps(plain(trial._asdict()))}\n" for trial in trials).encode()
        with held(), self.path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, search: Mapping[str, Any]) -> list[Trial]:
        """Return the trials in the file, and cut a last line that is not whole."""
        if not is_results_file(self.path):
            raise FormatError(f"path must be the results file of a search, got another file, {self.path}")
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        header, *lines = content[:whole].splitlines() or [b""]
        self._check(self._parsed(header, 1), search)
        trials = [self._trial(line, i + 2, search) for i, line in enumerate(lines)]
        if whole < len(content):
            with held(), self.path.open("r+b") as file:
                file.truncate(whole)
        return trials

    def _check(self, known: Any, search: Mapping[str, Any]) -> None:
        now = json.loads(json.dumps(search))  # tuples become lists, as in the file
        for name in {**known, **now}:
            if known.get(name, ABSENT) != now.get(name, ABSENT):
                difference = one_line(_difference(name, known.get(name), now.get(name)), 500)
                raise ValueError(
                    f"path must hold the same search to go on with, but {self.path} has "
                    f"{difference}; name another file, or remove this one"
                )

    def _trial(self, line: bytes, number: int, search: Mapping[str, Any]) -> Trial:
        found = self._parsed(line, number)
        if tuple(found) != Trial._fields or not all(isinstance(found[name], KINDS.get(name, int)) for name in found):
            raise self._damaged(number)
        trial = Trial(**found)
        if not (
            0 <= trial.setting < len(search["settings"])
            and 0 <= trial.fold < len(search["folds"])
            and trial.seed in search["seeds"]
        ):
            raise self._damaged(number)
        return trial

    def _parsed(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except (RecursionError, ValueError) as error:
            raise self._damaged(number) from error
        if not isinstance(found, dict):
            raise self._damaged(number)
        return found

    def _damaged(self, number: int) -> FormatError:
        return FormatError(f"path must be an undamaged results file, got {self.path} with a wrong line {number}")


def is_results_file(path: Path) -> bool:
    """Return whether a file begins as one that a search wrote."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def _difference(name: str, known: Any, now: Any) -> str:
    """Return what differs, in a few words: of lists the first place that does."""
    if isinstance(known, list) and isinstance(now, list) and len(known) == len(now):
        i = next(i for i, (one, other) in enumerate(zip(known, now, strict=True)) if one != other)
        return f"{name} {known[i]} in place {i}, not {now[i]}"
    if isinstance(known, list) and isinstance(now, list) and max(len(known), len(now)) > 10:
        return f"{len(known)} {name}, not {len(now)}"
    if isinstance(known, dict) and isinstance(now, dict):
        inside = next(key for key in {**known, **now} if known.get(key, ABSENT) != now.get(key, ABSENT))
        return _difference(f"{name}: {inside}", known.get(inside), now.get(inside))
    return f"{name} {known}, not {now}"
