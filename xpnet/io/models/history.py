"""The history of a training run: one record an epoch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, NamedTuple

RISING = ("accuracy", "validation_accuracy")  # better when larger; costs are better when smaller
SHOWN = 10  # epochs in the table of a notebook


class Record(NamedTuple):
    """The measurements of one epoch.

    `cost` and `accuracy` are means over the mini-batches, each measured before its update, with dropout and without
    penalties.  Those of the validation are measured after the epoch, without both.  A value that was not
    measured is None.
    """

    epoch: int  # 1, 2, …
    cost: float
    accuracy: float | None
    validation_cost: float | None
    validation_accuracy: float | None
    eta: Any  # learning rate of the epoch's last step
    seconds: float


@dataclass(frozen=True)
class History:
    """All records of a run, in order.

    Attributes
    ----------
    records : tuple of Record
        One for each epoch.
    keep : {"cost", "accuracy"}
        The measure of the validation set that `monitor` returns.

    Examples
    --------
    >>> first = Record(1, 0.9, None, None, None, eta=0.5, seconds=0.1)
    >>> second = first._replace(epoch=2, cost=0.4)
    >>> history = History((first, second))
    >>> history.column("cost"), history.best().epoch
    ([0.9, 0.4], 2)
    """

    records: tuple[Record, ...] = ()
    keep: str = "cost"  # or "accuracy": which of them `monitor` means

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __getitem__(self, i: int) -> Record:
        return self.records[i]

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the curves of the cost, and a table of ten epochs."""
        from xpnet.notebooks import paragraph, picture, table

        n = len(self)
        if not n:
            return paragraph("History of no epoch")
        places = sorted({round(i * (n - 1) / max(1, SHOWN - 1)) for i in range(SHOWN)})
        costs = {"training cost": self.column("cost"), "validation cost": self.column("validation_cost")}
        measured = {name: values for name, values in costs.items() if any(value is not None for value in values)}
        rest = paragraph(f"{len(places)} of {n} epochs") if n > len(places) else ""
        return picture(measured) + table(Record._fields, [self[i] for i in places]) + rest

    def column(self, name: str) -> list[Any]:
        """Return one field of every record."""
        if name not in Record._fields:
            raise ValueError(f"name must be one of {', '.join(Record._fields)}, got {name!r}")
        return [getattr(record, name) for record in self.records]

    def after(self, record: Record) -> "History":
        """Return the history with one more record."""
        return replace(self, records=(*self.records, record))

    @property
    def monitor(self) -> str:
        """What decides which epoch is best: the cost or the accuracy of the validation set, without one of training."""
        watched = "" if self.records[-1].validation_cost is None else "validation_"
        return watched + self.keep

    def best(self, monitor: str | None = None) -> Record:
        """Return the record with the best value of `monitor`, the first of equals.

        A value that is not finite is never better than another; if none is finite, it is the last record.
        """
        name = monitor or self.monitor
        if None in self.column(name):
            raise ValueError(f"monitor must have been measured in every epoch, got {name!r}")
        best = None
        for record in self.records:
            if is_better(name, getattr(record, name), None if best is None else getattr(best, name)):
                best = record
        return best or self.records[-1]


def is_better(name: str, value: float, than: float | None) -> bool:
    """Return whether a cost or an accuracy is better than another, a finite one, or than none: only if it is finite.

    Examples
    --------
    >>> is_better("cost", 0.5, None), is_better("cost", float("-inf"), 0.5), is_better("accuracy", 0.5, 0.4)
    (True, False, True)
    """
    return isfinite(value) and (than is None or (value > than if name in RISING else value < than))
