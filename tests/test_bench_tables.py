"""The measures, ranks and report of scripts/bench_tables.py, and that it goes on where it stopped."""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    for name in THREADS:
        monkeypatch.setenv(name, "1")  # the script sets them; the tests after it have their own again
    return lambda name: importlib.import_module(name)


@pytest.fixture
def measures(scripts):
    return scripts("table_bench.measures")


@pytest.fixture
def report(scripts):
    return scripts("table_bench.report")


# ---- measures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [([3.0, 1.0, 2.0], [3, 1, 2]), ([1.0, 1.0, 0.0, 5.0], [2.5, 2.5, 1, 4]), ([7.0] * 3, [2, 2, 2])],
)
def test_ranks_are_shared_by_equal_values(measures, values, expected):
    np.testing.assert_array_equal(measures.ranks(values), expected)


@pytest.mark.parametrize(
    ("score", "expected"),
    [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0), ([0.5] * 4, 0.5), ([0.1, 0.4, 0.4, 0.3], 0.625)],
)
def test_area_under_curve_counts_pairs_and_half_of_ties(measures, score, expected):
    assert measures.area_under_curve(np.asarray([0, 0, 1, 1]), np.asarray(score)) == pytest.approx(expected)


def test_measures_of_values(measures):
    y = np.asarray([1.0, 2.0, 3.0])
    assert measures.of_values(y, y + 1.0) == pytest.approx({"r2": -0.5, "rmse": 1.0})
    assert measures.of_values(y, np.full(3, 2.0))["r2"] == pytest.approx(0.0)


def test_measures_of_probabilities(measures):
    y, p = np.asarray([0, 1, 1, 1]), np.asarray([[0.75, 0.25], [0.25, 0.75], [0.75, 0.25], [0.0, 1.0]])
    found = measures.of_probabilities(y, p)
    assert found["accuracy"] == 0.75
    assert found["logloss"] == pytest.approx(-(2 * np.log(0.75) + np.log(0.25)) / 4, abs=1e-6)
    assert found["brier"] == pytest.approx((2 * 0.125 + 1.125) / 4)
    assert found["auc"] == pytest.approx(2.5 / 3)
    assert found["ece"] == pytest.approx(0.75 * (0.75 - 2 / 3))  # three rows are 75 % sure, two of them right
    assert measures.of_probabilities(y, 3.0 * p) == pytest.approx(found)  # rows are made to sum to one


def test_a_sure_mistake_does_not_make_log_loss_infinite(measures):
    found = measures.of_probabilities(np.asarray([0, 1, 2]), np.eye(3)[[0, 1, 1]])
    assert found["logloss"] == pytest.approx(-np.log(1e-6) / 3, rel=1e-5)
    assert "auc" not in found


# ---- the report ------------------------------------------------------------------------------------------------------


def row(method, table, seed, **figures):
    where = {"rows": 100, "columns": 3, "library": f"{method} 1.0", "processor": "some"}
    return {"method": method, "table": table, "seed": seed, "cpu": 1.5, "wall": 1.5, **where, **figures}


def made_up_rows():
    """Return three methods on two tables, one of them unseen, and two splits."""
    r2 = {"linear": 0.5, "hgb": 0.7, "catboost": 0.8}
    logloss = {"linear": 0.2, "hgb": 0.4, "catboost": 0.3}
    rest = {"accuracy": 0.9, "brier": 0.1, "ece": 0.05}
    rows = []
    for method in r2:
        for seed in (5, 6):
            rows.append(row(method, "abalone", seed, r2=r2[method] + (seed - 5.5), rmse=1.0 - r2[method]))
            rows.append(row(method, "fair", seed, logloss=logloss[method], **rest))
    return rows


def test_mean_ranks_are_those_of_means_over_splits(report):
    rows = report.ordered(made_up_rows())
    assert report.methods_of(rows) == ["linear", "hgb", "catboost"]
    assert report.tables_of(rows) == ["abalone", "fair"]  # the unseen one last
    assert report.mean_rank(rows, ["abalone"], report.MAIN) == [3, 2, 1]
    assert report.mean_rank(rows, ["abalone", "fair"], report.MAIN) == [2.5, 2, 1.5]  # all have the same accuracy
    assert report.mean_rank(rows, ["abalone", "fair"], report.SECOND) == [2, 2.5, 1.5]


def test_report_tells_ranks_of_unseen_tables_and_seconds_for_all_tables_once(report):
    page = report.report(made_up_rows())
    assert "| R2, AUC or accuracy, 2 tables | 2.5 | 2.0 | **1.5** |" in page
    assert "| RMSE or log loss, unseen: 1 table | **1.0** | 3.0 | 2.0 |" in page
    assert "| processor seconds, all tables once | 3.0 | 3.0 | 3.0 |" in page
    assert "| abalone, R2 | 0.5000 | 0.7000 | **0.8000** |" in page
    assert "| log loss | **0.2000** | 0.4000 | 0.3000 |" in page
    assert "hgb 1.0" in page
    assert "processor some" in page


def test_a_method_measured_in_some_places_has_no_rank_and_stands_beside_the_others_there(report):
    few = [row("tabm", "abalone", 5, r2=0.25, rmse=0.1), row("realmlp", "abalone", 5, r2=0.125, rmse=0.4)]
    first, second = report.report([*made_up_rows(), *few]).split("TabM_D and RealMLP_TD, split 5:")
    assert "TabM_D" not in first
    assert "| abalone, R2 | 0.0000 | 0.2000 | **0.3000** | 0.2500 | 0.1250 |" in second
    assert "| abalone, RMSE | 0.5 | 0.3 | 0.2 | **0.1** | 0.4 |" in second
    assert "fair" not in second


# ---- tables, methods and resuming ------------------------------------------------------------------------------------


def test_a_table_is_read_with_its_classes_and_a_missing_one_is_named(scripts, tmp_path):
    pytest.importorskip("pandas")
    sources = scripts("table_bench.sources")
    rows = [f"{i},{'rb'[i % 2]},{('no', 'yes')[i % 3 == 0]}" for i in range(30)]
    (tmp_path / "titanic.csv").write_text("\n".join(["age,sex,survived", *rows]))
    table = sources.load("titanic", tmp_path)
    assert table.classes == ("no", "yes")
    assert table.texts == ["sex"]
    assert list(table.x) == ["age", "sex"]
    assert table.labels[:2].tolist() == ["yes", "no"]
    part = sources.Part(table, 5)
    assert sorted([*part.train[0]["age"], *part.test["age"]]) == list(range(30))
    with pytest.raises(SystemExit, match=r"--folder must hold wine\.csv"):
        sources.load("wine", tmp_path)


def test_what_the_file_has_is_not_measured_again(scripts, tmp_path, monkeypatch):
    pytest.importorskip("pandas")
    bench, sources = scripts("bench_tables"), scripts("table_bench.sources")
    seen = []

    def guess(part):
        seen.append((part.table.name, part.seed))
        classes = part.table.classes
        return np.zeros(len(part.test)) if classes is None else np.full((len(part.test), len(classes)), 0.25)

    monkeypatch.setitem(bench.METHODS, "linear", SimpleNamespace(predict=guess, library="none 0"))
    path, tables = tmp_path / "results.jsonl", sources.made_up()
    bench.run(path, ["linear"], tables[:1], [5])
    assert seen == [("made-up values", 0), ("made-up classes", 5)]  # the first one is not measured
    seen.clear()
    bench.run(path, ["linear"], tables, [5])
    assert seen == [("made-up values", 0), ("made-up values", 5)]
    seen.clear()
    bench.run(path, ["linear"], tables, [5])
    assert seen == []
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(each["table"], each["seed"]) for each in kept] == [("made-up classes", 5), ("made-up values", 5)]
    assert {"accuracy", "logloss", "brier", "ece", "cpu", "wall"} <= set(kept[0])


def test_probabilities_of_xpnet_are_put_in_the_order_of_the_tables_classes(scripts, monkeypatch):
    pytest.importorskip("pandas")
    methods, sources = scripts("table_bench.methods"), scripts("table_bench.sources")
    asked = []

    def train_table(frame, target, **arguments):
        asked.append((list(frame), target, sorted(set(frame[target])), arguments))
        return SimpleNamespace(
            classes=("middle", "low", "high"), predict_proba=lambda x: np.tile([0.5, 0.3, 0.2], (len(x), 1))
        )

    monkeypatch.setattr(methods.xpnet, "train_table", train_table, raising=False)
    p = methods.by_xpnet(5)(sources.Part(sources.made_up()[0], 3))
    assert p.shape == (30, 3)
    assert p[0].tolist() == [0.2, 0.3, 0.5]  # high, low, middle
    settings = {"task": "classification", "members": 5, "seed": 3}
    assert asked == [(["a", "b", "c", "place", "kind"], "kind", ["high", "low", "middle"], settings)]


@pytest.mark.parametrize(("text", "expected"), [("5-9", [5, 6, 7, 8, 9]), ("1,3", [1, 3]), ("4", [4])])
def test_splits_are_a_span_or_a_list(scripts, text, expected):
    pytest.importorskip("pandas")
    assert scripts("bench_tables").span(text) == expected
