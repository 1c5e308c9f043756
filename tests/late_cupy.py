"""A stand-in for CuPy whose streams work late: what is asked is queued, and done when the host waits, in any order.

Work of one stream is done in order; between streams only events order it.  Whatever touches memory that other work
writes, or writes what other work reads, must be ordered with it: `Late.races` says where it is not.
"""

import sys
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from fake_cublas import Library
from fake_device import FakeDevice

from xpnet.execution.cuda_graph.device import CupyDevice

Span = tuple[int, int]


class Work(NamedTuple):
    """Something to do, and the memory that it reads and writes."""

    run: Callable[[], Any]
    reads: list[Span]
    writes: list[Span]
    name: str


class Event:
    done = False

    def __init__(self, clock: dict[int, int]) -> None:
        self.clock = dict(clock)


class Stream:
    """A queue of work; its clock tells how much of each stream is ordered before what is asked next."""

    ptr = 5

    def __init__(self, late: "Late") -> None:
        self.late, self.number = late, len(late.streams)
        self.queue: list[Any] = []
        self.clock: dict[int, int] = defaultdict(int)
        self.captured: list[Work] | None = None
        late.streams.append(self)

    def __enter__(self) -> None:
        self.late.current.append(self)

    def __exit__(self, *_: object) -> None:
        self.late.current.pop()

    def record(self) -> Event:
        event = Event(self.clock)
        self.queue.append(event)
        return event

    def wait_event(self, event: Event) -> None:
        self.queue.append(("wait", event))
        for number, n in event.clock.items():
            self.clock[number] = max(self.clock[number], n)

    def begin_capture(self) -> None:
        self.captured = []

    def end_capture(self) -> Any:
        works, self.captured = self.captured or [], None
        reads = {span for work in works for span in work.reads}
        writes = {span for work in works for span in work.writes}
        whole = Work(lambda: [work.run() for work in works], sorted(reads), sorted(writes), "graph")
        return types.SimpleNamespace(launch=lambda: self.late.ask(whole))


class Late:
    """The streams, what was asked of them, and the launch at which to fail."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.current = [Stream(self)]
        self.touched: list[tuple[Stream, int, Span, bool, str]] = []
        self.races: list[str] = []
        self.launches, self.fail_at = 0, -1
        self.kernels: dict[str, Any] = {}
        self.kept: list[Any] = []  # as in a pool of CuPy's: memory stays while queued work has only its pointer
        self.playing = FakeDevice()

    def launch(self, work: Work) -> None:
        """Queue a kernel or a product, or fail."""
        self.launches += 1
        if self.launches == self.fail_at:
            raise RuntimeError(f"launch {self.fail_at} failed")
        self.ask(work)

    def ask(self, work: Work) -> None:
        """Queue some work on the current stream, and look for what is not ordered before it."""
        stream = self.current[-1]
        if stream.captured is not None:
            stream.captured.append(work)
            return
        stream.clock[stream.number] += 1
        stream.queue.append(work)
        for spans, writes in ((work.reads, False), (work.writes, True)):
            for span in spans:
                self._look(stream, span, writes, work.name)
        n = stream.clock[stream.number]
        self.touched += [(stream, n, span, False, work.name) for span in work.reads]
        self.touched += [(stream, n, span, True, work.name) for span in work.writes]

    def _look(self, stream: Stream, span: Span, writes: bool, name: str) -> None:
        for other, n, (first, last), wrote, what in self.touched:
            if (writes or wrote) and first < span[1] and span[0] < last and n > stream.clock[other.number]:
                self.races.append(f"{name} on stream {stream.number} and {what} on stream {other.number}")

    def finish(self, rng: np.random.Generator | None = None) -> None:
        """Do all that was asked: by chance, or one stream as far as it goes before the next one."""
        while any(stream.queue for stream in self.streams):
            ready = [stream for stream in self.streams if stream.queue and not _waits(stream.queue[0])]
            head = (ready[0] if rng is None else ready[int(rng.integers(len(ready)))]).queue.pop(0)
            if isinstance(head, Event):
                head.done = True
            elif isinstance(head, Work):
                head.run()
        self.kept.clear()
        self.touched.clear()  # the host has waited: what comes next is ordered after all of it


def _waits(head: Any) -> bool:
    return isinstance(head, tuple) and not isinstance(head, Work) and not head[1].done


class Array(np.ndarray):
    """NumPy's, with its pointer where CuPy has it, and written to in its turn."""

    late: Late

    @property
    def data(self) -> Any:
        return types.SimpleNamespace(ptr=self.ctypes.data)

    def __setitem__(self, key: Any, value: Any) -> None:
        target = plain(self)
        self.late.ask(Work(lambda: target.__setitem__(key, value), [], [span(self)], "fill"))


def plain(x: Any) -> Any:
    return x.view(np.ndarray)


def span(x: Any) -> Span:
    return np.lib.array_utils.byte_bounds(x)


class LateLibrary(Library):
    """cuBLAS that works in its turn."""

    def __init__(self, late: Late) -> None:
        super().__init__()
        self.late = late

    def gemm_strided(self, *args: Any) -> None:
        sides = (args[7], args[11], args[16])
        strides = [[args[i].value for i in at] for at in ((9, 10), (13, 14), (18, 19))]
        size = 4 if args[17].value == 0 else 8
        most = max(x.value for x in args[3:6])
        spans = [
            (side.value, side.value + size * ((args[20].value - 1) * apart + (most - 1) * leading + 1))
            for side, (leading, apart) in zip(sides, strides, strict=True)
        ]
        run = super().gemm_strided
        self.late.launch(Work(lambda: run(*args), spans[:2], spans[2:], "product"))


class LateDevice(CupyDevice):
    """CuPy's device on that stand-in; it only notes which kernel a text is."""

    late: Late

    def kernel(self, kernel: Any, *args: Any) -> Any:
        self.late.kernels[kernel.text] = kernel
        return super().kernel(kernel, *args)


def _raw_kernel(late: Late, text: str) -> Any:
    def launch(grid: Any, block: Any, args: Any) -> None:
        kernel, (*arrays, counter, ahead) = late.kernels[text], args
        n = len(kernel.inputs)
        run = late.playing.kernel(kernel, list(map(plain, arrays[:n])), list(map(plain, arrays[n:])), plain(counter))
        operands = (*kernel.inputs, *kernel.outputs)
        spans = [_whole(x) if o.shift else span(x) for x, o in zip(arrays, operands, strict=True)]
        late.launch(Work(lambda: run(int(ahead)), [*spans[:n], span(counter)], spans[n:], "kernel"))

    return launch


def _whole(x: Any) -> Span:
    """Return the memory of all steps, of which an array is the first."""
    while isinstance(x.base, np.ndarray):
        x = x.base
    return span(x)


def _reduction(late: Late, name: str) -> Any:
    def reduce(x: Any, *, axis: Any, out: Any, keepdims: bool) -> None:
        def run() -> None:
            getattr(np, name)(plain(x), axis=axis, out=plain(out), keepdims=keepdims)

        late.launch(Work(run, [span(x)], [span(out)], name))

    return reduce


@contextmanager
def _nothing(*_: Any) -> Iterator[None]:
    yield


def install(monkeypatch: Any) -> Late:
    """Put a new one where `import cupy` finds it, and return what it notes."""
    late, cupy = Late(), types.ModuleType("cupy")
    made: Any = cupy
    array = type("Array", (Array,), {"late": late})

    def empty(shape: Any, dtype: Any) -> Any:
        made = FakeDevice.empty(late.playing, shape, dtype).view(array)
        late.kept.append(made)
        return made

    def copyto(target: Any, source: Any) -> None:
        late.ask(Work(lambda: np.copyto(plain(target), plain(source)), [span(source)], [span(target)], "copy"))

    made.empty, made.copyto, made.ndarray = empty, copyto, type("ndarray", (), {})
    made.RawKernel = lambda text, name, options: _raw_kernel(late, text)
    for name in ("sum", "prod", "max", "min"):
        setattr(made, name, _reduction(late, name))
    made._core = types.SimpleNamespace(get_compute_type=lambda _: 0)
    made.cuda = types.SimpleNamespace(
        Stream=lambda non_blocking: Stream(late),
        get_current_stream=lambda: late.current[-1],
        MemoryPool=lambda *_: types.SimpleNamespace(malloc=None),
        using_allocator=_nothing,
        runtime=types.SimpleNamespace(runtimeGetVersion=lambda: 12090),
    )
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr("xpnet.execution.cuda_graph.device.load", lambda _: LateLibrary(late))
    monkeypatch.setattr(LateDevice, "late", late, raising=False)
    return late
