"""The table of ratings: how it is made, what it refuses, how it is divided."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpnet.data.ratings.reading import Ratings

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=40, unique=True)


def numbered(rows, **more):
    users, items = zip(*rows, strict=True)
    return Ratings.numbered(users, items, np.arange(float(len(rows))), 10, 10, **more)


@pytest.fixture
def drinks():
    users = ["bob", "ann", "bob", "cat", "ann"]
    items = ["tea", "tea", "rum", "gin", "gin"]
    return Ratings.of(users, items, [5, 4, 1, 2, 3], times=[50, 40, 10, 20, 30])


def test_of_numbers_ids_in_sorted_order(drinks):
    assert (drinks.user_ids.tolist(), drinks.item_ids.tolist()) == (["ann", "bob", "cat"], ["gin", "rum", "tea"])
    assert (drinks.users.tolist(), drinks.items.tolist()) == ([1, 0, 1, 2, 0], [2, 2, 1, 0, 0])
    assert (drinks.users.dtype, drinks.items.dtype, drinks.values.dtype) == (np.int32, np.int32, np.float64)
    assert (drinks.n, drinks.n_users, drinks.n_items, drinks.density) == (5, 3, 3, 5 / 9)
    assert repr(drinks) == "Ratings(n=5, n_users=3, n_items=3)"


@given(pairs)
def test_of_gives_back_what_was_put_in(rows):
    users, items = np.asarray(rows).T * 7 - 20
    ratings = Ratings.of(users, items, np.arange(len(rows)))
    np.testing.assert_array_equal(ratings.user_ids[ratings.users], users)
    np.testing.assert_array_equal(ratings.item_ids[ratings.items], items)
    np.testing.assert_array_equal(ratings.values, np.arange(len(rows)))
    again = Ratings.numbered(
        ratings.users, ratings.items, ratings.values, user_ids=ratings.user_ids, item_ids=ratings.item_ids
    )
    np.testing.assert_array_equal(again.user_ids[again.users], users)


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (np.asarray([3, 4], dtype=np.uint32), "i"),
        (np.asarray(["x", "y"], dtype=object), "U"),
        (np.asarray(["2026-01-01", "2026-01-02"], dtype="datetime64[D]"), "M"),
        ([1.5, 2.5], "f"),
        (np.asarray([1, 2**63], dtype=np.uint64), "u"),
    ],
)
def test_of_takes_ids_of_any_sortable_kind(ids, kind):
    ratings = Ratings.of(ids, [1, 2], [1, 2])
    assert ratings.user_ids.dtype.kind == kind
    assert ratings.numbers(ids, [1])[0].tolist() == [0, 1]


def test_arrays_are_read_only_and_the_callers_own_stay_writeable():
    values = np.asarray([1.0, 2.0])
    times = np.asarray([1, 2])
    ids = np.asarray([3, 4])
    ratings = Ratings.numbered([0, 1], [0, 1], values, user_ids=ids, item_ids=ids, times=times)
    for array in (ratings.users, ratings.items, ratings.values, ratings.user_ids, ratings.item_ids, ratings.times):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    values[0] = times[0] = ids[0] = -9
    assert (ratings.values[0], ratings.times[0], ratings.user_ids[0]) == (1.0, 1, 3)


@pytest.mark.parametrize(
    ("rule", "values", "times"),
    [
        ("last", [2.0, 7.0], [9, 3]),
        ("first", [5.0, 2.0], [1, 9]),
        ("mean", [2.0, 6.0], [9, 3]),
        ("sum", [2.0, 12.0], [9, 3]),
    ],
)
def test_of_keeps_one_of_each_pair(rule, values, times):
    ratings = Ratings.of([1, 1, 1], [4, 8, 4], [5, 2, 7], times=[1, 9, 3], duplicates=rule)
    assert (ratings.values.tolist(), ratings.times.tolist()) == (values, times)


def test_of_names_a_pair_that_comes_twice():
    message = "got user ann and item tea in rows 0 and 2: choose what to do"
    with pytest.raises(ValueError, match=message):
        Ratings.of(["ann", "bob", "ann"], ["tea"] * 3, [5, 4, 3])


@pytest.mark.parametrize(
    ("users", "items", "values", "more", "error", "message"),
    [
        ([], [], [], {}, ValueError, "values must hold a rating, got none"),
        ([1], [1, 2], [1.0, 2.0], {}, ValueError, "users must have one entry a rating, 2, got 1"),
        ([1, 2], [1], [1.0, 2.0], {}, ValueError, "items must have one entry a rating, 2, got 1"),
        ([[1, 2]], [1, 2], [1.0, 2.0], {}, ValueError, r"users must have shape \(n,\), got \(1, 2\)"),
        ([1, 2], [1, 2], [[1.0, 2.0]], {}, ValueError, r"values must have shape \(n,\), got \(1, 2\)"),
        ([1, 2], [1, 2], [1.0, np.nan], {}, ValueError, "values must be finite, got nan in row 1"),
        ([1, 2], [1, 2], [-np.inf, 1.0], {}, ValueError, "values must be finite, got -inf in row 0"),
        ([1, 2], [1, 2], ["good", "bad"], {}, TypeError, "values must be numbers"),
        ([1, 2], [1, 2], [1j, 2], {}, TypeError, "values must be numbers"),
        ([1, 2], [1, 2], [1, None], {}, TypeError, "values must be numbers, got object"),
        ([1, "a"], [1, 2], [1, 2], {}, TypeError, "users must hold ids of one type"),
        ([1, 2], [None, 3], [1, 2], {}, TypeError, "items must hold numbers or text, got object"),
        ([1.0, np.nan], [1, 2], [1, 2], {}, ValueError, "users must hold ids, got nan in row 1"),
        ([1, 2], [1, 2], [1, 2], {"times": [1]}, ValueError, "times must have one entry a rating"),
        ([1, 2], [1, 2], [1, 2], {"times": [1, np.nan]}, ValueError, "times must be finite, got nan in row 1"),
        ([1, 2], [1, 2], [1, 2], {"times": np.asarray(["2026", "NaT"], "M8[D]")}, ValueError, "got NaT in row 1"),
        ([1, 2], [1, 2], [1, 2], {"times": ["x", "y"]}, TypeError, "times must be numbers or dates"),
        ([1, 2], [1, 2], [1, 2], {"duplicates": "max"}, ValueError, "duplicates must be one of error, last"),
    ],
)
def test_of_refuses_what_is_no_table_of_ratings(users, items, values, more, error, message):
    with pytest.raises(error, match=message):
        Ratings.of(users, items, values, **more)


@pytest.mark.parametrize(
    ("users", "more", "error", "message"),
    [
        ([0, 3], {"n_users": 3}, ValueError, "users must be between 0 and 2, got 3 in row 1"),
        ([-1, 0], {"n_users": 3}, ValueError, "users must be between 0 and 2, got -1 in row 0"),
        ([0.0, 1.0], {"n_users": 3}, TypeError, "users must be whole numbers, got float64"),
        ([0, 1], {"n_users": 0}, ValueError, "n_users must be between 1 and"),
        ([0, 1], {}, TypeError, "n_users must be a whole number, got None"),
        ([0, 1], {"user_ids": [5, 4]}, ValueError, "user_ids must be ascending, each once"),
        ([0, 1], {"user_ids": [5, 5]}, ValueError, "user_ids must be ascending, each once"),
        ([0, 1], {"user_ids": [4, 5], "n_users": 3}, ValueError, "n_users must be the number of ids, 2, got 3"),
    ],
)
def test_numbered_refuses_numbers_and_ids_that_do_not_fit(users, more, error, message):
    with pytest.raises(error, match=message):
        Ratings.numbered(users, [0, 1], [1, 2], n_items=2, **more)


def test_numbered_counts_users_without_ratings():
    ratings = Ratings.numbered([2], [0], [1.0], n_users=5, n_items=1)
    assert (ratings.n_users, ratings.user_ids.tolist(), ratings.density) == (5, [0, 1, 2, 3, 4], 0.2)


def test_numbers_of_ids_are_found_or_refused(drinks):
    assert (drinks.user_number("cat"), drinks.item_number("gin")) == (2, 0)
    assert type(drinks.user_number("cat")) is int
    with pytest.raises(ValueError, match=r"user must be one of the 3 known \(ann .. cat\), got 'dan'"):
        drinks.user_number("dan")
    with pytest.raises(ValueError, match="item must be one of the 3 known"):
        drinks.item_number(0)


def test_numbers_gives_minus_one_for_unknown_ids(drinks):
    users, items = drinks.numbers(["cat", "zoe", "aaa"], np.asarray(["tea", "ale"], dtype=object))
    assert (users.tolist(), items.tolist()) == ([2, -1, -1], [2, -1])
    assert (users.dtype, items.dtype) == (np.int32, np.int32)
    assert [column.tolist() for column in drinks.numbers([], [7, 8])] == [[], [-1, -1]]
    whole = Ratings.of([10, 20], [1, 2], [1, 2])
    assert [column.tolist() for column in whole.numbers([20.0, np.nan, -1], [2**70])] == [[1, -1, -1], [-1]]
    with pytest.raises(TypeError, match="users must hold ids of one type"):
        whole.numbers([10, "a"], [1])


def test_text_is_no_number():
    text, whole = (Ratings.of(ids, ids, [1, 2]) for ids in (["7", "8"], [7, 8]))
    assert [column.tolist() for column in text.numbers([7], ["7"])] == [[-1], [0]]
    assert [column.tolist() for column in whole.numbers(["7"], [7])] == [[-1], [0]]
    assert [column.tolist() for column in text.numbers([None], [np.datetime64("2026-01-01")])] == [[-1], [-1]]


def test_take_keeps_the_tables_of_ids(drinks):
    taken = drinks.take([4, -5])
    assert (taken.values.tolist(), taken.times.tolist(), taken.users.tolist()) == ([3, 5], [30, 50], [0, 1])
    assert taken.user_ids is drinks.user_ids
    assert drinks.take([]).n == 0


@pytest.mark.parametrize(
    ("rows", "error"), [([True, False], TypeError), ([1.0], TypeError), ([[1]], ValueError), ([5], IndexError)]
)
def test_take_refuses_what_is_no_row(drinks, rows, error):
    with pytest.raises(error):
        drinks.take(rows)


@pytest.mark.parametrize("n", [10, 19, 57, 1000])
def test_split_tests_the_first_tenth_of_the_seeds_permutation(n):
    ratings = Ratings.numbered(range(n), [0] * n, range(n), n, 1)
    train, test = ratings.split()
    expected = np.sort(np.random.default_rng(0).permutation(n)[: n // 10])
    np.testing.assert_array_equal(test.values, expected)
    np.testing.assert_array_equal(train.values, np.setdiff1d(np.arange(n), expected))


def test_split_counts_in_decimals():
    ratings = Ratings.numbered(range(100), [0] * 100, range(100), 100, 1)
    assert ratings.split(0.29)[1].n == 29  # int(100 * 0.29) is 28


def test_a_seed_names_a_split():
    ratings = numbered([(u, i) for u in range(10) for i in range(5)])
    for method in (ratings.split, ratings.leave_one_out):
        same, other = method(seed=3)[1], method(seed=4)[1]
        np.testing.assert_array_equal(method(seed=3)[1].values, same.values)
        assert not np.array_equal(same.values, other.values)
    folds = [[test.values.tolist() for _, test in ratings.k_fold(seed=seed)] for seed in (0, 0, 1)]
    assert folds[0] == folds[1] != folds[2]


@given(pairs, st.integers(2, 5), st.integers(0, 9))
def test_every_rating_tests_in_exactly_one_fold(rows, k, seed):
    ratings, k = numbered(rows), min(k, len(rows))
    folds = list(ratings.k_fold(k, seed))
    assert len(folds) == k
    np.testing.assert_array_equal(np.sort(np.concatenate([test.values for _, test in folds])), ratings.values)
    for train, test in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate([train.values, test.values])), ratings.values)
        assert len(rows) // k <= test.n <= len(rows) // k + 1
        assert (np.diff(test.values) > 0).all()


@given(pairs.filter(lambda rows: len({u for u, _ in rows}) < len(rows)), st.integers(0, 9))
def test_leave_one_out_takes_one_of_each_user_with_two(rows, seed):
    ratings = numbered(rows)
    train, test = ratings.leave_one_out(seed)
    counts = np.bincount(ratings.users, minlength=10)
    np.testing.assert_array_equal(np.bincount(test.users, minlength=10), counts >= 2)
    np.testing.assert_array_equal(np.sort(np.concatenate([train.values, test.values])), ratings.values)


def test_split_by_time_tests_the_latest(drinks):
    train, test = drinks.split_by_time(0.4)
    assert (test.times.tolist(), train.times.tolist()) == ([50, 40], [10, 20, 30])


def test_split_by_time_takes_later_rows_of_equal_times():
    ratings = Ratings.of([1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 3, 4], times=np.full(4, "2026-01-01", "datetime64[D]"))
    assert ratings.split_by_time(0.5)[1].values.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: r.split(0.0), ValueError, "fraction must lie between 0 and 1"),
        (lambda r: r.split(1.0), ValueError, "fraction must lie between 0 and 1"),
        (lambda r: r.split(0.1), ValueError, "n must leave both parts a rating at fraction 0.1, got 5"),
        (lambda r: r.split(0.5, -1), ValueError, "seed must be at least 0, got -1"),
        (lambda r: r.split(0.5, 1.5), TypeError, "seed must be a whole number"),
        (lambda r: r.k_fold(1), ValueError, "k must be between 2 and 5, got 1"),
        (lambda r: r.k_fold(6), ValueError, "k must be between 2 and 5, got 6"),
        (lambda r: r.take([0, 1]).leave_one_out(), ValueError, "users must hold one with at least two ratings"),
        (lambda r: r.take([0]).split(), ValueError, "n must leave both parts a rating"),
        (lambda r: Ratings.of([1, 2], [1, 2], [1, 2]).split_by_time(), ValueError, "times must be known"),
    ],
)
def test_splits_refuse_what_cannot_be_divided(drinks, call, error, message):
    with pytest.raises(error, match=message):
        call(drinks)


def test_pairs_of_many_users_and_items_are_told_apart():
    ratings = Ratings.numbered([0, 2**16], [0, 0], [1.0, 2.0], n_users=2**16 + 1, n_items=2**16)
    assert ratings.n == 2  # 2^32 is 0 in int32


# ---- two tables made one ------------------------------------------------------------------------------------------


def test_merged_tables_meet_by_their_ids_and_the_later_rating_counts(drinks):
    more = Ratings.of(["ann", "zoe", "bob"], ["gin", "ale", "tea"], [1, 2, 3], times=[60, 70, 80])
    both = drinks.merged(more)
    assert (both.n, both.user_ids.tolist()) == (6, ["ann", "bob", "cat", "zoe"])
    assert both.item_ids.tolist() == ["ale", "gin", "rum", "tea"]
    rows = zip(both.user_ids[both.users], both.item_ids[both.items], both.values, both.times, strict=True)
    assert sorted((*map(str, row[:2]), *map(float, row[2:])) for row in rows) == [
        *[("ann", "gin", 1.0, 60.0), ("ann", "tea", 4.0, 40.0), ("bob", "rum", 1.0, 10.0), ("bob", "tea", 3.0, 80.0)],
        *[("cat", "gin", 2.0, 20.0), ("zoe", "ale", 2.0, 70.0)],
    ]
    assert drinks.merged(more, duplicates="mean").values.max() == 4.0
    assert drinks.merged(Ratings.of(["ann"], ["tea"], [1])).times is None
    with pytest.raises(ValueError, match="must name each pair once, got user ann and item gin"):
        drinks.merged(more, duplicates="error")


def test_merging_keeps_ids_exact_and_their_kind():
    large = Ratings.of([2**53 + 1, 5], [1, 1], [1, 2])
    assert large.merged(Ratings.of([2**53], [1], [3])).user_ids.tolist() == [5, 2**53, 2**53 + 1]
    assert Ratings.of([1], [1], [1]).merged(Ratings.of([1.0, 2.5], [1, 1], [2, 3])).n == 2
    assert large.merged(Ratings.of([2**63], [1], [3])).n_users == 3
    with pytest.raises(TypeError, match="values that no one dtype holds exactly"):
        large.merged(Ratings.of([2.5], [1], [3]))
    with pytest.raises(TypeError, match="users must be ids like those known, such as 5, got '5'"):
        large.merged(Ratings.of(["5"], [1], [3]))


@settings(max_examples=30)
@given(pairs, st.integers(1, 39))
def test_merging_the_parts_of_a_table_gives_the_table(rows, cut):
    whole = numbered(rows)
    cut = min(cut, whole.n - 1)
    both = whole.take(range(cut)).merged(whole.take(range(cut, whole.n)))
    for name in ("users", "items", "values", "user_ids", "item_ids"):
        np.testing.assert_array_equal(getattr(both, name), getattr(whole, name))
