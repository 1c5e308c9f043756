"""All that a page shows of a model, as one dict of plain JSON: the rendering adds no number."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xpnet import __version__
from xpnet.backend import quiet, to_numpy
from xpnet.data import Encoding, Table
from xpnet.data.columns.texts import as_categories
from xpnet.data.preparing.encoders.categories import CategoryEncoder
from xpnet.io import Model
from xpnet.report.measuring.columns import MOST_COLUMNS, cells, importance, ranges
from xpnet.report.measuring.curves import curves, curves_of
from xpnet.report.measuring.described import described
from xpnet.report.measuring.norms import norms
from xpnet.report.measuring.packing import pack
from xpnet.report.measuring.tested import chosen_rows, figures
from xpnet.tabular.targets import numbers_of
from xpnet.training import History

MOST_NORMED = 2000  # rows on which norms are measured


def report_numbers(
    model: Model,
    test: tuple[Any, Any] | None = None,
    *,
    histories: Sequence[History] = (),
    kept: int | None = None,
    settings: dict[str, Any] | None = None,
    command: str = "",
    name: str = "",
    film: dict[str, Any] | None = None,
    why_no_test: str = "",
) -> dict[str, Any]:
    """Return what a page shows of a model.

    Parameters
    ----------
    model : Model
        A single network or an ensemble.
    test : (x, y), optional
        Raw rows that the model was not trained on, shape (m, n_columns), and their labels or values in the model's own
        terms, shape (m,) or (m, n_out).
    histories : sequence of History, optional
        Of each network, for a model that does not remember its training.
    kept : int, optional
        The epoch whose parameters were kept.
    settings : dict, optional
        Settings of the training, plain JSON.  Default: what the model remembers.
    command : str
        The command that trains the same model again.
    name : str
        What the model is called.
    film : dict, optional
        What `Film.to_json` returned.
    why_no_test : str
        Why there are no test rows, to be shown in the place of their pictures.

    Returns
    -------
    dict
        Plain JSON.  What is missing is None.

    Raises
    ------
    ValueError
        If the rows do not fit the model.

    Examples
    --------
    >>> from xpnet import Network
    >>> network = Network([2, 3, 2])
    >>> model = Model(network, network.initialize(seed=0), classes=("no", "yes"))
    >>> found = report_numbers(model, ([[0.0, 1.0], [1.0, 0.0]], ["yes", "no"]), name="two rows")
    >>> found["test"]["rows"], found["model"]["sizes"], found["curves"]
    (2, [2, 3, 2], None)
    """
    shown = described(model)
    with quiet():  # values that overflow are left out of the page, with no warning
        found = _nothing() if test is None else _of_rows(model, shown, *test)
    remembered = getattr(model, "settings", None) if settings is None else settings
    return {
        "name": name,
        "version": __version__,
        "model": shown,
        "curves": curves_of(model) or curves(histories, kept),
        "settings": _listed(remembered or {}) + _origin(model),
        "command": command,
        "film": film,
        "why_no_test": why_no_test,
        **found,
    }


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(("test", "rows", "norms", "importance", "ranges"))


def _of_rows(model: Model, shown: dict[str, Any], x: Any, y: Any) -> dict[str, Any]:
    """Return what is measured on rows."""
    x = _raw(model, x)
    y = numbers_of(model, y, x.shape[0])
    y = y.reshape(len(y), -1) if model.network.several else y
    rows: dict[str, Any] = chosen_rows(model, x, y)
    table = shown["image"] is None
    if table:
        rows["cells"] = cells(model, _typed(model, x), rows["number"])
    else:
        rows["pixels"] = pack(_pixels(x[rows["number"]]))
    m = min(x.shape[0], MOST_NORMED)
    return {
        "test": figures(model, x, y),
        "rows": rows,
        "norms": norms(model, x[:m], _targets(model, y[:m])),
        "importance": importance(model, x, y) if table else None,
        "ranges": ranges(model, x) if table else None,
        "columns": x.shape[1],
        "most_columns": MOST_COLUMNS,
    }


def _raw(model: Model, x: Any) -> Any:
    """Return raw rows as a table or a host matrix."""
    if isinstance(model.preprocessing, Encoding):
        return model.preprocessing.table(x)
    return to_numpy(x)


def _typed(model: Model, x: Any) -> Any:
    """Return the rows with codes as categories, as the model takes them."""
    if not isinstance(x, Table):
        return x
    encoders = model.preprocessing.columns
    pairs = zip(encoders, x.columns, strict=True)
    return Table(tuple(as_categories(c) if isinstance(e, CategoryEncoder) else c for e, c in pairs))


def _pixels(images: Any) -> Any:
    """Return images as bytes if they are whole numbers of 0 to 255, else as they are."""
    if images.dtype.kind in "iu" and images.min(initial=0) >= 0 and images.max(initial=0) < 256:
        return images.astype("uint8")
    return images.astype("float64")


def _targets(model: Model, y: Any) -> Any:
    """Return targets as the network was trained on them."""
    if model.targets is None:
        return y
    return model.targets.apply(y.reshape(len(y), -1), dtype="float64")


def _listed(settings: dict[str, Any]) -> list[list[str]]:
    """Return settings as pairs of text."""
    return [[str(name), _text(value)] for name, value in settings.items() if value is not None]


def _origin(model: Model) -> list[list[str]]:
    """Return where the data came from and how they were split."""
    known = model.data or {}
    names = ("source", "path", "target", "split", "validation", "impute", "bins", "rare", "categorical", "ignore")
    known = known | {"path": Path(known["path"]).name} if known.get("path") else known
    return [[f"data: {name}", _text(known[name])] for name in names if known.get(name) not in (None, [], 0, 0.0)]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items() if each is not None)
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
