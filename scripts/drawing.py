"""What the scripts about chapter 3 share: their options, their data, their tables and their figures."""

import argparse
import io
from pathlib import Path
from typing import NamedTuple

import xpnet
from xpnet.report.plots.canvas import color, curve, tidy


class Parts(NamedTuple):
    """Images and labels to learn from, to choose by and to judge by."""

    train: tuple
    validation: tuple
    test: tuple
    side: int  # pixels along an edge


class Panel(NamedTuple):
    """One drawing: curves {label: (x, y)} and what Matplotlib's `Axes.set` is told."""

    title: str
    curves: dict
    axes: dict
    ticks: tuple = ()  # where x is to be marked, if not where Matplotlib would
    bands: dict = {}  # noqa: RUF012  (never written to)  {label: (lowest, highest)}, drawn around the curve


def options(doc):
    """Return what the command line says; `seeds` is one and `quick` is true where a script shall only show it works."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?", help="mnist.npz or a folder of IDX files; default: the bundled digits")
    parser.add_argument("--out", type=Path, help="folder for the figure (needs Matplotlib: pip install matplotlib)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--quick", action="store_true", help="one seed, few epochs: only shows that it works")
    chosen = parser.parse_args()
    chosen.seeds = chosen.seeds[:1] if chosen.quick else chosen.seeds
    return chosen


def load(path=None, seed=0):
    """Return MNIST with the book's parts, or the bundled digits with two stratified fifths put aside."""
    if path:
        mnist = xpnet.data.load_mnist(path)
        return Parts(*((part.x.astype("float32") / 256, part.y) for part in mnist), side=28)
    digits = xpnet.data.load_digits()
    rest, test = (digits.take(rows) for rows in xpnet.data.stratified_split(digits.y, 0.2, seed))
    train, validation = (rest.take(rows) for rows in xpnet.data.stratified_split(rest.y, 0.25, seed))
    return Parts(*((part.x.astype("float32") / 16, part.y) for part in (train, validation, test)), side=8)


def mean(curves):
    """Return the mean curve of several."""
    return [sum(values) / len(values) for values in zip(*curves, strict=True)]


def percent(curve):
    return [100 * share for share in curve]


def table(header, rows):
    """Print a Markdown table."""
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


def draw(folder, name, *panels):
    """Draw panels side by side into a PNG, if there is a folder to put it."""
    if folder is None:
        return
    try:
        import matplotlib as mpl
    except ImportError:
        print(f"{name} is not drawn: Matplotlib is not installed (pip install matplotlib)")
        return
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, all_axes = plt.subplots(
        1, len(panels), figsize=(5.2 * len(panels), 3.8), layout="constrained", squeeze=False
    )
    for axes, panel in zip(all_axes[0], panels, strict=True):
        for i, (label, (x, y)) in enumerate(panel.curves.items()):
            curve(axes, x, y, label=label, color=color(i))
            if label in panel.bands:
                axes.fill_between(x, *panel.bands[label], color=color(i), alpha=0.2, linewidth=0)
        axes.set(title=panel.title, **panel.axes)
        if panel.ticks:
            axes.set_xticks(panel.ticks, [f"{tick // 1000}k" if tick >= 1000 else tick for tick in panel.ticks])
            axes.minorticks_off()
        tidy(axes)
    folder.mkdir(parents=True, exist_ok=True)
    save(figure, folder / name)
    plt.close(figure)


def save(figure, path):
    """Save a figure with a palette of 64 colors: a third of the bytes."""
    from PIL import Image  # Matplotlib needs it, too

    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=110)
    Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
