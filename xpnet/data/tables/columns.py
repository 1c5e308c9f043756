"""Choose the feature columns of a table, and refuse names that are missing or repeated."""

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from xpnet.checks import listing
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike


def check_names(path: PathLike, names: Sequence[str], target: str | None) -> None:
    """Refuse names that are empty or repeated, and a table without the target.

    Parameters
    ----------
    path : str or path-like
        The file, for the message.
    names : sequence of str
        Its columns.
    target : str or None
        The column that holds the labels, if any.

    Raises
    ------
    TypeError
        If the target is no text, and no column has this name.
    FormatError
        With the name at fault, and close names if the target is missing.

    Examples
    --------
    >>> check_names("t.csv", ("size", "label"), "labels")
    Traceback (most recent call last):
    xpnet.data.errors.FormatError: t.csv: target must be one of size, label, got 'labels': did you mean 'label'?
    """
    said: Any = target
    if not isinstance(said, str | None) and said not in names:
        raise TypeError(f"target must be the name of a column, as text, got {target!r}")
    if "" in names:
        raise FormatError(
            f"{path}: every column must have a name, got none for column {list(names).index('') + 1}: "
            "name it, or save the table without its row numbers"
        )
    repeated = repeated_names(names)
    if repeated:
        raise FormatError(f"{path}: column names must differ, got {listing(repeated)} more than once")
    if target is not None and target not in names:
        close = difflib.get_close_matches(target, names, n=1)
        hint = f": did you mean '{close[0]}'?" if close else ""
        if len(names) == 1 and target in names[0].replace("'", " ").replace('"', " ").split():
            hint = ": separate the columns by commas, semicolons or tabs, not by blanks"
        raise FormatError(f"{path}: target must be one of {listing(names)}, got '{target}'{hint}")


def repeated_names(names: Sequence[str]) -> list[str]:
    """Return the names that come more than once, sorted.

    Examples
    --------
    >>> repeated_names(("a", "b", "a"))
    ['a']
    """
    return sorted(name for name, count in Counter(names).items() if count > 1)


def select_features(
    path: PathLike, names: Sequence[str], target: str | None, columns: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the names of the feature columns in the order that the caller wants.

    Parameters
    ----------
    path : str or path-like
        The file, for messages.
    names : sequence of str
        Its columns.
    target : str or None
        The column that holds the labels, if any.
    columns : sequence of str or None
        The features wanted; None stands for every column but the target.

    Returns
    -------
    tuple of str
        At least one name.

    Raises
    ------
    FormatError
        If the file lacks a column, or has none besides the target.
    TypeError
        If ``columns`` is one string.
    ValueError
        If ``columns`` names the target, or a column twice.

    Examples
    --------
    >>> select_features("t.csv", ("a", "b", "label"), "label", None)
    ('a', 'b')
    >>> select_features("t.csv", ("a", "b", "label"), None, ("b", "a"))
    ('b', 'a')
    """
    if isinstance(columns, str):
        raise TypeError(f"columns must be a sequence of names, got '{columns}'")
    if columns is None:
        chosen = tuple(name for name in names if name != target)
    else:
        chosen = tuple(columns)
        if target in chosen or len(set(chosen)) < len(chosen):
            raise ValueError(f"columns must name features once each and not the target, got {chosen}")
        known = set(names)
        missing = [name for name in chosen if name not in known]
        if missing:
            raise FormatError(f"{path}: must have the columns {listing(missing)}, got {listing(names)}")
    if not chosen:
        raise FormatError(f"{path}: must have a feature column besides the target, got {listing(names)}")
    return chosen
