"""A training that was broken off goes on as if nothing had happened, bit for bit."""

import numpy as np
import pytest
from tools import TOLERANCES

from xpnet import Callback, Checkpoint, Network, adam, clip_norm, momentum, schedules, sgd, stopping, train
from xpnet.backend import get, to_numpy
from xpnet.execution import limited
from xpnet.training.resuming.keeper import written
from xpnet.trees import leaves

NETWORK = Network([9, 7, 3], hidden="tanh", dropout=0.2, cost="log_likelihood")
N, BATCH = 53, 5  # eleven steps an epoch, the last one with three rows
OPTIMIZERS = {
    "sgd": sgd(schedules.cosine(0.1, 60)),
    "momentum": momentum(0.05),
    "adam": adam(schedules.cosine(0.01, 60)),
}


class BrokenError(Exception):
    """What ends a training here."""


class Breaks(Callback):
    """Ends the training after a number of steps, wherever that is in an epoch."""

    every = 1

    def __init__(self, at):
        self.at = at

    def steps(self, step, parameters):
        if step == self.at:
            raise BrokenError


class BreaksAfter(Callback):
    """Ends the training after an epoch."""

    def __init__(self, epochs):
        self.epochs = epochs

    def epoch(self, record, parameters):
        if record.epoch == self.epochs:
            raise BrokenError


def run(home, optimizer="adam", **more):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((N, 9)), rng.integers(0, 3, N)
    given = {"validation": (x[:20], y[:20]), "epochs": 5, "l2": 0.1, "clip": clip_norm(2.0)} | more
    given.setdefault("stopping", stopping.halve_on_plateau(1, 1e-6))
    return train(NETWORK, (x, y), batch_size=BATCH, optimizer=OPTIMIZERS[optimizer], backend=home, **given)


def _skip_jax(backend):
    if backend.name == "jax":
        pytest.skip("JAX compiles every training anew")


def assert_same(found, expected, tolerance=0.0):
    for tree in ("parameters", "best_parameters"):
        for w, other in zip(leaves(getattr(found, tree)), leaves(getattr(expected, tree)), strict=True):
            assert (abs(to_numpy(w) - to_numpy(other)) <= tolerance).all()
    assert len(found.history) == len(expected.history)
    for record, other in zip(found.history, expected.history, strict=True):
        assert record[:-1] == (other[:-1] if not tolerance else pytest.approx(other[:-1], abs=tolerance))
    assert found.stopped_by == expected.stopped_by


@pytest.mark.parametrize("at", [1, 11, 14, 33, 50])
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_a_broken_training_ends_where_it_would_have_ended(backend, optimizer, at, tmp_path):
    if backend.name == "jax" and (optimizer, at, backend.dtype_name) != ("adam", 14, "float32"):
        pytest.skip("JAX compiles every training anew")
    whole = run(backend, optimizer)
    with pytest.raises(BrokenError):
        run(backend, optimizer, checkpoint=tmp_path, callbacks=[Breaks(at)])
    assert_same(run(backend, optimizer, checkpoint=tmp_path), whole)


@pytest.mark.parametrize("epochs", [1, 4])
def test_a_training_that_is_broken_between_epochs_goes_on(float64, epochs, tmp_path):
    _skip_jax(float64)
    with pytest.raises(BrokenError):
        run(float64, checkpoint=tmp_path, callbacks=[BreaksAfter(epochs)])
    assert_same(run(float64, checkpoint=tmp_path), run(float64))


def test_it_may_be_broken_again_and_again(tmp_path):
    home = get("numpy", dtype="float32")
    for at in (3, 4, 11, 12, 25, 40):
        with pytest.raises(BrokenError):
            run(home, checkpoint=Checkpoint(tmp_path, every="1 steps", keep=1), callbacks=[Breaks(at)])
        assert len(written(tmp_path)) == 1
    assert_same(run(home, checkpoint=tmp_path), run(home))


@pytest.mark.parametrize("stream", [True, False])
def test_rows_that_are_read_ahead_go_on_too(tmp_path, stream):
    home = get("numpy", dtype="float32")
    with pytest.raises(BrokenError):
        run(home, checkpoint=tmp_path, callbacks=[Breaks(18)], stream=stream)
    assert_same(run(home, checkpoint=tmp_path, stream=stream), run(home))


def test_an_interrupt_leaves_a_checkpoint(tmp_path):
    home = get("numpy", dtype="float64")

    class Stops(Breaks):
        def steps(self, step, parameters):
            if step == self.at:
                raise KeyboardInterrupt

    broken = run(home, checkpoint=tmp_path, callbacks=[Stops(27)], interrupt="return")
    assert (broken.stopped_by, len(broken.history)) == ("interrupted", 2)
    assert_same(run(home, checkpoint=tmp_path), run(home))


def test_a_finished_training_is_returned_and_may_get_more_epochs(float64, tmp_path):
    _skip_jax(float64)
    first = run(float64, checkpoint=tmp_path, epochs=3)
    seen = []

    class Sees(Callback):
        def epoch(self, record, parameters):
            seen.append(record.epoch)

    assert_same(run(float64, checkpoint=tmp_path, epochs=3, callbacks=[Sees()]), first)
    assert seen == []
    assert_same(run(float64, checkpoint=tmp_path, epochs=5, callbacks=[Sees()]), run(float64, epochs=5))
    assert seen == [4, 5]


def test_a_training_that_stopped_by_its_rule_stays_stopped(tmp_path):
    home, rule = get("numpy", dtype="float64"), stopping.no_improvement(1)
    first = run(home, checkpoint=tmp_path, epochs=60, stopping=rule)
    assert first.stopped_by == "no_improvement"
    assert_same(run(home, checkpoint=tmp_path, epochs=60, stopping=rule), first)


@pytest.mark.filterwarnings("ignore:training diverged")
def test_a_training_that_diverged_stays_diverged(tmp_path):
    home = get("numpy", dtype="float64")
    how = {"epochs": 3, "backend": home, "optimizer": sgd(1e200), "checkpoint": tmp_path}
    network = Network([2, 3, 1], output="linear", cost="quadratic")
    x = np.random.default_rng(0).standard_normal((8, 2))
    first, again = (train(network, (x, x[:, :1]), **how) for _ in range(2))
    assert (first.stopped_by, again.stopped_by) == ("diverged", "diverged")
    assert len(again.history) == len(first.history)
    assert np.isnan(again.history[-1].cost)


# ---- files --------------------------------------------------------------------------------------------------


def test_the_last_ones_stay_and_a_damaged_one_is_left_out(tmp_path):
    home = get("numpy", dtype="float64")
    with pytest.raises(BrokenError):
        run(home, checkpoint=Checkpoint(tmp_path, every="4 steps", keep=3), callbacks=[Breaks(30)])
    newest, *others = written(tmp_path)
    assert len(others) == 2
    newest.write_bytes(newest.read_bytes()[:-100])
    with pytest.warns(RuntimeWarning, match="is left out: .*step-"):
        found = run(home, checkpoint=tmp_path)
    assert_same(found, run(home))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"l2": 0.2}, r"l2 \(0.1 before, 0.2 now\)"),
        ({"seed": 4}, r"seed \(0 before, 4 now\), first parameters"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"validation": None}, "validation"),
        ({"sample_weight": np.arange(1.0, N + 1.0)}, "data"),
    ],
)
def test_another_training_is_refused_with_the_difference(tmp_path, change, what):
    home = get("numpy", dtype="float64")
    run(home, checkpoint=tmp_path, epochs=1)
    with pytest.raises(ValueError, match=f"checkpoint must be of the same training.*differs in .*{what}"):
        run(home, checkpoint=tmp_path, epochs=2, **change)
    with pytest.raises(ValueError, match="dtype"):
        run(get("numpy", dtype="float32"), checkpoint=tmp_path, epochs=2)


def test_what_bits_depend_on_is_told_and_rounding_is_all_that_differs(tmp_path):
    home = get("numpy", dtype="float64")
    with pytest.raises(BrokenError):
        run(home, checkpoint=tmp_path, callbacks=[Breaks(17)])
    with pytest.warns(RuntimeWarning, match=r"its last bits may differ: library \(numpy .* before, array_api_strict"):
        found = run(get("array_api_strict", dtype="float64"), checkpoint=tmp_path)
    assert_same(found, run(home), TOLERANCES["training"]["float64"])


def test_the_number_of_threads_is_that_of_the_checkpoint(tmp_path):
    home = get("numpy", dtype="float64")
    with limited(1), pytest.raises(BrokenError):
        run(home, checkpoint=tmp_path, callbacks=[Breaks(17)])
    assert run(home, checkpoint=tmp_path).execution.endswith("1 BLAS thread")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"every": "soon"}, "every must be seconds or words such as 30s"),
        ({"every": "0 steps"}, "every must be"),
        ({"every": 0.0}, "every must be"),
        ({"keep": 0}, "keep must be"),
    ],
)
def test_arguments(tmp_path, given, message):
    with pytest.raises(ValueError, match=message):
        Checkpoint(tmp_path, **given)
    with pytest.raises(TypeError, match="checkpoint must be a folder or a Checkpoint, got int"):
        run(get("numpy"), checkpoint=3)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match="file"):
        run(get("numpy"), checkpoint=tmp_path / "file")
