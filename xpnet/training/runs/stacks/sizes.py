"""How many networks to train in one stack: as many as the processor's cache holds."""

from math import prod
from typing import Any

from xpnet.backend import Backend
from xpnet.training.runs.stacks.members import Member
from xpnet.trees import leaves

CACHE = 2**24  # bytes: half of the last cache of most processors of 2026; measured, docs/log.md
DEVICE = 2**28  # bytes: a GPU has no cache that a stack must fit in, only memory
WORKING = 3  # times the parameters: themselves, their gradients, and what an update needs beside the slots


def stack_size(member: Member, parameters: Any, n_in: int, backend: Backend) -> int:
    """Return how many networks fit in the cache: parameters, gradients, the optimizer's slots and a mini-batch.

    A larger stack reads its parameters from memory in every step, and loses what it gains.

    Parameters
    ----------
    member : Member
    parameters : tree of arrays
        Of one network.
    n_in : int
        Inputs of an example.
    backend : Backend
    """
    settings = member.settings
    numbers = sum(prod(w.shape) for w in leaves(parameters)) * (WORKING + settings.optimizer.n_slots)
    numbers += settings.batch_size * (member.model.footprint + 2 * n_in)
    on_device = backend.name == "cupy" or getattr(backend.device, "type", "cpu") == "cuda"
    return max(1, (DEVICE if on_device else CACHE) // (numbers * (8 if backend.dtype_name == "float64" else 4)))
