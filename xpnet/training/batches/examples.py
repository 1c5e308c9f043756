"""The data that `train` is given: checked once, their labels counted, and moved to the device."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, quiet, resolve, to_numpy
from xpnet.checks import listing
from xpnet.data.preparing.class_numbers import number_classes, written
from xpnet.data.tables.frames import feature_names
from xpnet.training.batches.batches import Data, check_pair, place
from xpnet.training.model import Trainable


class Examples(NamedTuple):
    """What a network trains on and watches, and what its columns and classes are called."""

    data: Data
    watched: Data | None
    features: tuple[str, ...] | None  # the names of the columns, if they came in a frame
    classes: tuple[Any, ...] | None  # the labels, if they are text or booleans
    backend: Backend


def read_examples(
    network: Trainable,
    data: Any,
    validation: Any,
    backend: str | Backend | None,
    stream: bool = False,
    placing: Callable[[Backend], Backend] = lambda chosen: chosen,
) -> Examples:
    """Return the arguments `data` and `validation`, on the backend; `placing` may choose another device."""
    x, y = check_pair("data", data)
    features = feature_names(data[0])
    y, classes = check_labels(network, y)
    chosen = placing(resolve(backend, x=x, y=y))
    with quiet():
        pair = None if validation is None else _watched(network, validation, features, classes)
        examples, watched = place(network, x, y, chosen, stream), None
        if pair is not None:
            try:
                watched = place(network, *pair, chosen, stream)
            except (TypeError, ValueError) as error:
                raise type(error)(f"validation: {error}") from error
        if network.classifies:
            check_classes("y", examples.y)
            check_classes("validation: y", None if watched is None else watched.y)
    return Examples(examples, watched, features, classes, chosen)


def _watched(
    network: Trainable, validation: Any, features: tuple[str, ...] | None, classes: tuple[Any, ...] | None
) -> tuple[Any, Any]:
    """Return the pair of the validation, its labels counted in the classes of the training labels."""
    x, y = check_pair("validation", validation, features)
    numbers, found = check_labels(network, y, classes, "validation: y")
    if found != classes:
        kinds = [f"labels such as {each[0]!r}" if each else "numbers" for each in (classes, found)]
        raise TypeError(f"validation: y must hold {kinds[0]}, as y does, got {kinds[1]}")
    return x, numbers


def check_labels(
    network: Trainable, y: Any, classes: tuple[Any, ...] | None = None, name: str = "y"
) -> tuple[Any, tuple[Any, ...] | None]:
    """Return labels that are text or booleans as class numbers, with the classes; other labels and None as they are."""
    numbers, found = number_classes(y, classes, name)
    if found is None:
        return numbers, None
    if not network.classifies:
        raise TypeError(f"{name} must hold numbers for a network that gives values, got labels such as {found[0]!r}")
    if len(found) != network.n_classes:
        raise ValueError(
            f"{name} must hold {network.n_classes} classes, as many as the network tells apart, "
            f"got {len(found)}: {listing(written(found))}"
        )
    return numbers, found


def check_class_weight(class_weight: Any, classes: tuple[Any, ...] | None) -> Any:
    """Return the argument `class_weight` by class number, if it is a mapping and the labels are text or booleans."""
    if classes is None or not isinstance(class_weight, Mapping):
        return class_weight
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise ValueError(f"class_weight must name labels of y ({listing(written(classes))}), got {unknown[0]!r}")
    return {classes.index(label): weight for label, weight in class_weight.items()}


def check_classes(name: str, y: Array | None) -> None:
    """Refuse labels that are all the same."""
    host = None if y is None else to_numpy(y)
    if host is not None and host.ndim == 1 and (host == host[0]).all():
        raise ValueError(f"{name} must hold at least two classes to tell apart, got only {host[0]}")
