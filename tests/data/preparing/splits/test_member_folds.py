"""The rows that members watch: each row once, classes in their shares, groups whole, times in stretches."""

import itertools

import numpy as np
import pytest

from xpnet.data import member_folds


def watched_by(folds, n):
    """Return how often each row is watched, and check that nobody trains on what it watches."""
    counts = np.zeros(n, dtype=int)
    for own, watched in folds:
        assert not set(own) & set(watched)
        assert len(own) + len(watched) == n
        counts[watched] += 1
    return counts


@pytest.mark.parametrize("k", [2, 5, 8])
@pytest.mark.parametrize("kind", ["plain", "labels", "groups", "times"])
def test_each_row_is_watched_by_one_member(k, kind):
    rng = np.random.default_rng(k)
    given = {
        "plain": {},
        "labels": {"labels": rng.integers(0, 4, 83)},
        "groups": {"groups": rng.integers(0, 20, 83)},
        "times": {"times": rng.integers(0, 60, 83)},
    }[kind]
    assert (watched_by(member_folds(83, k, 3, **given), 83) == 1).all()


def test_classes_have_their_share_and_rare_ones_are_always_trained_on():
    labels = np.asarray([0] * 50 + [1] * 25 + [2] * 2 + [3])
    folds = member_folds(len(labels), 5, 1, labels=labels)
    for own, watched in folds:
        assert np.bincount(labels[watched], minlength=4)[:2].tolist() in ([10, 5], [10, 4], [11, 5], [9, 5], [10, 6])
        assert set(labels[own]) == {0, 1, 2, 3}
    assert watched_by(folds, len(labels)).tolist() == [1] * 77 + [0]


def test_groups_and_times_stay_together():
    groups = np.repeat(np.arange(12), 3)
    for own, watched in member_folds(36, 4, groups=groups):
        assert not set(groups[own]) & set(groups[watched])
    times = np.random.default_rng(0).integers(0, 9, 40)
    stretches = [(times[watched].min(), times[watched].max()) for _, watched in member_folds(40, 3, times=times)]
    assert all(before[1] < after[0] for before, after in itertools.pairwise(stretches))


def test_the_seed_decides_random_parts():
    first, again, other = (member_folds(30, 3, seed, labels=np.arange(30) % 2) for seed in (1, 1, 2))
    assert all((a.test == b.test).all() for a, b in zip(first, again, strict=True))
    assert any((a.test != b.test).any() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize(
    ("n", "how", "parts"),
    [
        (4, {}, 4),
        (1, {}, 0),
        (4, {"labels": [0, 0, 1, 1]}, 4),
        (3, {"labels": [0, 0, 1]}, 2),
        (3, {"labels": [0, 1, 2]}, 0),
        (4, {"groups": [1, 1, 2, 2]}, 2),
        (4, {"groups": [1, 1, 1, 1]}, 0),
        (4, {"times": [1, 1, 1, 2]}, 2),
        (4, {"times": [1, 1, 1, 1]}, 0),
    ],
)
def test_there_are_as_many_parts_as_there_can_be(n, how, parts):
    folds = member_folds(n, 5, **{name: np.asarray(values) for name, values in how.items()})
    assert len(folds) == parts
    assert all(len(own) and len(watched) for own, watched in folds)


@pytest.mark.parametrize(("n", "k", "message"), [(0, 2, "n must be at least 1"), (4, 1, "k must be at least 2")])
def test_bad_numbers(n, k, message):
    with pytest.raises(ValueError, match=message):
        member_folds(n, k)
