"""Train a model on new rows: its columns, its classes and its network stay as they are."""

import argparse
from typing import Any

from xpnet.backend import Backend
from xpnet.data import Encoding
from xpnet.io import Model, load

GENTLER = 1 / 3  # of the learning rate: the weights are nearly right already
SETTLED = ("hidden", "activation", "output", "cost", "scheme", "dropout", "members", "seeds", "bins", "rare", "impute")


def open_start(options: argparse.Namespace, described: dict[str, Any], backend: Backend) -> Model | None:
    """Return the model of ``--start`` on `backend`, or None; flags of what it settles are refused.

    Raises
    ------
    ValueError
        If it was not trained on a table with named columns.
    """
    if options.start is None:
        return None
    given = next((name for name in SETTLED if getattr(options, name) not in (None, 0.0)), None)
    if given or options.fast or options.categorical or options.ignore or options.keep:
        flag = given or next(name for name in ("fast", "categorical", "ignore", "keep") if getattr(options, name))
        options.usage_error(f"--{flag} is settled by the model of --start: leave it out")
    if not described["cells"]:
        options.usage_error(f"--start is for tables of text and numbers, got {options.data}")
    model = load(options.start, "numpy")
    if (model.data or {}).get("source") != "table" or not isinstance(model.preprocessing, Encoding):
        raise ValueError(f"--start must be a model of a table, got {options.start}")
    return model.to(backend)


def described_from(start: Model, described: dict[str, Any]) -> dict[str, Any]:
    """Return the description of new rows with what the model knows: columns, target, kinds of columns."""
    known: dict[str, Any] = start.data or {}
    taken: dict[str, Any] = {
        name: known.get(name) for name in ("impute", "categorical", "ignore", "bins", "rare") if name in known
    }
    reading = {**known.get("reading", {}), **described["reading"]}
    return {
        **described,
        **taken,
        "keep": [],
        "reading": reading,
        "target": described["target"] or known["target"],
        "features": list(start.features or ()),
        "task": "regression" if start.classes is None else "classification",
    }


def settled_again(options: argparse.Namespace, asked: argparse.Namespace, start: Model) -> argparse.Namespace:
    """Return settled options with what the model settles: its network, its members, and a gentler rate."""
    network = start.network
    names = {"hidden": list(network.sizes[1:-1]) or [0], "output": network.output.name, "cost": network.cost.name}
    eta = options.eta if asked.eta is not None or options.eta is None else GENTLER * options.eta
    return argparse.Namespace(**{**vars(options), **names, "members": start.n_members, "eta": eta})
