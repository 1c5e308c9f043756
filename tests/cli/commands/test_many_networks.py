"""`xpnet train --seeds` and `--members`, from the flags to the file."""

import csv
import json
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest

from xpnet import load
from xpnet.trees import leaves

FAST = ("--epochs", "2", "--threads", "1")


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 3))
    rows = [["a", "b", "c", "kind", "value"]]
    rows += [[*row, "hot" if row[0] > 0 else "cold", 3.0 * row[1]] for row in x.round(3).tolist()]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return "t.csv"


def end(ran):
    assert ran.code == 0, ran.err
    return json.loads(ran.out.splitlines()[-1])


def test_seeds_tell_how_far_the_figures_scatter(xpnet, table):
    flags = ("--target", "kind", "--ignore", "value", *FAST, "--json", "--force", "--split-seed", "3")
    alone = [end(xpnet("train", table, *flags, "--seed", seed, "--members", "1")) for seed in ("3", "4", "5")]
    many = end(xpnet("train", table, *flags, "--seed", "3", "--seeds", "3"))
    values = many["seeds"]["accuracy"]["values"]
    assert values == [each["test_accuracy"] for each in alone]
    assert many["seeds"]["accuracy"]["mean"] == pytest.approx(fmean(values))
    assert many["seeds"]["accuracy"]["spread"] == pytest.approx(stdev(values))
    assert many["test_accuracy"] == values[0]
    assert load("xpnet-t.safetensors").n_members == 1


def test_the_file_of_several_seeds_holds_the_first(xpnet, table):
    flags = ("--target", "value", "--ignore", "kind", *FAST, "--force", "--quiet")
    assert xpnet("train", table, *flags, "--members", "1").code == 0
    alone = load("xpnet-t.safetensors")
    ran = xpnet("train", table, *flags, "--seeds", "2")
    assert "over 2 seeds, mean +/- standard deviation: rmse" in ran.out
    for w, expected in zip(leaves(load("xpnet-t.safetensors").parameters), leaves(alone.parameters), strict=True):
        np.testing.assert_array_equal(w, expected)


def test_an_ensemble_is_saved_evaluated_and_predicts_with_its_spread(xpnet, table):
    trained = end(xpnet("train", table, "--target", "kind", "--ignore", "value", *FAST, "--json", "--members", "3"))
    assert trained["members"] == 3
    assert set(trained["member_means"]) == {"accuracy", "cost"}
    assert load("xpnet-t.safetensors").n_members == 3
    evaluated = json.loads(xpnet("evaluate", "xpnet-t.safetensors", "--json").out)
    assert evaluated["accuracy"] == trained["test_accuracy"]
    header = xpnet("predict", "xpnet-t.safetensors", "--spread").out.splitlines()[0]
    assert header.endswith(",spread")


def test_what_is_printed_names_the_members(xpnet, table):
    ran = xpnet("train", table, "--target", "kind", "--ignore", "value", *FAST, "--members", "2")
    assert "parameters, 2 networks in one stack" in ran.out
    assert "its 2 members alone, on average: accuracy" in ran.out
    assert ran.out.count("epoch 1/2") == 1


def test_the_history_of_several_networks_is_numbered(xpnet, table):
    assert xpnet("train", table, "--target", "kind", *FAST, "--seeds", "2", "--history", "h.csv").code == 0
    rows = list(csv.DictReader(Path("h.csv").read_text().splitlines()))
    assert [(row["epoch"], row["network"]) for row in rows] == [("1", "0"), ("2", "0"), ("1", "1"), ("2", "1")]
    assert xpnet("train", table, "--target", "kind", *FAST, "--history", "h.csv", "--force").code == 0


def test_all_that_diverge_are_an_error(xpnet, table):
    flags = ("--target", "value", "--ignore", "kind", "--epochs", "9", "--eta", "1e30", "--threads", "1")
    ran = xpnet("train", table, *flags, "--members", "2")
    assert ran.code == 1
    assert "training diverged in epoch" in ran.err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--seeds", "2", "--members", "2"), "--seeds and --members exclude each other"),
        (("--seeds", "0"), "--seeds"),
        (("--members", "x"), "--members"),
    ],
)
def test_wrong_numbers_of_networks(xpnet, table, flags, message):
    ran = xpnet("train", table, "--target", "kind", *flags)
    assert ran.code == 2
    assert message in ran.err


def test_one_seed_has_no_spread(xpnet, table):
    told = xpnet("train", table, "--target", "kind", "--ignore", "value", *FAST, "--seeds", "1")
    assert "over one seed: accuracy " in told.out
