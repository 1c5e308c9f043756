"""Ratings read from a file; other modules import `Ratings` and `load_ratings` from here."""

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.ratings.columns import check_duplicates
from xpnet.data.ratings.files import read_columns
from xpnet.data.ratings.table import Ratings

__all__ = ["Ratings", "load_ratings"]


def load_ratings(
    path: PathLike,
    *,
    user: str = "user",
    item: str = "item",
    rating: str | None = "rating",
    time: str | None = None,
    duplicates: str = "error",
) -> Ratings:
    r"""Return the ratings of a file.

    Parameters
    ----------
    path : str or path-like
        A table, as `xpnet.data.read_cells` reads it (text, packed or not, in any usual spelling of numbers; Parquet and
        others by polars), or an archive of arrays (``.npz``), whose names may be in the plural.  If an archive has the
        tables ``user_ids`` and ``item_ids``, its users and items are row numbers in them, else ids.
    user, item, rating, time : str or None
        The columns.  ``rating=None`` reads no ratings: every row is a click of value 1.  No time is read by default:
        numbers, or dates in any usual order, without time zone.
    duplicates : {"error", "last", "first", "mean", "sum"}
        As for `Ratings.of`.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError
        If there is no such file, it is not such a table, or it is Parquet and polars is missing.
    ValueError
        If ``duplicates`` is not one of the above.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "drinks.csv")
    ...     _ = path.write_text("user,item,rating\nann,tea,5\nbob,tea,4\n")
    ...     load_ratings(path)
    Ratings(n=2, n_users=2, n_items=1)
    """
    check_duplicates(duplicates)
    found = read_columns(path, user, item, rating, time)
    try:
        if found.user_ids is None:
            return Ratings.of(found.users, found.items, found.values, times=found.times, duplicates=duplicates)
        return Ratings.numbered(**found._asdict(), duplicates=duplicates)
    except (TypeError, ValueError) as error:
        raise FormatError(f"{path}: {error}") from error
