from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet import Network, sgd
from xpnet.training import distributions
from xpnet.training.runs.settings.grid import in_words, settings_of

NAMES = {"eta", "l2", "hidden"}
GRID = {"eta": [0.1, 0.2, 0.3], "l2": [0, 5], "hidden": [(3, 4), 5]}


def test_all_combinations_come_in_order():
    settings = settings_of(GRID, None, 0, NAMES)
    assert settings == [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]
    assert settings_of([{"l2": [1]}, {"eta": [2, 3]}], None, 0, NAMES) == [{"l2": 1}, {"eta": 2}, {"eta": 3}]


@given(draws=st.integers(1, 12), seed=st.integers(0, 1000))
def test_draws_from_values_are_never_repeated(draws, seed):
    settings = settings_of(GRID, draws, seed, NAMES)
    every = settings_of(GRID, None, 0, NAMES)
    places = [every.index(setting) for setting in settings]
    assert places == sorted(set(places))
    assert len(places) == draws
    assert settings == settings_of(GRID, draws, seed, NAMES)


def test_every_combination_is_as_likely_to_be_drawn():
    counts = np.zeros(12)
    every = settings_of(GRID, None, 0, NAMES)
    for seed in range(2000):
        for setting in settings_of(GRID, 3, seed, NAMES):
            counts[every.index(setting)] += 1
    # 500 draws of each are expected; the standard deviation is sqrt(2000 * 1/4 * 3/4) = 19.4
    assert np.abs(counts - 500).max() < 4 * 19.4


def test_draws_of_several_grids_are_of_all():
    settings = settings_of([{"l2": [0, 1]}, GRID], 14, 0, NAMES)
    assert settings == settings_of([{"l2": [0, 1]}, GRID], None, 0, NAMES)
    mixed = settings_of([{"l2": [0, 1]}, {"eta": distributions.uniform(0, 1)}], 40, 0, NAMES)
    assert {tuple(setting) for setting in mixed} == {("l2",), ("eta",)}


def test_a_million_combinations_are_not_listed():
    axis = [float(i) for i in range(1, 1001)]
    settings = settings_of({"eta": axis, "l2": axis, "hidden": axis}, 5, 0, NAMES)
    assert len({setting["eta"] for setting in settings}) > 1


def test_draws_are_the_same_on_every_machine_and_more_draws_begin_alike():
    grid = {"eta": distributions.log_uniform(0.001, 1), "l2": [0, 5]}
    settings = settings_of(grid, 3, 0, NAMES)
    assert settings == settings_of(grid, 9, 0, NAMES)[:3]
    assert [setting["eta"] for setting in settings] == pytest.approx(EXPECTED, rel=1e-12)
    # another axis changes nothing of this one
    wider = settings_of({"hidden": distributions.integers(1, 9), **grid}, 3, 0, NAMES)
    assert [setting["eta"] for setting in wider] == [setting["eta"] for setting in settings]


EXPECTED = [0.5698203685728467, 0.007224770817444022, 0.0019812062017218993]


def test_numbers_of_numpy_and_distributions_of_scipy():
    settings = settings_of({"eta": np.logspace(-2, 0, 3), "hidden": np.asarray([3, 4])}, None, 0, NAMES)
    assert {type(setting["eta"]) for setting in settings} == {float}
    assert {type(setting["hidden"]) for setting in settings} == {int}
    stats = pytest.importorskip("scipy.stats")
    drawn = settings_of({"eta": stats.loguniform(0.001, 1), "hidden": stats.randint(1, 9)}, 20, 0, NAMES)
    assert all(0.001 <= setting["eta"] <= 1.0 and type(setting["eta"]) is float for setting in drawn)
    assert {type(setting["hidden"]) for setting in drawn} == {int}
    assert {setting["hidden"] for setting in drawn} <= set(range(1, 9))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({}, "as given"),
        ({"eta": 1e-05, "hidden": (30, 10), "batch_size": None}, "eta=1e-05 hidden=30x10 batch_size=None"),
        ({"eta": 0.123456789, "hidden": ()}, "eta=0.123457 hidden=0"),
        ({"network": Network([4, 3, 2], hidden="tanh")}, "network=4-3-2/tanh"),
        ({"optimizer": sgd(0.5)}, "optimizer=sgd"),
        ({"optimizer": "adam", "clip": distributions.uniform(0, 1)}, "optimizer=adam clip=uniform(low=0.0, high=1.0)"),
    ],
)
def test_settings_in_words(setting, words):
    assert in_words(setting) == words
