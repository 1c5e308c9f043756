"""The verdicts of scripts/reproduce_book.py, and which of its experiments are run again."""

import importlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("reproduce_book"), importlib.import_module("book_report")


@pytest.mark.parametrize(
    ("measure", "book", "ours", "fails", "judges", "expected"),
    [
        ("best", 95.42, [95.13, 95.15], False, 10_000, "inside"),  # 95.15 + 0.3 is above
        ("best", 95.46, [95.10, 95.15], False, 10_000, "worse"),
        ("best", 95.46, [94.80, 95.15], False, 10_000, "near"),  # 95.15 + 0.35 is above
        ("best", 82.27, [83.1, 83.5], False, 10_000, "better"),
        ("best", 52.0, [55.0, 60.0], False, 100, "inside"),  # 3 points on 100 images
        ("best", 52.0, [55.1, 60.0], False, 100, "better"),
        ("last", 9.82, [10.3, 20.0], True, 10_000, "fails, too"),
        ("last", 9.82, [10.3, 22.3], True, 10_000, "better"),
        ("last", 9.82, [10.3, 20.0], False, 10_000, "better"),
        ("last cost", 1.0, [0.96, 0.97], False, 10_000, "inside"),  # within 5 %
        ("last cost", 1.0, [0.93, 0.94], False, 10_000, "better"),
        ("last cost", 1.0, [1.06, 1.07], False, 10_000, "worse"),
        ("last cost", 1.0, [1.08, 1.2], False, 10_000, "near"),  # 1.08 - 0.12 is below
        ("best", None, [91.0], False, 10_000, "–"),
    ],
)
def test_verdict_follows_the_rules_of_the_page(scripts, measure, book, ours, fails, judges, expected):
    _, report = scripts
    claim = report.CLAIMS[0].__class__("section", "first", measure, book, fails)
    assert report.verdict(claim, ours, judges) == expected


def test_accuracy_of_others_leaves_lost_classes_out(scripts):
    _, report = scripts
    result = {"recall": [0.04, 1.0, *8 * [0.5]], "share": [0.2, 0.4, *8 * [0.05]]}
    assert report.lost(result) == [0]
    assert report.accuracy_of_others(result) == pytest.approx(100 * (0.4 + 0.2) / 0.8)


def test_missing_lists_what_has_no_result_or_other_settings(scripts):
    reproduce, _ = scripts
    first = reproduce.EXPERIMENTS["first"]
    some = {"first": first, "slow": reproduce.EXPERIMENTS["slow"]}
    results = {
        "first/0": {"settings": reproduce.settings(first)},
        "slow/1": {"settings": reproduce.settings(replace(some["slow"], eta=0.1))},
    }
    assert reproduce.missing(some, [0, 1], results) == [("first", [1]), ("slow", [0, 1])]


def test_keep_writes_json_that_read_gives_back(scripts, tmp_path):
    reproduce, _ = scripts
    results = {"b/0": {"cost": [1.5, None]}, "a/0": {"accuracy": []}}
    reproduce.keep(tmp_path / "book.json", results)
    assert reproduce.read(tmp_path / "book.json") == results == json.loads((tmp_path / "book.json").read_text())
    assert reproduce.read(tmp_path / "none.json") == {}


def test_average_darkness_takes_the_digit_of_the_nearest_mean_ink(scripts):
    reproduce, _ = scripts
    ink = np.arange(10.0)[:, None]
    parts = {"train": (ink, np.arange(10)), "test": (ink[[3, 7, 0]] + 0.4, np.asarray([3, 7, 1]))}
    assert reproduce.average_darkness(parts) == {"right": 2, "of": 3}


def test_every_claim_is_of_an_experiment_that_measures_it(scripts):
    reproduce, report = scripts
    for claim in report.CLAIMS:
        experiment = reproduce.EXPERIMENTS[claim.experiment]
        assert claim.measure in report.MEASURES
        assert experiment.training or not claim.measure.startswith("training")
        assert experiment.each_epoch or claim.measure == "last"
    assert {claim.experiment for claim in report.CLAIMS} == set(reproduce.EXPERIMENTS)


def test_reproduce_goes_on_where_it_stopped(scripts, tmp_path, monkeypatch):
    reproduce, _ = scripts
    tried = []

    def run(experiment, seeds, *_):
        tried.append((experiment.sizes[1:-1], seeds))
        if len(tried) == 2:
            raise KeyboardInterrupt
        result = {
            "settings": reproduce.settings(experiment),
            "accuracy": [50.0],
            "stopped_by": "epochs",
            "recall": 10 * [0.5],
            "seconds": 1.0,
            "versions": {},
        }
        return [result for _ in seeds]

    monkeypatch.setattr(reproduce, "run", run)
    monkeypatch.setattr(reproduce, "pictures", lambda *_: None)
    options = reproduce.argparse.Namespace(
        path=None,
        out=tmp_path,
        pictures=tmp_path,
        seeds=[0, 1, 2],
        jobs=1,
        only=["no-hidden", "slow"],
        report=False,
        quick=True,
    )
    with pytest.raises(KeyboardInterrupt):
        reproduce.reproduce(options)
    assert set(reproduce.read(tmp_path / "book.json")) == {"average darkness", "slow/0", "slow/1", "slow/2"}
    assert "50.00 % (50.00 to 50.00) | 50.00 ± 0.00 | 3 |" in (tmp_path / "book.md").read_text()
    assert reproduce.reproduce(options) == 3
    assert tried == [((100,), [0, 1, 2]), ((), [0, 1, 2]), ((), [0, 1, 2])]
