"""Splits by group: no group in two parts, about the wanted number of rows."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import group_split

counts_lists = st.lists(st.integers(1, 30), min_size=2, max_size=12)


@given(counts=counts_lists, fraction=st.floats(0.1, 0.9), seed=st.integers(0, 99), order=st.randoms())
def test_no_group_is_in_two_parts(counts, fraction, seed, order):
    labels = [g for g, count in enumerate(counts) for _ in range(count)]
    order.shuffle(labels)
    groups, n = np.asarray(labels), len(labels)
    if not 0 < round(n * fraction) < n:
        return
    split = group_split(groups, fraction, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate(split)), np.arange(n))
    assert split.test.size > 0
    assert split.train.size > 0
    assert not set(groups[split.train]) & set(groups[split.test])
    np.testing.assert_array_equal(split.test, group_split(groups, fraction, seed).test)


def test_the_test_part_is_about_as_large_as_wanted():
    groups = np.repeat(np.arange(100), 7)
    assert abs(group_split(groups, 0.2).test.size - 140) < 7
    assert not np.array_equal(group_split(groups, seed=0).test, group_split(groups, seed=1).test)


def test_a_group_larger_than_wanted_is_not_tested_on():
    groups = np.repeat([0, 1, 2], [80, 10, 10])
    for seed in range(5):
        assert 0 not in groups[group_split(groups, 0.2, seed).test]


def test_two_large_groups_are_still_two_parts():
    assert group_split([1] * 5 + [2] * 6, 0.1).test.tolist() == [0, 1, 2, 3, 4]
    assert len(group_split([1] * 5 + [2] * 6, 0.9).train) == 5


@pytest.mark.parametrize(
    "groups",
    [
        ["b", "a", "b", "c"],
        np.asarray(["b", "a", "b", "c"]),
        [2.0, 1.0, 2.0, 3.0],
        np.asarray([2, 1, 2, 3], dtype=object),
        np.asarray(["2024-01-02", "2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[D]"),
        (True, False, True, True),
    ],
)
def test_groups_are_anything_that_can_be_equal(groups):
    train, test = (set(np.asarray(groups)[part].tolist()) for part in group_split(groups, 0.4))
    assert not train & test
    assert group_split(groups, 0).train.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_column_of_a_frame_holds_groups(library):
    series = pytest.importorskip(library, reason=f"{library} is not installed").Series
    for values in (["b", "a", "b", "c"], [5, 6, 5, 7]):
        np.testing.assert_array_equal(group_split(series(values)).test, group_split(values).test)


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (["a", "a", "a"], ValueError, "groups must be at least 2, one for each part, got 1"),
        (["a", None, "b"], ValueError, "groups must not be missing, got None in row 1"),
        ([1.0, 2.0, float("nan")], ValueError, "groups must not be missing, got nan in row 2: leave the row out"),
        (np.asarray([1, None, 2], dtype=object), ValueError, "groups must not be missing, got None in row 1"),
        (
            np.asarray(["2024", "NaT"], dtype="datetime64[D]"),
            ValueError,
            "groups must not be missing, got NaT in row 1",
        ),
        (np.ma.masked_equal([1, 2, 3], 2), ValueError, "groups must not have masked entries, got 1"),
        (np.zeros((3, 2), int), ValueError, r"groups must have shape \(n,\), got \(3, 2\)"),
        (np.zeros(3, complex), TypeError, "groups must hold numbers, dates, text or booleans, got complex128"),
        ([date(2024, 1, 1), "b"], TypeError, "groups must hold numbers, text or booleans, and one kind only"),
        ([], ValueError, "n must leave both parts a row at fraction 0.2, got 0"),
        (["a", 1], TypeError, "one kind only, got int and str"),
    ],
)
def test_bad_groups_are_refused(groups, error, message):
    with pytest.raises(error, match=message):
        group_split(groups)


def test_a_bad_fraction_is_refused():
    with pytest.raises(ValueError, match="fraction must be at least 0 and below 1, got 1"):
        group_split([1, 2, 3], 1)
