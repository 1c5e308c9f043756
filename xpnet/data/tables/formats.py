"""The one table of formats: the ending of a file's name chooses how the file is read."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from xpnet.data.columns.spelling import Reading
from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.dataset import Dataset
from xpnet.data.tables.delimited.contents import STANDARD_INPUT, UNPACKERS, unpacked_name
from xpnet.data.tables.delimited.reading import open_text
from xpnet.data.tables.opened import OpenTable
from xpnet.data.tables.readers.npy_tables import read_npy
from xpnet.data.tables.readers.npz_tables import read_npz
from xpnet.data.tables.readers.number_tables import Open, read_numbers
from xpnet.data.tables.readers.polars_frames import open_frame, read_excel, read_frame, read_json_lines
from xpnet.data.tables.readers.polars_tables import open_by_polars

PLAIN = Reading()


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
    open : callable, optional
        ``open(path, reading)`` returns an `OpenTable`.  None: the file holds numbers only.
    frame : callable, optional
        ``frame(path)`` returns a lazy table of polars, for tables larger than memory.  None: there is none.
    packed : bool
        Whether the file may be compressed.
    """

    name: str
    endings: tuple[str, ...]
    dataset: Callable[..., Dataset]
    open: Open | None = None
    frame: Callable[[PathLike], Any] | None = None
    packed: bool = False


def _with_cells(
    name: str, endings: tuple[str, ...], opener: Open, frame: Callable[[PathLike], Any] | None = None
) -> Format:
    return Format(name, endings, partial(read_numbers, opener), opener, frame, packed=opener is open_text)


def _by_polars(name: str, scan: str, *endings: str) -> Format:
    """Return the format of files that polars opens with its function ``scan``."""
    lazy = partial(open_frame, kind=name, scan=scan)
    return _with_cells(name, endings, partial(open_by_polars, partial(read_frame, kind=name, scan=scan)), lazy)


FORMATS = (
    _with_cells("CSV", (".csv", ".tsv", ".txt"), open_text),
    _by_polars("Parquet", "scan_parquet", ".parquet"),
    _by_polars("Arrow IPC", "scan_ipc", ".arrow", ".feather"),
    _with_cells("JSON Lines", (".jsonl", ".ndjson"), partial(open_by_polars, read_json_lines)),
    _with_cells("Excel", (".xlsx",), partial(open_by_polars, read_excel)),
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
    >>> find_format("fruit.CSV").name, find_format("fruit.csv.gz").name, find_format("-").name
    ('CSV', 'CSV', 'CSV')
    """
    ending = _ending(path)
    for each in formats:
        if ending in each.endings and (each.packed or not _is_packed(path)):
            return each
    raise FormatError(f"{path}: the name must end in {', '.join(endings(formats))}, got '{Path(path).suffix.lower()}'")


def _is_packed(path: PathLike) -> bool:
    return Path(path).suffix.lower() in UNPACKERS


def _ending(path: PathLike) -> str:
    """Return the ending of a file's name before it was compressed; standard input and t.zip are text."""
    ending = Path(unpacked_name(path)).suffix.lower()
    return ".csv" if str(path) == STANDARD_INPUT or (_is_packed(path) and not ending) else ending


WITH_CELLS = tuple(each for each in FORMATS if each.open is not None)
WITH_FRAMES = tuple(each for each in FORMATS if each.frame is not None)


def open_table(path: PathLike, reading: Reading = PLAIN) -> OpenTable:
    """Return a table that may hold categories and gaps; its columns are read when they are wanted.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        If there is no such file, its ending or its content is not that of a table, or polars is needed and missing.
    """
    opener = find_format(path, WITH_CELLS).open
    assert opener is not None, "WITH_CELLS holds formats with cells"
    return opener(path, reading)


def open_table_frame(path: PathLike) -> tuple[str, Any]:
    """Return the name of a file's format, for messages, and the file as a lazy table of polars.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        As `open_table`.
    """
    form = find_format(path, WITH_FRAMES)
    assert form.frame is not None, "WITH_FRAMES holds formats with frames"
    return form.name, form.frame(path)


def holds_cells(path: PathLike) -> bool:
    """Return whether a file may hold categories and missing cells, by the ending of its name.

    Examples
    --------
    >>> holds_cells("fruit.parquet"), holds_cells("fruit.csv.zst"), holds_cells("fruit.npz")
    (True, True, False)
    """
    return _ending(path) in endings(WITH_CELLS)


def read_table(
    path: PathLike, target: str | None, *, task: str | None = None, columns: Sequence[str] | None = None
) -> Dataset:
    r"""Return the data set of a numeric table on this machine.

    Parameters
    ----------
    path : str or path-like
        A file ending in ``.csv``, ``.tsv`` or ``.txt`` (see `read_csv`), in ``.parquet``, ``.arrow``, ``.feather``,
        ``.jsonl``, ``.ndjson`` or ``.xlsx`` (which need polars), in ``.npz`` (see `read_npz`) or in ``.npy`` (see
        `read_npy`).
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
