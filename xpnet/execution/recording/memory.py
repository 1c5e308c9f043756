"""Memory for a recorded step: a block is used again once the value in it is dead."""

from math import prod
from typing import Any

import numpy as np

from xpnet.execution.recording.calls import Layout

ALIGNMENT = 64  # bytes: the size of a cache line and of the widest vector registers
LARGEST_RATIO = 4  # a free block may be at most so many times larger than the array that is put there


class Pool:
    """Blocks of bytes.  All programs of one step share a pool, because only one of them runs at a time."""

    def __init__(self) -> None:
        self._free: list[Any] = []

    def take(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return an uninitialized, C-contiguous array in a free block or a new one."""
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
        """Return an array with this shape and dtype, and with its axes in the same order in memory."""
        return shaped(self.take((layout.size,), layout.dtype), layout)

    def give_back(self, x: Any) -> None:
        """Free the block of an array that `take` or `like` returned."""
        self._free.append(x.base)


def shaped(flat: Any, layout: Layout) -> Any:
    """Return a view of a flat array with this shape, and with its axes in the same order in memory."""
    axes = sorted(range(layout.ndim), key=lambda i: -layout.strides[i])
    array = flat.reshape(tuple(layout.shape[i] for i in axes))
    return array.transpose([axes.index(i) for i in range(layout.ndim)]) if axes else array
