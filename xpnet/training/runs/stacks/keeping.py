"""Checkpoints of a stack: how far each network has come after an epoch, and what watches them."""

from collections.abc import Iterable
from time import monotonic
from typing import Any

from xpnet.backend import Backend, to_numpy
from xpnet.training.batches.batches import Data
from xpnet.training.loop import Outcome
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.resuming.checkpoint import Checkpoint
from xpnet.training.resuming.identity import LATER, digest_of, fingerprint, surroundings, told
from xpnet.training.resuming.keeper import Keeper
from xpnet.training.resuming.state import history_of, in_json, named, tree_of
from xpnet.training.runs.stacks.members import Member
from xpnet.trees import copied, leaves


def stack_keeper(
    checkpoint: Checkpoint,
    members: list[Member],
    starts: Any,
    data: Data,
    validation: Data | None,
    backend: Backend,
    threads: int | None,
) -> Keeper:
    """Return the keeper of a stack: of these members, with these first parameters (k, ...), on these data."""
    known = {
        "networks": told([member.model for member in members]),
        "data": fingerprint(data),
        "validation": "none" if validation is None else fingerprint(validation),
        "rows": digest_of(
            x for member in members for x in (member.reads, member.weights, member.watched) if x is not None
        ),
        "first parameters": digest_of(to_numpy(x) for x in leaves(starts)),
    }
    for name in members[0].settings._fields:
        if name not in LATER:
            known[name] = told([getattr(member.settings, name) for member in members])
    return Keeper(checkpoint, known, surroundings(backend, Parallel(), threads), monotonic, Parallel())


def to_arrays(
    epoch: int, numbers: list[int], carry: Any, states: dict[int, Any], outcomes: dict[int, Outcome], watch: Any
) -> Any:
    """Return the state of a stack after an epoch as named host arrays and a note of plain JSON.

    Parameters
    ----------
    epoch : int
    numbers : list of int
        The networks that are in the stack, in its order.
    carry : tree of arrays (k, ...)
    states, outcomes : dict
        Of all networks, by their numbers.
    watch : callable or None
        Its methods ``state`` and ``restore``, if it has them, keep what it has seen.
    """
    arrays, networks = named("carry", copied(carry)), []  # an executor reuses the memory of its carry
    for number, state in states.items():
        outcome = outcomes[number]
        arrays |= named(f"best.{number}", state.best) | named(f"last.{number}", outcome.parameters)
        networks.append(
            {
                **{name: getattr(state, name) for name in ("t", "factor", "stopped")},
                "number": number,
                "history": in_json(state.history),
                "stopped_by": outcome.stopped_by,
                "way": outcome.execution,
            }
        )
    seen = watch.state() if hasattr(watch, "state") else ({}, {})
    arrays |= {f"watch.{name}": x for name, x in seen[0].items()}
    return arrays, {"epoch": epoch, "numbers": numbers, "networks": networks, "watch": seen[1]}


def restore(
    arrays: dict[str, Any], note: dict[str, Any], like: Any, states: dict[int, Any], watch: Any, backend: Backend
) -> dict[int, Outcome]:
    """Set the states of the networks and what watches them, and return their outcomes.

    `like` are the parameters of one network.
    """
    outcomes = {}
    for each in note["networks"]:
        number, state = each["number"], states[each["number"]]
        state.best, state.history = tree_of(arrays, f"best.{number}", like, backend), history_of(each["history"])
        state.t, state.factor, state.stopped = each["t"], each["factor"], each["stopped"]
        last = tree_of(arrays, f"last.{number}", like, backend)
        outcomes[number] = Outcome(last, state.best, state.history, each["stopped_by"], each["way"])
    if hasattr(watch, "restore"):
        watch.restore({name.removeprefix("watch."): x for name, x in _of_watch(arrays)}, note["watch"], like)
    return outcomes


def _of_watch(arrays: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return ((name, x) for name, x in arrays.items() if name.startswith("watch."))
