"""Ids are found exactly, whatever their dtypes and libraries."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.backend import get
from xpnet.data.ratings.columns import means
from xpnet.data.ratings.ids import from_cells, from_word, known_places, lookup
from xpnet.data.ratings.reading import Ratings

EDGES = [
    0,
    1,
    2**31,
    2**53,
    2**53 + 1,
    2**53 + 2,
    2**60,
    2**60 + 1,
    2**63 - 1,
    2**63,
    2**63 + 5,
    2**64 - 1,
    -1,
    -(2**63),
]
DTYPES = ["int64", "uint64", "float64", "float32", "int32", "uint8", "object"]


def as_dtype(numbers, dtype):
    """Return those of the numbers that the dtype holds exactly."""
    if dtype == "object":
        return np.asarray(numbers, dtype=object)
    held = []
    for x in numbers:
        if dtype.startswith("float"):
            held += [x] if int(np.dtype(dtype).type(x)) == x else []
        else:
            held += [x] if np.iinfo(dtype).min <= x <= np.iinfo(dtype).max else []
    return np.asarray(held, dtype=dtype)


@given(
    st.lists(st.sampled_from(EDGES), min_size=1, unique=True),
    st.lists(st.sampled_from(EDGES), min_size=1, unique=True),
    st.sampled_from(["int64", "uint64", "float64"]),
    st.sampled_from(DTYPES),
)
def test_numbers_meet_if_they_are_equal(known, wanted, own, other):
    table, asked = np.sort(as_dtype(known, own)), as_dtype(wanted, other)
    held = [int(x) for x in table.tolist()]
    expected = [held.index(int(x)) if int(x) in held else -1 for x in asked.tolist()]
    assert lookup("users", table, asked).tolist() == expected
    assert lookup("users", table, asked.tolist()).tolist() == expected


@pytest.mark.parametrize("numbers", [[2**60, 2**60 + 1, 0.5], [2**63 + 5, -1], [2**70, 1]])
def test_ids_that_no_dtype_holds_are_refused(numbers):
    with pytest.raises(TypeError, match="users must hold numbers or text, got object: values that no one dtype holds"):
        Ratings.of(numbers, range(len(numbers)), [1.0] * len(numbers))


def test_large_unsigned_ids_in_a_list_keep_their_digits():
    ratings = Ratings.of([2**63 + 5, 1, 2**63 + 6], [1, 2, 3], [1, 2, 3])
    assert ratings.user_ids.tolist() == [1, 2**63 + 5, 2**63 + 6]
    assert ratings.numbers([2**63 + 6, -1, 1.0], [1])[0].tolist() == [2, -1, 0]


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")
@pytest.mark.parametrize("library", ["numpy", "torch", "jax", "array_api_strict"])
@pytest.mark.parametrize("dtype", [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)])
def test_integers_of_every_library_and_dtype_are_ids_and_ratings(library, dtype):
    if not importlib.util.find_spec(library):
        pytest.skip(f"{library} is not installed")
    home = get(library)

    def made(x):
        return home.xp.asarray(x, dtype=getattr(home.xp, dtype), device=home.device)

    ratings = Ratings.of(made([100, 3, 3]), made([7, 7, 8]), made([5, 1, 100]), times=made([1, 2, 3]))
    assert (ratings.user_ids.tolist(), ratings.values.tolist()) == ([3, 100], [5.0, 1.0, 100.0])
    assert [x.tolist() for x in ratings.numbers(made([100, 4]), made([8]))] == [[1, -1], [1]]
    again = Ratings.numbered(made([0, 1]), made([1, 0]), made([1, 2]), user_ids=made([3, 9]), n_items=2)
    assert (again.users.tolist(), again.user_ids.tolist()) == ([0, 1], [3, 9])


def test_a_typed_word_is_the_kind_of_id_that_the_table_holds():
    whole, fractions, text = np.asarray([7, 8]), np.asarray([7.0, 7.5]), np.asarray(["007", "7"])
    assert [from_word(whole, word) for word in ("7", "-7", "007", "7.0", "+7", " 7", "7_0", "\u0667")] == [
        *(7, -7, "007", "7.0", "+7", " 7", "7_0", "\u0667")
    ]
    assert [from_word(fractions, word) for word in ("7.5", "7", "07.5", "1e3", "nan")] == [7.5, 7, "07.5", "1e3", "nan"]
    assert from_word(text, "7") == "7"
    assert from_word(np.asarray([2**64 - 1], dtype="uint64"), str(2**64 - 1)) == 2**64 - 1
    assert from_cells(["007", "7"]).tolist() == ["007", "7"]


MASKED = np.ma.masked_equal([1, 2], 2)


@pytest.mark.parametrize("column", [MASKED, MASKED.astype(float), list(MASKED), MASKED.astype(object)])
@pytest.mark.parametrize("name", ["users", "items", "values", "times"])
def test_masked_entries_are_refused_by_name(name, column):
    columns = {"users": [1, 2], "items": [1, 2], "values": [1, 2]} | {name: column}
    with pytest.raises(ValueError, match=rf"{name} must not have masked entries, got 1; fill"):
        Ratings.of(**columns)


def test_masked_row_numbers_and_tables_of_ids_are_refused():
    with pytest.raises(ValueError, match="items must not have masked entries"):
        Ratings.numbered([0, 1], MASKED - 1, [1, 2], 2, 2)
    with pytest.raises(ValueError, match="user_ids must not have masked entries"):
        Ratings.numbered([0, 1], [0, 1], [1, 2], user_ids=MASKED, n_items=2)


def test_unmasked_arrays_count_as_plain_ones():
    ratings = Ratings.of(np.ma.array(["b", "a"]), np.ma.array([1, 2]), np.ma.array([1.0, 2.0]))
    assert (ratings.user_ids.tolist(), ratings.values.tolist()) == (["a", "b"], [1.0, 2.0])
    assert not isinstance(ratings.values, np.ma.MaskedArray)


def test_no_mean_of_repeated_ratings_overflows():
    ratings = Ratings.of([1, 1, 2], [4, 4, 4], [1.7e308, 1.5e308, 3.0], duplicates="mean")
    assert ratings.values.tolist() == [1.6e308, 3.0]
    assert means(np.asarray([0, 0, 0]), np.asarray([0.1, 0.2, 0.4])).tolist() == [(0.1 + 0.2 + 0.4) / 3]


def test_sums_of_repeated_ratings_that_overflow_are_refused():
    with pytest.raises(ValueError, match=r"values must have finite sums of duplicates, got up to 1.7e\+308"):
        Ratings.of([1, 1, 2], [4, 4, 4], [1.7e308, 1.5e308, 3.0], duplicates="sum")


def test_ratings_that_overflow_float64_are_refused():
    huge = np.asarray([1.0, np.longdouble(10) ** 400])
    if np.isinf(huge[1]):
        pytest.skip("long double is double here")
    with pytest.raises(ValueError, match="values must be finite"):
        Ratings.of([1, 2], [1, 2], huge)


@pytest.mark.parametrize("given", [0, "ab"])
def test_one_id_where_several_belong_is_refused(given):
    with pytest.raises(ValueError, match=r"items must have shape \(n,\), got \(\)"):
        known_places("item", np.asarray([0, 1]), given)
