"""A stand-in device on the host: NumPy arrays, kernels in NumPy or compiled C, graphs that are lists of calls."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from xpnet.backend import BackendError
from xpnet.execution.cuda_graph.cublas import product
from xpnet.execution.fused.fusion import evaluate_on_numpy
from xpnet.execution.fused.kernels import Kernel
from xpnet.execution.recording.calls import Layout, map_nested
from xpnet.execution.recording.recording import Recording


class Constant:
    """An array of the device that a step brings along.  As with CuPy's, NumPy cannot read it."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self.shape, self.dtype, self.strides = host.shape, host.dtype, host.strides
        self.ndim, self.size = host.ndim, host.size

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("implicit conversion to a NumPy array is not allowed")


def with_foreign_constants(recording: Recording) -> Recording:
    """Return the recording with each NumPy array that is a constant of the step in a `Constant`."""
    constants: dict[int, Constant] = {}

    def foreign(x: Any) -> Any:
        return constants.setdefault(id(x), Constant(x)) if isinstance(x, np.ndarray) else x

    for call in recording.calls:
        call.args, call.kwargs = map_nested(foreign, call.args), map_nested(foreign, call.kwargs)
    carried, output = map_nested(foreign, recording.new_carry), foreign(recording.output)
    return recording._replace(new_carry=carried, output=output)


def _on_host(x: Any) -> Any:
    return x.host if isinstance(x, Constant) else x


class FakeDevice:
    """It checks what a GPU does not: a kernel may write over its input only element by element.

    `log` holds one word for each call; `fail` is raised while a graph is captured.
    """

    def __init__(self, compiler: Callable[[str], Any] | None = None, gemm: Callable[..., None] | None = None) -> None:
        self.compiler, self.multiply = compiler, gemm
        self.log: list[str] = []
        self.fail: Exception | None = None
        self._captured: list[Callable[[], None]] | None = None
        self._loaded: set[str] = set()  # kernels that have run: a capture must not be the first to load one

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return an array of values that no computation may use."""
        made = np.empty(shape, dtype)
        made[...] = np.nan if made.dtype.kind == "f" else 77
        return made

    def copy(self, target: Any, source: Any) -> None:
        assert self._captured is None, "copies are not for graphs"
        assert target.shape == source.shape
        self.log.append("copy")
        target[...] = source

    def kernel(self, kernel: Kernel, inputs: list[Any], outputs: list[Any], counter: Any) -> Any:
        text, inputs = kernel.text, [_on_host(x) for x in inputs]
        for operand, x in zip((*kernel.inputs, *kernel.outputs), (*inputs, *outputs), strict=True):
            assert operand.layout.shape == x.shape
            assert operand.layout.dtype == x.dtype
            steps = zip(x.shape, x.strides, operand.layout.strides, strict=True)
            assert all(n == 1 or a == b for n, a, b in steps), "an array lies otherwise than its kernel thinks"
        for y in outputs:
            for x, given in zip(inputs, kernel.fused.inputs, strict=True):
                apart = not np.may_share_memory(x, y)
                assert apart or (given.role == "broadcast" and _same(x, y) and x.shape == kernel.fused.shape)
        if self.compiler:
            compiled = self.compiler(text)
            return lambda ahead: self._do("kernel", lambda: compiled(*inputs, *outputs, counter, ahead), text)

        def run(ahead: int) -> None:
            step = int(counter[0]) + ahead
            given = [_moved(x, step * o.shift) for x, o in zip(inputs, kernel.inputs, strict=True)]
            values = evaluate_on_numpy(kernel.fused, given)
            for y, operand, value in zip(outputs, kernel.outputs, values, strict=True):
                assert np.asarray(value).dtype == y.dtype
                _moved(y, step * operand.shift)[...] = value

        return lambda ahead: self._do("kernel", lambda: run(ahead), text)

    def gemm(self, a: Any, b: Any, out: Any) -> Any:
        a, b = _on_host(a), _on_host(b)
        assert not any(np.may_share_memory(out, x) for x in (a, b))
        if product(*map(Layout.of, (a, b, out))) is None:
            raise BackendError("cuBLAS cannot multiply these as they lie in memory")
        multiply = self.multiply or (lambda a, b, out: np.matmul(a, b, out=out))
        return lambda _: self._do("gemm", lambda: multiply(a, b, out))

    def reduce(self, name: str, x: Any, axis: Any, keepdims: bool, out: Any) -> Any:
        x = _on_host(x)
        assert not np.may_share_memory(out, x)
        return lambda _: self._do("reduce", lambda: getattr(np, name)(x, axis=axis, out=out, keepdims=keepdims))

    def warm(self, run: Callable[[], None]) -> None:
        self.log.append("warm")
        run()

    def capture(self, run: Callable[[], None]) -> Any:
        self.log.append("capture")
        if self.fail:
            raise self.fail
        self._captured = []
        run()
        captured, self._captured = self._captured, None
        return captured

    def launch(self, graph: Any) -> None:
        self.log.append(f"launch {len(graph)}")
        for call in graph:
            call()

    def _do(self, what: str, call: Callable[[], None], text: str = "") -> None:
        if self._captured is not None:
            assert not text or text in self._loaded, "a kernel was not warm"
            self._captured.append(call)
        else:
            self._loaded.add(text)
            self.log.append(what)
            call()


def _same(x: Any, y: Any) -> bool:
    return (x.ctypes.data, x.shape, x.strides) == (y.ctypes.data, y.shape, y.strides)


def _moved(x: Any, numbers: int) -> Any:
    """Return the array with this layout that starts so many elements later in memory."""
    place = x.ctypes.data + numbers * x.itemsize
    described = {"data": (place, False), "shape": x.shape, "strides": x.strides, "typestr": x.dtype.str, "version": 3}
    return np.asarray(SimpleNamespace(__array_interface__=described)) if numbers else x
