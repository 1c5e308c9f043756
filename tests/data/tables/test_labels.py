import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import FormatError, Reading
from xpnet.data.columns.building import column_of
from xpnet.data.columns.cells import category, is_missing
from xpnet.data.columns.numbers import to_number
from xpnet.data.tables.labels import encode_labels, reading_of_labels


def where(row):
    return f"row {row}"


def encode(texts, task=None):
    column = column_of("y", texts, reading_of_labels(Reading(), "y", task))
    return encode_labels(column, task, where, lambda row: str(texts[row]))


@pytest.mark.parametrize(
    ("texts", "task", "y", "classes"),
    [
        (["b", "a", "b"], None, [1, 0, 1], ("a", "b")),
        (["10", "9", "10"], None, [1, 0, 1], (9, 10)),
        (["2.0", "1"], None, [1, 0], (1, 2)),
        (["0.5", "1"], None, [0.5, 1], None),
        (["0.5", "1"], "classification", [0, 1], (0.5, 1)),
        (["3", "1"], "regression", [3, 1], None),
        (["1", "x"], "classification", [0, 1], ("1", "x")),
        (["True", "false", "true"], None, [0, 1, 0], ("True", "false")),
        (["1,5", "2"], "classification", [0, 1], ("1,5", "2")),
        (["1,5", "2"], None, [1.5, 2], None),
        (["1.000", "2.000", "1.000.000"], None, [0, 1, 2], (1000, 2000, 1000000)),
        (["12 %", "50 %"], None, [0.12, 0.5], None),
        (["yes", "no"], None, [1, 0], ("no", "yes")),
        (["2024-01-31", "2023-01-31"], None, [1, 0], ("2023-01-31", "2024-01-31")),
        ([True, False], None, [1, 0], (0, 1)),
        (["007", "7"], None, [0, 0], (7,)),
        (["9007199254740993", "9007199254740992"], None, [1, 0], (2**53, 2**53 + 1)),
    ],
)
def test_encode_labels_follows_the_rule(texts, task, y, classes):
    got, got_classes = encode(texts, task)
    np.testing.assert_array_equal(got, y)
    assert got.dtype == (np.float64 if classes is None else np.int64)
    assert got_classes == classes
    assert classes is None or [type(c) for c in got_classes] == [type(c) for c in classes]


def test_encode_labels_draws_the_line_after_twenty_whole_numbers():
    assert encode([str(i) for i in range(20)] * 2)[1] == tuple(range(20))
    assert encode([str(i) for i in range(21)] * 2)[1] is None


TEXT = st.text(min_size=1).filter(
    lambda text: category(text) == text and not is_missing(text) and to_number(text) is None
)


@given(st.lists(st.one_of(st.integers(-50, 50)), min_size=1) | st.lists(TEXT, min_size=1))
def test_encode_labels_gives_indices_that_lead_back(labels):
    y, classes = encode(labels, "classification")
    assert [classes[i] for i in y] == labels
    assert list(classes) == sorted(set(labels))


@pytest.mark.parametrize(
    ("texts", "task", "message"),
    [
        (["a", ""], None, "row 1 must hold a label, got an empty cell"),
        (["1", "2", "?"], None, "row 2 must hold a label, got '\\?', which means missing: remove the row"),
        (["1", "nan"], None, "row 1 must hold a label, got 'nan'"),
        (["1", "2", "x"], None, "row 2 must hold a number, got 'x'.*task='classification'"),
        (["1,234", "2"], None, "row 0 must hold a number, got '1,234': name the decimal character, or pass task="),
        (["12%", "x"], None, "row 1 must hold a number, got 'x': repair it, or pass task="),
        (["12%", "x"], "regression", "row 1 must hold a number, got 'x': repair it, or pass task="),
        (["1", "inf"], "classification", "row 1 must hold a finite number, got 'inf'"),
        (["1", "a"], "regression", "row 1 must hold a number, got 'a'"),
    ],
)
def test_labels_at_fault_are_placed(texts, task, message):
    with pytest.raises(FormatError, match=message):
        encode(texts, task)


@pytest.mark.parametrize("mark", ["", "NA", "n/a", "<NA>", "#N/A", "null", "None", "?", "nan", "NaN", "NaT"])
@pytest.mark.parametrize("task", [None, "classification"])
def test_a_missing_label_is_no_class(mark, task):
    with pytest.raises(FormatError, match=r"row 2 must hold a label, got .*: remove the row"):
        encode(["no", "yes", mark, "no"], task)


def test_whole_numbers_that_hardly_repeat_are_values():
    numbers = column_of("employed", [60323, 61122, *range(60000, 60012)])
    assert encode_labels(numbers, None, str)[1] is None
    assert encode_labels(numbers, "classification", str)[1] is not None
    assert encode_labels(column_of("n", list(range(10))), None, str)[1] == tuple(range(10))  # as few as digits
    assert encode_labels(column_of("n", [*range(14), *range(14)]), None, str)[1] == tuple(range(14))
