"""Wrong usage: one line, exit code 2, and the flag that was probably meant; a flag that swallowed DATA."""

import pytest

from xpnet import load

FAST = ("--epochs", 1, "--quiet")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("train --taget kind", "unrecognized arguments: --taget; did you mean --target?"),
        ("train --epoch=3", "unrecognized arguments: --epoch=3; did you mean --epochs?"),
        ("train -target kind", "did you mean --target?"),
        ("train --zzz", "unrecognized arguments: --zzz (xpnet train --help tells more)"),
        ("trian", "invalid choice: 'trian'"),
        ("train --optimizer adm", "did you mean adam?"),
        ("predict m --prob", "did you mean --proba?"),
        ("recommend fit a.csv --user u --itemm i", "did you mean --item?"),
        ("recommend tpo", "did you mean top?"),
        ("bench --quik", "did you mean --quick?"),
        ("train a.csv b.csv", "unrecognized arguments: b.csv"),
        ("train --hidden 5 x", "argument --hidden: invalid int value: 'x'"),
        ("train --epochs", "argument --epochs: expected one argument"),
        ("train a.csv", "a table needs --target COLUMN"),
        ("train --b\x1b[31mad", r"--b\x1b[31mad"),
    ],
)
def test_wrong_usage_is_one_line(xpnet, tmp_path, words, told):
    (tmp_path / "a.csv").write_text("a,kind\n1,x\n")
    ran = xpnet(*words.split(" "))
    assert ran.code == 2
    (line,) = ran.err.splitlines()
    assert told in line
    assert line.endswith("--help tells more)")
    assert ran.out == ""


@pytest.fixture
def data(tmp_path):
    rows = "".join(f"{i},{i % 7},{'y' if i % 2 else 'n'}\n" for i in range(30))
    (tmp_path / "t.csv").write_text("id,a,kind\n" + rows)
    return "t.csv"


@pytest.mark.parametrize(
    "words",
    [
        ("--ignore", "id", "t.csv", "--hidden", 5),
        ("--hidden", 5, "--ignore", "id", "t.csv"),
        ("--ignore", "id", "--hidden", 5, "t.csv"),
        ("t.csv", "--ignore", "id", "--hidden", 5),
        ("--hidden", 5, "t.csv", "--ignore", "id"),
        ("--hidden", 5, "--ignore", "id", "--", "t.csv"),
    ],
)
def test_data_may_stand_anywhere(xpnet, data, words):
    assert xpnet("train", "--target", "kind", *FAST, *words).code == 0
    found = load("xpnet-t.safetensors")
    assert (found.network.sizes[1], found.data["ignore"]) == (5, ["id"])


def test_a_column_that_is_called_like_a_file_is_a_column_if_data_is_given(xpnet, data, tmp_path):
    (tmp_path / "a").touch()
    assert xpnet("train", data, "--ignore", "id", "a", "--target", "kind", *FAST).code == 1  # no column is left
    assert xpnet("train", data, "--categorical", "id", "a", "--target", "kind", *FAST).code == 0
    (tmp_path / "7").touch()
    assert xpnet("train", "--hidden", 5, 7, *FAST).code == 0
    assert load("xpnet-digits.safetensors").network.sizes == (64, 5, 7, 10)


def test_a_table_that_is_not_there_is_told_as_a_table(xpnet):
    ran = xpnet("train", "--ignore", "id", "gone.csv", "--target", "kind")
    assert ran.code == 1
    assert "that exists, got 'gone.csv'" in ran.err


def test_columns_of_a_flag_that_comes_twice_are_all_of_them(xpnet, data, tmp_path):
    assert xpnet("train", data, "--ignore", "id", "--categorical", "a", "--target", "kind", *FAST).code == 0
    assert xpnet("train", data, "--categorical", "id", "--categorical", "a", "--target", "kind", *FAST).code == 0
    assert load("xpnet-t.safetensors").data["categorical"] == ["id", "a"]
    assert xpnet("train", "--hidden", 5, "--hidden", 6, *FAST).code == 0
    assert load("xpnet-digits.safetensors").network.sizes == (64, 6, 10)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["red,x", "1,y"] * 9, "t.csv: line 2, column 'a' must hold numbers or text, got 'red' among numbers"),
        (["1,x", ",y"] * 9, "t.csv: line 3, column 'a' must not be missing: fill it in"),
        ([f"c{i},{i % 2}" for i in range(3000)], "t.csv: column 'a' must have at most 1000 categories"),
    ],
)
def test_errors_name_the_file_and_advice_names_its_flag(xpnet, tmp_path, rows, told):
    (tmp_path / "t.csv").write_text("\n".join(["a,kind", *rows]) + "\n")
    ran = xpnet("train", "t.csv", "--target", "kind", *FAST, "--impute", "none", "--rare", 0)
    assert ran.code == 1
    assert told in ran.err
    assert "--ignore" in ran.err or "--categorical" in ran.err


def test_rows_to_predict_are_told_with_file_and_line(xpnet, table, tmp_path):
    table()
    assert xpnet("train", "clouds.csv", "--target", "kind", *FAST).code == 0
    (tmp_path / "new.csv").write_text("width,height\n" + "1,2\n" * 9000 + "1,wide\n")
    ran = xpnet("predict", "xpnet-clouds.safetensors", "new.csv")
    assert ran.err.endswith("new.csv: line 9002, column 'height' must be a finite number, got 'wide'\n")
