"""Whether training steps wait for the device or move data to or from it.  A part of gpu_evidence.

Three ways, independent of each other, and each tried on a step into which what it looks for was planted: a way that
does not catch the planted one proves nothing.  All train through `xpnet.train` and watch what happens between two
calls of a callback: a stretch of steps, with the making of its inputs.  Ways that count do so for a short and a long
stretch: what a step costs is the difference.  `PROVES` says what each way shows.
"""

import importlib.util
import json
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

import xpnet
from gpu.bench import environment
from gpu.keeping import DRY, MissingError

SHORT, LONG = 4, 12  # steps of a stretch: their launches must fit in the device's queue of about a thousand
WARM = 3  # stretches before the one that is watched: kernels compiled, memory pooled, graphs captured
SPAN = "xpnet steps"
CAUGHT = ("synchronizations", "copies to the host", "copies to the device", "host arrays copied")
PROVES = {
    "plug": "A kernel that runs for half a second is put into the stream before the steps. If the host is through "
    "with them while it still runs, nothing in them waited for the device: no synchronization, no value read. It does "
    "not show copies to the device that return at once.",
    "pinned": "CuPy copies a host array to the device through pinned memory, whose allocator is counted: none means "
    "that no array was made of host data. It does not show copies into arrays that exist, nor reads.",
    "trace": "PyTorch's profiler (CUPTI) writes down every call of the CUDA runtime in the process, CuPy's too: "
    "launches, synchronizations, copies by direction. It is complete, where PyTorch is installed; it slows the host.",
}
PLUG = r"""
extern "C" __global__ void plug(unsigned long long nanoseconds) {
    unsigned long long start, now;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(start));
    do { asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now)); } while (now - start < nanoseconds);
}
"""


def items(bench):
    """Return the items of the part "purity"."""
    ways = {"plug": plugged, "pinned": counted, "trace": traced}
    runs = {"as it comes": (None, None), "plain loop": ("1", None)}
    found = []
    for name, way in ways.items():
        plants = {"planted": ("1", bring if name == "pinned" else look)}
        for run, (generic, planted) in (runs | plants).items():
            found.append((f"{name}: {run}", partial(way, bench, generic, planted)))
    return found


def look(gradients):
    """Let every step read a value: a clipping that clips nothing."""
    float(gradients[0].b[0, 0])
    return gradients


def bring(gradients):
    """Let every step copy data to the device."""
    xpnet.backend.of(gradients[0].b).asarray(np.ones(3, dtype="float32"))
    return gradients


class Watch(xpnet.Callback):
    """Calls ``begin()`` after `WARM` stretches of `every` steps, and ``finish()`` one stretch later."""

    def __init__(self, every, begin, finish):
        self.every, self.begin, self.finish = every, begin, finish
        self.seen, self.found = 0, None

    def steps(self, t, parameters):  # noqa: ARG002  (the callback's form)
        """Count a stretch."""
        self.seen += 1
        if self.seen == WARM:
            self.begin()
        elif self.seen == WARM + 1:
            self.found = self.finish()


def watched(bench, generic, planted, watch):
    """Train for an epoch and return what the watch found."""
    digits, backend = xpnet.data.load_digits(), bench.backend()
    rows = (WARM + 1) * watch.every * 10 + 5  # the last mini-batch is a short one
    x, y = backend.asarray(digits.x[:rows] / np.float32(16.0)), backend.asarray(digits.y[:rows])
    network = xpnet.Network([64, 30, 10])
    with environment(XPNET_GENERIC=generic):
        xpnet.train(network, (x, y), epochs=1, clip=planted, callbacks=[watch], backend=backend)
    return watch.found


def by_step(bench, count):
    """Return what ``count(every)``, a mapping of counts, says of a step and of the rest of a stretch."""
    short, long = count(SHORT), count(LONG)
    steps = {kind: (long[kind] - short[kind]) / (LONG - SHORT) for kind in short}
    found = {f"{kind} a step": each for kind, each in steps.items()}
    found |= {f"{kind} a stretch besides": short[kind] - SHORT * each for kind, each in steps.items()}
    caught = any(each > 0 for kind, each in steps.items() if kind in CAUGHT)
    return dict.fromkeys(("caught", *found), DRY) if bench.dry else {"caught": caught} | found


# ---- three ways ---------------------------------------------------------------------------------------------------


def plugged(bench, generic, planted):
    """Return whether the host finished the steps while the plug kernel was still running."""
    plug = (HostPlug if bench.dry else Plug)()

    def begin():
        plug.push()
        plug.since = perf_counter()

    def finish():
        took, free = perf_counter() - plug.since, not plug.pending()
        return {
            "caught": bench.pick(free, DRY),
            "milliseconds of the host": bench.figure(1e3 * took),
            "steps": LONG,
        }

    return watched(bench, generic, planted, Watch(LONG, begin, finish))


class Plug:
    """A kernel that blocks the current stream for half a second."""

    def __init__(self):
        import cupy

        self.kernel, self.event = cupy.RawKernel(PLUG, "plug"), cupy.cuda.Event()
        self.kernel((1,), (1,), (np.uint64(1),))  # compiled

    def push(self):
        """Launch it on the stream."""
        self.kernel((1,), (1,), (np.uint64(500_000_000),))
        self.event.record()

    def pending(self):
        """Return whether it is still running, without waiting."""
        return not self.event.done


class HostPlug:
    """Its stand-in for a dry run, in which no work is ever pending."""

    def push(self):
        """Do nothing."""

    def pending(self):
        """Return False."""
        return False


def counted(bench, generic, planted):
    """Return the number of requests for pinned memory."""
    return by_step(bench, partial((host_copies if bench.dry else pinned_copies), bench, generic, planted))


def host_copies(bench, generic, planted, every):
    """Return the counts of a dry run: none."""
    return watched(bench, generic, planted, Watch(every, lambda: None, lambda: {CAUGHT[3]: 0}))


def pinned_copies(bench, generic, planted, every):
    """Return how many host arrays were copied to the device in a stretch."""
    import cupy

    pool, sizes = cupy.get_default_pinned_memory_pool(), []

    def counting(size):
        sizes.append(size)
        return pool.malloc(size)

    begin = partial(cupy.cuda.set_pinned_memory_allocator, counting)
    try:
        return watched(bench, generic, planted, Watch(every, begin, lambda: {CAUGHT[3]: len(sizes)}))
    finally:
        cupy.cuda.set_pinned_memory_allocator(pool.malloc)


def traced(bench, generic, planted):
    """Return the number of calls of the CUDA runtime, by kind."""
    if importlib.util.find_spec("torch") is None:
        raise MissingError("torch is not installed")
    return by_step(bench, partial(trace, bench, generic, planted))


def trace(bench, generic, planted, every):
    """Return the calls of a stretch."""
    from torch.profiler import ProfilerActivity, profile, record_function

    kinds = [ProfilerActivity.CPU] if bench.dry else [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    span = record_function(SPAN)
    with profile(activities=kinds) as profiler:
        watched(bench, generic, planted, Watch(every, span.__enter__, lambda: span.__exit__(None, None, None)))
    with tempfile.TemporaryDirectory() as folder:
        profiler.export_chrome_trace(f"{folder}/trace.json")
        return calls_within(json.loads(Path(folder, "trace.json").read_text(encoding="utf-8"))["traceEvents"], SPAN)


def calls_within(events, span):
    """Return what the CUDA runtime was asked for within the span of that name of a Chrome trace.

    Raises
    ------
    ValueError
        If the trace holds no such span.
    """
    spans = [e for e in events if e.get("name") == span and "dur" in e and not e.get("cat", "").startswith("gpu")]
    if not spans:
        raise ValueError(f"events must hold a span called {span!r}, got none")
    begin, end = spans[0]["ts"], spans[0]["ts"] + spans[0]["dur"]
    calls = [e for e in events if e.get("cat") in ("cuda_runtime", "cuda_driver") and begin <= e["ts"] <= end]
    ids = {e["args"]["correlation"] for e in calls if "correlation" in e.get("args", {})}
    copies = [e["name"] for e in events if e.get("cat") == "gpu_memcpy" and e.get("args", {}).get("correlation") in ids]
    kinds = Counter(e["name"] for e in calls)

    def sum_of(word):
        return sum(n for name, n in kinds.items() if word in name)

    return {
        CAUGHT[0]: sum_of("Synchronize"),
        CAUGHT[1]: sum("DtoH" in name for name in copies),
        CAUGHT[2]: sum("HtoD" in name for name in copies),
        "launches": sum_of("Launch"),
        "copies on the device": sum("DtoD" in name for name in copies),
        "allocations": sum_of("Malloc") + sum_of("Free") + sum_of("HostAlloc"),
    }
