"""Splits by time: every test row is later than every training row."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import time_split


@given(times=st.lists(st.integers(-9, 9), min_size=2, max_size=60), fraction=st.floats(0.05, 0.95))
def test_the_latest_rows_are_the_test(times, fraction):
    n = len(times)
    if len(set(times)) < 2 or not 0 < round(n * fraction) < n:
        return
    split, array = time_split(times, fraction), np.asarray(times)
    np.testing.assert_array_equal(np.sort(np.concatenate(split)), np.arange(n))
    assert array[split.train].max() < array[split.test].min()
    sizes = [int((array > border).sum()) for border in sorted(set(times))[:-1]]
    assert abs(split.test.size - n * fraction) == min(abs(size - n * fraction) for size in sizes)


def test_equal_times_at_the_border_stay_together():
    times = [1, 2, 2, 2, 3]
    assert time_split(times, 0.2).test.tolist() == [4]
    assert time_split(times, 0.4).test.tolist() == [4]
    assert time_split(times, 0.7).test.tolist() == [1, 2, 3, 4]
    assert time_split([1, 2, 2], 0.4).test.tolist() == [1, 2]


DAYS = [date(2024, 1, 3), date(2023, 5, 1), date(2024, 2, 1), date(2022, 1, 1)]


@pytest.mark.parametrize(
    "times",
    [
        DAYS,
        np.asarray(DAYS, dtype="datetime64[D]"),
        np.asarray(DAYS, dtype=object),
        [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in DAYS],
        [2024.25, 2023, 2024.5, 2022],
        np.asarray([-1, -2, 0, -3], dtype=np.int8),
    ],
)
def test_times_are_anything_in_order(times):
    assert time_split(times, 0.5).test.tolist() == [0, 2]
    assert time_split(times, 0.0).train.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_a_column_of_pandas_holds_times(zone):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    assert time_split(pandas.Series(pandas.to_datetime(DAYS)).dt.tz_localize(zone), 0.5).test.tolist() == [0, 2]


def test_a_column_of_polars_holds_times():
    polars = pytest.importorskip("polars", reason="polars is not installed")
    assert time_split(polars.Series(DAYS), 0.5).test.tolist() == [0, 2]
    with pytest.raises(ValueError, match="times must not be missing, got NaT in row 1"):
        time_split(polars.Series([*DAYS[:1], None]), 0.5)


@pytest.mark.parametrize(
    ("times", "error", "message"),
    [
        (["2024-01-01", "2024-01-02"], TypeError, "times must hold dates or numbers, got '2024-01-01' in row 0"),
        (np.asarray(["a", "b"]), TypeError, "times must hold dates or numbers, got <U1"),
        ([True, False], TypeError, "times must hold dates or numbers, got True in row 0"),
        ([timedelta(1), timedelta(2)], TypeError, "times must hold dates or numbers"),
        ([date(2024, 1, 1), 3], TypeError, "times must be of one kind, got some that cannot be compared"),
        ([datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)], TypeError, "times must be of one kind"),
        ([date(2024, 1, 1), None], ValueError, "times must not be missing, got None in row 1"),
        ([1.0, float("nan")], ValueError, "times must not be missing, got nan in row 1"),
        (np.asarray(["2024", "NaT"], dtype="M8[D]"), ValueError, "times must not be missing, got NaT in row 1"),
        ([5, 5, 5], ValueError, "times must differ, so that some are the latest, got one time in all 3 rows"),
        (np.ma.masked_equal([1, 2], 2), ValueError, "times must not have masked entries, got 1"),
        (np.zeros((2, 2)), ValueError, r"times must have shape \(n,\), got \(2, 2\)"),
        ([], ValueError, "n must leave both parts a row at fraction 0.2, got 0"),
    ],
)
def test_bad_times_are_refused(times, error, message):
    with pytest.raises(error, match=message):
        time_split(times, 0.5 if len(times) == 2 else 0.2)
