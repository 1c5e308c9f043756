"""The one table of formats: the ending of a file's name chooses how the file is read."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from xpnet.data.columns.cells import RawTable
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.dataset import Dataset
from xpnet.data.tables.readers.csv_header_and_rows import read_raw_csv
from xpnet.data.tables.readers.csv_tables import read_csv
from xpnet.data.tables.readers.npy_tables import read_npy
from xpnet.data.tables.readers.npz_tables import read_npz
from xpnet.data.tables.readers.polars_frames import open_frame
from xpnet.data.tables.readers.polars_tables import read_numbers, read_raw


class Format(NamedTuple):
    """How one kind of file is read.

    Attributes
    ----------
    name : str
        Its name in messages.
    endings : tuple of str
        Lower case, each with its dot.
    dataset : callable
        ``dataset(path, target, task=None, columns=None)`` returns the numbers as a `Dataset`.
    raw : callable, optional
        ``raw(path)`` returns the cells as a `RawTable`.  None: the file holds numbers only.
    frame : callable, optional
        ``frame(path)`` returns a lazy table of polars.  None: polars is not needed.
    """

    name: str
    endings: tuple[str, ...]
    dataset: Callable[..., Dataset]
    raw: Callable[[PathLike], RawTable] | None = None
    frame: Callable[[PathLike], Any] | None = None


def _by_polars(name: str, scan: str, *endings: str) -> Format:
    """Return the format of files that polars opens with its function ``scan``."""
    opener = partial(open_frame, kind=name, scan=scan)
    return Format(name, endings, partial(read_numbers, opener, name), partial(read_raw, opener, name), opener)


FORMATS = (
    Format("CSV", (".csv", ".tsv", ".txt"), read_csv, read_raw_csv),
    _by_polars("Parquet", "scan_parquet", ".parquet"),
    _by_polars("Arrow IPC", "scan_ipc", ".arrow", ".feather"),
    Format("npz", (".npz",), read_npz),
    Format("npy", (".npy",), read_npy),
)


def endings(formats: Sequence[Format] = FORMATS) -> tuple[str, ...]:
    """Return the endings of some formats, in the order of the table.

    Examples
    --------
    >>> endings()[:4]
    ('.csv', '.tsv', '.txt', '.parquet')
    """
    return tuple(ending for each in formats for ending in each.endings)


def find_format(path: PathLike, formats: Sequence[Format] = FORMATS) -> Format:
    """Return the format of a file by the ending of its name.

    Parameters
    ----------
    path : str or path-like
        The file; it is not opened.
    formats : sequence of Format
        The ones to choose among.

    Raises
    ------
    FormatError
        If none of them has the ending.

    Examples
    --------
    >>> find_format("fruit.CSV").name
    'CSV'
    """
    ending = Path(path).suffix.lower()
    for each in formats:
        if ending in each.endings:
            return each
    raise FormatError(f"{path}: the name must end in {', '.join(endings(formats))}, got '{ending}'")


WITH_CELLS = tuple(each for each in FORMATS if each.raw is not None)
WITH_FRAMES = tuple(each for each in FORMATS if each.frame is not None)


def read_raw_table(path: PathLike) -> RawTable:
    """Return the cells of a file that may hold categories and missing cells.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        If there is no such file, its ending or its content is not that of a table, or polars is needed and missing.
    """
    read = find_format(path, WITH_CELLS).raw
    assert read is not None, "WITH_CELLS holds formats with cells"
    return read(path)


def open_table_frame(path: PathLike) -> tuple[str, Any]:
    """Return the name of a file's format, for messages, and the file as a lazy table of polars.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        As `read_raw_table`.
    """
    form = find_format(path, WITH_FRAMES)
    assert form.frame is not None, "WITH_FRAMES holds formats with frames"
    return form.name, form.frame(path)


def holds_cells(path: PathLike) -> bool:
    """Return whether a file may hold categories and missing cells, by the ending of its name.

    Examples
    --------
    >>> holds_cells("fruit.parquet"), holds_cells("fruit.npz")
    (True, False)
    """
    return Path(path).suffix.lower() in endings(WITH_CELLS)


def read_table(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    r"""Return the data set of a numeric table on this machine.

    Parameters
    ----------
    path : str or path-like
        A file ending in ``.csv``, ``.tsv`` or ``.txt`` (see `read_csv`), in ``.parquet``, ``.arrow`` or ``.feather``
        (which need polars), in ``.npz`` (see `read_npz`) or in ``.npy`` (see `read_npy`).
    target : str or None
        The column that holds the labels; None for a table to predict on.
    task : {"classification", "regression"}, optional
        What the labels are for.  Default: text, and whole numbers with at most 20 distinct values, are
        classes; other numbers are a regression.
    columns : sequence of str, optional
        The feature columns, in the order wanted; others are ignored.  Default: all but the target.

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
    ImportError
        If the format needs polars and polars is not installed.
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
    return find_format(path).dataset(path, target, task=task, columns=columns)
