"""Labels of another file, in the classes of a model."""

from typing import Any

from xpnet.checks import listing
from xpnet.data import Dataset
from xpnet.data.columns.cells import category


def relabel(data: Dataset, classes: tuple[Any, ...], name: str) -> Dataset:
    """Return the rows with the model's classes; 10, "10" and 10.0 are one label, and so are True and 1.

    Raises
    ------
    ValueError
        If the file `name` has a label that the model does not know.
    """
    written = {category(label): label for label in classes}
    labels = tuple(written.get(category(label), label) for label in data.classes or ())
    unknown = [str(label) for label in labels if label not in classes]
    if unknown:
        raise ValueError(
            f"{name}: labels must be ones that the model knows ({listing(list(written))}), got {unknown[0]!r}"
        )
    return data._replace(classes=labels).relabel(classes)
