"""What the evidence's parts are made of: counting, verdicts and small sums, none of which needs a GPU."""

import importlib
import math
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return lambda name: importlib.import_module(name)


def test_clean_leaves_only_what_json_holds(scripts):
    clean = scripts("gpu.keeping").clean
    assert clean({"a": (1, math.nan), 2: "5 passed in 0.34s"}) == {"a": [1, None], "2": "5 passed in 0.34s"}
    assert clean([math.nan, "5 passed in 0.34s; 3 GB/s", 2.0], dry=True) == [
        "dry run",
        "5 passed in dry run; dry run",
        2.0,
    ]


def test_calls_are_counted_within_the_span_only(scripts):
    def call(name, ts, correlation):
        return {"cat": "cuda_runtime", "name": name, "ts": ts, "args": {"correlation": correlation}}

    events = [
        {"cat": "user_annotation", "name": "steps", "ts": 10.0, "dur": 10.0},
        {"cat": "gpu_user_annotation", "name": "steps", "ts": 0.0, "dur": 100.0},
        call("cudaMemcpyAsync", 5.0, 1),
        call("cudaMemcpyAsync", 12.0, 2),
        call("cudaMemcpyAsync", 13.0, 3),
        call("cudaStreamSynchronize", 14.0, 4),
        {**call("cuLaunchKernel", 15.0, 5), "cat": "cuda_driver"},
        call("cudaLaunchKernel", 16.0, 6),
        call("cudaDeviceSynchronize", 25.0, 7),
        *({"cat": "gpu_memcpy", "name": f"Memcpy {way}", "ts": 50.0, "args": {"correlation": i}}
          for i, way in ((1, "HtoD"), (2, "DtoH (Device -> Pageable)"), (3, "DtoD"))),
    ]  # fmt: skip
    calls_within = scripts("gpu.purity").calls_within
    assert calls_within(events, "steps") == {
        "synchronizations": 1,
        "copies to the host": 1,
        "copies to the device": 0,
        "launches": 2,
        "copies on the device": 1,
        "allocations": 0,
    }
    with pytest.raises(ValueError, match="events must hold a span called 'other', got none"):
        calls_within(events, "other")


@pytest.mark.parametrize(("copies", "caught"), [((3, 3), False), ((4, 12), True), ((5, 13), True)])
def test_what_is_caught_is_what_grows_with_the_steps(scripts, copies, caught):
    purity, bench = scripts("gpu.purity"), scripts("gpu.bench")
    found = purity.by_step(
        bench.Bench(), lambda every: {"copies to the host": copies[every == purity.LONG], "launches": 30 * every}
    )
    assert found["caught"] is caught
    assert found["launches a step"] == 30
    assert found["copies to the host a stretch besides"] == copies[0] - (4 if caught else 0)


@pytest.mark.parametrize("pending", [True, False])
def test_plug_that_is_still_there_after_the_steps_shows_that_nothing_waited(scripts, monkeypatch, pending):
    purity, bench = scripts("gpu.purity"), scripts("gpu.bench")
    monkeypatch.setattr(bench.Bench, "library", "numpy")
    monkeypatch.setattr(bench.Bench, "backend", lambda _: scripts("xpnet").backend.get("numpy"))
    monkeypatch.setattr(purity.HostPlug, "pending", lambda _: pending)
    monkeypatch.setattr(purity, "Plug", purity.HostPlug)
    found = purity.plugged(bench.Bench(), "1", purity.look)
    assert found["caught"] is not pending
    assert found["milliseconds of the host"] > 0


@pytest.mark.parametrize(
    ("clean", "planted", "verdict"),
    [
        (False, True, "- plug: as it comes: clean"),
        (True, True, "- plug: as it comes: found something"),
        (False, False, "- plug: proves nothing, it did not find what was planted"),
        (False, None, "- plug: not finished"),
        ("dry run", "dry run", "- plug: dry run"),
    ],
)
def test_verdict_on_purity_needs_the_planted_one_found(scripts, clean, planted, verdict):
    items = {"plug: as it comes": {"caught": clean}} | (
        {"plug: planted": {"caught": planted}} if planted is not None else {}
    )
    assert scripts("gpu.report").purity(items) == [verdict]


# ---- the benchmark --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PyTorch, eager", "PyTorch, whole step as a CUDA graph", "JAX, jit", "JAX, scan"])
def test_peers_learn_what_xpnet_learns(scripts, name):
    pytest.importorskip("torch" if "PyTorch" in name else "jax")
    bench, steps, peers = scripts("gpu.bench"), scripts("gpu.steps"), scripts("gpu.peers")
    row = steps.peer_row(bench.Bench(dry=True), (20, 8, 8, 4), 10, 4, "fp32", peers.PEERS[name])
    assert row["same arithmetic"]


def test_another_arithmetic_is_found_out(scripts):
    bench, steps, peers = scripts("gpu.bench"), scripts("gpu.steps"), scripts("gpu.peers")

    def idle(bench, problem, tf32):
        return peers.Peer(lambda: 0.0, lambda: problem.start, np.matmul)

    with pytest.raises(AssertionError, match=r"ended 1\.0e\+00 apart: not the same arithmetic"):
        steps.peer_row(bench.Bench(dry=True), (20, 6, 4), 5, 8, "fp32", idle)


# ---- tests ----------------------------------------------------------------------------------------------------------

ROOM = """
import os, pytest, time
def test_right(): pass
def test_wrong(): assert 1 == 2
@pytest.mark.skip
def test_left(): pass
@pytest.fixture
def broken(): raise ValueError("no luck")
def test_broken(broken): pass
def test_end(): {end}
"""


@pytest.fixture
def room(scripts, tmp_path, monkeypatch):
    suite, bench = scripts("gpu.suite"), scripts("gpu.bench")
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    monkeypatch.setattr(suite, "ENDING", 3.0)

    def run(end, seconds):
        (tmp_path / "test_room.py").write_text(ROOM.format(end=end))
        return suite.run_room(bench.Bench(dry=True, deadline=bench.monotonic() + seconds), "test_room.py")

    return run


@pytest.mark.parametrize(
    ("end", "interrupted", "passed", "seconds"),
    [("pass", False, 2, 60.0), ("time.sleep(60)", True, 1, 9.0), ("os._exit(3)", False, 1, 60.0)],
)
def test_room_is_counted_however_it_ends(room, end, interrupted, passed, seconds):
    found = room(end, seconds)
    assert (found["interrupted"], found["passed"]) == (interrupted, passed)
    assert (found["failed"], found["errors"], found["skipped"]) == (1, 1, 1)
    assert found["failures"]["test_room.py::test_wrong"] == "E   assert 1 == 2\ntest_room.py:4: AssertionError"
    assert "ValueError: no luck" in found["failures"]["test_room.py::test_broken"]
    assert ("test_room.py" in found["failures"]) is (end == "os._exit(3)")


def test_room_without_time_is_left_out(room, scripts):
    with pytest.raises(scripts("gpu.keeping").MissingError, match="out of time"):
        room("pass", 1.0)


def test_important_rooms_come_first_and_run_on_cupy_alone(scripts):
    suite, bench = scripts("gpu.suite"), scripts("gpu.bench")
    rooms = [room for room, _ in suite.items(bench.Bench())]
    assert rooms[:5] == ["tests/linalg", "tests/training", "tests/recommend", "tests/execution", "tests/nn"]
    assert {"tests/io", "tests/test_trees.py"} < set(rooms)
    words = suite.command(bench.Bench(), "tests/nn")
    assert words[words.index("-m", 3) + 1] == "gpu"
    assert suite.variables(bench.Bench(), "reports")["XPNET_TEST_BACKENDS"] == "cupy-float32,cupy-float64"


def test_work_and_floor_by_hand(scripts):
    operations, least, kernels = scripts("gpu.steps").work((784, 30, 10), 10)
    # forward 2 m (784 30 + 30 10), backward once more for dw, and once for the error of the hidden layer
    assert operations == 2 * 10 * (2 * (784 * 30 + 30 * 10) + 30 * 10)
    assert least == 4 * (2 * (784 * 30 + 30 * 10 + 40) + 10 * 794)
    assert kernels == 2 + 4 + 1 + 4 + 2 + 2


@pytest.mark.parametrize(
    ("gpu", "host", "batch"),
    [((5, 5, 6), (4, 6, 9), 16), ((5, 9, 6), (6, 8, 9), 32), ((5, 5, 9), (6, 6, 8), None), ((1, 1, 1), (2, 2, 2), 8)],
)
def test_gpu_wins_from_the_batch_after_which_it_never_loses(scripts, gpu, host, batch):
    assert scripts("gpu.break_even").from_which((8, 16, 32), gpu, host) == batch


def test_difference_is_relative_to_the_largest_number(scripts):
    difference = scripts("gpu.agreement").difference
    assert difference([1.0, 3.0], [1.0, 4.0]) == 0.25
    assert math.isnan(difference([math.nan, 1.0], [1.0, 1.0]))
    with pytest.raises(ValueError, match=r"found must have the shape \(2,\), got \(1,\)"):
        difference([1.0], [1.0, 2.0])
