import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpnet.data import FormatError, read_csv


def write(tmp_path, text, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_read_csv_reads_a_classification(tmp_path):
    data = read_csv(write(tmp_path, "a,kind,b\n1,x,2.5\n-3e2,w,0\n"), "kind")
    np.testing.assert_array_equal(data.x, [[1, 2.5], [-300, 0]])
    np.testing.assert_array_equal(data.y, [1, 0])
    assert (data.x.dtype, data.classes, data.features, data.name) == (np.float64, ("w", "x"), ("a", "b"), "table")


def test_read_csv_takes_no_account_of_blanks_around_labels(tmp_path):
    assert read_csv(write(tmp_path, "a,kind\n1, x\n2,x \n"), "kind").classes == ("x",)


def test_read_csv_reads_a_regression(tmp_path):
    data = read_csv(write(tmp_path, "a,price\n1,2.5\n2,3\n"), "price")
    np.testing.assert_array_equal(data.y, [2.5, 3])
    assert (data.y.dtype, data.classes) == (np.float64, None)
    assert read_csv(write(tmp_path, "a,price\n1,2\n2,3\n"), "price", task="regression").classes is None


def test_read_csv_without_target_leaves_y_out(tmp_path):
    data = read_csv(write(tmp_path, "a,b\n1,2\n"), None)
    assert (data.y, data.classes, data.features) == (None, None, ("a", "b"))


def test_read_csv_takes_columns_by_name_and_ignores_the_others(tmp_path):
    path = write(tmp_path, "id,b,label,a\nrow one,2,x,1\n")
    for target in ("label", None):
        data = read_csv(path, target, columns=("a", "b"))
        np.testing.assert_array_equal(data.x, [[1, 2]])
        assert data.features == ("a", "b")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "a,b,label\r\n1,2,3\r\n"),
        ("t.csv", " a , b,label\n 1 ,2 , 3\n\n"),
        ("t.csv", '"a","b","label"\n"1","2","3"'),
        ("t.txt", "a;b;label\n1;2;3\n"),
        ("t.txt", "a\tb\tlabel\n1\t2\t3\n"),
        ("t.tsv", "a\tb\tlabel\n1\t2\t3\n"),
        ("t.tsv", "\na\tb\tlabel\n1\t2\t3\n"),
    ],
)
def test_read_csv_reads_the_usual_dialects(tmp_path, name, text):
    data = read_csv(str(write(tmp_path, text, name, "utf-8-sig")), "label")
    np.testing.assert_array_equal(data.x, [[1, 2]])
    assert (data.features, data.classes) == (("a", "b"), (3,))


def test_read_csv_keeps_names_with_letters_of_any_script(tmp_path):
    assert read_csv(write(tmp_path, "größe,类别\n1,苹果\n"), "类别")[2:4] == (("苹果",), ("größe",))


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)  # the first example imports polars
@given(st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(finite, min_size=k, max_size=k), min_size=1)))
def test_read_csv_reads_back_every_bit_of_a_float_but_the_sign_of_zero(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[f"c{i}" for i in range(len(rows[0]))], *rows])
    x = read_csv(path, None).x
    assert (x + 0.0).tobytes() == (np.asarray(rows) + 0.0).tobytes()  # a column of whole numbers has no -0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,label\n1,x\nred,x\n", "line 3, column 'a' must be a finite number, got 'red': fill it in"),
        ("a,label\n,x\n", "line 2, column 'a' must be a finite number, got ''"),
        ("a,label\nnan,x\n", "line 2, column 'a' must be a finite number, got 'nan'"),
        ("a,label\n1,x\n\n-inf,x\n", "line 4, column 'a' must be a finite number, got '-inf'"),
        ("a,label\n1e999,x\n", "got '1e999'"),
        ("a,label\n0x10,x\n", "got '0x10'"),
        ("a;label\n1,234;x\n", "line 2, column 'a' must be a finite number, got '1,234'"),
        ("a;label\n;x\n1,5;x\n", "line 2, column 'a' must be a finite number, got ''"),
        ("a,label\n2024-01-31,x\n", "column 'a' must hold numbers, got dates: leave it out"),
        ("a,label\n1,\n", "line 2, column 'label' must hold a label, got an empty cell"),
        ("a,label\n1,2\n1,oops\n", "line 3, column 'label' must hold a number, got 'oops'"),
        ("a,label\n1,2\n1,nan\n", "line 3, column 'label' must hold a label, got 'nan'"),
        ("a,b,label\n1,2,x\n1,x\n", "line 3 must have 3 cells as the header, got 2"),
        ("a,label\n1,x,\n", "line 2 must have 2 cells as the header, got 3"),
        ("a,a,label\n1,2,x\n", "column names must differ, got a more than once"),
        (",a,label\n0,1,x\n", "every column must have a name, got none for column 1"),
        ("a,lable\n1,x\n", "target must be one of a, lable, got 'label': did you mean 'lable'?"),
        ("label\nx\n", "must have a feature column besides the target, got label"),
        ("a,label\n", "must have a row below the header, got none"),
        ("", "must begin with a line of column names, got an empty file"),
        ("\n\n", "must begin with a line of column names, got an empty file"),
        ('a,label\n1,"x\n', "line 2 must be well-formed CSV"),
    ],
)
def test_read_csv_says_what_is_wrong_and_where(tmp_path, text, message):
    with pytest.raises(FormatError) as caught:
        read_csv(write(tmp_path, text), "label")
    assert str(caught.value).startswith(f"{tmp_path / 'table.csv'}: ")
    assert message in str(caught.value)


def test_read_csv_refuses_a_task_that_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match="task must be 'classification', 'regression' or None, got 'ranking'"):
        read_csv(write(tmp_path, "a,label\n1,x\n"), "label", task="ranking")


def test_read_csv_names_missing_columns(tmp_path):
    with pytest.raises(FormatError, match="must have the columns c, got a, b"):
        read_csv(write(tmp_path, "a,b\n1,2\n"), None, columns=("a", "c"))


def test_read_csv_names_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be an existing file"):
        read_csv(tmp_path / "none.csv", None)


def test_read_csv_takes_booleans_for_numbers(tmp_path):
    assert read_csv(write(tmp_path, "a,b,label\nTrue,1.5,x\nfalse,2,y\n"), "label").x.tolist() == [[1, 1.5], [0, 2]]
