"""Errors of ratings and the worth of lists, by hand and by property."""

from math import log2, sqrt

import array_api_compat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import assert_close

from xpnet.backend import library_of, to_numpy
from xpnet.recommend import (
    coverage,
    hit_rate_at_k,
    mae,
    mrr_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    rmse,
)
from xpnet.recommend.metrics import hits

LISTS = [precision_at_k, recall_at_k, ndcg_at_k, mrr_at_k, hit_rate_at_k]

# hits: user 0 at ranks 2 and 4 of two relevant items, user 1 at rank 1 of three, user 2 does not count, user 3 has none
RECOMMENDED = [[7, 3, 5, 1], [0, 2, -1, -1], [4, 5, 6, 7], [-1, 8, 9, 6]]
RELEVANT = [[1, 3, -1], [9, 8, 0], [-1, -1, -1], [-1, 5, -1]]
D2, D3, D4 = 1 / log2(3), 1 / 2, 1 / log2(5)
BY_HAND = [
    (precision_at_k, None, (2 / 4 + 1 / 4) / 3),
    (precision_at_k, 2, (1 / 2 + 1 / 2) / 3),
    (precision_at_k, 1, 1 / 3),
    (recall_at_k, None, (1 + 1 / 3) / 3),
    (recall_at_k, 2, (1 / 2 + 1 / 3) / 3),
    (ndcg_at_k, None, ((D2 + D4) / (1 + D2) + 1 / (1 + D2 + D3)) / 3),
    (ndcg_at_k, 2, (D2 / (1 + D2) + 1 / (1 + D2)) / 3),
    (ndcg_at_k, 1, 1 / 3),
    (mrr_at_k, None, (1 / 2 + 1) / 3),
    (mrr_at_k, 1, 1 / 3),
    (hit_rate_at_k, None, 2 / 3),
    (hit_rate_at_k, 1, 1 / 3),
]


def assert_share(backend, actual, expected):
    """Assert a 0-d answer at home, near `expected` in whatever floating dtype the device prefers."""
    assert library_of(actual) == backend.name
    assert array_api_compat.device(actual) == backend.device
    assert backend.xp.isdtype(actual.dtype, "real floating")
    assert actual.shape == ()
    assert float(actual) == pytest.approx(expected, abs=1e-6)


# ---- errors of ratings ------------------------------------------------------------------------------------


def test_errors_of_ratings_have_their_known_values(backend):
    predicted, actual = backend.asarray([0.0, 0.0]), backend.asarray([0.0, 2.0])
    assert_close(backend, mae(predicted, actual), 1.0)
    assert_close(backend, rmse(predicted, actual), sqrt(2.0))
    assert_close(backend, mae(actual, predicted), 1.0)


def test_weights_count_a_rating_more_often(backend):
    predicted, actual = backend.asarray([1.0, 5.0, 2.0]), backend.asarray([4.0, 1.0, 9.0])
    weights = backend.asarray([3.0, 1.0, 0.0])
    assert_close(backend, mae(predicted, actual, weights), 13 / 4)
    assert_close(backend, rmse(predicted, actual, weights), sqrt(43 / 4))
    assert_close(backend, rmse(predicted, actual, 10.0 * weights), sqrt(43 / 4))


def test_whole_stars_are_ratings_too(backend):
    stars = backend.asarray([1, 5])
    assert_share(backend, rmse(stars, backend.asarray([2, 3])), sqrt(2.5))
    assert_share(backend, mae(backend.asarray([1.5, 4.0]), stars), 0.75)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=8))
def test_rmse_is_never_below_mae_nor_above_the_largest_error(pairs):
    predicted, actual = np.asarray(pairs).T
    largest = np.abs(predicted - actual).max()
    slack = 1e-12 * largest + 1e-150
    assert mae(predicted, actual) <= rmse(predicted, actual) + slack
    assert rmse(predicted, actual) <= largest + slack


@pytest.mark.parametrize("f", [rmse, mae])
def test_errors_of_ratings_refuse_what_does_not_fit(f, backend):
    two, three = backend.asarray([1.0, 2.0]), backend.asarray([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"predicted must have shape \(n,\) with n at least 1, got \(0,\)"):
        f(backend.full((0,)), backend.full((0,)))
    with pytest.raises(ValueError, match=r"predicted must have shape \(n,\) .*, got \(2, 1\)"):
        f(two[:, None], two)
    with pytest.raises(ValueError, match=r"actual must have shape \(2,\), got \(3,\)"):
        f(two, three)
    with pytest.raises(ValueError, match=r"weights must have shape \(2,\), got \(3,\)"):
        f(two, two, three)
    with pytest.raises(ValueError, match=r"actual must be finite, got nan at \(1,\)"):
        f(two, backend.asarray([1.0, float("nan")]))
    for weights in ([1.0, -1.0], [0.0, 0.0]):
        with pytest.raises(ValueError, match="weights must be zero or more and not all zero, got a smallest of"):
            f(two, two, backend.asarray(weights))
    with pytest.raises(TypeError, match="actual must be an array, got list"):
        f(two, [1.0, 2.0])
    with pytest.raises(TypeError, match="actual must hold real numbers, got dtype"):
        f(two, two * 1j if backend.name != "array_api_strict" else backend.xp.astype(two, backend.xp.complex64))


# ---- lists of items ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "k", "expected"), BY_HAND)
def test_lists_have_the_worth_worked_by_hand(f, k, expected, backend):
    recommended, relevant = backend.asarray(RECOMMENDED), backend.asarray(RELEVANT)
    assert_share(backend, f(recommended, relevant, k), expected)


@pytest.mark.parametrize("f", LISTS)
def test_users_are_compared_in_chunks_with_the_same_answer(f, backend, monkeypatch):
    recommended, relevant = backend.asarray(RECOMMENDED), backend.asarray(RELEVANT)
    whole = float(f(recommended, relevant))
    for chunk in (1, 36):  # one user at a time, then three and one
        monkeypatch.setattr(hits, "CHUNK", chunk)
        assert float(f(recommended, relevant)) == whole


@pytest.mark.parametrize("f", LISTS)
def test_lists_leave_their_arguments_alone(f, backend):
    recommended, relevant = backend.asarray(RECOMMENDED), backend.asarray(RELEVANT)
    f(recommended, relevant, 2)
    np.testing.assert_array_equal(to_numpy(recommended), RECOMMENDED)
    np.testing.assert_array_equal(to_numpy(relevant), RELEVANT)


def test_no_item_is_never_a_hit(backend):
    nothing, one = backend.asarray([[-1, -1]]), backend.asarray([[-1, 0]])
    for f in LISTS:
        assert_share(backend, f(nothing, one), 0.0)


def test_coverage_counts_each_item_once(backend):
    assert_share(backend, coverage(backend.asarray(RECOMMENDED), 20), 10 / 20)
    assert_share(backend, coverage(backend.asarray([[0], [0], [-1]]), 3), 1 / 3)
    assert_share(backend, coverage(backend.asarray([[1, 0], [0, 2]]), 3), 1.0)
    assert_share(backend, coverage(backend.asarray([[-1, -1]]), 3), 0.0)
    assert_share(backend, coverage(backend.asarray([[1, 0]])[:0, :], 3), 0.0)


@st.composite
def lists(draw):
    """Return lists over ten items for some users, at least one of whom has something relevant."""
    n_users, n, m = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.integers(1, 6))

    def rows(width, first_least=0):
        items = [draw(st.lists(st.integers(0, 9), unique=True, max_size=width)) for _ in range(n_users)]
        items[0] = items[0] or [3] * first_least
        return np.asarray([row + [-1] * (width - len(row)) for row in items])

    return rows(n), rows(m, first_least=1)


@settings(max_examples=60, deadline=None)
@given(lists(), st.data())
def test_worths_are_shares_in_order_of_severity(pair, data):
    recommended, relevant = pair
    k = data.draw(st.integers(1, recommended.shape[1]))
    worth = {f: float(f(recommended, relevant, k)) for f in LISTS}
    assert all(0.0 <= value <= 1.0 for value in worth.values())
    for f in (precision_at_k, recall_at_k, mrr_at_k):
        assert worth[f] <= worth[hit_rate_at_k]
    assert 0.0 <= coverage(recommended, 10) <= 1.0


@settings(max_examples=60, deadline=None)
@given(lists(), st.randoms(use_true_random=False))
def test_order_within_the_list_matters_to_rank_alone(pair, random):
    recommended, relevant = pair
    shuffled = np.asarray([random.sample(row, len(row)) for row in recommended.tolist()])
    for f in (precision_at_k, recall_at_k, hit_rate_at_k):
        assert f(shuffled, relevant) == f(recommended, relevant)
    assert coverage(shuffled, 10) == coverage(recommended, 10)
    for f in LISTS:
        assert f(recommended, relevant[:, ::-1]) == f(recommended, relevant)


@settings(max_examples=60, deadline=None)
@given(lists(), st.data())
def test_perfect_lists_are_worth_one_and_only_they(pair, data):
    relevant = pair[1]
    k = data.draw(st.integers(1, relevant.shape[1]))
    for f in (ndcg_at_k, mrr_at_k, hit_rate_at_k):
        assert f(relevant, relevant, k) == 1.0
    assert recall_at_k(relevant, relevant) == 1.0
    late = np.concatenate([np.full_like(relevant[:, :1], -1), relevant], axis=1)
    assert ndcg_at_k(late, relevant) < 1.0


@settings(max_examples=60, deadline=None)
@given(lists())
def test_hits_agree_with_sets(pair):
    users = [(row, set(held) - {-1}) for row, held in zip(pair[0].tolist(), pair[1].tolist(), strict=True)]
    users = [(row, held) for row, held in users if held]
    recalls = [len(held & set(row)) / len(held) for row, held in users]
    firsts = [next((1 / (j + 1) for j, item in enumerate(row) if item in held), 0.0) for row, held in users]
    assert float(recall_at_k(*pair)) == pytest.approx(np.mean(recalls), abs=1e-14)
    assert float(mrr_at_k(*pair)) == pytest.approx(np.mean(firsts), abs=1e-14)


# ---- bad input --------------------------------------------------------------------------------------------

BAD = [
    ([[1, 2]], [[1], [2]], None, ValueError, "relevant must have 1 rows like recommended, got 2"),
    ([1, 2], [[1]], None, ValueError, r"recommended must have shape \(n_users, n\), got \(2,\)"),
    ([[1, 2]], [1], None, ValueError, r"relevant must have shape \(n_users, n\), got \(1,\)"),
    ([[1.0, 2.0]], [[1]], None, TypeError, "recommended must hold integers, got dtype"),
    ([[1, 2]], [[True]], None, TypeError, "relevant must hold integers, got dtype"),
    ([[1, 2], [0, -3]], [[1], [1]], None, ValueError, "recommended must hold item numbers.*, got -3 in row 1"),
    ([[1, 2]], [[-2]], None, ValueError, "relevant must hold item numbers, or -1 for none, got -2 in row 0"),
    (
        [[1, 2], [4, 4]],
        [[1], [1]],
        None,
        ValueError,
        "recommended must not hold an item twice in a row, got 4 in row 1",
    ),
    ([[1, 2]], [[5, 3, 5]], None, ValueError, "relevant must not hold an item twice in a row, got 5 in row 0"),
    ([[1, 2]], [[-1]], None, ValueError, "relevant must hold an item for a user or more, got none"),
    ([[1, 2]], [[1]], 0, ValueError, "k must be between 1 and 2, got 0"),
    ([[1, 2]], [[1]], 3, ValueError, "k must be between 1 and 2, got 3"),
    ([[1, 2]], [[1]], 1.0, TypeError, "k must be a whole number, got 1.0"),
]


@pytest.mark.parametrize("f", LISTS)
def test_lists_refuse_what_does_not_fit(f, backend):
    for recommended, relevant, k, error, words in BAD:
        with pytest.raises(error, match=words):
            f(backend.asarray(recommended), backend.asarray(relevant), k)


def test_lists_refuse_nothing_to_compare(backend):
    one = backend.asarray([[1]])
    with pytest.raises(ValueError, match=r"recommended must have a column or more, got shape \(1, 0\)"):
        recall_at_k(one[:, :0], one)
    for relevant, recommended in [(one[:, :0], one), (one[:0, :], one[:0, :])]:
        with pytest.raises(ValueError, match="relevant must hold an item for a user or more, got none in shape"):
            recall_at_k(recommended, relevant)
    with pytest.raises(TypeError, match="relevant must be an array, got list"):
        recall_at_k(one, [[1]])


def test_coverage_refuses_items_out_of_range(backend):
    with pytest.raises(ValueError, match="recommended must hold items below n_items = 3, got 3 in row 1"):
        coverage(backend.asarray([[0, 1], [2, 3]]), 3)
    with pytest.raises(ValueError, match="n_items must be at least 1, got 0"):
        coverage(backend.asarray([[0]]), 0)
    with pytest.raises(TypeError, match="recommended must be an array, got list"):
        coverage([[0]], 3)
