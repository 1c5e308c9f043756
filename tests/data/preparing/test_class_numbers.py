"""Labels that are text or booleans become class numbers, wherever they come from."""

import numpy as np
import pytest

from xpnet.data.preparing.class_numbers import number_classes

TEXT = ["dog", "cat", "dog", "cow"]
FLAGS = [True, False, True, True]


def pandas_series(values):
    return pytest.importorskip("pandas", reason="pandas is not installed").Series(values, index=range(5, 9))


def pandas_category(values):
    return pandas_series(values).astype("category")


def pandas_objects(values):
    return pandas_series(values).astype(object)


def pandas_frame(values):
    return pandas_series(values).to_frame("kind")


def polars_series(values):
    return pytest.importorskip("polars", reason="polars is not installed").Series(values)


def pyarrow_column(values):
    return pytest.importorskip("pyarrow", reason="pyarrow is not installed").chunked_array([values[:1], values[1:]])


HOLDERS = [
    *(list, tuple, np.asarray, pandas_series, pandas_category, pandas_objects, polars_series, pyarrow_column),
    lambda values: np.asarray(values, dtype=object),
    lambda values: [np.asarray(values)[i] for i in range(len(values))],
]


@pytest.mark.parametrize("held", [*HOLDERS, pandas_frame, lambda values: np.asarray(values, dtype="S")])
def test_text_is_numbered_in_sorted_order(held):
    y, classes = number_classes(held(TEXT))
    assert (y.tolist(), classes) == ([2, 0, 2, 1], ("cat", "cow", "dog"))


@pytest.mark.parametrize("held", HOLDERS)
def test_booleans_are_two_classes(held):
    y, classes = number_classes(held(FLAGS))
    assert (y.tolist(), classes) == ([1, 0, 1, 1], (False, True))
    assert number_classes(held([True] * 4))[1] == (False, True)


def test_booleans_of_every_library_stay_there(backend):
    y = backend.asarray(np.asarray([1, 0, 1])) > 0
    numbers, classes = number_classes(y)
    assert type(numbers) is type(y)
    assert classes == (False, True)
    assert backend.xp.all(numbers == backend.asarray(np.asarray([1, 0, 1])))


@pytest.mark.parametrize(
    "y",
    [[0, 1], [0.5, 2.0], np.asarray([1, 2]), [[0.0, 1.0], [1.0, 0.0]], np.ones((3, 2), dtype=bool), [True, 1], []],
)
def test_numbers_and_targets_stay_as_they_are(y):
    assert number_classes(y)[0] is y
    assert number_classes(y)[1] is None


@pytest.mark.parametrize("missing", [None, float("nan")])
@pytest.mark.parametrize("label", ["cat", True])
def test_missing_labels_are_refused_with_their_row(missing, label):
    for y in ([label, missing, label], np.asarray([label, missing], dtype=object), polars_series([label, None])):
        with pytest.raises(ValueError, match=r"^y must not be missing, got (None|nan) in row 1: leave the row out$"):
            number_classes(y)


def test_pandas_missing_labels_are_refused():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    for values, kind in ((["cat", None], "string"), ([True, None], "boolean"), (["cat", None], "category")):
        with pytest.raises(ValueError, match=r"labels: y must not be missing, got .* in row 1"):
            number_classes(pandas.Series(values, dtype=kind), name="labels: y")


@pytest.mark.parametrize("others", [3, 2.5, True, b"cat"])
def test_text_among_other_things_is_refused(others):
    with pytest.raises(TypeError, match=r"y must hold numbers, text or booleans, and one kind only, got .* and str"):
        number_classes(["cat", others, "dog"])


def test_labels_are_counted_in_known_classes():
    y, classes = number_classes(["b", "b"], ("a", "b", "c"))
    assert (y.tolist(), classes) == ([1, 1], ("a", "b", "c"))
    with pytest.raises(ValueError, match=r"^y must hold labels of the training data \('a', 'b'\), got 'c'$"):
        number_classes(["b", "c"], ("a", "b"))


@pytest.mark.parametrize("hold", [list, np.asarray, lambda values: np.asarray(values, dtype=object), pandas_series])
def test_bytes_are_text(hold):
    y, classes = number_classes(hold([text.encode() for text in TEXT]))
    assert (y.tolist(), classes) == ([2, 0, 2, 1], ("cat", "cow", "dog"))


def test_classes_are_text_of_pythons_own():
    for values in ([np.str_(text) for text in TEXT], np.asarray(TEXT)):
        assert {type(label) for label in number_classes(values)[1]} == {str}
