"""Checks of what networks of a stack have in common, and of what each has for itself."""

from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

from xpnet.backend import Backend, get, library_of, namespace, to_numpy
from xpnet.training.batches.batches import Data
from xpnet.training.batches.examples import check_classes
from xpnet.training.model import Trainable
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.runs.stacks.members import Member
from xpnet.training.steps.arguments import check_network, check_optimizer, check_parameters
from xpnet.trees import leaves, map_arrays


def check_networks(networks: list[Any]) -> list[Trainable]:
    """Return the networks: they may differ in their dropout only."""
    checked = [check_network(network) for network in networks]
    for i, network in enumerate(checked[1:], 1):
        differing = _difference(checked[0], network)
        if differing:
            raise ValueError(
                f"network must hold networks that differ in dropout only, got another {differing} in place {i}"
            )
    return checked


def _difference(network: Any, other: Any) -> str | None:
    """Return the name of a property that differs, dropout aside."""
    if type(network) is not type(other):
        return "type"
    if not is_dataclass(network):
        return None if network is other or network == other else "model"
    names = (field.name for field in fields(network) if field.name != "dropout")
    return next((name for name in names if getattr(network, name) != getattr(other, name)), None)


def check_optimizers(optimizers: list[Any]) -> list[Optimizer]:
    """Return the optimizers: all of one kind."""
    checked = [check_optimizer(optimizer) for optimizer in optimizers]
    first = checked[0]
    for i, optimizer in enumerate(checked):
        if optimizer.name != first.name:
            raise ValueError(f"optimizer must hold optimizers of one kind, got {first.name} and {optimizer.name}")
        differing = [name for name, part in _parts(first).items() if _parts(optimizer)[name] != part]
        if differing:
            told = f"another {differing[0]} of {first.name} in place {i}"
            raise ValueError(f"optimizer must hold optimizers of one kind, which differ in values only, got {told}")
    return checked


def _parts(optimizer: Optimizer) -> dict[str, Any]:
    """Return what optimizers of one kind have in common, by what an error calls it."""
    return {
        "rule (a function made anew is another)": optimizer.rule,
        "step_numbers (a function made anew is another)": optimizer.step_numbers,
        "number of slots": optimizer.n_slots,
        "set of settings": set(optimizer.settings),
    }


def check_watch(watch: Any) -> None:
    """Refuse an argument `watch` that cannot be called."""
    if watch is not None and not callable(watch):
        raise TypeError(f"watch must be callable, got {watch!r}")


def check_splits(splits: list[Any], data: Data, model: Trainable, validated: bool) -> list[tuple[Any, Any]]:
    """Return the training rows and the validation rows (or None) of each network, as host integers.

    `validated` says whether all networks watch a validation set.
    """
    host = get("numpy", dtype="float64").xp
    if splits[0] is None:
        return [(host.arange(data.n), None)] * len(splits)
    pairs = []
    for i, pair in enumerate(splits):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            told = f"a {type(pair).__name__} in place {i}"
            raise TypeError(f"splits must hold pairs (training rows, validation rows), got {told}")
        rows = _check_rows(f"splits[{i}][0]", pair[0], data.n)
        pairs.append((rows, None if pair[1] is None else _check_rows(f"splits[{i}][1]", pair[1], data.n)))
        if model.classifies:
            labels = namespace(data.y).take(data.y, namespace(data.y).asarray(rows, device=data.y.device), axis=0)
            check_classes(f"splits[{i}][0]: y", labels)
    watching = sum(watched is not None for _, watched in pairs)
    if validated and watching:
        raise ValueError("validation must be left out if splits hold validation rows, got both")
    if watching not in (0, len(pairs)):
        raise ValueError(
            f"splits must hold validation rows for all networks or for none, got {watching} of {len(pairs)}"
        )
    return pairs


def _check_rows(name: str, rows: Any, n: int) -> Any:
    try:
        host = get("numpy", dtype="float64").xp.asarray(to_numpy(rows) if library_of(rows) else rows)
    except ValueError as error:
        raise ValueError(f"{name} must hold row numbers, shape (rows,), got lists of unequal length") from error
    if host.ndim != 1 or not host.shape[0]:
        raise ValueError(f"{name} must hold row numbers, shape (rows,), at least one, got shape {host.shape}")
    if host.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers of rows, got dtype {host.dtype}")
    wrong = (host < 0) | (host >= n)
    if wrong.any():
        raise ValueError(f"{name} must hold row numbers from 0 to {n - 1}, got {host[int(wrong.argmax())]}")
    return host.astype("int64")


def check_different(members: list[Member]) -> None:
    """Refuse two networks that would be the same."""
    seen: dict[Any, int] = {}
    known: dict[int, bytes] = {}  # by the id of the rows

    def digest(rows: Any) -> bytes:
        if id(rows) not in known:
            known[id(rows)] = _digest(rows)
        return known[id(rows)]

    for member in members:
        settings = member.settings
        own = (settings.seed, settings.l1, settings.l2, getattr(member.model, "dropout", None))
        values = (_mark(value) for value in (*own, *settings.optimizer.settings.values()))
        key = (*values, digest(member.reads), digest(member.watched))
        twin = seen.setdefault(key, member.number)
        if twin != member.number:
            told = f"{settings.seed} for networks {twin} and {member.number}"
            raise ValueError(f"seeds must differ where nothing else does, got {told}")


def _mark(value: Any) -> Any:
    """Return what stands for a setting in a key: itself, or its id if it has no hash (a user's own schedule)."""
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value


def _digest(rows: Any) -> bytes:
    """Return a few bytes that stand for row numbers, so that those of many networks need no memory."""
    return b"" if rows is None else blake2b(rows.tobytes()).digest()


def check_start(parameters: Any, members: list[Member], backend: Backend) -> list[Any]:
    """Return the initial parameters of each network, given as those of a stack, or its seed's."""
    starts = [member.model.initialize(backend, member.settings.seed) for member in members]
    if parameters is None:
        return starts
    k = len(members)
    for w, like in zip(leaves(parameters), leaves(starts[0]), strict=False):
        if tuple(getattr(w, "shape", ())) != (k, *like.shape):
            told = f"shape {tuple(w.shape)}" if hasattr(w, "shape") else f"a {type(w).__name__}"
            told += "; pass its .parameters" if hasattr(w, "parameters") else ""
            raise ValueError(f"parameters must hold arrays of shape {(k, *like.shape)}, a stack, got {told}")
    own = [map_arrays(lambda w, i=i: w[i, ...], parameters) for i in range(k)]
    return [
        check_parameters(each, start, member.model, backend)
        for each, start, member in zip(own, starts, members, strict=True)
    ]
