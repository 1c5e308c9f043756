"""The settings of a stack: one number where all networks agree, an array of shape (k,) where they differ."""

from dataclasses import replace
from typing import Any

from xpnet.backend import Array, Backend, get
from xpnet.training.optimizing.optimizer import Optimizer, tabulate
from xpnet.training.runs.stacks.members import Member
from xpnet.training.steps.settings import Settings

OWN = "xpnet.training.optimizing.optimizers"  # its step numbers may be computed for an array of learning rates


def merged(members: list[Member], backend: Backend) -> Settings:
    """Return the settings with which all networks take a step together, for a training set of size 1.

    The penalties of each network are divided by the size of its own training set, on the host in double precision, as
    one network alone does it.
    """
    first = members[0].settings
    names = first.optimizer.settings
    constants = {
        name: first.optimizer.settings[name]
        if name == "eta"  # a step number
        else _together([member.settings.optimizer.settings[name] for member in members], backend)
        for name in names
    }
    return first._replace(
        optimizer=replace(first.optimizer, settings=constants),
        l1=_together([member.settings.l1 / member.total for member in members], backend),
        l2=_together([member.settings.l2 / member.total for member in members], backend),
    )


def tabulate_stack(optimizers: list[Optimizer], ts: list[int], steps: int, backend: Backend) -> tuple[Array, ...]:
    """Return the numbers of the `steps` steps after `ts`: each (steps,) if all networks agree, else (steps, k).

    Networks that differ in their learning rates only are computed together, if a user's own function has no part in it.
    """
    if all(optimizer == optimizers[0] for optimizer in optimizers) and len(set(ts)) == 1:
        return tabulate(optimizers[0], ts[0], steps, backend)
    host = get("numpy", dtype="float64")
    names = list(optimizers[0].numbers(0))
    table = host.full((len(names), steps, len(optimizers)))
    for members in _alike(optimizers, ts):
        chosen, t = [optimizers[i] for i in members], ts[members[0]]
        for step in range(steps):
            etas = [optimizer.eta(t + step) for optimizer in chosen]
            eta = etas[0] if len(chosen) == 1 else host.asarray(etas)
            numbers = replace(chosen[0], settings={**chosen[0].settings, "eta": eta}).numbers(t + step)
            for row, name in enumerate(names):
                table[row, step, members] = numbers[name]
    return tuple(backend.asarray(column) for column in table)


def _alike(optimizers: list[Optimizer], ts: list[int]) -> list[list[int]]:
    """Return the indices of the networks in groups that differ in their learning rates only.

    Step numbers of a user's own are functions of single numbers, as `train` calls them: each network is a group.
    """
    made = optimizers[0].step_numbers
    if made is not None and getattr(made, "__module__", "") != OWN:
        return [[i] for i in range(len(optimizers))]
    groups: dict[Any, list[int]] = {}
    for i, (optimizer, t) in enumerate(zip(optimizers, ts, strict=True)):
        key = (t, *((name, h) for name, h in optimizer.settings.items() if name != "eta"))
        groups.setdefault(key, []).append(i)
    return list(groups.values())


def _together(values: list[Any], backend: Backend) -> Any:
    """Return one number if all are equal, else an array of shape (k,)."""
    return values[0] if len(set(values)) == 1 else backend.asarray(values)
