"""Ctrl-C while a network trains: it is raised, or the whole epochs are given back."""

import numpy as np
import pytest

from xpnet import Callback, Network, load, save, train
from xpnet.backend import to_numpy
from xpnet.trees import leaves


class PressCtrlC(Callback):
    """Interrupts in the middle of an epoch, after so many steps, or at the end of one."""

    def __init__(self, step=None, epoch=None):
        self.step, self.at, self.every = step, epoch, 1
        self.ended = []

    def steps(self, t, parameters):
        if t == self.step:
            raise KeyboardInterrupt

    def epoch(self, record, parameters):
        if record.epoch == self.at:
            raise KeyboardInterrupt

    def end(self, result):
        self.ended.append(result.stopped_by)


@pytest.fixture
def blobs(rng):
    """Two clouds: 40 rows of 3 numbers; 4 steps an epoch."""
    y = np.arange(40) % 2
    return rng.standard_normal((40, 3)) + y[:, None], y


def run(data, backend, *, epochs=30, **how):
    return train(Network([3, 4, 2]), data, backend=backend, epochs=epochs, **how)


def assert_same(left, right):
    for one, other in zip(leaves(left), leaves(right), strict=True):
        np.testing.assert_array_equal(to_numpy(one), to_numpy(other))


def test_an_interrupted_training_gives_back_its_whole_epochs(backend, blobs):
    press = PressCtrlC(step=14)  # in the fourth epoch
    found = run(blobs, backend, callbacks=[press], interrupt="return")
    three = run(blobs, backend, epochs=3, callbacks=[PressCtrlC()])
    assert (found.stopped_by, len(found.history), press.ended) == ("interrupted", 3, ["interrupted"])
    assert_same(found.parameters, three.parameters)
    assert_same(found.best_parameters, three.parameters)


def test_the_best_epoch_is_kept_if_one_was_watched(backend, blobs, rng):
    x, y = blobs
    watched = (x, rng.permutation(y))  # nothing to learn there: the best epoch is an early one
    found = run(blobs, backend, callbacks=[PressCtrlC(epoch=10)], interrupt="return", validation=watched)
    nine = run(blobs, backend, epochs=9, callbacks=[PressCtrlC()], validation=watched)
    assert found.history.best().epoch == nine.history.best().epoch < 9
    assert_same(found.best_parameters, nine.best_parameters)


def test_before_the_first_epoch_has_ended_there_is_only_the_start(backend, blobs):
    network = Network([3, 4, 2])
    found = run(blobs, backend, callbacks=[PressCtrlC(step=2)], interrupt="return")
    assert (found.stopped_by, len(found.history)) == ("interrupted", 0)
    assert_same(found.parameters, network.initialize(backend, 0))


def test_an_interrupt_is_raised_unless_the_result_is_asked_for(blobs):
    with pytest.raises(KeyboardInterrupt):
        run(blobs, "numpy", callbacks=[PressCtrlC(step=14)])
    with pytest.raises(ValueError, match="interrupt must be one of raise, return, got 'save'"):
        run(blobs, "numpy", interrupt="save")


def test_an_interrupted_result_can_be_saved(tmp_path, blobs):
    found = run(blobs, "numpy", callbacks=[PressCtrlC(step=14)], interrupt="return")
    save(tmp_path / "m", found)
    assert (load(tmp_path / "m").predict(blobs[0]) == found.predict(blobs[0])).all()
