"""Every kernel of the steps that the tests of the executors share, and the operations alone."""

from functools import cache
from typing import Any

import numpy as np
from fake_device import FakeDevice
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, expansions, prepare, stack

from xpnet.backend import get
from xpnet.execution.cuda_graph.graph import Graph
from xpnet.execution.fused.fusion import Fused, Input, Local, Operation, evaluate_on_numpy
from xpnet.execution.fused.kernels import Kernel
from xpnet.execution.recording.calls import Layout, Value
from xpnet.training import sgd

MIXED = [
    *((n, "sgd", "all") for n in NETWORKS),
    *(("plain", o, "nothing") for o in OPTIMIZERS),
    *(("dropout", "adam", s) for s in SETTINGS),
]


class Collecting(FakeDevice):
    """A device that keeps kernels and computes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: dict[str, Kernel] = {}

    def kernel(self, kernel: Kernel, inputs: Any, outputs: Any, counter: Any) -> Any:
        self.kernels[kernel.text] = kernel
        return super().kernel(kernel, inputs, outputs, counter) and (lambda _: None)

    def gemm(self, *_: Any) -> Any:
        return lambda _: None

    def reduce(self, *_: Any) -> Any:
        return lambda _: None


def single(name: str, *arrays_or_numbers: Any) -> Fused:
    """Return an operation on its own, as fused."""
    inputs = [x for x in arrays_or_numbers if isinstance(x, np.ndarray)]
    numbers = iter(range(len(inputs)))
    args = tuple(Local(next(numbers)) if isinstance(x, np.ndarray) else x for x in arrays_or_numbers)
    values = [Value(Layout.of(x)) for x in inputs]
    with np.errstate(all="ignore"):
        draft = Operation(name, args, Layout((), np.dtype(bool), ()))
        fused = Fused((), (), (draft,), ((Local(len(inputs)), values[0]),))
        layout = Layout.of(np.asarray(evaluate_on_numpy(fused, inputs)[0]))
    operation = Operation(name, args, layout)
    return Fused(layout.shape, tuple(map(Input, values)), (operation,), ((Local(len(inputs)), Value(layout)),))


@cache
def every_kernel() -> dict[str, Kernel]:
    """Return the kernels of whole steps by their texts, in float32 and float64."""
    device = Collecting()
    steps = [stack()]
    for dtype in ("float32", "float64"):
        home = get("numpy", dtype=dtype)
        steps += [prepare(NETWORKS[n], OPTIMIZERS[o], home, **SETTINGS[s]) for n, o, s in MIXED]
        steps += [prepare(NETWORKS["plain"], sgd(0.5), home, expand=e) for e in expansions()]
    for step, carry, inputs in steps:
        graph = Graph(step, lambda: device)
        with np.errstate(all="ignore"):
            for each in inputs:
                graph(carry, each)
        assert graph.way == "captured CUDA graph"
    return device.kernels
