"""A graph as it grows: values that stand for arrays, and the nodes that compute them.

A value follows the array API standard, so that xpnet's own functions write the graph: given values for arrays, they
call the operators below and the functions of `functions`, and each call adds a node.  The package onnx is not needed
for this.  (A recorded step of `execution.recording` has fixed shapes; here the batch is open, and there is text.)
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xpnet.backend import StandIn, quiet

Array = npt.NDArray[Any]
SMALL = 1024  # bytes; of equal constants up to this size one is kept
ML = "ai.onnx.ml"  # the domain of the operators on text


class Node(NamedTuple):
    """One operation: its operator, the names of its inputs and of its result, and its attributes."""

    op: str
    inputs: tuple[str, ...]
    result: str
    domain: str
    attributes: dict[str, Any]


class Port(NamedTuple):
    """What the graph takes or gives: a name, a dtype (object for text), a shape (None: the batch), a note."""

    name: str
    dtype: Any
    shape: tuple[int | None, ...]
    note: str


class Value(StandIn):
    """A stand-in for an array: its name in the graph, and an example of it.

    The example is what NumPy computes for a batch of one row: it has the dtype, and the shape but for the batch.  The
    example of a constant is the constant.
    """

    library = "onnx"

    def __init__(self, graph: "Graph", name: str, example: Array, *, constant: bool) -> None:
        self.graph, self.name, self.example, self.constant = graph, name, example, constant
        self.namespace, self.device = graph.functions, graph

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape for a batch of one row."""
        return self.example.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.example.ndim

    @property
    def dtype(self) -> Any:
        """NumPy's dtype."""
        return self.example.dtype

    @property
    def mT(self) -> "Value":  # noqa: N802  (the standard's name)
        """The value with its last two axes exchanged."""
        axes = (*range(self.ndim - 2), self.ndim - 1, self.ndim - 2)
        return self.graph.apply("Transpose", lambda x: np.transpose(x, axes), self, perm=axes)

    def __getitem__(self, key: Any) -> "Value":
        """Return the places that whole numbers choose along some axes; ``...`` and ``:`` keep axes as they are."""
        key = key if isinstance(key, tuple) else (key,)
        before = key.index(...) if ... in key else len(key)
        axes = [*range(before), *range(self.ndim - len(key) + before + 1, self.ndim)]
        value = self
        for axis, place in reversed(list(zip(axes, (each for each in key if each is not ...), strict=True))):
            value = value if place == slice(None) else self.graph.gather(value, place, axis)
        return value

    def __add__(self, other: Any) -> "Value":
        return self.graph.apply("Add", np.add, self, other)

    def __radd__(self, other: Any) -> "Value":
        return self.graph.apply("Add", np.add, other, self)

    def __sub__(self, other: Any) -> "Value":
        return self.graph.apply("Sub", np.subtract, self, other)

    def __rsub__(self, other: Any) -> "Value":
        return self.graph.apply("Sub", np.subtract, other, self)

    def __mul__(self, other: Any) -> "Value":
        return self.graph.apply("Mul", np.multiply, self, other)

    def __rmul__(self, other: Any) -> "Value":
        return self.graph.apply("Mul", np.multiply, other, self)

    def __truediv__(self, other: Any) -> "Value":
        return self.graph.apply("Div", np.divide, self, other)

    def __mod__(self, other: Any) -> "Value":
        """Return the remainder of whole numbers, with the sign of the divisor, as Python's."""
        return self.graph.apply("Mod", np.mod, self, other)

    def __floordiv__(self, other: Any) -> "Value":
        """Return the quotient of whole numbers, rounded down; ONNX rounds it towards zero."""
        return self.graph.apply("Div", np.floor_divide, self - self % other, other)

    def __neg__(self) -> "Value":
        return self.graph.apply("Neg", np.negative, self)

    def __matmul__(self, other: Any) -> "Value":
        return self.graph.apply("MatMul", np.matmul, self, other)

    def __gt__(self, other: Any) -> "Value":
        return self.graph.apply("Greater", np.greater, self, other)

    def __lt__(self, other: Any) -> "Value":
        return self.graph.apply("Less", np.less, self, other)

    def __and__(self, other: Any) -> "Value":
        return self.graph.apply("And", np.logical_and, self, other)

    def __eq__(self, other: object) -> "Value":  # type: ignore[override]  # of each element
        return self.graph.apply("Equal", np.equal, self, other)

    __hash__ = object.__hash__


class Graph:
    """Inputs, constants, nodes and outputs.

    Parameters
    ----------
    functions : namespace
        The functions of the array API on values.
    names : iterable of str
        Names that no value of the graph's own may take: those of inputs and outputs.
    """

    def __init__(self, functions: Any, names: Iterable[str] = ()) -> None:
        self.functions = functions
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}
        self._taken = set(names)
        self._known: dict[Any, Value] = {}  # equal nodes, and equal small constants, are one

    def input(self, name: str, dtype: Any, width: int, note: str) -> Value:
        """Return a new input, shape (batch, width)."""
        self.inputs.append(Port(name, np.dtype(dtype), (None, width), note))
        return Value(self, name, np.zeros((1, width), dtype), constant=False)

    def output(self, name: str, value: Value, note: str) -> None:
        """Make a value, whose first axis is the batch, an output."""
        self.outputs.append(Port(name, value.dtype, (None, *value.shape[1:]), note))
        self.nodes.append(Node("Identity", (value.name,), name, "", {}))

    def constant(self, x: Any, dtype: Any = None, name: str = "constant") -> Value:
        """Return an array as a constant of the graph."""
        array = np.asarray(x, dtype)
        key = (array.dtype, array.shape, array.tobytes()) if array.nbytes <= SMALL else None
        if key in self._known:
            return self._known[key]
        value = Value(self, self._free(name), array, constant=True)
        self.constants[value.name] = array
        if key is not None:
            self._known[key] = value
        return value

    def apply(self, op: str, f: Callable[..., Any], *operands: Any, domain: str = "", **attributes: Any) -> Value:
        """Return what an operator gives; ``f`` is NumPy's function for it.

        Numbers among the operands become constants in the dtype of the values.  What constants give is a constant.
        """
        values = self._values(operands)
        names = tuple(value.name for value in values)
        key = (op, domain, names, repr(sorted(attributes.items())))
        if key not in self._known:
            with quiet():
                example = np.asarray(f(*(value.example for value in values)))
            if all(value.constant for value in values):
                self._known[key] = self.constant(example, name=f"{names[0]}.{op}")
            else:
                self._known[key] = result = Value(self, self._free(op), example, constant=False)
                self.nodes.append(Node(op, names, result.name, domain, attributes))
        return self._known[key]

    def gather(self, value: Value, places: Any, axis: int) -> Value:
        """Return the places of a value along an axis, as `numpy.take` does."""
        chosen = places if isinstance(places, Value) else self.constant(places, np.int64)
        return self.apply("Gather", lambda x, i: np.take(x, i, axis), value, chosen, axis=axis)

    def used_constants(self) -> dict[str, Array]:
        """Return the constants that a node takes, by name."""
        used = {name for node in self.nodes for name in node.inputs}
        return {name: array for name, array in self.constants.items() if name in used}

    def _values(self, operands: Iterable[Any]) -> list[Value]:
        given = list(operands)
        dtypes = [x.dtype for x in given if isinstance(x, Value)]
        dtype = next((each for each in dtypes if each != np.bool_), None)
        return [x if isinstance(x, Value) else self.constant(x, dtype) for x in given]

    def _free(self, stem: str) -> str:
        """Return a name that nothing else has."""
        number = len(self.nodes) + len(self.constants)
        name = stem if "." in stem else f"{stem}_{number}"
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name
