"""How many networks to train in one stack: as many as the processor's cache and the memory hold."""

from math import prod
from typing import Any

from xpnet.backend import Backend
from xpnet.training.runs.stacks.members import Member
from xpnet.trees import leaves

CACHE = 2**24  # bytes: half of the last cache of most processors of 2026; measured, docs/log.md
DEVICE = 2**28  # bytes: a GPU has no cache that a stack must fit in, only memory
MEMORY = 2**28  # bytes: for what each network holds of each training row, until the end of an epoch
BY_ROW = 2 * 8 + 6 * 8  # bytes: its place in the order and in a mini-batch, its measures and two copies of them
WORKING = 3  # times the parameters: themselves, their gradients, and what an update needs beside the slots


def stack_size(members: list[Member], parameters: Any, n_in: int, backend: Backend) -> int:
    """Return how many networks fit in the cache: parameters, gradients, the optimizer's slots and a mini-batch.

    A larger stack reads its parameters from memory in every step, and loses what it gains.  Many small networks with
    many rows are limited by memory.

    Parameters
    ----------
    members : list of Member
    parameters : tree of arrays
        Of one network.
    n_in : int
        Inputs of an example.
    backend : Backend
    """
    member, settings = members[0], members[0].settings
    numbers = sum(prod(w.shape) for w in leaves(parameters)) * (WORKING + settings.optimizer.n_slots)
    numbers += settings.batch_size * (member.model.footprint + 2 * n_in)
    on_device = backend.name == "cupy" or getattr(backend.device, "type", "cpu") == "cuda"
    fit = (DEVICE if on_device else CACHE) // (numbers * (8 if backend.dtype_name == "float64" else 4))
    return max(1, min(fit, MEMORY // (BY_ROW * max(each.n for each in members))))
