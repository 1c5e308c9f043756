"""Many networks in a stack go on from a folder, each as if nothing had happened."""

import numpy as np
import pytest

from xpnet import Checkpoint, Network, adam, schedules, stopping, train_many, train_table
from xpnet.backend import get, to_numpy
from xpnet.training.resuming.keeper import read_checkpoint
from xpnet.trees import leaves

NETWORK = Network([6, 5, 3], dropout=0.2, cost="log_likelihood")


class BrokenError(Exception):
    """What ends a training here."""


class Breaks:
    """Watches, and ends the training after so many epochs."""

    def __init__(self, epochs):
        self.left = epochs

    def __call__(self, records, parameters):
        self.left -= 1
        if not self.left:
            raise BrokenError


def run(home, **more):
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((40, 6)), rng.integers(0, 3, 40)
    rows = np.arange(40)
    splits = [(np.delete(rows, slice(i, i + 7 + i)), rows[i : i + 7 + i]) for i in range(5)]
    given = {"epochs": 9, "batch_size": 8, "optimizer": adam(schedules.cosine(0.05, 45)), "splits": splits} | more
    return train_many(NETWORK, (x, y), seeds=5, stopping=stopping.no_improvement(2), backend=home, **given)


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        for tree in ("parameters", "best_parameters"):
            for w, v in zip(leaves(getattr(one, tree)), leaves(getattr(other, tree)), strict=True):
                assert (to_numpy(w) == to_numpy(v)).all()
        assert [r[:-1] for r in one.history] == [r[:-1] for r in other.history]
        assert one.stopped_by == other.stopped_by


@pytest.mark.parametrize("epochs", [1, 3, 5])
@pytest.mark.parametrize("at_once", [None, 2])
def test_networks_that_stop_at_different_times_go_on(backend, epochs, at_once, tmp_path):
    if backend.name == "jax":
        pytest.skip("JAX compiles every stack anew")
    whole = run(backend, at_once=at_once)
    assert len({len(result.history) for result in whole}) > 1
    with pytest.raises(BrokenError):
        run(backend, at_once=at_once, checkpoint=tmp_path, watch=Breaks(epochs))
    assert_same(run(backend, at_once=at_once, checkpoint=tmp_path), whole)
    assert_same(run(backend, at_once=at_once, checkpoint=tmp_path), whole)  # it has ended


def test_other_splits_are_refused(tmp_path):
    home = get("numpy", dtype="float64")
    run(home, checkpoint=tmp_path, epochs=1)
    with pytest.raises(ValueError, match="differs in rows"):
        run(home, checkpoint=tmp_path, splits=None, validation=None)


@pytest.mark.parametrize("target", ["area", "color"])
def test_a_table_goes_on_with_the_epoch_that_its_members_choose(target, tmp_path):
    rng = np.random.default_rng(0)
    width = rng.uniform(1.0, 9.0, 120)
    color = np.where(width + rng.standard_normal(120) > 5.0, "red", "green")
    frame = {"width": width, "color": color.tolist(), "area": width**2}
    whole = train_table(frame, target)
    with pytest.raises(BrokenError):
        train_table(frame, target, checkpoint=tmp_path, watch=Breaks(7))
    found = train_table(frame, target, checkpoint=tmp_path)
    for w, v in zip(leaves(found.parameters), leaves(whole.parameters), strict=True):
        assert (to_numpy(w) == to_numpy(v)).all()
    assert found.errors == whole.errors


def test_the_newest_checkpoint_stays_when_networks_leave_the_stack(tmp_path):
    run(get("numpy", dtype="float64"), checkpoint=Checkpoint(tmp_path, every="1 steps", keep=1))
    (newest,) = tmp_path.rglob("step-*.npz")
    _, note = read_checkpoint(newest)
    assert len(note["state"]["numbers"]) < 5
    assert note["state"]["epoch"] == max(len(each["history"]["records"]) for each in note["state"]["networks"])
