import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import Split, bootstrap_samples, grouped_folds, random_folds, stratified_folds, time_folds

seeds = st.integers(0, 2**32)


def assert_folds(folds, n, k):
    assert len(folds) == k
    for split in folds:
        assert isinstance(split, Split)
        np.testing.assert_array_equal(np.sort(np.concatenate(split)), np.arange(n))
        for part in split:
            assert part.dtype == np.int64
            assert part.size
            assert np.all(np.diff(part) > 0)
    np.testing.assert_array_equal(np.sort(np.concatenate([split.test for split in folds])), np.arange(n))


@given(n=st.integers(2, 200), k=st.integers(2, 20), seed=seeds)
def test_random_folds_test_each_row_once(n, k, seed):
    k = min(k, n)
    folds = random_folds(n, k, seed)
    assert_folds(folds, n, k)
    assert max(split.test.size for split in folds) - min(split.test.size for split in folds) <= 1
    for one, other in zip(folds, random_folds(n, k, seed), strict=True):
        np.testing.assert_array_equal(one.test, other.test)


def test_folds_depend_on_the_seed():
    for make in (lambda seed: random_folds(99, 3, seed), lambda seed: stratified_folds([0, 1] * 50, 3, seed)):
        assert not np.array_equal(make(0)[0].test, make(1)[0].test)
    assert not np.array_equal(bootstrap_samples(99, 1, 0)[0].train, bootstrap_samples(99, 1, 1)[0].train)
    assert not np.array_equal(grouped_folds(range(99), 3, 0)[0].test, grouped_folds(range(99), 3, 1)[0].test)


@given(
    counts=st.lists(st.integers(2, 30), min_size=1, max_size=6), k=st.integers(2, 10), seed=seeds, order=st.randoms()
)
def test_stratified_folds_share_every_class_out(counts, k, seed, order):
    k = min(k, *counts, 10)
    labels = [c for c, count in enumerate(counts) for _ in range(count)]
    order.shuffle(labels)
    y = np.asarray(labels)
    folds = stratified_folds(y, k, seed)
    assert_folds(folds, y.size, k)
    shares = np.asarray([np.bincount(y[split.test], minlength=len(counts)) for split in folds])
    assert np.all(shares.max(axis=0) - shares.min(axis=0) <= 1)
    sizes = shares.sum(axis=1)
    assert sizes.max() - sizes.min() <= 1


@given(groups=st.lists(st.integers(0, 9), min_size=2, max_size=80), seed=seeds)
def test_grouped_folds_never_part_a_group(groups, seed):
    groups = np.asarray([0, 1, *groups])
    folds = grouped_folds(groups, 2, seed)
    assert_folds(folds, groups.size, 2)
    for split in folds:
        assert not set(groups[split.train]) & set(groups[split.test])


def test_grouped_folds_are_as_equal_as_the_groups_allow():
    groups = np.repeat(np.arange(20), 5)
    assert [split.test.size for split in grouped_folds(groups, 4)] == [25, 25, 25, 25]
    # a large group first, or it would come on top of small ones
    assert sorted(split.test.size for split in grouped_folds([0, 1, 2, 3, 9, 9, 9, 9], 2)) == [4, 4]


@given(times=st.lists(st.integers(0, 12), min_size=2, max_size=60), k=st.integers(1, 8))
def test_time_folds_never_train_on_what_is_later(times, k):
    times = np.asarray([-1, *times, 99])
    k = min(k, len(set(times.tolist())) - 1)
    folds = time_folds(times, k)
    assert len(folds) == k
    seen = set(folds[0].train.tolist())
    for train, test in folds:
        assert train.size
        assert test.size
        assert times[train].max() < times[test].min()
        assert set(train.tolist()) == seen
        seen |= set(test.tolist())
    assert seen == set(range(times.size))


def test_time_folds_have_equal_blocks_where_times_differ():
    order = np.random.default_rng(0).permutation(60)
    for times in (order, order.astype("datetime64[D]"), order / 7.0, order.astype("timedelta64[s]").astype(np.uint8)):
        folds = time_folds(times, 5)
        assert [split.test.size for split in folds] == [10] * 5
        assert [split.train.size for split in folds] == [10, 20, 30, 40, 50]
    # one time with most of the rows: the others still have a block each
    assert [split.test.size for split in time_folds([0, 1, 1, 1, 1, 1, 1, 2, 3], 3)] == [6, 1, 1]


@given(n=st.integers(2, 60), k=st.integers(1, 6), seed=seeds)
def test_bootstrap_samples_are_drawn_with_repetition_and_tested_on_the_rest(n, k, seed):
    samples = bootstrap_samples(n, k, seed)
    assert len(samples) == k
    for train, test in samples:
        assert train.size == n
        assert test.size
        assert set(train) | set(test) == set(range(n))
        assert not set(train) & set(test)


def test_bootstrap_samples_leave_out_a_share_of_one_over_e():
    left = [test.size / 1000 for _, test in bootstrap_samples(1000, 40)]
    # the share has standard deviation 0.0098 in one sample (Efron and Tibshirani), 0.0016 in the mean of 40
    assert abs(np.mean(left) - np.exp(-1)) < 0.006


@pytest.mark.parametrize("kind", ["str", "object", "bool", "uint8", "list", "pandas", "polars"])
def test_classes_may_be_text_booleans_or_any_integers(kind):
    text = ["a", "b", "b", "a"] * 3
    if kind in ("pandas", "polars"):
        y = pytest.importorskip(kind).Series(text)
    else:
        y = {"list": text, "bool": np.asarray(text) == "a", "uint8": np.asarray([0, 200, 200, 0] * 3, np.uint8)}.get(
            kind
        )
        y = np.asarray(text, dtype=kind) if y is None else y
    for split in stratified_folds(y, 3):
        assert sum(np.asarray(text)[split.test] == "a") == 2
    assert len(grouped_folds(y, 2)) == 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random_folds(3, 4), ValueError, "k must be at most the number of rows 3, got 4"),
        (lambda: random_folds(3, 1), ValueError, "k must be at least 2, got 1"),
        (lambda: random_folds(3, 2.0), TypeError, "k must be a whole number, got 2.0"),
        (lambda: random_folds(3, 2, -1), ValueError, "seed must be at least 0, got -1"),
        (lambda: random_folds(1), ValueError, "n must be at least 2, got 1"),
        (
            lambda: stratified_folds(["a", "b", "a", "b", "a"], 3),
            ValueError,
            "k must be at most the number of rows of each class, got 3, and 2 of class 'b'",
        ),
        (lambda: stratified_folds([0.5, 1.5], 2), TypeError, "y must hold integers, booleans or text, got float64"),
        (lambda: stratified_folds([[0, 1]], 2), ValueError, "y must have shape (n,) with at least a row, got (1, 2)"),
        (lambda: stratified_folds([], 2), ValueError, "y must have shape (n,) with at least a row, got (0,)"),
        (
            lambda: stratified_folds(np.ma.masked_equal([0, 1, 1, 0], 1), 2),
            ValueError,
            "y must not have masked entries, got 2",
        ),
        (lambda: grouped_folds([3, 3, 3], 2), ValueError, "k must be at most the number of groups 1, got 2"),
        (lambda: grouped_folds([0.5], 2), TypeError, "groups must hold integers, booleans or text, got float64"),
        (lambda: time_folds([1, 1, 2], 2), ValueError, "k must be below the number of different times 2, got 2"),
        (lambda: time_folds(["a", "b"], 1), TypeError, "times must hold numbers or dates, got <U1"),
        (lambda: time_folds([1.0, np.nan], 1), ValueError, "times must be finite, got nan"),
        (
            lambda: time_folds(np.asarray(["NaT", "2020-01-01"], "M8[D]"), 1),
            ValueError,
            "times must be finite, got NaT",
        ),
        (lambda: time_folds([[1, 2]], 1), ValueError, "times must have shape (n,) with at least a row, got (1, 2)"),
        (lambda: bootstrap_samples(1), ValueError, "n must be at least 2, got 1"),
        (lambda: bootstrap_samples(5, 0), ValueError, "k must be at least 1, got 0"),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(message)
