"""What a test showed, in words: accuracy, a table of the classes, and a look at the mistakes."""

import shutil
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from xpnet.backend import to_numpy
from xpnet.data import Dataset
from xpnet.io import Model
from xpnet.training import accuracy, confusion

SHADES = " .:-=+*#%@"
SIDES = {64: 8, 784: 28}


class Test(NamedTuple):
    """A model on labelled rows: what it said, and how often that was right."""

    predicted: Any  # (m,), class indices
    accuracy: float
    counts: Any  # (k, k): row i read as j


def test_model(model: Model, data: Dataset) -> Test:
    """Return what `model` makes of `data`."""
    predicted = to_numpy(model.network.decide(model.outputs(data.x))).astype(data.y.dtype)  # type: ignore[union-attr]
    return Test(predicted, accuracy(data.y, predicted), confusion(data.y, predicted, len(model.classes or ())))


def accuracy_line(test: Test) -> str:
    """Return the accuracy as a line: ``test accuracy 97.22 % (350 of 360)``."""
    n = len(test.predicted)
    return f"test accuracy {100 * test.accuracy:.2f} % ({round(test.accuracy * n)} of {n})"


def class_rows(test: Test, classes: Sequence[Any]) -> Iterator[tuple[str, int, int, float | None, str]]:
    """Yield for each class its label, rows, how many were right, their share, and what it is most taken for."""
    for i, label in enumerate(classes):
        row = test.counts[i].tolist()
        right, rows = row[i], sum(row)
        row[i] = 0
        worst = max(range(len(row)), key=row.__getitem__)
        confused = f"{classes[worst]} ({row[worst]})" if row[worst] else ""
        yield str(label), rows, right, right / rows if rows else None, confused


def class_table(test: Test, classes: Sequence[Any]) -> str:
    """Return those rows as a table."""
    width = max(5, *(len(str(label)) for label in classes))
    lines = [f"  {'class':>{width}}   rows  right  accuracy   most often taken for"]
    for label, rows, right, share, confused in class_rows(test, classes):
        percent = "      -" if share is None else f"{100 * share:5.1f} %"
        lines.append(f"  {label:>{width}}  {rows:5}  {right:5}   {percent}   {confused}")
    return "\n".join(line.rstrip() for line in lines)


def picture(test: Test, data: Dataset, classes: Sequence[Any], most: int = 6) -> str:
    """Return a few images side by side, misread ones first, each with what was read; "" if rows are no images."""
    side = SIDES.get(data.x.shape[1])
    if side is None or data.y is None or data.x.min() < 0:
        return ""
    wrong = (test.predicted != data.y).nonzero()[0][:most].tolist()
    chosen = wrong or list(range(min(most, data.n)))
    most = max(1, min(most, (shutil.get_terminal_size().columns + 1) // (2 * side + 3)))  # as many as fit
    images = [_shaded(data.x[i].reshape(side, side)) for i in chosen[:most]]
    lines = ["   ".join(parts) for parts in zip(*images, strict=True)]
    captions = (f"read {classes[test.predicted[i]]}, is {classes[data.y[i]]}" for i in chosen[:most])
    lines.append("   ".join(f"{caption:{2 * side}}" for caption in captions))
    title = "some that were misread:" if wrong else "none was misread; the first ones:"
    return "\n".join(["", title, *(f"  {line}".rstrip() for line in lines)])


def _shaded(image: Any) -> list[str]:
    levels = (image * (len(SHADES) - 1.0) / max(1, image.max())).round().astype(int)
    return ["".join(2 * SHADES[v] for v in row) for row in levels]
