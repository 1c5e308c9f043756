"""A recorded step consists of values and of the calls that compute them."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Namespace


class Layout(NamedTuple):
    """Shape, dtype and strides of an array; the strides are in bytes, as in NumPy."""

    shape: tuple[int, ...]
    dtype: Any
    strides: tuple[int, ...]

    @staticmethod
    def of(x: Any) -> "Layout":
        """Return the layout of an array; an array of another library than NumPy counts as C-contiguous."""
        if isinstance(x, np.ndarray):
            return Layout(x.shape, x.dtype, x.strides)
        dtype = np.dtype(str(x.dtype).rpartition(".")[2])
        return Layout.of(np.broadcast_to(np.zeros((), dtype), tuple(x.shape))).contiguous()

    def contiguous(self) -> "Layout":
        """Return the C-contiguous layout of the same shape and dtype."""
        steps = [prod(self.shape[i + 1 :]) * self.dtype.itemsize for i in range(self.ndim)]
        return self._replace(strides=tuple(steps))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def is_contiguous(self) -> bool:
        """Whether it is C-contiguous."""
        return all(
            n == 1 or a == b for n, a, b in zip(self.shape, self.strides, self.contiguous().strides, strict=True)
        )

    def zeros(self) -> Any:
        """Return a new array of zeros with this layout."""
        reach = [(n - 1) * step for n, step in zip(self.shape, self.strides, strict=True)]
        low, high = sum(min(0, r) for r in reach), sum(max(0, r) for r in reach)
        block = np.zeros(high - low + self.dtype.itemsize, dtype=np.uint8)
        return np.ndarray(self.shape, self.dtype, block, -low, self.strides)


@dataclass(eq=False, slots=True)
class Value:
    """One value of the step: an array that is given or computed."""

    layout: Layout
    call: "Call | None" = None  # computes it; None: it is an input or a leaf of the carry
    base: "Value | None" = None  # the value that it is a view of

    @property
    def root(self) -> "Value":
        """The value that owns the memory: this one, or the one that it is a view of."""
        return self if self.base is None else self.base.root


@dataclass(eq=False, slots=True)
class Call:
    """One operation: the name of a function and its arguments, in which values stand for arrays."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outs: tuple[Value, ...]
    several: bool = False  # whether the function returns a tuple, even of one array

    @property
    def needs(self) -> list[Value]:
        """The values among the arguments."""
        return list(values_in(self.args)) + list(values_in(tuple(self.kwargs.values())))


METHODS: dict[str, Callable[..., Any]] = {
    "getitem": operator.getitem,
    "mT": operator.attrgetter("mT"),
    "T": operator.attrgetter("T"),
    "power": operator.pow,
}


def function(name: str, xp: Namespace) -> Callable[..., Any]:
    """Return the function of the namespace `xp` for a recorded name."""
    return METHODS[name] if name in METHODS else operator.attrgetter(name)(xp)


def run_call(call: Call, of: Callable[[Any], Any], xp: Namespace) -> dict[int, Any]:
    """Run a call and return its arrays by the id of their values; `of` turns each argument into an array."""
    returned = function(call.name, xp)(*map_nested(of, call.args), **map_nested(of, call.kwargs))
    return {id(value): x for value, x in zip(call.outs, returned if call.several else (returned,), strict=True)}


def map_nested(f: Callable[[Any], Any], x: Any) -> Any:
    """Return `x` with `f` applied to each item inside tuples, lists, dictionaries and slices."""
    if isinstance(x, tuple | list):
        return type(x)(map_nested(f, each) for each in x)
    if isinstance(x, dict):
        return {k: map_nested(f, v) for k, v in x.items()}
    if isinstance(x, slice):
        return slice(*(map_nested(f, each) for each in (x.start, x.stop, x.step)))
    return f(x)


def values_in(x: Any) -> Iterator[Value]:
    """Yield the values inside tuples, lists and slices."""
    if isinstance(x, Value):
        yield x
    elif isinstance(x, tuple | list):
        for each in x:
            yield from values_in(each)
    elif isinstance(x, slice):
        yield from values_in((x.start, x.stop, x.step))
