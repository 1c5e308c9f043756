"""``xpnet predict``: ids and true labels beside the predictions, digits that mean something, pipes."""

import csv
import io
import json
import sys

import numpy as np
import pytest

from xpnet import load

FAST = ("--target", "kind", "--epochs", 20, "--hidden", 4, "--quiet")


@pytest.fixture
def fruit(tmp_path, rng):
    """80 fruits with a code and a weight that tells the kind."""
    lines = ["code,weight,shade,kind"]
    for i in range(80):
        lines.append(f"{i:04},{i % 2 + rng.uniform() / 2:.3f},{('red', 'green')[i % 3 == 0]},{('fig', 'plum')[i % 2]}")
    (tmp_path / "fruit.csv").write_text("\n".join(lines) + "\n")
    return "fruit.csv"


@pytest.fixture
def model(xpnet, fruit):
    assert xpnet("train", fruit, *FAST).code == 0
    return "xpnet-fruit.safetensors"


def rows_of(ran):
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_ids_are_carried_through_as_they_are_written(xpnet, model, tmp_path):
    (tmp_path / "new.csv").write_text('weight,name,code,shade\n0.2,"fig, wild",007,red\n1.3,1.10,0x1F,green\n')
    ran = xpnet("predict", model, "new.csv", "--id", "code", "name")
    assert ran.out == 'row,code,name,prediction\n0,007,"fig, wild",fig\n1,0x1F,1.10,plum\n'
    (first, _) = xpnet("predict", model, "new.csv", "--id", "code", "--json").events
    assert first == {"row": 0, "code": "007", "prediction": "fig"}


@pytest.mark.parametrize("hidden", [False, True])
def test_ids_of_digits_keep_their_zeros(xpnet, tmp_path, monkeypatch, hidden):
    if hidden:
        monkeypatch.setitem(sys.modules, "polars", None)
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(40)))
    assert xpnet("train", "t.csv", "--target", "y", "--epochs", 1, "--quiet").code == 0
    (tmp_path / "new.csv").write_text("a,b,code\n1,2,007\n3,4,010\n")
    assert [row["code"] for row in rows_of(xpnet("predict", "xpnet-t.safetensors", "new.csv", "--id", "code"))] == [
        *("007", "010")
    ]


def test_ids_of_the_test_part_are_its_own(xpnet, model):
    rows = rows_of(xpnet("predict", model, "--id", "code"))
    assert len(rows) == 16
    assert all(f"{int(row['row']):04}" == row["code"] for row in rows)


def test_only_tables_have_ids(xpnet):
    assert xpnet("train", "--epochs", 1, "--quiet").code == 0
    for words in ((), ("digits",)):
        ran = xpnet("predict", "xpnet-digits.safetensors", *words, "--id", "writer")
        assert (ran.code, ran.err) == (
            1,
            "xpnet: error: --id needs a table, which has columns with names, got digits\n",
        )


def test_true_labels_stand_beside_the_predictions(xpnet, model, fruit, tmp_path):
    ran = xpnet("predict", model, fruit)
    assert [row["label"] for row in rows_of(ran)][:3] == ["fig", "plum", "fig"]
    right = sum(row["label"] == row["prediction"] for row in rows_of(ran))
    assert ran.err == f"accuracy {100 * right / 80:.2f} % ({right} of 80)\n"
    tested = xpnet("predict", model)
    assert tested.out.startswith("row,prediction,label\n")
    assert tested.err.endswith("of 16)\n")
    (tmp_path / "new.csv").write_text("weight,shade,kind\n0.2,red,fig\n1.3,red,\n1.3,red,pear\n")
    ran = xpnet("predict", model, "new.csv")
    assert [row["label"] for row in rows_of(ran)] == ["fig", "", "pear"]
    assert "note: 2 of 3 rows have no label that the model knows: the figures leave them out" in ran.err
    assert "accuracy 100.00 % (1 of 1)" in ran.err
    (tmp_path / "new.csv").write_text("weight,shade,kind\n0.2,red,\n")
    assert "accuracy" not in xpnet("predict", model, "new.csv").err


def test_values_stand_beside_the_predictions_of_a_regression(xpnet, tmp_path, rng):
    x = rng.uniform(0, 1, 60)
    (tmp_path / "t.csv").write_text("a,n\n" + "".join(f"{a:.4f},{3 * a:.3f}\n" for a in x))
    assert xpnet("train", "t.csv", "--target", "n", "--epochs", 2, "--quiet").code == 0
    ran = xpnet("predict", "xpnet-t.safetensors", "t.csv")
    assert float(rows_of(ran)[0]["label"]) == pytest.approx(3 * x[0], abs=0.001)
    assert ran.err.startswith("root mean square error ")
    assert xpnet("predict", "xpnet-t.safetensors").out.startswith("row,prediction,label\n")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_numbers_are_the_shortest_that_read_back(xpnet, fruit, dtype, form):
    xpnet("train", fruit, *FAST, "--dtype", dtype)
    ran = xpnet("predict", "xpnet-fruit.safetensors", "--proba", *form)
    rows = ran.events if form else rows_of(ran)
    written = [[str(row["p_fig"]), str(row["p_plum"])] for row in rows]
    model = load("xpnet-fruit.safetensors")
    from xpnet.cli.inputs.parts import read_parts

    proba = model.predict_proba(read_parts(model.data).test.x)
    np.testing.assert_array_equal(np.asarray(written).astype(dtype), proba)
    assert max(len(text) for row in written for text in row) <= (14 if dtype == "float32" else 24)
    assert [[repr(float(str(p))) for p in row] for row in proba] == written


def test_what_is_called_like_a_column_of_the_output_is_refused(xpnet, model, tmp_path):
    (tmp_path / "new.csv").write_text("weight,shade,row,prediction\n0.2,red,1,2\n")
    for name in ("row", "prediction"):
        ran = xpnet("predict", model, "new.csv", "--id", name)
        assert ran.code == 1
        assert f"--id must name a column that is called otherwise than those of the output, got '{name}'" in ran.err


def test_an_id_that_is_not_there_is_told(xpnet, model, fruit):
    ran = xpnet("predict", model, fruit, "--id", "cod")
    assert ran.code == 1
    assert "fruit.csv: must have the column 'cod', got code, weight, shade, kind: did you mean 'code'?" in ran.err


def test_own_predictions_are_written_over_and_other_files_are_not(xpnet, model, fruit, tmp_path):
    for words in (("--id", "code"), ("--id", "shade", "--json"), ()):
        assert xpnet("predict", model, fruit, "-o", "out.csv", *words).code == 0
    for foreign in ("row,name\n", "code,prediction\n", "rows,prediction\n"):
        (tmp_path / "other.csv").write_text(foreign)
        assert xpnet("predict", model, fruit, "-o", "other.csv").code == 1
    assert xpnet("predict", model, fruit, "-o", "-").out.startswith("row,prediction,label\n")
    assert not (tmp_path / "-").exists()


def test_formulas_are_quoted_in_ids_and_labels_too(xpnet, model, tmp_path):
    (tmp_path / "new.csv").write_text("weight,shade,kind,name\n0.2,red,=cmd(),@x\n")
    ran = xpnet("predict", model, "new.csv", "--id", "name", "--quote-formulas")
    assert ran.out.splitlines()[1] == "0,'@x,fig,'=cmd()"


def test_json_and_csv_say_the_same(xpnet, model, fruit):
    words = ("predict", model, fruit, "--id", "code", "--proba")
    rows, events = rows_of(xpnet(*words)), xpnet(*words, "--json").events
    assert rows == [{name: json.dumps(v).strip('"') for name, v in event.items()} for event in events]


def test_rows_unlike_those_of_training_are_told_once(xpnet, model, tmp_path):
    (tmp_path / "new.csv").write_text("weight,shade\n" + "9,red\n0.3,blue\n" * 50)
    notes = xpnet("predict", model, "new.csv").err.splitlines()
    assert len(notes) == 2
    assert "column 'shade' holds a category that training did not see in 50 of 100 rows, such as 'blue'" in notes[0]
    assert "column 'weight' is outside of the range of training, 0" in notes[1]
    assert notes[1].endswith("in 50 of 100 rows, such as 9")


def test_standard_input_goes_to_standard_output(xpnet, model, fruit, tmp_path, monkeypatch):
    expected = xpnet("predict", model, fruit, "--id", "code").out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((tmp_path / fruit).read_bytes())))
    assert xpnet("predict", model, "-", "--id", "code").out == expected
