"""Memory for a recorded step: blocks that are used again as soon as what they held is needed no more."""

from math import prod
from typing import Any

import numpy as np

from xpnet.execution.recording.calls import Layout

ALIGNMENT = 64  # bytes: a cache line, and the widest vector registers
LARGEST_RATIO = 4  # a free block may be so many times larger than what it is taken for


class Pool:
    """Blocks of bytes.  The programs of one step share a pool, since only one of them runs at a time."""

    def __init__(self) -> None:
        self._free: list[Any] = []

    def take(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return an array, C-contiguous, in a free block or a new one; its values are whatever was there."""
        n = max(1, prod(shape) * np.dtype(dtype).itemsize)
        fitting = [
            i for i, block in enumerate(self._free) if n + ALIGNMENT <= block.size <= LARGEST_RATIO * n + ALIGNMENT
        ]
        if fitting:
            block = self._free.pop(min(fitting, key=lambda i: int(self._free[i].size)))
        else:
            block = np.empty(n + ALIGNMENT, dtype=np.uint8)
        start = -block.ctypes.data % ALIGNMENT
        return block[start : start + prod(shape) * np.dtype(dtype).itemsize].view(dtype).reshape(shape)

    def like(self, layout: Layout) -> Any:
        """Return an array of this form, its axes in the same order in memory."""
        return shaped(self.take((layout.size,), layout.dtype), layout)

    def give_back(self, x: Any) -> None:
        """Take back the block under an array that `take` or `like` returned."""
        self._free.append(x.base)


def shaped(flat: Any, layout: Layout) -> Any:
    """Return a flat array in this form, its axes in the same order in memory."""
    axes = sorted(range(layout.ndim), key=lambda i: -layout.strides[i])
    array = flat.reshape(tuple(layout.shape[i] for i in axes))
    return array.transpose([axes.index(i) for i in range(layout.ndim)]) if axes else array
