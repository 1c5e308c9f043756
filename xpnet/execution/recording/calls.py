"""What a recorded step consists of: slots for its values, and calls that compute them."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Namespace


class Layout(NamedTuple):
    """What is known of a value before there is one; strides are NumPy's, in bytes."""

    shape: tuple[int, ...]
    dtype: Any
    strides: tuple[int, ...]

    @staticmethod
    def of(x: Any) -> "Layout":
        """Return the form of an array of NumPy's, or of another library's as NumPy would have it."""
        if isinstance(x, np.ndarray):
            return Layout(x.shape, x.dtype, x.strides)
        dtype = np.dtype(str(x.dtype).rpartition(".")[2])
        return Layout.of(np.broadcast_to(np.zeros((), dtype), tuple(x.shape))).contiguous()

    def contiguous(self) -> "Layout":
        """Return this form with its numbers one behind the other."""
        steps = [prod(self.shape[i + 1 :]) * self.dtype.itemsize for i in range(self.ndim)]
        return self._replace(strides=tuple(steps))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of numbers."""
        return prod(self.shape)

    @property
    def is_contiguous(self) -> bool:
        """Whether its numbers lie one behind the other, the last axis fastest."""
        return all(
            n == 1 or a == b for n, a, b in zip(self.shape, self.strides, self.contiguous().strides, strict=True)
        )

    def zeros(self) -> Any:
        """Return zeros of this form, in memory of their own."""
        reach = [(n - 1) * step for n, step in zip(self.shape, self.strides, strict=True)]
        low, high = sum(min(0, r) for r in reach), sum(max(0, r) for r in reach)
        block = np.zeros(high - low + self.dtype.itemsize, dtype=np.uint8)
        return np.ndarray(self.shape, self.dtype, block, -low, self.strides)


@dataclass(eq=False, slots=True)
class Value:
    """A place for one value of the step."""

    layout: Layout
    call: "Call | None" = None  # what computes it; None: it comes from outside
    base: "Value | None" = None  # the slot that it is a view of

    @property
    def root(self) -> "Value":
        """The slot whose memory this is."""
        return self if self.base is None else self.base.root


@dataclass(eq=False, slots=True)
class Call:
    """One operation: a function's name and its arguments, in which slots stand for arrays."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outs: tuple[Value, ...]
    several: bool = False  # whether the function gives a tuple, were it of one

    @property
    def needs(self) -> list[Value]:
        """The slots among the arguments."""
        return list(found(self.args)) + list(found(tuple(self.kwargs.values())))


METHODS: dict[str, Callable[..., Any]] = {
    "getitem": operator.getitem,
    "mT": operator.attrgetter("mT"),
    "T": operator.attrgetter("T"),
    "power": operator.pow,
}


def function(name: str, xp: Namespace) -> Callable[..., Any]:
    """Return the function that a recorded name means in the namespace `xp`."""
    return METHODS[name] if name in METHODS else operator.attrgetter(name)(xp)


def results(call: Call, of: Callable[[Any], Any], xp: Namespace) -> dict[int, Any]:
    """Return what a call gives, by the identity of its slots; `of` makes arrays of what is inside its arguments."""
    made = function(call.name, xp)(*map_nested(of, call.args), **map_nested(of, call.kwargs))
    return {id(value): x for value, x in zip(call.outs, made if call.several else (made,), strict=True)}


def map_nested(f: Callable[[Any], Any], x: Any) -> Any:
    """Return `x` with `f` applied to what is inside its tuples, lists, dictionaries and slices."""
    if isinstance(x, tuple | list):
        return type(x)(map_nested(f, each) for each in x)
    if isinstance(x, dict):
        return {k: map_nested(f, v) for k, v in x.items()}
    if isinstance(x, slice):
        return slice(*(map_nested(f, each) for each in (x.start, x.stop, x.step)))
    return f(x)


def found(x: Any) -> Iterator[Value]:
    """Yield the slots inside tuples, lists and slices."""
    if isinstance(x, Value):
        yield x
    elif isinstance(x, tuple | list):
        for each in x:
            yield from found(each)
    elif isinstance(x, slice):
        yield from found((x.start, x.stop, x.step))
