"""What a column becomes by choice: intervals between quantiles, inputs for gaps, one input for rare categories."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import Encoding, FormatError, table_of
from xpnet.data.preparing.encoders.bins import Bins
from xpnet.data.preparing.remarks import unseen_remarks


def fitted(cells, **choices):
    return Encoding.fit({"a": cells}, **choices)


def applied(encoding, cells):
    return encoding.apply({"a": cells}, dtype="float64")


def again(encoding):
    return Encoding.from_json(json.loads(json.dumps(encoding.to_json())))


def test_intervals_by_hand():
    encoding = fitted([0.0, 1.0, 2.0, 4.0, 8.0], bins=2)
    assert encoding.names == ("a", "a 0 to 2", "a 2 to 8")
    assert applied(encoding, [-1.0, 0.0, 1.0, 2.0, 5.0, 8.0, 1e308])[:, 1:].tolist() == [
        [0, 0], [0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [1, 1],
    ]  # fmt: skip
    np.testing.assert_array_equal(applied(encoding, [5.0])[:, :1], applied(fitted([0.0, 1, 2, 4, 8]), [5.0]))


def test_intervals_lie_between_quantiles_of_the_cells_that_are_there():
    x = np.random.default_rng(0).gamma(2.0, size=101)
    (encoder,) = fitted([*x, None, np.nan], bins=7, impute="mean").columns
    np.testing.assert_allclose(encoder.bins.edges, np.quantile(x, np.linspace(0, 1, 8)), rtol=1e-14)
    assert (encoder.bins.edges[0], encoder.bins.edges[-1]) == (x.min(), x.max())


@pytest.mark.parametrize(
    "cells",
    [
        [7.0, 7.0, 7.0],
        [0.3, 0.1 + 0.2, 0.3],
        [1, 2],
        [0, 0, 1, 1],  # the median, 0.5, is no number of the column
        [True, False, False, True],
        [5.0] * 99 + [6.0],
    ],
)
def test_columns_of_two_numbers_at_most_stay_one_input(cells):
    encoding = fitted(cells, bins=16)
    assert encoding.names == ("a",)
    assert encoding == fitted(cells)


def test_equal_quantiles_are_one_edge():
    (encoder,) = fitted([0.0] * 81 + [1.0] * 15 + [2.0] * 5, bins=10).columns
    assert encoder.bins.edges == (0.0, 1.0, 2.0)


@pytest.mark.parametrize(
    "cells", [[0.0, 5e-324, 1e-323, 1.0, 2.0], [0.0, 1e-320, 1.0, 1.0 + 2**-52, 2.0], [-1e150, 0.0, 5e-324, 1e150]]
)
def test_intervals_too_narrow_for_a_division_are_joined(cells):
    encoding = fitted(cells, bins=len(cells) - 1)
    (encoder,) = encoding.columns
    assert (np.diff(encoder.bins.edges) >= np.finfo(float).tiny).all()
    assert np.isfinite(applied(encoding, cells)).all()


def test_names_of_intervals_have_as_many_digits_as_tell_them_apart():
    names = fitted([0.31, 0.4, 0.5], bins=2).names
    assert names == ("a", "a 0.31 to 0.4", "a 0.4 to 0.5")
    names = fitted([1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3], bins=3).names
    assert names[1] == "a 1000000000 to 1000000001"
    assert len(set(names)) == 4


NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30)


@given(NUMBERS, NUMBERS, st.integers(2, 12))
def test_intervals_grow_with_the_number_and_add_up_to_it(train, new, bins):
    found = Bins.of(np.sort(np.asarray(train)), bins)
    new = np.sort(np.asarray(new))
    shares = np.empty((len(new), len(found)))
    found.encode_into(new, shares)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (np.diff(shares, axis=0) >= 0).all()
    if len(found):
        back = found.edges[0] + shares @ np.diff(found.edges)
        np.testing.assert_allclose(back, np.clip(new, found.edges[0], found.edges[-1]), atol=1e-8)


@given(st.permutations(range(12)))
def test_the_order_of_rows_says_nothing(order):
    numbers = np.asarray([3.5, 1, 4, 1, 5, 9, 2.6, 5, 3, 5, 8, np.nan])
    texts = np.asarray([*"abracadabra", None], dtype=object)
    choices = {"bins": 4, "rare": 2, "impute": "indicator"}
    first = Encoding.fit({"n": numbers, "t": texts}, **choices)
    other = Encoding.fit({"n": numbers[order], "t": texts[order]}, **choices)
    assert other.names == first.names
    assert [each.bins for each in other.columns[:1]] == [each.bins for each in first.columns[:1]]
    x = {"n": numbers, "t": texts}
    np.testing.assert_allclose(other.apply(x, dtype="float64"), first.apply(x, dtype="float64"), atol=1e-14)


def test_gaps_of_numbers_get_an_input_if_training_had_some():
    encoding = fitted([1.0, None, 3.0, 8.0], impute="indicator", bins=2)
    assert encoding.names == ("a", "a 1 to 3", "a 3 to 8", "a missing")
    rows = applied(encoding, [3.0, None])
    assert rows[0, :3].tolist() == rows[1, :3].tolist()  # the median fills
    assert rows[:, 3].tolist() == [0, 1]
    assert (encoding.columns[0].mean, encoding.columns[0].fill) == (4.0, 3.0)
    without = fitted([1.0, 3.0, 8.0], impute="indicator")
    assert without.names == ("a",)
    assert applied(without, [None]).tolist() == applied(without, [3.0]).tolist()


def test_gaps_of_dates_get_an_input_and_their_days_intervals():
    cells = np.asarray(["2024-01-01", "2024-01-03", "2024-01-11", "NaT"], dtype="datetime64[D]")
    encoding = fitted(cells, impute="indicator", bins=2)
    assert encoding.names[4:] == ("a.days", "a.days 0 to 2", "a.days 2 to 10", "a missing")
    rows = applied(encoding, np.asarray(["2024-01-02", "2024-01-07", "NaT"], dtype="datetime64[D]"))
    assert rows[:, 5:].tolist() == [[0.5, 0, 0], [1, 0.5, 0], [1, 0, 1]]
    assert fitted(cells[:3], impute="indicator").names == fitted(cells[:3], impute="median").names


def test_gaps_of_categories_get_an_input_or_are_all_zeros():
    encoding = fitted(["x", None, "y"], impute="indicator")
    assert encoding.names == ("a=x", "a=y", "a missing")
    assert applied(encoding, ["y", "", "z"]).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert applied(fitted(["x", "y"], impute="indicator"), ["y", None]).tolist() == [[0, 1], [0, 0]]


def test_rare_categories_share_an_input_with_new_ones():
    encoding = fitted([*"aaabbbc"], rare=2)
    assert encoding.names == ("a=a", "a=b", "a (rare)")
    assert applied(encoding, [*"acz"]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    (said,) = unseen_remarks(encoding, {"a": [*"aczz"]})  # c was in the training rows
    assert said == (
        "column 'a' holds a category that training did not see in 2 of 4 rows, such as 'z': taken as a rare one there"
    )
    assert fitted([*"aabb"], rare=2) == fitted([*"aabb"])
    assert applied(fitted(["x", None, "y", "y"], rare=2, impute="indicator"), ["x", None]).tolist() == [
        [0, 1, 0], [0, 0, 1],
    ]  # fmt: skip
    assert applied(fitted(["x", None], rare=2, impute="mean"), [None]).tolist() == [[1]]  # the commonest one is rare


def test_with_rare_there_may_be_many_categories():
    cells = [f"id{i:04}" for i in range(1500)]
    encoding = fitted([*cells[::-1], *cells[700:]], rare=1)  # of equally common ones the first by name
    assert len(encoding.names) == 1001
    assert set(encoding.columns[0].rare) == set(cells[200:700])
    assert fitted(cells, rare=2).names == ("a (rare)",)


MIXED = {
    "n": [1.5, None, 2.5, 9.0, 4.0],
    "t": ["x", "y", None, "x", "z"],
    "when": ["2024-01-31", None, "2024-03-02", "2024-05-01", "2023-01-01"],
}
CHOICES = {"impute": "indicator", "bins": 3, "rare": 2}


def test_all_choices_survive_json_and_pickle():
    encoding = Encoding.fit(MIXED, **CHOICES)
    rows = encoding.apply(MIXED)
    assert rows.shape == (5, len(encoding.names))
    for other in (again(encoding), pickle.loads(pickle.dumps(encoding))):
        assert other == encoding
        np.testing.assert_array_equal(other.apply(MIXED), rows)


def test_files_without_the_choices_are_as_before():
    assert Encoding.fit(MIXED, impute="median").to_json()["columns"][:2] == [
        {"name": "n", "mean": 4.25, "scale": pytest.approx(2.8831406, rel=1e-6), "fill": 3.25, "range": [1.5, 9.0]},
        {"name": "t", "categories": ["x", "y", "z"], "fill": "x"},
    ]


@pytest.mark.parametrize("edges", [[], [1.0, 2.0], [1.0, 1.0, 2.0], [2.0, 1.0, 0.0], [0.0, 1.0, float("inf")], ["a"]])
def test_edges_of_a_file_are_checked(edges):
    value = {"columns": [{"name": "a", "mean": 0.0, "scale": 1.0, "fill": None, "edges": edges}]}
    with pytest.raises(FormatError, match="edges must be at least three increasing numbers"):
        Encoding.from_json(value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_are_computed_in_float64_and_then_rounded(dtype):
    x = {"a": np.random.default_rng(0).normal(size=20000)}
    encoding = Encoding.fit(x, bins=5)
    np.testing.assert_array_equal(encoding.apply(x, dtype=dtype), encoding.apply(x, dtype="float64").astype(dtype))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_are_encoded_with_all_choices(library):
    frame = pytest.importorskip(library, reason=f"{library} is not installed").DataFrame(MIXED)
    if library == "pandas":
        frame["t"] = frame["t"].astype("category")
    encoding = Encoding.fit(frame, **CHOICES)
    assert encoding == Encoding.fit(table_of(MIXED), **CHOICES)
    np.testing.assert_array_equal(encoding.apply(frame), encoding.apply(MIXED))


@pytest.mark.parametrize(
    ("choices", "error", "message"),
    [
        ({"bins": -1}, ValueError, "bins must be at least 0, got -1"),
        ({"rare": -2}, ValueError, "rare must be at least 0, got -2"),
        ({"bins": 2.5}, TypeError, "bins must be a whole number, got 2.5"),
        ({"rare": True}, TypeError, "rare must be a whole number, got True"),
        ({"impute": "Mean"}, ValueError, "impute must be one of mean, median, indicator, got 'Mean'"),
    ],
)
def test_choices_that_make_no_sense_are_refused(choices, error, message):
    with pytest.raises(error, match=message):
        fitted([1.0, 2.0], **choices)


@pytest.mark.parametrize("cells", [[1.0, float("inf"), 2.0], [1.0, 2.0, -float("inf")]])
def test_infinity_is_refused_with_intervals_too(cells):
    with pytest.raises(FormatError, match="must hold finite numbers"):
        fitted(cells, bins=2)
    with pytest.raises(FormatError, match=r"must be a finite number, got -?inf"):
        applied(fitted([1.0, 2.0, 3.0], bins=2), cells)
