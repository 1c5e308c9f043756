"""Honest parts: by group, by time, or none to test; a model file repeats them."""

import numpy as np
import pytest

from xpnet import load
from xpnet.cli.inputs.parts import read_parts

FAST = ("--target", "kind", "--epochs", 2, "--hidden", 3)


@pytest.fixture
def visits(tmp_path, rng):
    """90 visits of 30 patients on 45 days, a class in each."""
    lines = ["patient,day,weight,kind"]
    for i in range(90):
        lines.append(f"p{i % 30},2024-{1 + i // 60:02}-{1 + (i // 2) % 28:02},{rng.uniform():.3f},{'ab'[i % 2]}")
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    return "visits.csv"


def described(path, kind, column, validation=0.0, keep=()):
    """Return the description of a table as the command line writes it."""
    split = {"kind": kind, "column": column, "fraction": 0.2, "seed": 0}
    how = {"task": None, "features": None, "cells": True, "impute": None, "categorical": [], "ignore": []}
    return {
        "source": "table", "path": str(path), "target": "kind", **how,
        "keep": list(keep), "split": split, "validation": validation,
    }  # fmt: skip


def test_no_group_is_in_two_parts(visits, tmp_path, xpnet):
    parts = read_parts(described(visits, "group", "patient", 0.25))
    rows = [set(np.flatnonzero(np.isin(np.arange(90), parts.rows)).tolist())]
    assert {row % 30 for row in rows[0]} & {row % 30 for row in range(90) if row not in rows[0]} == set()
    assert (parts.train.n + parts.validation.n + parts.test.n, parts.train.n % 3, parts.validation.n % 3) == (90, 0, 0)
    assert parts.train.features == ("day", "weight")
    assert read_parts(described(visits, "group", "patient", keep=["patient"])).train.features == (
        *("patient", "day", "weight"),
    )


@pytest.mark.parametrize("words", [("--split-by", "patient"), ("--split-time", "day"), ("--validation", 0.2)])
def test_a_model_file_repeats_its_test_figure(visits, xpnet, words):
    ran = xpnet("train", visits, *FAST, *words, "--quiet")
    assert ran.code == 0, ran.err
    assert xpnet("evaluate", "xpnet-visits.safetensors").out.splitlines()[1] == ran.out.splitlines()[1]
    assert load("xpnet-visits.safetensors").data["split"]["kind"] in ("group", "time", "stratified")
    assert xpnet("predict", "xpnet-visits.safetensors", visits).code == 0


def test_a_column_that_splits_is_no_feature_unless_it_is_kept(visits, xpnet):
    ran = xpnet("train", visits, *FAST, "--split-by", "patient")
    assert "note: column 'patient' splits the rows and is no feature: --keep patient would train on it, too" in ran.err
    assert load("xpnet-visits.safetensors").features == ("day", "weight")
    ran = xpnet("train", visits, *FAST, "--split-by", "patient", "--keep", "patient")
    assert "splits the rows" not in ran.err
    assert load("xpnet-visits.safetensors").features == ("patient", "day", "weight")


def test_a_column_that_splits_may_be_ignored_too(visits, xpnet):
    assert xpnet("train", visits, *FAST, "--split-by", "patient", "--ignore", "patient", "day").code == 0
    assert load("xpnet-visits.safetensors").features == ("weight",)
    assert xpnet("evaluate", "xpnet-visits.safetensors").code == 0


def test_the_latest_rows_are_tested_on(visits, xpnet):
    parts = read_parts(described(visits, "time", "day", 0.25))
    assert min(parts.rows) > max(set(range(90)) - set(parts.rows.tolist()))  # the file is in the order of time
    assert parts.test.n == 18


def test_the_validation_part_lies_between_the_past_and_the_test(visits, xpnet):
    parts = read_parts(described(visits, "time", "day", 0.25, keep=["day"]))
    days = [part.x.column("day").values for part in (parts.train, parts.validation, parts.test)]
    assert days[0].max() < days[1].min()
    assert days[1].max() < days[2].min()


def test_a_changed_column_of_the_split_is_noticed(visits, tmp_path, xpnet):
    xpnet("train", visits, *FAST, "--split-by", "patient")
    text = (tmp_path / visits).read_text()
    (tmp_path / visits).write_text(text.replace("p1,", "p2,").replace("p3,", "p4,").replace("p5,", "p6,"))
    ran = xpnet("evaluate", "xpnet-visits.safetensors")
    assert ran.code == 1
    assert "has changed since training" in ran.err


def test_all_rows_may_be_trained_on(visits, xpnet):
    ran = xpnet("train", visits, *FAST, "--test-size", 0)
    assert (ran.code, "90 to train on, none to test" in ran.out) == (0, True)
    assert "no test part: the network was trained on all rows" in ran.out
    assert "xpnet evaluate xpnet-visits.safetensors DATA" in ran.out
    assert "test_accuracy" not in xpnet("train", visits, *FAST, "--test-size", 0, "--json").events[-1]
    for command in ("evaluate", "predict"):
        ran = xpnet(command, "xpnet-visits.safetensors")
        assert ran.code == 1
        assert "visits.csv: must have a test part, but training took all rows (--test-size 0): give DATA" in ran.err
        assert xpnet(command, "xpnet-visits.safetensors", visits).code == 0
    watched = xpnet("train", visits, *FAST, "--test-size", 0, "--validation", 0.2, "--split-by", "patient")
    assert "72 to train on, 18 to watch, none to test" in watched.out
    assert xpnet("train", "--test-size", 0, "--epochs", 1, "--quiet").out.endswith("trained on all rows\n")


def test_a_matrix_is_split_by_a_numbered_column(xpnet, tmp_path, rng):
    y = np.arange(60) % 2
    np.save(tmp_path / "m.npy", np.stack([rng.random(60), np.arange(60) // 6, y], axis=1))
    for flag in ("--split-by", "--split-time"):
        assert xpnet("train", "m.npy", "--target", "2", flag, "1", "--epochs", 1).code == 0
        assert load("xpnet-m.safetensors").data["features"] == ["0"]
        assert xpnet("evaluate", "xpnet-m.safetensors").code == 0


def write(path, patients, kinds="ab", days=None):
    lines = ["patient,day,weight,kind"]
    for i, patient in enumerate(patients):
        lines.append(f"{patient},{days[i] if days else i},{i},{kinds[i % len(kinds)]}")
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("patients", "days", "words", "code", "message"),
    [
        (["p"] * 20, None, "--split-by patient", 1, "t.csv: column 'patient' must hold two groups at least for two"),
        (["p", "q"] * 9, None, "--split-by patient --validation 0.5", 1, "must hold two groups at least for two parts"),
        (["p", "q"] * 9, [7] * 18, "--split-time day", 1, "column 'day' must hold two times at least for two"),
        (["p", "q"] * 9, ["x", "y"] * 9, "--split-time day", 1, "column 'day' must hold dates or numbers for --s"),
        (["p", "", "q"] * 6, None, "--split-by patient --impute mean", 1, "column 'patient' must not be missing, got"),
        (["p", "q"] * 9, None, "--split-by patent", 1, "t.csv: must have the column 'patent', got patient, day"),
        (["p", "q"] * 9, None, "--split-by kind", 2, "--target and the column that splits the rows must differ, got k"),
        (["p", "q"] * 9, None, "--split-by patient --split-time day", 2, "argument --split-time: not allowed with"),
        (["p", "q"] * 9, None, "--split-by patient --split ordered", 2, "not allowed with argument --split-by"),
        (["p", "q"] * 9, None, "--split-by patient", 1, "class 'a' must have a row in the training part, got none"),
    ],
)  # fmt: skip
def test_bad_splits_are_one_clear_line(xpnet, tmp_path, patients, days, words, code, message):
    write(tmp_path / "t.csv", patients, days=days)
    ran = xpnet("train", "t.csv", *FAST, *words.split())
    assert (ran.code, ran.out.startswith("backend") or code == 2) == (code, True)
    assert message in ran.err
    assert ran.err.count("\n") == 1


def test_a_test_part_without_a_class_is_told(xpnet, tmp_path):
    write(tmp_path / "t.csv", [f"p{i}" for i in range(40)], kinds="ab" * 16 + "a" * 8)
    ran = xpnet("train", "t.csv", *FAST, "--ignore", "patient", "--split-time", "day")
    assert ran.code == 0
    assert "note: the test part has no row of class 'b', so that its figures leave it out" in ran.err


def test_only_tables_have_columns_to_split_by(xpnet):
    for flag in ("--split-by", "--split-time", "--keep"):
        ran = xpnet("train", "digits", flag, "writer")
        assert ran.code == 2
        assert "are for tables; digits has no named columns" in ran.err
