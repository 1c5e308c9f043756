"""``xpnet plot``: a picture of what other commands wrote.  Nothing is trained."""

import argparse
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.cli.commands.looking.evaluate import labelled, open_model
from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.report import Regressed, test_model
from xpnet.cli.terminal import shown
from xpnet.data import Dataset, FormatError, Table
from xpnet.io import Model, load, write_atomically
from xpnet.report import (
    plot_confusion,
    plot_decision_boundary,
    plot_history,
    plot_low_rank,
    plot_mistakes,
    plot_regularization_path,
    plot_search,
    plot_seeds,
    plot_singular_values,
    plot_weights,
    read_history,
    read_path,
    read_search,
)
from xpnet.report.plots.canvas import matplotlib, text

MARK = "xpnet plot"  # in the metadata of each picture
METADATA = {".png": "Software", ".svg": "Creator", ".pdf": "Creator"}


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if len(options.files) > 1 and options.kind != "seeds":
        options.usage_error(f"{options.kind} is drawn from one file, got {len(options.files)}")
    out = Path(options.out or f"xpnet-{options.kind}.png")
    if out.suffix.lower() not in METADATA:
        options.usage_error(f"-o must end in {', '.join(METADATA)}, got {shown(out)}")
    check_outputs([Output("-o", out, is_picture, MARK)], [*options.files, options.data], force=options.force)
    matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    DRAWN[options.kind](options, figure.add_subplot())
    _save(figure, out)
    print(f"saved to {shown(out)}")
    return 0


def is_picture(path: Path) -> bool:
    """Return whether ``xpnet plot`` drew it."""
    return MARK.encode() in path.read_bytes()


def _save(figure: Any, out: Path) -> None:
    drawn, ending = BytesIO(), out.suffix.lower()
    figure.savefig(drawn, format=ending[1:], dpi=150, metadata={METADATA[ending]: MARK})
    write_atomically(out, drawn.getvalue())


def _history(options: argparse.Namespace, ax: Any) -> None:
    plot_history(read_history(options.files[0]), measure=options.measure, ax=ax)


def _seeds(options: argparse.Namespace, ax: Any) -> None:
    plot_seeds([read_history(name) for name in options.files], measure=options.measure, ax=ax)


def _search(options: argparse.Namespace, ax: Any) -> None:
    plot_search(read_search(options.files[0]), ax=ax)


def _path(options: argparse.Namespace, ax: Any) -> None:
    plot_regularization_path(read_path(options.files[0]), ax=ax)


def _weights(options: argparse.Namespace, ax: Any) -> None:
    plot_weights(load(options.files[0], "numpy"), ax=ax)


def _confusion(options: argparse.Namespace, ax: Any) -> None:
    model, _, test = _tested(options)
    plot_confusion(test.counts, model.classes, ax=ax)


def _mistakes(options: argparse.Namespace, ax: Any) -> None:
    model, data, test = _tested(options)
    if not isinstance(data.x, np.ndarray):
        raise ValueError("mistakes are drawn of images, got a table")
    proba = to_numpy(model.predict_proba(data.x))
    plot_mistakes(data.x, data.y, test.predicted, proba=proba, classes=model.classes, ax=ax)


def _boundary(options: argparse.Namespace, ax: Any) -> None:
    model, data = _model_and_rows(options)
    plot_decision_boundary(model, data.x, data.y, classes=model.classes, ax=ax)
    if isinstance(data.x, Table):
        ax.set(**dict(zip(("xlabel", "ylabel"), map(text, data.x.names), strict=True)))


def _spectrum(options: argparse.Namespace, ax: Any) -> None:
    plot_singular_values(_matrix(options.files[0]), ax=ax)


def _low_rank(options: argparse.Namespace, ax: Any) -> None:
    matrix = _matrix(options.files[0])
    most = min(matrix.shape)
    plot_low_rank(matrix, sorted({max(1, most // part) for part in (50, 12, 4)}), ax=ax)


def _model_and_rows(options: argparse.Namespace) -> tuple[Model, Dataset]:
    options.model = options.files[0]
    model = open_model(options)
    if model.network.several:
        raise ValueError(f"{options.model} predicts several labels for each row, but a table has one label column")
    return model, labelled(model, options)


def _tested(options: argparse.Namespace) -> tuple[Model, Dataset, Any]:
    model, data = _model_and_rows(options)
    test = test_model(model, data)
    if isinstance(test, Regressed):
        raise ValueError(f"{options.kind} is drawn of classes, but {options.model} predicts numbers")
    return model, data, test


def _matrix(name: str) -> Any:
    try:
        found = np.load(name, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FormatError(f"{name} must be an npy file of numbers: {error}") from error
    if not isinstance(found, np.ndarray) or found.ndim != 2 or found.dtype.kind not in "fiu":
        raise FormatError(f"{name} must hold one matrix of numbers")
    return found.astype("float64")


DRAWN: dict[str, Callable[[argparse.Namespace, Any], None]] = {
    "history": _history,
    "seeds": _seeds,
    "search": _search,
    "path": _path,
    "weights": _weights,
    "confusion": _confusion,
    "mistakes": _mistakes,
    "boundary": _boundary,
    "spectrum": _spectrum,
    "lowrank": _low_rank,
}
