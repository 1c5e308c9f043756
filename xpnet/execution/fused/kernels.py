"""Kernels: a fused operation as a C function, for a GPU (CUDA) or, in tests against NumPy, for a CPU.

The text is the same for both, except the loop over the elements.  Each operation has the precision that NumPy uses for
it and is rounded on its own: compile with `NVRTC_OPTIONS` (or `-ffp-contract=off`), because a fused multiply-add
would round a*b + c once where NumPy rounds twice.

CuPy always adds ``-ftz=true``: on the device, in these kernels as in CuPy's own, float32 numbers below 1.2e-38
(subnormals) are 0.  On a CPU they are kept.  float64 has its subnormals on both.  This code has not been tested on a
GPU yet.
"""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

from xpnet.execution.fused.c_operations import C, type_of
from xpnet.execution.fused.fusion import Fused, layout_of
from xpnet.execution.fused.operations import expression
from xpnet.execution.recording.calls import Layout

NVRTC_OPTIONS = (
    "-std=c++17",
    "-fmad=false",
)  # C++17 has hexadecimal literals; without fused multiply-add each operation is rounded as in NumPy

PRELUDE = """\
#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define EACH(T, i, n) for (T i = (T)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (T)gridDim.x * blockDim.x)
#define INFINITE __longlong_as_double(0x7ff0000000000000LL)
#define NOT_A_NUMBER __longlong_as_double(0x7ff8000000000000LL)
#else
#include <math.h>
#include <stdbool.h>
#define KERNEL void
#define EACH(T, i, n) for (T i = 0; i < n; ++i)
#define INFINITE INFINITY
#define NOT_A_NUMBER NAN
#endif
"""


class Operand(NamedTuple):
    """An array of a kernel: its layout, and by how many elements it advances with each step."""

    layout: Layout
    shift: int = 0  # 0: the same data in every step


class Kernel(NamedTuple):
    """A fused operation with the layouts of its arrays."""

    fused: Fused
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]

    @property
    def size(self) -> int:
        """Number of elements in its loop."""
        return prod(self.fused.shape)

    @property
    def text(self) -> str:
        """The kernel in C."""
        return source(*self)


def source(fused: Fused, inputs: Sequence[Operand] = (), outputs: Sequence[Operand] = ()) -> str:
    """Return the C text of the function ``fused(inputs..., outputs..., counter, ahead)``.

    The inputs and outputs are pointers; `counter` points to an int32, `ahead` is an int32.  The kernel reads the inputs
    of step ``*counter + ahead``.

    Raises
    ------
    UnsupportedOperationError
        If an operation cannot be written in C.
    """
    reads = list(inputs) or [Operand(layout_of(x.place)) for x in fused.inputs]
    writes = list(outputs) or [Operand(layout_of(place)) for _, place in fused.outputs]
    names = [f"x{i}" for i in range(len(reads))] + [f"y{i}" for i in range(len(writes))]
    parameters = [f"const {type_of(x.layout.dtype)}* x{i}" for i, x in enumerate(reads)]
    parameters += [f"{type_of(y.layout.dtype)}* y{i}" for i, y in enumerate(writes)]
    advanced = [
        f"    {name} += (*counter + (long long)ahead) * {x.shift}LL;"
        for name, x in zip(names, [*reads, *writes], strict=True)
        if x.shift
    ]
    index = "int" if prod(fused.shape) < 2**30 else "long long"
    body = _body(fused, reads, writes, index)
    return "\n".join(
        [
            PRELUDE,
            f"KERNEL fused({', '.join([*parameters, 'const int* counter', 'const int ahead'])}) {{",
            *advanced,
            f"    EACH({index}, i, {prod(fused.shape)}) {{",
            *(f"        {line}" for line in body),
            "    }",
            "}\n",
        ]
    )


def _body(fused: Fused, reads: list[Operand], writes: list[Operand], index: str) -> list[str]:
    lines: list[str] = []
    dtypes: list[Any] = [x.layout.dtype for x in reads] + [x.layout.dtype for x in fused.operations]
    for i, (x, operand) in enumerate(zip(fused.inputs, reads, strict=True)):
        if x.role != "table":
            at = _index(operand.layout, fused.shape, rows=x.role == "rows")
            lines.append(f"const {type_of(operand.layout.dtype)} v{i} = x{i}[{at}];")
    for i, operation in enumerate(fused.operations, len(reads)):
        if operation.name in ("take", "take_along_axis"):
            table, chosen = operation.args
            value = _table_entry(operation.name, int(table), int(chosen), reads[int(table)].layout, fused.shape)
        else:
            value = expression(operation, dtypes, C())
        lines.append(f"const {type_of(operation.layout.dtype)} v{i} = {value};")
    lines += [
        f"y{i}[{_index(operand.layout, fused.shape)}] = v{value};"
        for i, ((value, _), operand) in enumerate(zip(fused.outputs, writes, strict=True))
    ]
    text = "\n".join(lines)
    coordinates = [
        f"const {index} c{axis} = {_coordinate(fused.shape, axis)};"
        for axis in range(len(fused.shape))
        if f"c{axis} " in text
    ]
    return coordinates + lines


def _coordinate(shape: tuple[int, ...], axis: int) -> str:
    inner = prod(shape[axis + 1 :])
    return ("i" if inner == 1 else f"i / {inner}") + ("" if axis == 0 else f" % {shape[axis]}")


# ---- where an element lies ----------------------------------------------------------------------------------


def _index(layout: Layout, shape: tuple[int, ...], *, rows: bool = False) -> str:
    """Return the C index of element i of `shape` in an array that broadcasts to it."""
    if layout.shape == shape and layout.is_contiguous:
        return "i"
    first = 0 if rows else len(shape) - layout.ndim
    return _sum(f"c{first + k} * {step}" for k, step in enumerate(_steps(layout)) if step)


def _table_entry(name: str, table: int, chosen: int, layout: Layout, shape: tuple[int, ...]) -> str:
    """Return the C expression that reads a table at an index along its first or last axis; negative: from the end."""
    axis = 0 if name == "take" else layout.ndim - 1
    steps, n = _steps(layout), layout.shape[axis]
    row = f"(long long)(v{chosen} < 0 ? v{chosen} + {n} : v{chosen}) * {layout.strides[axis] // layout.dtype.itemsize}"
    others = (f"c{len(shape) - layout.ndim + k} * {step}" for k, step in enumerate(steps) if step and k != axis)
    return f"x{table}[{_sum([row, *others])}]"


def _steps(layout: Layout) -> list[int]:
    """Return the strides in elements; 0 along axes of length 1."""
    return [
        0 if n == 1 else step // layout.dtype.itemsize for n, step in zip(layout.shape, layout.strides, strict=True)
    ]


def _sum(terms: Any) -> str:
    return " + ".join(terms) or "0"
