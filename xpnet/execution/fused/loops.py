"""Loops: a fused operation as a Python function that Numba compiles, for a CPU.

The text holds no sizes, so that equal operations on arrays of other sizes share a compiled loop.  Neighboring axes
become one where every array allows it; an array has only the axes along which it is not broadcast.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from xpnet.execution.fused.fusion import Fused, Operation
from xpnet.execution.fused.operations import expression
from xpnet.execution.fused.python_operations import Python, type_of
from xpnet.execution.recording.calls import Layout


class View(NamedTuple):
    """How a loop sees one of its arrays: its shape and strides (in bytes) there."""

    array: int  # number of the array: first the inputs, then the outputs
    dtype: Any
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def kind(self) -> tuple[str, int, str]:
        """The array's type for the compiler: dtype, number of axes, and "C" if contiguous, else "A"."""
        layout = Layout(self.shape, self.dtype, self.strides)
        return type_of(self.dtype), len(self.shape), "C" if layout.is_contiguous else "A"


class FusedLoop(NamedTuple):
    """The text of a loop, what it is called with, and the length of its outer axis."""

    text: str
    views: tuple[View, ...]
    length: int

    @property
    def kinds(self) -> tuple[tuple[str, int, str], ...]:
        """The types of the arrays."""
        return tuple(view.kind for view in self.views)


def loop_of(fused: Fused, layouts: Sequence[Layout], same: Sequence[int]) -> FusedLoop:
    """Return the loop ``loop(arrays..., start, stop)`` over part of the outer axis.

    Parameters
    ----------
    fused : Fused
        Its inputs are all broadcast to its shape.
    layouts : sequence of Layout
        Of the inputs, then of the outputs.
    same : sequence of int
        For each of them, the number of the first one that is the same array: it is passed once.

    Raises
    ------
    UnsupportedOperationError
        If a compiled loop cannot compute an operation.
    """
    axes = _axes(fused.shape, layouts)
    n = len(fused.inputs)
    views = {i: _view(i, layouts[i], axes) for i in dict.fromkeys(same)}
    names = [f"a{i}" for i in same]
    depths = [[k for k, (_, steps) in enumerate(axes) if steps[i]] for i in range(len(layouts))]
    lines: list[list[str]] = [[] for _ in range(len(axes) + 1)]  # the lines at each depth of the nest
    for i in range(n):
        depth = max(depths[i], default=-1) + 1
        lines[depth].append(f"v{i} = {names[i]}[{_index(depths[i])}]")
    dtypes = [layout.dtype for layout in layouts[:n]] + [operation.layout.dtype for operation in fused.operations]
    for i, operation in enumerate(fused.operations, n):
        lines[-1].append(f"v{i} = {_assigned(operation, dtypes)}")
    for k, (local, _) in enumerate(fused.outputs, n):
        lines[-1].append(f"{names[k]}[{_index(depths[k])}] = v{local}")
    parameters = ", ".join([*(f"a{i}" for i in views), "start", "stop"])
    nest = _nest(lines, names[-1])
    return FusedLoop("\n".join([f"def loop({parameters}):", *nest, ""]), tuple(views.values()), axes[0][0])


def _assigned(operation: Operation, dtypes: list[Any]) -> str:
    """Return the expression of an operation in the dtype of its result."""
    text, dtype = expression(operation, dtypes, Python()), operation.layout.dtype
    if operation.name == "astype":
        return text if dtypes[operation.args[0]] == dtype else Python.cast(text, dtype)
    return text if dtype.kind == "b" else Python.cast(text, dtype)


def _nest(lines: list[list[str]], output: str) -> list[str]:
    nest = [f"    {line}" for line in lines[0]]
    for depth, inner in enumerate(lines[1:]):
        over = "start, stop" if depth == 0 else f"index(0), index({output}.shape[{depth}])"
        nest.append(f"{'    ' * (depth + 1)}for i{depth} in range({over}):")
        nest += [f"{'    ' * (depth + 2)}{line}" for line in inner]
    return nest


def _index(axes: list[int]) -> str:
    return ", ".join(f"i{k}" for k in axes) or "0"


def _view(i: int, layout: Layout, axes: list[tuple[int, tuple[int, ...]]]) -> View:
    kept = [(n, steps[i]) for n, steps in axes if steps[i]] or [(1, int(layout.dtype.itemsize))]
    return View(i, layout.dtype, tuple(n for n, _ in kept), tuple(step for _, step in kept))


def _axes(shape: tuple[int, ...], layouts: Sequence[Layout]) -> list[tuple[int, tuple[int, ...]]]:
    """Return the axes of the nest, the outer one first: lengths, and the stride of each array (0: broadcast)."""
    steps = [_steps(layout, len(shape)) for layout in layouts]
    axes = [(n, tuple(each[k] for each in steps)) for k, n in enumerate(shape) if n != 1]
    axes.sort(key=lambda axis: -abs(axis[1][-1]))  # the order of the last output in memory
    merged: list[tuple[int, tuple[int, ...]]] = []
    for n, inner in axes:
        if merged and all(a == n * b for a, b in zip(merged[-1][1], inner, strict=True)):
            merged[-1] = (merged[-1][0] * n, inner)
        else:
            merged.append((n, inner))
    return merged or [(1, (0,) * len(layouts))]


def _steps(layout: Layout, ndim: int) -> list[int]:
    """Return the strides of an array that is broadcast to `ndim` axes; 0 along axes of length 1."""
    own = [0 if n == 1 else step for n, step in zip(layout.shape, layout.strides, strict=True)]
    return [0] * (ndim - layout.ndim) + own
