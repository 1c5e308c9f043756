"""How the networks of a model were trained: settings, history, and which epoch was kept, as plain JSON in its file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from statistics import fmean
from typing import Any

from xpnet.io.models.history import History, Record


@dataclass(frozen=True)
class Run:
    """How one network was trained.

    Attributes
    ----------
    settings : dict
        The arguments of the training as plain JSON: the optimizer with its numbers, batch size, epochs, seed, ….
    history : History
    stopped_by : str
        As in a `Result`.
    epoch : int or None
        The epoch whose parameters the model holds; None if training had none.
    measure : str
        What chose this epoch: a field of the records, ``"last"`` if nothing was watched, or ``"score"`` for the members
        of a table's ensemble, which are kept at one epoch together.

    Examples
    --------
    >>> run = Run({"epochs": 1}, History((Record(1, 0.5, None, None, None, 0.1, 2.0),)), "epochs", 1, "last")
    >>> Run.from_json(run.to_json()) == run
    True
    """

    settings: dict[str, Any] = field(default_factory=dict)
    history: History = field(default_factory=History)
    stopped_by: str = ""
    epoch: int | None = None
    measure: str = "last"

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain JSON; numbers that are not finite are text."""
        columns = {name: [_written(value) for value in self.history.column(name)] for name in Record._fields}
        return {
            "settings": self.settings,
            "stopped_by": self.stopped_by,
            "kept": {"epoch": self.epoch, "measure": self.measure},
            "history": {"keep": self.history.keep} | columns,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Run":
        """Return the run that `to_json` described.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is something else.
        """
        settings, kept, history = _dict(value["settings"]), _dict(value["kept"]), _dict(value["history"])
        columns = {name: _column(name, history[name]) for name in Record._fields}
        records = tuple(Record(*row) for row in zip(*columns.values(), strict=True))
        if [record.epoch for record in records] != list(range(1, len(records) + 1)):
            raise ValueError("history must count its epochs from 1")
        epoch = kept["epoch"]
        if epoch is not None and not (_is_whole(epoch) and 1 <= epoch <= len(records)):
            raise ValueError(f"kept must name one of {len(records)} epochs, got {epoch!r:.40}")
        if history["keep"] not in ("cost", "accuracy"):
            raise ValueError(f"history must keep by the cost or the accuracy, got {history['keep']!r:.40}")
        words = [_text("stopped_by", value["stopped_by"]), _text("measure", kept["measure"])]
        return cls(settings, History(records, history["keep"]), words[0], epoch, words[1])


class Trained:
    """What a model tells of its training."""

    runs: tuple[Run, ...]

    @property
    def history(self) -> History:
        """The history of the training; of an ensemble, the means over the networks that trained in each epoch.

        Raises
        ------
        ValueError
            If the model was not made by a training.
        """
        if not self.runs:
            raise ValueError("model must be made by a training to have a history, got one without runs")
        if len(self.runs) == 1:
            return self.runs[0].history
        longest = max(len(run.history) for run in self.runs)
        rows = ([run.history[i] for run in self.runs if i < len(run.history)] for i in range(longest))
        return History(tuple(mean_record(row) for row in rows), self.runs[0].history.keep)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the training; of an ensemble, those that all its networks share.

        Examples
        --------
        >>> one, other = (Run({"epochs": 3, "seed": seed}) for seed in range(2))
        >>> trained = Trained()
        >>> trained.runs = (one, other)
        >>> trained.settings
        {'epochs': 3}
        """
        first = self.runs[0].settings if self.runs else {}
        return {name: x for name, x in first.items() if all(run.settings.get(name) == x for run in self.runs)}


def mean_record(records: Sequence[Record]) -> Record:
    """Return a record with the mean of each measure of networks in one epoch; their seconds are added up.

    Examples
    --------
    >>> first = Record(1, 0.5, 0.9, None, None, 0.1, 1.0)
    >>> mean_record([first, first._replace(cost=0.7)])
    Record(epoch=1, cost=0.6, accuracy=0.9, validation_cost=None, validation_accuracy=None, eta=0.1, seconds=2.0)
    """
    columns = dict(zip(Record._fields, zip(*records, strict=True), strict=True))
    means: dict[str, Any] = {name: None if None in column else fmean(column) for name, column in columns.items()}
    return Record(**means | {"epoch": records[0].epoch, "seconds": sum(columns["seconds"])})


def _written(value: Any) -> Any:
    return str(float(value)) if value is not None and not isfinite(value) else value


def _column(name: str, values: Any) -> list[Any]:
    """Return one column of a history as numbers; some may be missing."""
    if not isinstance(values, list):
        raise TypeError(f"history must hold a list of {name}, got {type(values).__name__}")
    if name == "epoch":
        return values
    may_miss = name not in ("cost", "eta", "seconds")
    return [None if value is None and may_miss else _number(name, value) for value in values]


def _number(name: str, value: Any) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain and value not in ("nan", "inf", "-inf"):
        raise ValueError(f"history must hold numbers as {name}, got {value!r:.40}")
    return float(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"run must be described by objects, got {type(value).__name__}")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, got {type(value).__name__}")
    return value
