"""``xpnet bench``: what it measures, what it prints, and what it says of GPUs."""

import os

import numpy as np
import pytest

from xpnet.backend import get
from xpnet.cli.commands import bench
from xpnet.training import History, Record

NO_GPU = {"cupy": "cupy is not installed; pip install it"}


@pytest.fixture(autouse=True)
def no_numba(monkeypatch):
    monkeypatch.setattr(bench, "may_compile", lambda: False)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(bench, "available", lambda: NO_GPU)


@pytest.fixture
def stand_in(monkeypatch):
    """Let array-api-strict be what `get` finds under CuPy's name: the GPU's part of the command, without a GPU."""

    def opened(name, **options):
        return get("array_api_strict" if name == "cupy" else name, **options)

    monkeypatch.setattr(bench, "available", lambda: {"cupy": None})
    monkeypatch.setattr(bench, "get", opened)
    monkeypatch.setattr(bench, "BATCHES", (8, 4096))


def history(*seconds):
    return History(tuple(Record(i + 1, 1.0, None, None, None, 0.1, each) for i, each in enumerate(seconds)))


def test_bench_tells_speed_floor_and_machine(xpnet, no_gpu):
    ran = xpnet("bench", "--quick")
    backend, machine, blas, _, heads, *rows, _, gpu = ran.out.splitlines()
    assert ran.code == 0
    assert backend.startswith("backend  numpy ")
    assert machine.startswith("machine  ")
    assert blas.startswith("BLAS     ")
    assert "thread" in blas
    assert heads.split("  ")[-1] == "their share"
    assert [row.split()[:5] for row in rows] == [
        ["numpy", network, batch, optimizer, "numpy"]
        for network, batch in (("784-30-10", "10"), ("784-100-10", "100"))
        for optimizer in ("sgd", "adam")
    ]
    assert gpu == "no GPU: " + NO_GPU["cupy"]


def test_json_is_one_object_a_line(xpnet, no_gpu):
    machine, *rows, gpu = xpnet("bench", "--quick", "--json").events
    assert (machine["event"], machine["name"], machine["dtype"]) == ("machine", "numpy", "float32")
    assert machine["cores"] > 0
    for row in rows:
        assert row["examples_per_second"] == pytest.approx(1e6 / row["microseconds"])
        assert row["products_share"] == pytest.approx(row["products_microseconds"] / row["microseconds"])
    assert gpu == {"event": "no_gpu", "reason": NO_GPU["cupy"]}


def test_another_backend_and_dtype_are_measured(xpnet, no_gpu):
    machine, small, *_ = xpnet("bench", "--quick", "--json", "--backend", "numpy", "--dtype", "float64").events
    assert machine["dtype"] == "float64"
    ran = xpnet("bench", "--quick", "--backend", "array_api_strict")
    assert "array_api_strict" in ran.out
    assert "BLAS     of array_api_strict" in ran.out
    assert small["backend"] == "numpy"


def test_a_gpu_is_measured_and_compared(xpnet, stand_in):
    events = xpnet("bench", "--quick", "--json").events
    assert [(e["backend"], e["loops"], e["network"], e["optimizer"]) for e in events[1:9]] == [
        (backend, loops, network, optimizer)
        for backend, loops in (("numpy", "numpy"), ("array_api_strict", ""))
        for network in ("784-30-10", "784-100-10")
        for optimizer in ("sgd", "adam")
    ]
    assert [(e["event"], e["network"]) for e in events[9:]] == [("pays", "784-30-10"), ("pays", "784-100-10")]
    for event in events[9:]:
        assert event["tried"] == [8]  # 4096 is more than there is in a quick run
        assert event["from_batch"] is None  # it is NumPy with checks on top
    words = xpnet("bench", "--quick").out
    assert "the GPU is faster from this batch on\n  784-30-10         none up to 8\n" in words


def test_numpy_is_measured_with_and_without_numba(monkeypatch):
    def speed(case, place, seconds, optimizer):
        seen.append((optimizer, os.environ["XPNET_FAST"]))
        return 1e-6

    seen = []
    monkeypatch.setattr(bench, "may_compile", lambda: True)
    monkeypatch.setattr(bench, "speed", speed)
    monkeypatch.setattr(bench, "floor", lambda *_: 5e-7)
    monkeypatch.delenv("XPNET_FAST", raising=False)
    rows = [*bench.rows(bench.CASES[:1], bench.Place(get("numpy"), None, None), 1.0)]
    assert [(row["optimizer"], row["loops"]) for row in rows] == [
        (optimizer, loops) for optimizer in ("sgd", "adam") for loops in ("numpy", "numba")
    ]
    assert seen == [(optimizer, value) for optimizer in ("sgd", "adam") for value in ("0", "1")]
    assert "XPNET_FAST" not in os.environ


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("--backend nope", 1, "backend must be one of"),
        ("--device 3", 1, "device must be 'cpu' on numpy"),
        ("--repeats 3", 2, "unrecognized arguments"),
    ],
)
def test_bad_input_is_told_in_a_line(xpnet, words, code, message):
    ran = xpnet("bench", *words.split())
    assert ran.code == code
    assert message in ran.err
    assert code == 2 or len(ran.err.splitlines()) == 1


def test_the_first_epoch_does_not_count(monkeypatch):
    asked = []

    def train(network, data, *, stopping, **how):
        asked.append(len(data[0]))
        assert stopping(history(9.0)).reason is None
        return type("Result", (), {"history": history(9.0, 0.01, 0.03, 0.02)})

    monkeypatch.setattr(bench, "train", train)
    place = bench.Place.on(get("numpy"), 1000)
    case = bench.Case((784, 30, 10), 10)
    assert bench.speed(case, place, 0.1) == 0.02 / 250  # the median epoch; a quarter of 0.1 s at 0.0001 s each is 250
    assert asked == [200, 250]


def test_the_rule_stops_when_the_counted_epochs_have_taken_long_enough():
    rule = bench._after(0.5)
    assert rule(history(9.0, 0.4)).reason is None
    assert rule(history(9.0, 0.4, 0.2)).reason == "measured"
    assert bench._after(0.0)(history(9.0)).reason is None  # one epoch must count


def test_the_products_are_those_of_a_step(monkeypatch):
    seen, matmul = [], np.matmul

    def watched(left, right, out):
        np.testing.assert_array_equal(matmul(left, right, out=out), left @ right)
        seen.append((left, right, out))

    monkeypatch.setattr(bench.np, "matmul", watched)
    bench.products(bench.Case((5, 4, 3), 7), get("numpy"))()
    shapes = [(left.shape, right.shape) for left, right, _ in seen]
    assert shapes == [((7, 5), (5, 4)), ((7, 4), (4, 3)), ((3, 7), (7, 4)), ((7, 3), (3, 4)), ((4, 7), (7, 5))]
    forward, output, dw2, backward, dw1 = seen
    assert forward[2] is output[0] is dw2[1]  # what a layer puts out is what the next one reads
    assert np.shares_memory(backward[2], dw1[0])


def test_a_gpu_pays_from_the_first_batch_that_is_faster():
    assert bench.pays_from([8, 16], lambda batch: 1.0, lambda batch: 1.0) is None
    assert bench.pays_from([8, 16], lambda batch: 1.0, lambda batch: 9.0 / batch) == 16


@pytest.mark.parametrize("case", [*bench.CASES, bench.Case((784, 9000, 10), 4096)], ids=str)
def test_a_case_is_trained_on_whole_mini_batches(case):
    assert case.examples % case.batch == 0
    assert case.batch <= case.examples <= bench.MOST


def test_the_processor_has_a_name_everywhere(monkeypatch):
    assert bench.processor()
    monkeypatch.setattr(bench.Path, "read_text", lambda *args, **options: (_ for _ in ()).throw(OSError()))
    assert bench.processor()
