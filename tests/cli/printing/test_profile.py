"""The report before training: text, JSON, and a run that stops there."""

import numpy as np
import pytest

from xpnet import load
from xpnet.cli.printing.profile import profile_text
from xpnet.data.profiling.column_profile import ColumnProfile
from xpnet.data.profiling.data_profile import DataProfile


@pytest.fixture
def pets(tmp_path):
    """100 pets: an id, a name, a weight with gaps, a color, and a column that gives the kind away."""
    lines = ["id,name,weight,color,species,kind"]
    for i in range(100):
        kind = "dog" if i % 25 == 7 else "cat"
        weight = "" if i % 10 == 3 else f"{4 + (i * 37 % 50) / 10:.1f}"
        lines.append(f"{i + 1},pet{i},{weight},{('black', 'white')[i % 3 == 0]},{kind} species,{kind}")
    (tmp_path / "pets.csv").write_text("\n".join(lines) + "\n")
    return "pets.csv"


WORDS = ("--target", "kind", "--impute", "mean", "--epochs", 1)


def test_the_report_comes_before_training(xpnet, pets):
    ran = xpnet("train", pets, *WORDS)
    assert ran.code == 0
    report = ran.out[ran.out.index("target ") : ran.out.index("epoch")].splitlines()
    assert report[:6] == [
        "target   kind: 2 classes: cat 96, dog 4",
        "columns  name     kind      missing  range or categories                   becomes",
        "         id       number          0  1 to 100                              left out",
        "         name     text            0  100 categories, most often pet0       left out",
        "         weight   number         10  4 to 8.9                              5 inputs",
        "         color    category        0  2 categories, most often black        2 inputs",
    ]
    notes = [line.removeprefix("xpnet: note: ") for line in ran.err.splitlines()]
    assert notes[0] == "column 'id' is left out: it numbers the rows, as an id does; --keep id"
    assert notes[1] == "column 'name' is left out: nearly unique text, 100 texts in 100 rows; --keep name"
    assert "column 'species' gives the target away: each of its 2 values comes with one class only" in notes[2]
    assert "class 'dog' has 4 of 100 rows, and always predicting the commonest class is right in 96.00 %" in notes[3]
    assert load("xpnet-pets.safetensors").features == ("weight", "color", "species")


def test_columns_are_kept_on_request(xpnet, pets):
    ran = xpnet("train", pets, *WORDS, "--keep", "id", "--ignore", "species", "name")
    assert ran.code == 0
    assert "is left out" not in ran.err
    assert load("xpnet-pets.safetensors").features == ("id", "weight", "color")
    assert "--keep must name columns of the table, got 'nme'" in xpnet("train", pets, *WORDS, "--keep", "nme").err


def test_a_dry_run_stops_after_the_report(xpnet, pets, tmp_path):
    ran = xpnet("train", pets, *WORDS, "--dry-run")
    assert ran.code == 0
    assert "columns  name " in ran.out
    assert "epoch" not in ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["pets.csv"]
    assert xpnet("train", "--dry-run").out.count("\n") == 3  # the digits have no columns with names


def test_json_has_all_of_it(xpnet, pets):
    start, profile = xpnet("train", pets, *WORDS, "--dry-run", "--json").events
    assert (start["event"], profile["event"], profile["rows"]) == ("start", "profile", 100)
    assert profile["target"]["classes"] == [["cat", 96], ["dog", 4]]
    assert profile["target"]["rare"] == ["dog"]
    columns = {column["name"]: column for column in profile["columns"]}
    assert columns["id"]["left_out"] == "it numbers the rows, as an id does"
    assert (columns["weight"]["missing"], columns["weight"]["low"], columns["color"]["inputs"]) == (10, 4.0, 2)
    assert any("gives the target away" in remark for remark in profile["remarks"])


@pytest.mark.parametrize(
    ("values", "words", "said"),
    [
        (
            "0123",
            (),
            "y: 4 classes: 0 25, 1 25, 2 25, 3 25 (guessed from few whole numbers; --task regression",
        ),
        ("0123", ("--task", "classification"), "y: 4 classes: 0 25, 1 25, 2 25, 3 25\n"),
        (["0.5", "2", "7.25"], (), "y: numbers from 0.5 to 7.25 (guessed; --task classification for classes)"),
        (["0.5", "2", "7.25"], ("--task", "regression"), "y: numbers from 0.5 to 7.25\n"),
    ],
)
def test_a_guess_names_the_flag_that_says_otherwise(xpnet, tmp_path, values, words, said):
    lines = [f"{i % 7 + i / 1000},{values[i % len(values)]}\n" for i in range(100)]
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(lines))
    assert f"target   {said}" in xpnet("train", "t.csv", "--target", "y", "--dry-run", *words).out


def test_many_columns_are_counted():
    columns = [ColumnProfile(f"c{i}", "number" if i % 2 else "category", missing=1, low=0, high=1) for i in range(785)]
    lines = profile_text(DataProfile(9, None, tuple(columns))).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "         and 765 more: 383 category, 382 number; 765 missing cells"


def test_names_are_printed_safely():
    text = profile_text(
        DataProfile(1, None, (ColumnProfile("\x1b[2J" + "x" * 99, "number", low=0, high=0, constant=True),))
    )
    assert "\x1b" not in text
    assert "…  number        0  always 0" in text


def test_a_rare_class_is_compared_with_the_majority(xpnet, tmp_path, rng):
    x = rng.standard_normal(1000)
    rare = np.arange(1000) % 100 == 0
    rows = "".join(f"{a:.4f},{'ill' if b else 'well'}\n" for a, b in zip(x, rare, strict=True))
    (tmp_path / "t.csv").write_text("a,state\n" + rows)
    said = "; balanced accuracy 50.00 %; always predicting well is right in 99.00 %; --class-weight balanced gives rare"
    assert said in xpnet("train", "t.csv", "--target", "state", "--epochs", 1).out
    assert said in xpnet("evaluate", "xpnet-t.safetensors").out
    (told,) = xpnet("evaluate", "xpnet-t.safetensors", "--json").events
    assert (told["accuracy"], told["balanced_accuracy"], told["majority"]) == (0.99, 0.5, 0.99)
    balanced = xpnet(
        "train", "t.csv", "--target", "state", "--epochs", 1, "--class-weight", "balanced", "--json"
    ).events
    assert balanced[-1]["test_majority"] == 0.99


def test_a_dry_run_reports_before_an_error(xpnet, pets):
    words = ("--target", "kind", "--dry-run", "--impute", "none")
    ran = xpnet("train", pets, *words)
    assert ran.code == 1
    assert "         weight   number         10  4 to 8.9                              inputs" in ran.out
    *notes, error = ran.err.splitlines()
    assert len(notes) == 4
    assert "pets.csv: line 5, column 'weight' must not be missing: fill it in, remove the row, leave the" in error
    ran = xpnet("train", pets, *words, "--json")
    assert [event["event"] for event in ran.events] == ["profile"]


def test_columns_without_a_value_are_left_out_unless_all_are(xpnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,y\n" + ",1,x\n,2,y\n" * 20)
    ran = xpnet("train", "t.csv", "--target", "y", "--epochs", 1)
    assert (ran.code, load("xpnet-t.safetensors").features) == (0, ("b",))
    assert "note: column 'a' is left out: it holds nothing\n" in ran.err
    (tmp_path / "t.csv").write_text("a,b,y\n" + ",,x\n,,y\n" * 20)
    ran = xpnet("train", "t.csv", "--target", "y")
    assert ran.code == 1
    assert ran.err.endswith("t.csv: must have a feature column that holds something, got gaps only in a, b\n")


def test_booleans_are_shown_as_they_are_written(xpnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,y\n" + "yes,true,1.5\nno,false,2.5\n" * 20)
    out = xpnet("train", "t.csv", "--target", "y", "--dry-run").out
    assert "no or yes" in out
    assert "false or true" in out
