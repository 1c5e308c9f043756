"""Cutting flat operations where members of a vector go through different operations.

Weights go through a penalty before weights and biases are moved together.  Moved apart from the biases, all operations
on the weights have one shape, so that they can be one loop, which keeps the gradients in registers.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from xpnet.execution.recording.calls import Call
from xpnet.execution.recording.flat import FlatCall, FlatRecording, VectorPart


def split(flattened: FlatRecording) -> FlatRecording:
    """Return the recording with each operation on all members cut where an operation on some of them begins or ends."""
    flat = [item for item in flattened.items if isinstance(item, FlatCall)]
    n = max((len(item.out.vector.members) for item in flat), default=0)
    edges = sorted({edge for item in flat if len(item.out.vector.members) == n for edge in _span(item)})
    return replace(flattened, items=[piece for item in flattened.items for piece in _pieces(item, n, edges)])


def _pieces(item: Call | FlatCall, n: int, edges: list[int]) -> list[Call | FlatCall]:
    if not isinstance(item, FlatCall) or len(item.out.vector.members) < n:
        return [item]
    first, last = _span(item)
    cuts = [first, *(edge for edge in edges if first < edge < last), last]
    return [_piece(item, start - first, stop - first) for start, stop in pairwise(cuts)]


def _piece(item: FlatCall, start: int, stop: int) -> FlatCall:
    def part(x: Any) -> Any:
        return VectorPart(x.vector, x.first + start, x.first + stop) if isinstance(x, VectorPart) else x

    return FlatCall(item.name, tuple(map(part, item.args)), part(item.out), item.outs[start:stop])


def _span(item: FlatCall) -> tuple[int, int]:
    """Return the index of the first member that an operation computes, and that of the one after the last."""
    return item.out.first, item.out.first + len(item.outs)
