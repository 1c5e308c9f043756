"""``xpnet plot``: a picture of what other commands wrote.  Nothing is trained."""

import argparse
from collections.abc import Callable
from io import BytesIO
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
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
    animate_film,
    plot_confusion,
    plot_decision_boundary,
    plot_gradient_norms,
    plot_history,
    plot_learning_rate_range,
    plot_low_rank,
    plot_mistakes,
    plot_regularization_path,
    plot_search,
    plot_seeds,
    plot_singular_values,
    plot_unit_balls,
    plot_weights,
    read_gradient_norms,
    read_history,
    read_page,
    read_path,
    read_range_test,
    read_search,
)
from xpnet.report.plots.canvas import matplotlib, text

MARK = "xpnet plot"  # in the metadata of each picture
ANIMATED = (".gif", ".html")
MANY = ("seeds", "balls")  # kinds of several arguments
METADATA = {".png": "Software", ".svg": "Creator", ".pdf": "Creator"}


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    if len(options.files) > 1 and options.kind not in MANY:
        options.usage_error(f"{options.kind} is drawn from one file, got {len(options.files)}")
    endings = ANIMATED if options.kind == "film" else tuple(METADATA)
    out = Path(options.out or f"xpnet-{options.kind}{endings[0]}")
    if out.suffix.lower() not in endings:
        options.usage_error(f"-o must end in {', '.join(endings)}, got {shown(out)}")
    read = [] if options.kind == "balls" else options.files
    check_outputs([Output("-o", out, is_picture, MARK)], [*read, options.data], force=options.force)
    matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    moving = DRAWN[options.kind](options, figure.add_subplot())
    if moving is None:
        _save(figure, out)
    else:
        _save_moving(moving, figure, out)
    print(f"saved to {shown(out)}")
    return 0


def is_picture(path: Path) -> bool:
    """Return whether ``xpnet plot`` drew it."""
    return MARK.encode() in path.read_bytes()


def _save(figure: Any, out: Path) -> None:
    drawn, ending = BytesIO(), out.suffix.lower()
    figure.savefig(drawn, format=ending[1:], dpi=150, metadata={METADATA[ending]: MARK})
    write_atomically(out, drawn.getvalue())


def _save_moving(animation: Any, figure: Any, out: Path) -> None:
    """Write an animation, marked as ours: a page by a comment, a GIF by a block of comment before its last byte."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # one layout for all frames
    if out.suffix.lower() == ".html":
        write_atomically(out, f"<!doctype html><!-- {MARK} -->\n<meta charset='utf-8'>{animation.to_jshtml()}".encode())
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, "film.gif")
        animation.save(path, writer="pillow", dpi=100)
        drawn = path.read_bytes()
    write_atomically(out, drawn[:-1] + b"\x21\xfe" + bytes([len(MARK)]) + MARK.encode() + b"\x00" + drawn[-1:])


def _history(options: argparse.Namespace, ax: Any) -> None:
    plot_history(read_history(options.files[0]), measure=options.measure, ax=ax)


def _seeds(options: argparse.Namespace, ax: Any) -> None:
    plot_seeds([read_history(name) for name in options.files], measure=options.measure, ax=ax)


def _search(options: argparse.Namespace, ax: Any) -> None:
    plot_search(read_search(options.files[0]), ax=ax)


def _range(options: argparse.Namespace, ax: Any) -> None:
    plot_learning_rate_range(read_range_test(options.files[0]), ax=ax)


def _gradients(options: argparse.Namespace, ax: Any) -> None:
    plot_gradient_norms(read_gradient_norms(options.files[0]), ax=ax)


def _film(options: argparse.Namespace, ax: Any) -> Any:
    numbers = read_page(options.files[0])
    if numbers.get("film") is None:
        raise ValueError(f"{options.files[0]} must hold a film, got a page without: train with --report --film")
    return animate_film(numbers["film"], classes=numbers["model"]["classes"], ax=ax)


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


def _balls(options: argparse.Namespace, ax: Any) -> None:
    plot_unit_balls([_order(word) for word in options.files], ax=ax)


def _order(word: str) -> float:
    try:
        p = float(word)
    except ValueError:
        p = -1.0
    if isnan(p) or p <= 0:
        raise ValueError(f"an order p must be a positive number or inf, got {shown(word)}")
    return p


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


DRAWN: dict[str, Callable[[argparse.Namespace, Any], Any]] = {
    "history": _history,
    "seeds": _seeds,
    "search": _search,
    "range": _range,
    "gradients": _gradients,
    "film": _film,
    "path": _path,
    "weights": _weights,
    "confusion": _confusion,
    "mistakes": _mistakes,
    "boundary": _boundary,
    "spectrum": _spectrum,
    "lowrank": _low_rank,
    "balls": _balls,
}
