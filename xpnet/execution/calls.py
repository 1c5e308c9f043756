"""What a recorded step consists of: slots for its values, and calls that compute them."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Namespace


@dataclass(eq=False, slots=True)
class Slot:
    """A place for one value of the step."""

    zeros: Any  # what is known of it: a NumPy array of its shape, dtype and strides, whose memory is never touched
    call: "Call | None" = None  # what computes it; None: it comes from outside
    base: "Slot | None" = None  # the slot that it is a view of

    @property
    def root(self) -> "Slot":
        """The slot whose memory this is."""
        return self if self.base is None else self.base.root


@dataclass(eq=False, slots=True)
class Call:
    """One operation: a function's name and its arguments, in which slots stand for arrays."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outs: tuple[Slot, ...]

    @property
    def slots(self) -> list[Slot]:
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


def mapped(f: Callable[[Any], Any], x: Any) -> Any:
    """Return `x` with `f` applied to what is inside its tuples, lists, dictionaries and slices."""
    if isinstance(x, tuple | list):
        return type(x)(mapped(f, each) for each in x)
    if isinstance(x, dict):
        return {k: mapped(f, v) for k, v in x.items()}
    if isinstance(x, slice):
        return slice(*(mapped(f, each) for each in (x.start, x.stop, x.step)))
    return f(x)


def found(x: Any) -> Iterator[Slot]:
    """Yield the slots inside tuples, lists and slices."""
    if isinstance(x, Slot):
        yield x
    elif isinstance(x, tuple | list):
        for each in x:
            yield from found(each)
    elif isinstance(x, slice):
        yield from found((x.start, x.stop, x.step))
