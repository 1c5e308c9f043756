"""Tapes with compiled loops give the plain loop's bits, and compile only what pays."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from every_kernel import MIXED
from loop_compilers import COMPILERS, by_python, needs_numba, use
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, expansions, go, prepare, stack

from xpnet.backend import get, namespace
from xpnet.execution import limited
from xpnet.execution.loop import Loop
from xpnet.execution.numpy_tape import compiling, numba_compiler, workers
from xpnet.execution.numpy_tape.tape import Tape
from xpnet.nn import Network
from xpnet.recommend.factorization import FactorModel
from xpnet.training import adam, sgd, train
from xpnet.trees import leaves

NUMBA = "xpnet.execution.numpy_tape.numba_compiler"


def same_bits(step, carry, inputs):
    tape = Tape(step)
    with np.errstate(all="ignore"):
        found, plain = go(tape, carry, inputs), go(Loop(step), carry, inputs)
    assert tape.way == "compiled NumPy program with loops by Numba"
    for a, b in zip(found, plain, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))
    return tape


# ---- bits: by Python a few, by Numba more; with XPNET_FAST=1 test_tape.py runs all -----------------------------------


@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXED)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_network_optimizer_and_setting(network, optimizer, settings, dtype, monkeypatch):
    use(monkeypatch, "python")
    backend = get("numpy", dtype=dtype)
    same_bits(*prepare(NETWORKS[network], OPTIMIZERS[optimizer], backend, n=8, batch=3, **SETTINGS[settings]))


@needs_numba
@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXED[::4])
def test_numba_on_networks_optimizers_and_settings(network, optimizer, settings, monkeypatch):
    use(monkeypatch, "numba")
    same_bits(*prepare(NETWORKS[network], OPTIMIZERS[optimizer], get("numpy"), **SETTINGS[settings]))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_stacks_expansions_and_factor_models(compiler, monkeypatch):
    use(monkeypatch, compiler)
    tape = same_bits(*stack())
    assert all("loop" in source for source in tape.sources)
    same_bits(*prepare(NETWORKS["plain"], sgd(0.5), get("numpy"), n=8, batch=3, expand=expansions()[1]))
    model = FactorModel(n_users=5, n_items=7, k=3, mean=3.0, penalty="l21")
    same_bits(*prepare(model, adam(0.01), get("numpy"), n=8, batch=3, l1=0.1, l2=0.1))


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_large_loops_run_in_parts(compiler, threads, monkeypatch):
    use(monkeypatch, compiler)
    monkeypatch.setattr(compiling, "PART", 1e-3)
    seen = []
    split = workers.split
    monkeypatch.setattr(workers, "split", lambda *args: seen.append(split(*args)) or seen[-1])
    monkeypatch.setattr(workers, "allowed_threads", lambda: threads)
    tape = same_bits(*prepare(Network([9, 20, 3]), adam(0.01), get("numpy"), n=20, batch=6, l2=1.0))
    assert "run_in_parts" in tape.sources[0]
    assert max(map(len, seen)) == threads


@pytest.mark.parametrize("compiler", COMPILERS)
def test_hashes_of_int32_wrap(compiler, monkeypatch):
    from xpnet.counter_rng import draw_bits

    def step(carry, x):
        return (carry[0] ^ draw_bits(x, 5, (7, -9)),), x

    places = np.arange(12, dtype=np.int32).reshape(4, 3) * 10**8
    use(monkeypatch, compiler)
    same_bits(step, (np.zeros((3, 5), np.int32),), [places])


def test_inputs_and_outputs_in_every_layout(monkeypatch):
    def step(carry, x):
        (w,) = carry
        z = 2.0 * x + w
        return (w - 0.5 * z,), 3.0 - z

    use(monkeypatch, "python")
    x = np.random.default_rng(0).random((6, 4, 8))
    carry = (np.ones((4, 4)),)
    for each in (x[:, :, ::2], x[::2, :, 4:], np.asarray(x[:, :, :4], order="F"), x[:, :, 3::-1]):
        same_bits(step, carry, [each])

    def columns_first(carry, x):
        z = 3.0 * x + carry[0]
        return (2.0 * carry[0],), z

    same_bits(columns_first, (np.asarray(x[0, :, :4], order="F"),), [x[:, :, :4].copy()])
    read_only = x[:, :, :4].copy()
    read_only.flags.writeable = False
    same_bits(step, carry, [read_only])


@pytest.mark.parametrize(
    "move",
    [
        lambda y: 2.0 * y + y.T,
        lambda y: y - y[0:1, :],
        lambda y: (y - y[:, 0:1]) * 2.0,
        lambda y: y * 3.0 + y[::-1, :],
        lambda y: y.T - y.T[0:1, :],
    ],
)
def test_a_value_and_views_of_it_in_one_loop(move, monkeypatch):
    def step(carry, x):
        (w,) = carry
        y = namespace(x).tanh(x + w)  # by NumPy, so that the next operations begin a loop
        return (move(w),), namespace(x).tanh(move(y))

    use(monkeypatch, "python")
    same_bits(step, (np.random.default_rng(1).random((3, 3)),), [np.random.default_rng(0).random((4, 3, 3))])


def test_neighbors_of_a_vector_that_move(monkeypatch):
    def step(carry, x):
        _, b, c = carry[0]
        return ((b + 1.0, c + 1.0, namespace(x).tanh(x)),), x

    def swap(carry, x):
        ((a, b, c, d),) = carry
        return ((c + 1.0, d + 1.0, a * 2.0, b * 2.0),), x

    use(monkeypatch, "python")
    x = np.random.default_rng(0).random((5, 2, 3))
    same_bits(step, (tuple(np.full((2, 3), float(i)) for i in range(3)),), [x])
    same_bits(swap, (tuple(np.full((2, 3), float(i)) for i in range(4)),), [x])


def test_results_made_anew_in_each_step_stay_with_numpy(monkeypatch):
    def step(carry, x):
        order = namespace(x).argsort(x)
        ranked = namespace(x).cumulative_sum(x)
        return (carry[0] * 2.0 + 1.0,), (ranked + 1.0) * namespace(x).astype(order, x.dtype)

    use(monkeypatch, "python")
    tape = same_bits(step, (np.ones(2),), [np.random.default_rng(0).random((3, 4))])
    assert tape.sources[0].count("loop") == 1


def test_unaligned_inputs_stay_with_numpy(monkeypatch):
    def step(carry, x):
        return (carry[0] + 2.0 * x,), x

    use(monkeypatch, "python")
    x = np.frombuffer(b"0" + np.arange(6.0).tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(2, 3)
    tape = Tape(step)
    assert not x.flags.aligned
    constant = x[0]
    assert "Numba" not in _way(lambda carry, each: ((carry[0] + constant,), each))
    carry, _ = tape((np.ones(3),), x)
    np.testing.assert_array_equal(carry[0], 1.0 + 2.0 * (x[0] + x[1]))
    assert tape.way == "compiled NumPy program"
    tape(carry, x.copy())
    assert tape.way == "compiled NumPy program with loops by Numba"


def _way(step):
    tape = Tape(step)
    tape((np.ones(3),), np.ones((2, 3)))
    return tape.way


def test_the_switch_to_compiled_loops_keeps_the_memory_of_the_carry(monkeypatch):
    step, carry, (inputs, _) = prepare(NETWORKS["plain"], adam(0.1), get("numpy"))
    use(monkeypatch, "python")
    tape = Tape(step)
    monkeypatch.setenv("XPNET_FAST", "0")
    first, _ = tape(carry, inputs)
    kept = leaves(first)
    assert "loop" not in tape.sources[0]
    monkeypatch.setenv("XPNET_FAST", "1")
    second, _ = tape(first, inputs)
    assert all(a is b for a, b in zip(leaves(second), kept, strict=True))
    assert "loop" in tape.sources[0]
    plain, _ = Loop(step)(Loop(step)(carry, inputs)[0], inputs)
    for a, b in zip(leaves(second), leaves(plain), strict=True):
        np.testing.assert_array_equal(a, b)


# ---- what is compiled -------------------------------------------------------------------------------------


def counting(monkeypatch):
    """Let Python run loops, where it pays as if it were Numba; return the list of the texts that were compiled."""
    texts = []
    use(monkeypatch, "python")
    monkeypatch.setenv("XPNET_FAST", "")
    monkeypatch.setattr(f"{NUMBA}._compile", lambda text, kinds, _: texts.append(text) or by_python(text, kinds))
    return texts


def test_short_runs_compile_nothing_and_long_ones_the_groups_that_pay(monkeypatch):
    texts = counting(monkeypatch)
    step, carry, (inputs, _) = prepare(Network([784, 30, 10]), adam(0.01), get("numpy"), n=24, batch=10)
    Tape(step)(carry, inputs)
    Tape(step, steps=2000)(carry, inputs)
    assert texts == []
    Tape(step, steps=150_000)(carry, inputs)
    assert len(texts) == 1  # the update
    assert "sqrt" in texts[0]
    Tape(step, steps=10**9)(carry, inputs)
    assert len(texts) > 4


def test_a_run_of_unknown_length_compiles_when_it_has_been_long(monkeypatch):
    texts = counting(monkeypatch)
    monkeypatch.setattr(compiling, "START", 2e3)
    monkeypatch.setattr(compiling, "COMPILE", 1e3)
    step, carry, (inputs,) = prepare(Network([784, 30, 10]), adam(0.01), get("numpy"), n=30, batch=10)
    tape, steps = Tape(step), len(inputs.rows)
    compiled_after = next(k for k in range(10_000) if (tape(carry, inputs) and texts))
    saving = 25.0  # microseconds a step, by the same numbers
    assert 2 * 3e3 / saving / 0.4 / 2 < compiled_after * steps < 2 * 3e3 / saving / 0.4 * 2


def test_equal_loops_of_a_process_are_compiled_once_and_used_at_once(monkeypatch):
    texts = counting(monkeypatch)
    step, carry, (inputs,) = prepare(Network([784, 30, 10]), adam(0.01), get("numpy"), n=10, batch=10)
    Tape(step, steps=10**9)(carry, inputs)
    first = len(texts)
    step, carry, (inputs,) = prepare(Network([20, 15, 10]), adam(0.02), get("numpy"), n=10, batch=10)
    tape = Tape(step)
    tape(carry, inputs)
    assert "Numba" in tape.way  # though it is short: the texts are the same
    assert len(texts) == first
    monkeypatch.setattr(numba_compiler, "KEPT", 3)
    step, carry, (inputs,) = prepare(Network([20, 15, 10]), sgd(0.02), get("numpy"), n=7, batch=7)
    Tape(step, steps=10**9)(carry, inputs)
    assert len(numba_compiler._loops) == 3


@pytest.mark.parametrize(("fast", "generic"), [("0", "0"), ("1", "1")])
def test_switches_turn_it_off(fast, generic, monkeypatch):
    use(monkeypatch, "python")
    monkeypatch.setenv("XPNET_FAST", fast)
    monkeypatch.setenv("XPNET_GENERIC", generic)
    x, y = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
    assert "Numba" not in train(Network([3, 2]), (x, y), epochs=1).execution


def test_a_result_says_that_loops_were_compiled(monkeypatch):
    use(monkeypatch, "python")
    x, y = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
    execution = train(Network([3, 2]), (x, y), epochs=1).execution
    assert execution.startswith("compiled NumPy program with loops by Numba, ")


# ---- without Numba, or with a broken one ------------------------------------------------------------------


def run_python(folder, code, **environment):
    """Return what a new interpreter prints, with modules of `folder` before all others."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]), **environment}
    ended = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout, ended.stderr


TRAIN = """
import numpy as np, xpnet, sys
x, y = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
for _ in range(2):
    result = xpnet.train(xpnet.Network([3, 2]), (x, y), epochs=2)
print(result.execution, 'numba' in sys.modules)
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise ImportError('Numba needs NumPy 2.0 or less')", "Numba needs NumPy 2.0 or less"),
        ("raise SystemError('of this Python')", "SystemError: of this Python"),
        ("", "AttributeError"),
    ],
)
def test_a_broken_numba_is_told_once_and_training_goes_on(text, why, tmp_path):
    (tmp_path / "numba.py").write_text(text)
    out, errors = run_python(tmp_path, TRAIN, XPNET_FAST="1")
    assert out.startswith("compiled NumPy program, ")
    assert errors.count("RuntimeWarning") == 1
    assert "Numba is installed but cannot be used" in errors
    assert why in errors


@pytest.mark.parametrize("switch", ["", "0"])
def test_importing_xpnet_and_short_trainings_leave_numba_alone(switch, tmp_path):
    (tmp_path / "numba.py").write_text("raise SystemExit('numba was imported')")
    out, errors = run_python(tmp_path, TRAIN, XPNET_FAST=switch)
    assert out.endswith("False\n")
    assert errors == ""


def test_without_numba_nothing_is_said(monkeypatch):
    monkeypatch.setattr(f"{NUMBA}._is_installed", lambda: False)
    monkeypatch.setenv("XPNET_FAST", "1")
    step, carry, inputs = prepare(NETWORKS["plain"], sgd(0.5), get("numpy"))
    tape = Tape(step)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tape(carry, inputs[0])
    assert tape.way == "compiled NumPy program"


# ---- threads ----------------------------------------------------------------------------------------------


def test_ranges_are_all_of_the_length():
    for length in (1, 2, 7, 100):
        for parts in (1, 2, 3, 8):
            spans = workers.split(length, parts)
            assert [i for a, b in spans for i in range(a, b)] == [*range(length)]
            assert len(spans) == min(parts, length)


def test_only_long_loops_let_other_threads_run_meanwhile(monkeypatch):
    seen = {}
    use(monkeypatch, "python")

    def compile_text(text, kinds, releases):
        seen["sqrt" in text] = releases
        return by_python(text, kinds)

    monkeypatch.setattr(f"{NUMBA}._compile", compile_text)
    step, carry, (inputs,) = prepare(Network([784, 30, 10]), adam(0.01), get("numpy"), n=10, batch=10)
    Tape(step)(carry, inputs)
    assert seen == {True: True, False: False}  # the update, and all others


def test_each_index_is_written_once_by_several_threads():
    counts, names = np.zeros(1000, int), set()

    def loop(x, start, stop):
        names.add(threading.current_thread().name)
        x[start:stop] += 1

    with limited(None):
        for _ in range(20):
            workers.run_in_parts(loop, (counts,), 1000, 4)
    assert (counts == 20).all()


def test_no_more_parts_than_threads_are_allowed():
    seen = []
    with limited(1):
        workers.run_in_parts(lambda a, b: seen.append((a, b)), (), 10, 4)
    assert seen == [(0, 10)]


def test_parts_that_no_thread_has_begun_are_the_callers(monkeypatch):
    monkeypatch.setattr(workers, "allowed_threads", lambda: 3)
    pool, held = workers._pool(), threading.Event()
    waiting = [pool.submit(held.wait, 10) for _ in range(pool._max_workers)]
    counts = np.zeros(30, int)

    def loop(x, start, stop):
        x[start:stop] += 1

    workers.run_in_parts(loop, (counts,), 30, 3)
    held.set()
    assert (counts == 1).all()
    assert all(each.result() for each in waiting)


def test_an_error_in_a_thread_is_raised(monkeypatch):
    monkeypatch.setattr(workers, "allowed_threads", lambda: 2)

    def loop(start, stop):
        if start:
            raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        workers.run_in_parts(loop, (), 10, 2)


def test_the_caller_waits_for_all_parts(monkeypatch):
    monkeypatch.setattr(workers, "allowed_threads", lambda: 2)
    begun, done = threading.Event(), []

    def loop(start, stop):
        if start:
            begun.set()
            time.sleep(0.05)
        else:
            assert begun.wait(10)
        done.append(start)

    workers.run_in_parts(loop, (), 2, 2)
    assert done == [0, 1]


def _in_child(queue):
    together = threading.Barrier(2)

    def loop(start, stop):
        together.wait(5)

    try:
        workers.run_in_parts(loop, (), 2, 2)
        queue.put("together")
    except threading.BrokenBarrierError:
        queue.put("alone")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_there_are_new_threads(monkeypatch):
    monkeypatch.setattr(workers, "allowed_threads", lambda: 2)
    workers._pool().submit(int).result()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=20) == "together"
    child.join(10)
    assert child.exitcode == 0


def test_trainings_in_several_threads_at_once(monkeypatch):
    use(monkeypatch, "python")
    monkeypatch.setattr(compiling, "PART", 1e-3)
    monkeypatch.setattr(workers, "allowed_threads", lambda: 2)
    step, carry, inputs = prepare(NETWORKS["plain"], adam(0.01), get("numpy"))
    found = []

    def runs():
        found.append(go(Tape(step), carry, inputs))

    threads = [threading.Thread(target=runs) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = go(Loop(step), carry, inputs)
    for each in found:
        for a, b in zip(each, expected, strict=True):
            np.testing.assert_array_equal(a, b)
    assert len(found) == 3
