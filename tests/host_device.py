"""The stand-in device on real CuPy arrays over the host's memory: what a captured step would be given on a GPU."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import host_cupy
import pytest
from fake_device import FakeDevice
from host_cupy import borrowed, host

from xpnet.backend import Backend
from xpnet.execution.cuda_graph import graph
from xpnet.execution.cuda_graph.cublas import product
from xpnet.execution.cuda_graph.device import CupyDevice
from xpnet.execution.fused.kernels import Kernel
from xpnet.execution.recording.calls import Layout

counts: Counter[str] = Counter()  # kernels, products, reductions and copies that were made on CuPy's arrays
ways: Counter[str] = Counter()  # how steps ran, in the words of users


class HostDevice(FakeDevice):
    """It computes on NumPy's views of CuPy's arrays, after CuPy itself has taken them."""

    def __init__(self) -> None:
        import cupy

        super().__init__()
        self._cupy = cupy

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return borrowed(super().empty(shape, dtype))

    def copy(self, target: Any, source: Any) -> None:
        _are_cupys(target, source)
        counts["memcpy" if target.flags.c_contiguous and source.flags.c_contiguous else "copying kernel"] += 1
        _only_without_device(lambda: CupyDevice.copy(self, target, source))
        super().copy(host(target), host(source))

    def kernel(self, kernel: Kernel, inputs: list[Any], outputs: list[Any], counter: Any) -> Any:
        _are_cupys(*inputs, *outputs, counter)
        counts["kernel"] += 1
        return super().kernel(kernel, list(map(host, inputs)), list(map(host, outputs)), host(counter))

    def gemm(self, a: Any, b: Any, out: Any) -> Any:
        _are_cupys(a, b, out)
        counts["product"] += 1
        assert product(*(Layout(x.shape, x.dtype, x.strides) for x in (a, b, out)))
        return super().gemm(*map(host, (a, b, out)))

    def reduce(self, name: str, x: Any, axis: Any, keepdims: bool, out: Any) -> Any:
        _are_cupys(x, out)
        counts["reduction"] += 1
        _only_without_device(lambda: CupyDevice.reduce(self, name, x, axis, keepdims, out)(0))
        return super().reduce(name, host(x), axis, keepdims, host(out))


def _are_cupys(*arrays: Any) -> None:
    import cupy

    assert all(type(x) is cupy.ndarray for x in arrays), [type(x) for x in arrays]


def _only_without_device(call: Callable[[], Any]) -> None:
    try:
        call()
    except Exception as error:
        if not host_cupy.needs_device(error):
            raise


class HostGraph(graph.Graph):
    """A graph on such a device, which remembers how it ran."""

    def __init__(self, step: Any, open_device: Callable[[], Any] = HostDevice) -> None:
        super().__init__(step, open_device)

    def __call__(self, carry: Any, inputs: Any) -> Any:
        try:
            return super().__call__(carry, inputs)
        finally:
            ways[self.way] += 1


@contextmanager
def on_host() -> Iterator[Callable[..., Backend]]:
    """Let CuPy compute on the host, and run steps through such graphs, in a ``with`` block."""
    with host_cupy.on_host() as make, pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "Graph", HostGraph)
        yield make


def summary() -> Iterator[str]:
    """Yield what was checked on CuPy's arrays, and which functions that xpnet calls were not among it."""
    if not host_cupy.counts:
        return
    called = host_cupy.counts
    yield f"CuPy on the host: {called.total()} calls of {len(called)} functions, {_listed(counts)} in graphs"
    yield f"not called: {', '.join(sorted(_named() - called.keys())) or 'none'}"
    for way, count in ways.most_common():
        yield f"ran {count:4}  {way}"


def _listed(numbers: Counter[str]) -> str:
    return ", ".join(f"{n} of {name}" for name, n in sorted(numbers.items()))


def _named() -> set[str]:
    """Return the functions of the standard that xpnet's source names."""
    text = "\n".join(path.read_text() for path in (Path(__file__).parents[1] / "xpnet").rglob("*.py"))
    names = re.findall(r"(?:\bxp|namespace\([^()]*\))\.((?:linalg\.)?[a-z]\w*)\(", text)
    on_host = {"nonzero", "repeat", "unique_counts", "unique_values"}  # asked of NumPy: ids of users lie on the host
    on_host |= {"argmin", "ceil", "logaddexp"}  # and errors and probabilities, once a training has ended
    on_host |= {"empty_like", "show_config"}  # and what MPI sums into; what a processor can do
    return set(names) - on_host - {"finfo", "iinfo", "vecdot"}  # asked of dtypes, and by `backend.vecdot`
