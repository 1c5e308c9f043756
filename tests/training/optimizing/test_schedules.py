"""Schedules, against the numbers of PyTorch, Keras and scikit-learn."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.training import sgd
from xpnet.training.optimizing import schedules
from xpnet.training.optimizing.schedules import (
    constant,
    cosine,
    exponential,
    inverse_scaling,
    one_cycle,
    restarts,
    step,
    warm_up,
)

PYTORCH = [  # learning rate 0.1, eight steps
    (step(0.1, 3), [0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001]),
    (exponential(0.1, 0.9), [0.1, 0.09, 0.081, 0.0729, 0.06561, 0.059049, 0.0531441, 0.04782969]),
    (
        cosine(0.1, 4, 0.01, repeat=True),
        [0.1, 0.0868198052, 0.055, 0.0231801948, 0.01, 0.0231801948, 0.055, 0.0868198052],
    ),
    (
        one_cycle(0.1, 8),  # OneCycleLR(optimizer, 0.1, total_steps=8)
        [0.004, 0.0819275105, 0.09719417774, 0.08117456540, 0.05559840141, 0.02830609982, 0.00766415938, 4e-07],
    ),
    (
        restarts(0.1, 2),  # CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
        [0.1, 0.05, 0.1, 0.08535533906, 0.05, 0.01464466094, 0.1, 0.09619397663],
    ),
    (warm_up(0.1, 4, 0.25), [0.025, 0.04375, 0.0625, 0.08125, 0.1, 0.1, 0.1, 0.1]),
]


@pytest.mark.parametrize(("schedule", "expected"), PYTORCH)
def test_schedule_gives_pytorchs_numbers(schedule, expected):
    assert [schedule(t) for t in range(8)] == pytest.approx(expected, abs=5e-11)


OTHERS = [
    (exponential(0.05, 0.96, every=10), 5, 0.05 * 0.96**0.5),
    (step(0.1, 3, 0.96), 100, 0.1 * 0.96**33),
    (inverse_scaling(0.1, power=1.0, every=10 / 0.96), 7, 0.1 / (1 + 7 / 10 * 0.96)),
    (inverse_scaling(0.2), 8, 0.2 / 9**0.5),  # scikit-learn's invscaling counts from 1
    (cosine(0.1, 4, 0.01), 9, 0.01),
    (constant(0.3), 10**9, 0.3),
    (one_cycle(0.1, 8), 100, 4e-7),
    (one_cycle(0.1, 100, rise=0.0, start=0.5), 0, 0.1),
    (one_cycle(0.1, 1), 0, 0.1),
    (warm_up(step(0.4, 2), 4), 2, 0.4 * 0.1 * 0.5),
]
SCHEDULES = [*(row[0] for row in PYTORCH), *(row[0] for row in OTHERS)]


@pytest.mark.parametrize(("schedule", "t", "expected"), OTHERS)
def test_schedule_gives_kerass_and_scikit_learns_numbers(schedule, t, expected):
    assert schedule(t) == pytest.approx(expected, rel=1e-12)


def test_every_schedule_is_held_to_numbers():
    functions = {name for name, f in vars(schedules).items() if inspect.isfunction(f) and not name.startswith("_")}
    own = {name for name in functions if getattr(schedules, name).__module__ == schedules.__name__}
    assert own == {repr(schedule).partition("(")[0].removeprefix("repeated_") for schedule in SCHEDULES}


def test_schedule_takes_arrays_of_steps(backend):
    t = backend.asarray([0.0, 1.0, 2.0, 5.0])
    for schedule in SCHEDULES:
        assert_close(backend, schedule(t) + 0.0 * t, [schedule(i) for i in (0, 1, 2, 5)])


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_schedules_are_equal_by_value(schedule):
    assert pickle.loads(pickle.dumps(schedule)) == copy.deepcopy(schedule) == schedule
    assert hash(copy.copy(schedule)) == hash(schedule)
    assert schedule != constant(0.7)


def test_one_cycle_falls_back_to_the_other_side_of_its_peak():
    schedule = one_cycle(1.0, 100, rise=0.3)
    values = [schedule(t) for t in range(100)]
    top = max(range(100), key=values.__getitem__)
    assert top == 29
    assert values[:top] == sorted(values[:top])
    assert values[top:] == sorted(values[top:], reverse=True)


def test_a_schedule_is_a_learning_rate(backend):
    optimizer, w = sgd(eta=step(1.0, every=2, factor=0.5)), (backend.asarray([0.0]),)
    state, g = optimizer.init(w), (backend.asarray([-1.0]),)
    for _ in range(4):
        w, state = optimizer.update(g, state, w)
    np.testing.assert_array_equal(to_numpy(w[0]), [1.0 + 1.0 + 0.5 + 0.5])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: step(0.1, every=0), ValueError, "every must be finite and above 0, got 0"),
        (lambda: exponential(-0.1, 0.9), ValueError, "eta must be finite and at least 0, got -0.1"),
        (lambda: cosine(0.1, steps=0), ValueError, "steps must be finite and above 0, got 0"),
        (lambda: inverse_scaling(float("nan")), ValueError, "eta must be finite and at least 0, got nan"),
        (lambda: warm_up(0.1, steps="ten"), TypeError, "steps must be a number, got 'ten'"),
        (lambda: one_cycle(0.1, 10, rise=1.0), ValueError, "rise must be finite, at least 0 and below 1, got 1.0"),
        (lambda: one_cycle(0.1, 0), ValueError, "steps must be finite and above 0, got 0"),
        (lambda: constant(True), TypeError, "eta must be a number, got True"),
    ],
)
def test_schedule_refuses_what_makes_no_sense(make, error, message):
    with pytest.raises(error, match=message):
        make()
