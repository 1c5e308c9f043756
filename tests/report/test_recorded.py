import json

import pytest

import xpnet
from xpnet.io import save_records
from xpnet.report import read_history, read_path, read_search

DATA = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 3, [0, 1, 1, 0] * 3
OTHERS = [b"", b"nothing\n", b"[1]\n", b"\xff\xfe\x00", b'{"xpnet_search": 1, "score": "cost"}\n']


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@pytest.mark.parametrize("watched", [False, True])
def test_a_history_reads_back_as_it_was_written(tmp_path, ending, watched):
    result = xpnet.train(xpnet.Network([2, 2, 1]), DATA, validation=DATA if watched else None, epochs=3)
    save_records(tmp_path / f"h{ending}", result.history)
    assert read_history(tmp_path / f"h{ending}").records == result.history.records


def test_a_search_reads_back_as_it_was_found(tmp_path):
    path = tmp_path / "found.jsonl"
    found = xpnet.search(xpnet.Network([2, 1]), DATA, {"eta": [0.1, 1.0]}, folds=2, seeds=2, epochs=2, path=path)
    assert [row[:5] for row in read_search(path)] == [row[:5] for row in found]
    assert read_search(path).score.name == found.score.name


def test_what_json_prints_besides_epochs_is_passed_over(tmp_path):
    path = tmp_path / "printed"
    events = [{"event": "start"}, {"event": "epoch", "epoch": 1, "cost": 0.5}, {"event": "end", "epochs": 1}]
    path.write_text("\n".join(map(json.dumps, events)))
    assert read_history(path).column("cost") == [0.5]


def test_points_of_the_path_that_chose_lambda(tmp_path):
    path = tmp_path / "printed"
    point = {"event": "path", "lambda": 4.0, "rank": 2, "validation": 0.9}
    path.write_text("\n".join(map(json.dumps, [{"event": "start"}, point, {"event": "fit", "lambda": 4.0, "rank": 3}])))
    assert read_path(path) == [point]


@pytest.mark.parametrize("read", [read_history, read_path, read_search])
@pytest.mark.parametrize(
    "content", [b"", b"nothing\n", b"[1]\n", b"\xff\xfe\x00", b'{"xpnet_search": 1, "score": "cost"}\n']
)
def test_other_files_are_refused_with_their_name(tmp_path, read, content):
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    with pytest.raises(xpnet.FormatError, match=r"other\.jsonl must"):
        read(path)


def test_a_damaged_csv_is_refused(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("epoch,cost\n1,low\n")
    with pytest.raises(xpnet.FormatError, match="must hold numbers"):
        read_history(path)
