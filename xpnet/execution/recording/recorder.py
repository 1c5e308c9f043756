"""The recorder: stand-ins for arrays, which record every operation that a step applies to them.

Operations have the names of the array API standard.  Each is run on zeros once, to learn the shape, dtype and strides
of its result.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xpnet.backend import Backend, LinAlgError, Namespace, StandIn, library_of
from xpnet.execution.recording.calls import Call, Layout, Value, function, map_nested, values_in
from xpnet.execution.recording.numpy_functions import ARRAY_METHODS, function_name, ufunc_name


class UnrecordableError(Exception):
    """The step does something that cannot be recorded; the message says what."""


class UnsupportedOperationError(UnrecordableError):
    """An executor is known to have no way to run an operation; the message names the operation."""


# the shape of the result depends on values: zeros would give a wrong one
DATA_DEPENDENT = {"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values", "argwhere", "compress"}
# the result depends on a shape only
CONSTANTS = {"zeros_like", "ones_like", "full_like", "empty_like"}


@dataclass(eq=False)
class Recorder:
    """The list of operations that stand-ins record."""

    backend: Backend  # the library and device of the step's arrays
    calls: list[Call] = field(default_factory=list)
    # values replaced by in-place operators; views made earlier are invalid
    written: list[Value] = field(default_factory=list)
    # results by function and arguments, so that no call is recorded twice
    memo: dict[Any, Any] = field(default_factory=dict)

    def given(self, x: Any) -> "Recorded":
        """Return a stand-in for an array that the step receives."""
        if library_of(x) is None:
            raise UnrecordableError(f"the carry and the inputs of a step must be arrays, got {type(x).__name__}")
        return Recorded(self, Value(Layout.of(x)))

    def note(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a call of the function `name` and return stand-ins for its results."""
        if name in DATA_DEPENDENT:
            raise UnrecordableError(f"the shape of the result of {name} depends on values")
        args, kwargs = unwrapped(args), unwrapped(kwargs)
        self.check_views((args, tuple(kwargs.values())))
        if not any(True for _ in values_in((args, tuple(kwargs.values())))):
            return function(name, self.backend.xp)(*args, **kwargs)
        key = (name, _key(args), _key(kwargs))
        if key not in self.memo:  # the arguments are kept too, so that no other array can take over an identity
            self.memo[key] = (self._note(name, args, kwargs), args, kwargs)
        return self._wrapped(self.memo[key][0])

    def check_views(self, x: Any) -> None:
        """Refuse views of a value that was written to after the view was made: NumPy's view would show the change."""
        for value in values_in(x):
            while value.base is not None:
                value = value.base
                if any(value is each for each in self.written):
                    raise UnrecordableError("the step writes into an array of which it has a view")

    def _wrapped(self, result: Any) -> Any:
        """Return new stand-ins for the values of a result: an in-place operator changes what one of them stands for."""
        if isinstance(result, tuple):
            return tuple(map(self._wrapped, result))
        return Recorded(self, result) if isinstance(result, Value) else result

    def _note(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        zeros = {id(value): value.layout.zeros() for value in values_in((args, tuple(kwargs.values())))}
        try:
            tried = function(name, np)(*_on(zeros, args), **_on(zeros, kwargs))
        except (ArithmeticError, LinAlgError) as error:
            raise UnrecordableError(f"{name} cannot be tried on zeros: {error}") from error
        results = tuple(tried) if isinstance(tried, tuple | list) else (tried,)
        if not results or not all(isinstance(x, np.ndarray | np.generic) for x in results):
            return tried  # a dtype or a shape, say
        if name in CONSTANTS:
            return self._constant(name, args, kwargs)
        call = Call(name, args, kwargs, (), isinstance(tried, tuple | list))
        call.outs = tuple(self._out(call, np.asarray(x), zeros) for x in results)
        self.calls.append(call)
        return call.outs if call.several else call.outs[0]

    def _constant(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return an array that depends on a shape only.  It is read-only where it can be: the recording keeps it."""
        xp = self.backend.xp
        like = xp.zeros(args[0].layout.shape, dtype=args[0].layout.dtype) if isinstance(args[0], Value) else args[0]
        made = getattr(xp, name)(like, *args[1:], **kwargs)
        if isinstance(made, np.ndarray):
            made.flags.writeable = False
        return made

    @staticmethod
    def _out(call: Call, tried: Any, zeros: dict[int, Any]) -> Value:
        bases = (value for value in call.needs if np.may_share_memory(tried, zeros[id(value)]))
        return Value(Layout.of(tried), call, base=next(bases, None))


@dataclass(eq=False, frozen=True)
class Functions:
    """A namespace whose functions record their calls; everything else is the library's own."""

    recorder: Recorder
    module: str = ""

    def __getattr__(self, name: str) -> Any:
        """Return the function, module, dtype or constant `name`."""
        # `power` is kept for the `**` operator, which has shortcuts
        full = "pow" if name == "power" else self.module + name
        found = operator.attrgetter(full)(self.recorder.backend.xp)
        if name.startswith("__") or isinstance(found, type):
            return found
        if callable(found):
            return lambda *args, **kwargs: self.recorder.note(full, args, kwargs)
        return Functions(self.recorder, full + ".") if type(found).__name__ == "module" else found


class Recorded(StandIn):
    """The stand-in for an array while a step is recorded."""

    def __init__(self, recorder: Recorder, value: Value) -> None:
        self.recorder, self.value = recorder, value
        self.library, self.device, self.namespace = recorder.backend.name, recorder.backend.device, Functions(recorder)
        if self.library == "cupy":  # CuPy's arrays leave an operator to the stand-in if they find None here
            self.__array_ufunc__ = None  # type: ignore[assignment,method-assign]

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        """Record a ufunc of NumPy's that was called on a stand-in."""
        name = ufunc_name(ufunc) if method == "__call__" and not kwargs else None
        if name is None:
            called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise UnrecordableError(f"the step calls {' with '.join([called, *kwargs])}, which cannot be recorded")
        return self.recorder.note(name, args, {})

    def __array_function__(self, f: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record another function of NumPy's that was called on a stand-in."""
        name = function_name(f)
        if name is None or "out" in kwargs:
            raise UnrecordableError(f"the step calls {f.__name__}, which cannot be recorded")
        return self.recorder.note(name, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> Namespace:
        return self.namespace

    @property
    def mT(self) -> "Recorded":  # noqa: N802
        """The matrices transposed."""
        return self._note("mT")

    @property
    def T(self) -> "Recorded":  # noqa: N802
        """The matrix transposed."""
        return self._note("T")

    def __getattr__(self, name: str) -> Any:
        """Return what is known without values (shape, dtype, ndim, size), or one of NumPy's methods."""
        if name in ("shape", "dtype", "ndim", "size"):
            return getattr(self.value.layout, name)
        if name in ARRAY_METHODS:
            return lambda *args, **kwargs: self.recorder.note(name, (self, *args), kwargs)
        what = "looks at a value" if name.startswith("__array") else f"asks an array for {name!r}"
        raise UnrecordableError(f"the step {what}")

    def _note(self, name: str, *args: Any) -> Any:
        return self.recorder.note(name, (self, *args), {})

    def __pow__(self, other: Any) -> Any:
        if type(other) in (int, float) and other == 2:
            return self._note("square")
        return self._note("power", other)

    def __getitem__(self, key: Any) -> Any:
        if any(value.layout.dtype == bool for value in values_in(unwrapped(key))):
            raise UnrecordableError("the shape of what a mask selects depends on values")
        return self._note("getitem", key)


def _refuse(what: str) -> Callable[..., Any]:
    def method(_: Recorded, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG001
        raise UnrecordableError(f"the step {what}")

    return method


def _operator(name: str, *, swapped: bool = False) -> Callable[..., Any]:
    def method(self: Recorded, *others: Any) -> Any:
        return self.recorder.note(name, (*others, self) if swapped else (self, *others), {})

    return method


def _in_place(operate: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return an in-place operator: from now on the stand-in stands for the result, and no array is written to.

    Other references to the stand-in see the change, as with NumPy's arrays.  NumPy's scalars do not change; 0-d
    stand-ins do not change either.
    """

    def method(self: Recorded, other: Any) -> Any:
        made = operate(self, other)
        if self.ndim == 0:
            return made
        if made.dtype != self.dtype and np.can_cast(made.dtype, self.dtype, "same_kind"):
            made = self.recorder.note("astype", (made, self.dtype), {})
        if self.value.base or (made.shape, made.dtype) != (self.shape, self.dtype):
            raise UnrecordableError("the step writes into an array")
        self.recorder.written.append(self.value)
        self.value = made.value
        return self

    return method


_OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
for _short, _name in _OPERATORS.items():
    setattr(Recorded, f"__{_short}__", _operator(_name))
    setattr(Recorded, f"__r{_short}__", _operator(_name, swapped=True))
    setattr(Recorded, f"__i{_short}__", _in_place(getattr(operator, f"__{_short}__")))
for _short, _name in {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal"}.items():
    setattr(Recorded, f"__{_short}__", _operator(_name))
for _short, _name in {"gt": "greater", "ge": "greater_equal"}.items():
    setattr(Recorded, f"__{_short}__", _operator(_name))
for _short, _name in {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "bitwise_invert"}.items():
    setattr(Recorded, f"__{_short}__", _operator(_name))
setattr(Recorded, "__rpow__", _operator("power", swapped=True))  # noqa: B010
setattr(Recorded, "__ipow__", _in_place(operator.pow))  # noqa: B010
for _short in ("bool", "float", "int", "index", "complex", "array", "iter", "len", "buffer", "dlpack"):
    setattr(Recorded, f"__{_short}__", _refuse("looks at a value"))
setattr(Recorded, "__setitem__", _refuse("writes into an array"))  # noqa: B010


# ---- helpers ----------------------------------------------------------------------------------------------


def unwrapped(x: Any) -> Any:
    """Return `x` with values in place of stand-ins."""
    return map_nested(lambda each: each.value if isinstance(each, Recorded) else each, x)


def _on(zeros: dict[int, Any], x: Any) -> Any:
    return map_nested(lambda each: zeros[id(each)] if isinstance(each, Value) else _host(each), x)


def _host(x: Any) -> Any:
    return Layout.of(x).zeros() if library_of(x) not in (None, "numpy") else x


def _key(x: Any) -> Any:
    """Return what tells two arguments apart: identity for arrays and values, type and value for the rest."""
    if isinstance(x, dict):
        return tuple((k, _key(v)) for k, v in sorted(x.items()))
    if isinstance(x, tuple | list):
        return (type(x), *map(_key, x))
    if isinstance(x, slice):
        return ("slice", _key((x.start, x.stop, x.step)))
    if isinstance(x, bool | int | float | str | type(None)):
        return (type(x), repr(x))
    if isinstance(x, np.generic):
        return (type(x), x.tobytes())
    return id(x)
