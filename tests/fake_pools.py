"""Memory pools that act as CuPy's: freed blocks stay for later, until memory runs out and they are all given back."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import fake_cupy


class Driver:
    """The memory of a device: `live` holds the numbers of the blocks that are not given back."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.live, self.count = capacity, dict[int, int](), 0

    def malloc(self, size: int) -> "Block":
        """Return a new block, or fail as CUDA does."""
        if sum(self.live.values()) + size > self.capacity:
            raise fake_cupy.CUDARuntimeError("cudaErrorMemoryAllocation: out of memory")
        self.count += 1
        self.live[self.count] = size
        return Block(size, self.live.pop, self.count)


class Block:
    """Memory that goes back to where it came from with its last reference."""

    def __init__(self, size: int, give_back: Callable[..., Any], what: Any) -> None:
        self.size, self._give_back, self._what = size, give_back, what

    def __del__(self) -> None:
        self._give_back(self._what)


class Pool:
    """As `cupy.cuda.MemoryPool`: only CUDA's own error makes it give back its free blocks and try once more."""

    def __init__(self, allocator: Callable[[int], Any]) -> None:
        self._allocator, self._free, self._used, self.limit = allocator, list[Any](), 0, 0

    def malloc(self, size: int) -> Block:
        """Return a free block of this size, or a new one."""
        fitting = next((block for block in self._free if block.size == size), None)
        if fitting is None:
            fitting = self._new(size)
        else:
            self._free.remove(fitting)
        self._used += size
        return Block(size, self._put_back, fitting)

    def _new(self, size: int) -> Any:
        if self.limit and self.used_bytes() + sum(block.size for block in self._free) + size > self.limit:
            raise fake_cupy.OutOfMemoryError(size)
        for last in (False, True):
            try:
                return self._allocator(size)
            except fake_cupy.CUDARuntimeError:
                self.free_all_blocks()
                if last:
                    raise fake_cupy.OutOfMemoryError(size) from None
        raise AssertionError

    def _put_back(self, block: Any) -> None:
        self._used -= block.size
        self._free.append(block)

    def free_all_blocks(self) -> None:
        """Give back the blocks that no array uses."""
        self._free.clear()

    def used_bytes(self) -> int:
        """Return the number of bytes that arrays use."""
        return self._used


def install(cupy: Any, capacity: int) -> Driver:
    """Give a stand-in for CuPy pools on a device of this capacity, and return the device's memory."""
    driver = Driver(capacity)
    default = Pool(driver.malloc)
    allocators = [default.malloc]

    @contextlib.contextmanager
    def using(malloc: Any) -> Iterator[None]:
        allocators.append(malloc)
        try:
            yield
        finally:
            allocators.pop()

    cupy.cuda.MemoryPool = lambda allocator=driver.malloc: Pool(allocator)
    cupy.cuda.using_allocator, cupy.cuda.alloc = using, lambda size: allocators[-1](size)
    cupy.get_default_memory_pool = lambda: default
    return driver
