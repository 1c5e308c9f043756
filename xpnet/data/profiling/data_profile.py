"""The profile of a data set: its columns, its target, and remarks on what may not be as it was meant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from xpnet.data.columns.building import table_of
from xpnet.data.columns.column import Column
from xpnet.data.columns.table import Table
from xpnet.data.profiling.column_profile import ColumnProfile, profile_column
from xpnet.data.profiling.leaks import gives_away
from xpnet.data.profiling.target_profile import TargetProfile, profile_target
from xpnet.data.tables.dataset import Dataset


@dataclass(frozen=True, slots=True)
class DataProfile:
    """What a data set holds, column by column, before anything is trained.

    Attributes
    ----------
    rows : int
    target : TargetProfile or None
    columns : tuple of ColumnProfile
        In the order of the table.
    remarks : tuple of str
        What may not be as it was meant, a line each.
    """

    rows: int
    target: TargetProfile | None
    columns: tuple[ColumnProfile, ...]
    remarks: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """The columns to train on: all that are not left out."""
        return tuple(column.name for column in self.columns if column.left_out is None)

    def with_inputs(self, inputs: Sequence[tuple[str, int]]) -> "DataProfile":
        """Return the profile with the number of inputs that each column becomes, given as pairs."""
        known = dict(inputs)
        return replace(self, columns=tuple(replace(each, inputs=known.get(each.name, 0)) for each in self.columns))

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON."""
        target = None if self.target is None else self.target.to_json()
        columns = [column.to_json() for column in self.columns]
        return {"rows": self.rows, "target": target, "columns": columns, "remarks": list(self.remarks)}


def profile_data(
    data: Dataset, *, target: str = "", task: str | None = None, keep: Collection[str] = ()
) -> DataProfile:
    """Return the profile of a data set: what each column holds, what becomes of it, and what may be wrong.

    Parameters
    ----------
    data : Dataset
        A table, with or without targets.
    target : str
        The name of the target column, for messages.
    task : {"classification", "regression"}, optional
        What the reader was asked for; None: it was guessed.
    keep : collection of str
        Columns to train on although they look like ids.

    Returns
    -------
    DataProfile
        Columns that number the rows, nearly unique text and empty columns are left out, unless ``keep`` names them
        or no other column is left.  Remarks tell of columns that give the target away (a correlation or a purity of
        1), of doubtful readings, and of rare classes.

    Raises
    ------
    ValueError
        If ``keep`` names no column.

    Examples
    --------
    >>> data = Dataset(table_of({"id": list(range(40)), "size": [i % 7 for i in range(40)]}), None)
    >>> profile = profile_data(data)
    >>> profile.features, profile.columns[0].left_out
    (('size',), 'it numbers the rows, as an id does')
    >>> profile_data(data, keep=["id"]).features
    ('id', 'size')
    """
    table = data.x if isinstance(data.x, Table) else table_of(data.x, data.features)
    unknown = sorted(set(keep).difference(table.names))
    if unknown:
        raise ValueError(f"keep must name columns of the table, got {unknown[0]!r}")
    columns = _chosen([profile_column(column) for column in table.columns], keep)
    remarks = [_remark(column, profile) for column, profile in zip(table.columns, columns, strict=True)]
    leaks = [_leak(column, data) for column, each in zip(table.columns, columns, strict=True) if each.left_out is None]
    about = profile_target(target, data, task)
    told = (*remarks, *leaks, *_rare(about))
    return DataProfile(data.n, about, tuple(columns), tuple(line for line in told if line))


def _chosen(columns: Sequence[ColumnProfile], keep: Collection[str]) -> list[ColumnProfile]:
    """Return the columns without the reason for leaving it out where one is kept; one is kept at least."""
    kept = [replace(each, left_out=None) if each.name in keep else each for each in columns]
    if any(each.left_out is None for each in kept):
        return kept
    return [replace(each, left_out=None) if each.low is not None or each.categories else each for each in kept]


def _remark(column: Column, profile: ColumnProfile) -> str | None:
    """Return what the user may have meant differently about a column."""
    if profile.left_out:
        kept = (
            ""
            if profile.missing and profile.low is None and not profile.categories
            else f"; --keep {quote(column.name)}"
        )
        return f"column '{column.name}' is left out: {profile.left_out}{kept}"
    return None


def _leak(column: Column, data: Dataset) -> str | None:
    how = gives_away(column, data)
    return how and (
        f"column '{column.name}' gives the target away: {how}; if it is not known before the target, "
        f"leave it out with --ignore {quote(column.name)}"
    )


def _rare(target: TargetProfile | None) -> list[str]:
    if target is None or not target.rare:
        return []
    label, count = next(each for each in target.classes if each[0] in target.rare)
    share = f"class {label!r} has {count} of {sum(n for _, n in target.classes)} rows"
    majority = f"always predicting the commonest class is right in {100 * (target.majority or 0.0):.2f} %"
    return [f"{share}, and {majority}; --class-weight balanced gives rare classes more weight"]
