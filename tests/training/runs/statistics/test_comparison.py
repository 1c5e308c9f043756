import numpy as np
import pytest

from xpnet.training.runs.statistics.comparison import compare
from xpnet.training.runs.statistics.spread import Replicates, replicates_of
from xpnet.training.runs.statistics.student import two_sided_p
from xpnet.training.runs.trials.trial import Trial

SIZES = ((80, 20),) * 5
ONE, OTHER = (0.9, 0.8, 0.95, 0.85, 0.9), (0.88, 0.79, 0.9, 0.86, 0.87)


def trial(setting, fold, seed, score):
    return Trial(setting, fold, seed, score, None, None, None, None, 1, 1, "epochs", 0.0)


def test_the_corrected_test_by_hand():
    found = compare(3, 1, Replicates("folds", ONE), Replicates("folds", OTHER), SIZES)
    differences = np.asarray([0.02, 0.01, 0.05, -0.01, 0.03])
    np.testing.assert_allclose(found.differences, differences, atol=1e-15)
    assert found.difference == pytest.approx(0.02)
    variance = 0.002 / 4  # squares of 0, -0.01, 0.03, -0.03, 0.01
    assert found.error == pytest.approx(np.sqrt(variance * (1 / 5 + 20 / 80)))
    assert found.t == pytest.approx(0.02 / np.sqrt(0.0005 * 0.45))
    assert (found.first, found.second, found.degrees, found.kind) == (3, 1, 4, "folds")
    assert found.p == two_sided_p(found.t, 4)


def test_seeds_on_one_split_are_an_ordinary_paired_test():
    stats = pytest.importorskip("scipy.stats")
    found = compare(0, 1, Replicates("seeds", ONE), Replicates("seeds", OTHER), SIZES[:1])
    expected = stats.ttest_rel(ONE, OTHER)
    assert (found.t, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.caveat.startswith("on one split the test is about seeds only")


def test_equal_differences_leave_no_doubt():
    values = (0.5, 0.75)
    same = compare(0, 1, Replicates("folds", values), Replicates("folds", values), SIZES[:2])
    assert (same.difference, same.t, same.p) == (0.0, 0.0, 1.0)
    better = compare(0, 1, Replicates("folds", (0.75, 1.0)), Replicates("folds", values), SIZES[:2])
    assert (better.difference, better.t, better.p) == (0.25, np.inf, 0.0)
    assert compare(0, 1, Replicates("folds", values), Replicates("folds", (0.75, 1.0)), SIZES[:2]).t == -np.inf


def test_the_test_is_right_as_often_as_it_says():
    """Two settings that are equally good are told apart in 5 % of independent experiments."""
    rng = np.random.default_rng(0)
    errors = 0
    for _ in range(1000):
        one, other = rng.standard_normal((2, 10))
        found = compare(0, 1, Replicates("seeds", tuple(one)), Replicates("seeds", tuple(other)), SIZES[:1])
        errors += found.p < 0.05
    assert abs(errors / 1000 - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 1000)


def test_seeds_are_averaged_on_each_fold():
    trials = [trial(0, fold, seed, 10.0 * fold + seed) for fold in range(3) for seed in (1, 4)]
    assert replicates_of(trials, 3, (1, 4)) == Replicates("folds", (2.5, 12.5, 22.5))
    assert replicates_of(trials[:-1], 3, (1, 4)) is None
    assert replicates_of([*trials[:-1], trial(0, 2, 4, None)], 3, (1, 4)) is None
    assert replicates_of(trials[:2], 1, (1, 4)) == Replicates("seeds", (1.0, 4.0))
    assert (Replicates("seeds", (1.0,)).spread, Replicates("seeds", (1.0,)).error) == (None, None)
