import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xpnet.data import Split, ordered_split, random_split, stratified_split

fractions = st.floats(0.01, 0.99)
counts_lists = st.lists(st.integers(1, 30), min_size=1, max_size=8)


def assert_partition(split, n, fraction):
    assert len(split.test) == round(n * fraction)
    np.testing.assert_array_equal(np.sort(np.concatenate(split)), np.arange(n))
    for part in split:
        assert part.dtype == np.int64
        assert np.all(np.diff(part) > 0)


@given(n=st.integers(2, 300), fraction=fractions, seed=st.integers(0, 2**32))
def test_random_and_ordered_split_are_partitions(n, fraction, seed):
    assume(0 < round(n * fraction) < n)
    assert_partition(ordered_split(n, fraction), n, fraction)
    split = random_split(n, fraction, seed)
    assert_partition(split, n, fraction)
    for part, again in zip(split, random_split(n, fraction, seed), strict=True):
        np.testing.assert_array_equal(part, again)


def test_ordered_split_tests_on_the_last_rows():
    split = ordered_split(5, 0.4)
    np.testing.assert_array_equal(split.train, [0, 1, 2])
    np.testing.assert_array_equal(split.test, [3, 4])


def test_random_split_depends_on_the_seed():
    assert not np.array_equal(random_split(100, seed=0).test, random_split(100, seed=1).test)
    assert isinstance(random_split(10), Split)


@given(counts=counts_lists, fraction=fractions, seed=st.integers(0, 99), order=st.randoms())
def test_stratified_split_is_a_fair_partition(counts, fraction, seed, order):
    labels = [c for c, count in enumerate(counts) for _ in range(count)]
    order.shuffle(labels)
    y, n = np.asarray(labels), len(labels)
    size, singles = round(n * fraction), counts.count(1)
    assume(0 < size < n and size <= n - singles)
    split = stratified_split(y, fraction, seed)
    assert_partition(split, n, fraction)
    np.testing.assert_array_equal(split.test, stratified_split(y, fraction, seed).test)
    shares = np.bincount(y[split.test], minlength=len(counts))
    several = [c for c, count in enumerate(counts) if count > 1]
    if size >= len(several):
        assert all(shares[c] >= 1 for c in several)
    if n - size >= len(counts):
        assert all(shares[c] < counts[c] for c in several)
    assert all(shares[c] == 0 for c, count in enumerate(counts) if count == 1)


@given(counts=st.lists(st.integers(10, 60), min_size=1, max_size=8), fraction=st.floats(0.15, 0.85))
def test_stratified_split_keeps_every_share_within_one_row(counts, fraction):
    y = np.repeat(np.arange(len(counts)), counts)
    split = stratified_split(y, fraction)
    shares = np.bincount(y[split.test], minlength=len(counts))
    assert np.all(np.abs(shares - np.asarray(counts) * len(split.test) / y.size) < 1)


def test_stratified_split_gives_the_largest_remainders_the_row():
    y = np.repeat([0, 1, 2], [6, 7, 7])  # quotas 1.5, 1.75, 1.75 of 5
    np.testing.assert_array_equal(np.bincount(y[stratified_split(y, 0.25).test]), [1, 2, 2])


def test_stratified_split_gives_a_rare_class_a_row_in_each_part():
    y = np.repeat([0, 1], [98, 2])
    assert (y[stratified_split(y, 0.1).test] == 1).sum() == 1
    assert (y[stratified_split(y, 0.9).test] == 1).sum() == 1


def test_stratified_split_trains_on_the_only_row_of_a_class():
    y = np.asarray([0] * 9 + [1])
    assert 9 in stratified_split(y, 0.5).train


def test_stratified_split_reads_text_and_depends_on_the_seed():
    y = np.asarray(["a", "b"] * 50)
    assert not np.array_equal(stratified_split(y, seed=0).test, stratified_split(y, seed=1).test)


@pytest.mark.parametrize("fraction", [1, -0.1, 1.5, float("nan")])
def test_splits_refuse_a_fraction_outside_zero_to_one(fraction):
    for split in (ordered_split, random_split):
        with pytest.raises(ValueError, match="fraction must be at least 0 and below 1, got"):
            split(10, fraction)
    with pytest.raises(ValueError, match="fraction must be at least 0"):
        stratified_split(np.zeros(10, int), fraction)


def test_a_fraction_of_zero_leaves_every_row_to_training():
    y = np.asarray(list("aab"))
    for split in (ordered_split(3, 0), random_split(3, 0.0), stratified_split(y, 0), random_split(1, 0)):
        assert split.test.tolist() == []
        assert split.test.dtype == np.int64
        assert split.train.tolist() == list(range(len(split.train)))


@pytest.mark.parametrize(("n", "fraction"), [(0, 0.5), (1, 0.5), (2, 0.2), (3, 0.9)])
def test_splits_refuse_too_few_rows(n, fraction):
    with pytest.raises(ValueError, match=f"n must leave both parts a row at fraction {fraction}, got {n}"):
        random_split(n, fraction)
    with pytest.raises(ValueError, match="n must leave both parts a row"):
        stratified_split(np.zeros(n, int), fraction)


def test_stratified_split_refuses_too_many_classes_of_one_row():
    with pytest.raises(ValueError, match="y must have at most 8 classes of one row, got 10"):
        stratified_split(np.arange(10), 0.2)


def test_stratified_split_refuses_a_regression_and_a_matrix():
    with pytest.raises(TypeError, match=r"y must hold classes .* got float64"):
        stratified_split(np.zeros(10))
    with pytest.raises(ValueError, match=r"y must have shape \(n,\), got \(5, 2\)"):
        stratified_split(np.zeros((5, 2), int))


def test_stratified_split_refuses_masked_classes():
    with pytest.raises(ValueError, match="y must not have masked entries, got 5"):
        stratified_split(np.ma.masked_equal([0, 1] * 5, 1))


def test_a_small_class_keeps_its_test_row_beside_a_large_one():
    y = np.repeat([0, 1, 2], [2, 8, 2])
    assert sorted(y[stratified_split(y, 0.25).test].tolist()) == [0, 1, 2]
