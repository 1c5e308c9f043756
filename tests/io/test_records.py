"""Histories as files."""

import csv
import json

import numpy as np
import pytest

from xpnet import Network, train
from xpnet.io import save_records


@pytest.fixture
def history():
    x, y = np.eye(4), np.asarray([0, 1, 0, 1])
    return train(Network([4, 2]), (x, y), epochs=3, validation=(x, y)).history


def test_json_lines_hold_a_record_each(tmp_path, history):
    save_records(tmp_path / "history.jsonl", history)
    read = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    assert read == [record._asdict() for record in history]


def test_csv_has_a_header_and_every_digit(tmp_path, history):
    save_records(tmp_path / "history.csv", history)
    with (tmp_path / "history.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [float(row["cost"]) for row in read] == history.column("cost")
    assert list(read[0]) == list(history[0]._fields)


def test_what_is_not_a_number_is_null(tmp_path, history):
    save_records(tmp_path / "h.jsonl", [history[0]._replace(cost=float("nan"), accuracy=None)])
    read = json.loads((tmp_path / "h.jsonl").read_text())
    assert (read["cost"], read["accuracy"]) == (None, None)


def test_other_endings_and_no_records_are_refused(tmp_path, history):
    with pytest.raises(ValueError, match=r"path must end in .jsonl or .csv, got '.*h.txt'"):
        save_records(tmp_path / "h.txt", history)
    with pytest.raises(ValueError, match="records must hold at least one record, got none"):
        save_records(tmp_path / "h.csv", [])
    assert list(tmp_path.iterdir()) == []
