"""The mini-batches of a stack: each network has its own rows, order, targets, masks and weights.

They are those that `xpnet.training.batches` gives to each network alone, side by side.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from xpnet.backend import Array, Backend, get
from xpnet.training.batches.batches import IMAGE_KEY, STRETCH, Data, Inputs, gather, hash_keys
from xpnet.training.batches.expansion import draw
from xpnet.training.runs.stacks.members import Member
from xpnet.training.runs.stacks.phases import Phase, phases


class Epoch:
    """One epoch of a stack: the order of each network's rows, and the keys of its random numbers."""

    def __init__(self, members: list[Member], data: Data, epoch: int, backend: Backend) -> None:
        self.members, self.data, self.backend = members, data, backend
        self.host = get("numpy", dtype="float64").xp
        self.orders = [backend.rng((member.settings.seed, epoch)).permutation(member.n) for member in members]
        self.keys = [cache(partial(hash_keys, backend, member.settings.seed, epoch)) for member in members]

    def stretches(self) -> Iterator[tuple[Phase, Inputs]]:
        """Yield the inputs of the steps, a stretch at a time, and the networks that take these steps."""
        settings, model = self.members[0].settings, self.members[0].model
        footprint = model.footprint + (settings.expand.n_draws if settings.expand else 0)
        for phase in phases([member.n for member in self.members], settings.batch_size):
            most = max(1, STRETCH // (8 * footprint * phase.m * (phase.last - phase.first)))
            for done in range(0, phase.steps, most):
                part = phase._replace(start=phase.start + done * phase.m, steps=min(most, phase.steps - done))
                yield part, self._inputs(part)

    def _inputs(self, phase: Phase) -> Inputs:
        backend, model = self.backend, self.members[0].model
        orders = [order[phase.start : phase.start + phase.steps * phase.m] for order in self.orders]
        chosen = range(phase.first, phase.last)
        rows = self._placed(phase, [self.members[i].reads[orders[i]] for i in chosen])
        return Inputs(
            rows=rows,
            y=model.targets(gather(self.data.y, rows), backend.dtype),
            masks=self._masks(phase),
            weights=self._weights(phase, orders),
            draws=self._draws(phase),
        )

    def _placed(self, phase: Phase, columns: list[Any]) -> Array:
        """Return what each network has for each row, (steps * m,), as an array (steps, k, m) on the device."""
        xp = self.host
        table = xp.reshape(xp.stack(columns), (len(columns), phase.steps, phase.m))
        return self.backend.asarray(xp.asarray(xp.moveaxis(table, 0, 1), copy=True))

    def _weights(self, phase: Phase, orders: list[Any]) -> Array | None:
        chosen = self.members[phase.first : phase.last]
        if all(member.weights is None for member in chosen):
            return None
        ones = self.host.ones(phase.steps * phase.m)
        columns = [
            ones if member.weights is None else member.weights[order]
            for member, order in zip(chosen, orders[phase.first : phase.last], strict=True)
        ]
        return self._placed(phase, columns)

    def _masks(self, phase: Phase) -> tuple[Array | None, ...]:
        """Return the masks of each layer, (steps, k, m, n_in), or None; a network without dropout has ones."""
        xp, dtype, places = self.backend.xp, self.backend.dtype, self._places(phase)
        each = [self.members[i].model.masks(places, self.keys[i], dtype) for i in range(phase.first, phase.last)]
        layers = max(map(len, each))
        together = []
        for masks in zip(*(found or (None,) * layers for found in each), strict=True):
            shown = next((mask for mask in masks if mask is not None), None)
            filled = [xp.ones_like(shown) if mask is None else mask for mask in masks] if shown is not None else None
            together.append(None if filled is None else xp.stack(filled, axis=1))
        return tuple(together)

    def _draws(self, phase: Phase) -> Array | None:
        expand = self.members[0].settings.expand
        if expand is None:
            return None
        places, dtype = self._places(phase), self.backend.dtype
        drawn = [draw(places, expand.n_draws, key(IMAGE_KEY), dtype) for key in self.keys[phase.first : phase.last]]
        return self.backend.xp.stack(drawn, axis=1)

    def _places(self, phase: Phase) -> Array:
        """Return the place in the epoch of each row, (steps, m)."""
        xp, device = self.backend.xp, self.backend.device
        places = xp.arange(phase.start, phase.start + phase.steps * phase.m, dtype=xp.int32, device=device)
        return xp.reshape(places, (phase.steps, phase.m))
