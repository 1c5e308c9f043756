"""The door to people's own tables: the ending of the name chooses the reader."""

from collections.abc import Sequence
from pathlib import Path

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.dataset import Dataset
from xpnet.data.tables.readers.csv_tables import read_csv
from xpnet.data.tables.readers.npy_tables import read_npy
from xpnet.data.tables.readers.npz_tables import read_npz

READERS = {".csv": read_csv, ".tsv": read_csv, ".txt": read_csv, ".npz": read_npz, ".npy": read_npy}


def read_table(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    r"""Return the data set of a numeric table on this machine.

    Parameters
    ----------
    path : str or path-like
        A file ending in ``.csv``, ``.tsv`` or ``.txt`` (see `read_csv`), in ``.npz`` (see `read_npz`) or in ``.npy``
        (see `read_npy`).
    target : str or None
        The column that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        What the labels are for.  Default: text, and whole numbers with at most 20 distinct values, are
        classes; other numbers are a regression.
    columns : sequence of str, optional
        The feature columns, in the order wanted; others are not looked at.  Default: all but the target.

    Returns
    -------
    Dataset
        Finite numbers in ``x``; ``y`` None without a target.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If the ending is none of the above, or the file is not such a table.
    ValueError
        If ``task`` or ``columns`` is not one of the above.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "houses.tsv")
    ...     _ = path.write_text("rooms\tprice\n3\t1.5\n4\t2.25\n")
    ...     read_table(path, "price").y
    array([1.5 , 2.25])
    """
    ending = Path(path).suffix.lower()
    if ending not in READERS:
        raise FormatError(f"{path}: the name must end in {', '.join(READERS)}, got '{ending}'")
    return READERS[ending](path, target, task=task, columns=columns)
