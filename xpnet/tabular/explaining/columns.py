"""The raw columns of a model, and which inputs of its network each of them becomes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from xpnet.backend import Array
from xpnet.checks import listing
from xpnet.data import Encoding
from xpnet.io import Model

Name: TypeAlias = str | int
Group: TypeAlias = Name | tuple[Name, ...]


def inputs_of_columns(model: Model) -> dict[Name, range]:
    """Return the places of the inputs of each raw column; columns without names are numbered from 0.

    Examples
    --------
    >>> from xpnet import Network
    >>> network = Network([2, 1])
    >>> inputs_of_columns(Model(network, network.initialize(seed=0)))
    {0: range(0, 1), 1: range(1, 2)}
    """
    if isinstance(model.preprocessing, Encoding):
        found: dict[Name, range] = {}
        start = 0
        for column in model.preprocessing.columns:
            found[column.name] = range(start, start + len(column.names))
            start += len(column.names)
        return found
    names: Sequence[Name] = model.features or range(model.network.sizes[0])
    return {name: range(i, i + 1) for i, name in enumerate(names)}


def groups_of(model: Model, columns: Sequence[Group] | None) -> dict[Group, list[int]]:
    """Return the inputs of the columns, or groups of columns, that are asked for; None asks for each column.

    Raises
    ------
    ValueError
        If a name is none of a column.
    """
    known = inputs_of_columns(model)
    if columns is None:
        return {name: list(places) for name, places in known.items()}
    if isinstance(columns, str):
        raise TypeError(f"columns must be a sequence of names, got {columns!r}")
    groups: dict[Group, list[int]] = {}
    for group in columns:
        names = group if isinstance(group, tuple) else (group,)
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            got = repr(unknown[0]) if unknown else "()"
            raise ValueError(f"columns must name columns of the model ({listing(list(map(str, known)))}), got {got}")
        groups[group] = [place for name in names for place in known[name]]
    return groups


def chosen(model: Model, places: Sequence[int]) -> Array:
    """Return 1 at these inputs and 0 at the others, shape (n_in,), on the model's backend."""
    wanted = set(places)
    return model.backend.asarray([float(i in wanted) for i in range(model.network.sizes[0])])


def for_inputs(model: Model) -> Model:
    """Return the model for rows that are encoded already."""
    return replace(model, preprocessing=None, features=None)


def told(group: Any) -> str:
    """Return the name of a column, or of a group, as text."""
    return " + ".join(map(str, group)) if isinstance(group, tuple) else str(group)
