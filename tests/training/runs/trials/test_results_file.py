"""The file of a search: an interrupted search goes on from it, and what is not of the same search is refused."""

import json
import stat

import numpy as np
import pytest
import search_cases

import xpnet
from xpnet.data import Scaling
from xpnet.training.runs.trials.results_file import MARK

NETWORK, GRID = xpnet.Network([2, 3, 2]), {"eta": [0.1, 0.5], "hidden": [0, 3]}


def find(path, **arguments):
    given = {"network": NETWORK, "data": search_cases.clouds(), "grid": GRID, "folds": 2, "epochs": 1, **arguments}
    return xpnet.search(**given, path=path)


def without_seconds(results):
    return [trial._replace(seconds=0.0) for trial in results.trials]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "found.jsonl"


@pytest.fixture
def never(monkeypatch):
    """Make it an error to train."""

    def refuse(*_):
        raise AssertionError("a finished trial was run again")

    return lambda: monkeypatch.setattr("xpnet.training.runs.search.run_group", refuse)


def test_a_finished_search_is_read_and_nothing_is_run_again(path, never):
    found = find(path)
    before = path.read_bytes()
    never()
    again = find(path)
    assert again.trials == found.trials  # seconds too
    assert again.table() == found.table()
    assert path.read_bytes() == before
    header, *lines = map(json.loads, before.splitlines())
    assert header["xpnet_search"] == 1
    assert header["settings"][1] == {"eta": 0.1, "hidden": 3}
    assert len(lines) == 8


@pytest.mark.parametrize("lines", range(1, 9))
def test_a_search_goes_on_where_it_ended_to_the_same_table(path, lines):
    found = find(path)
    whole = path.read_bytes().splitlines(keepends=True)
    cut = b"".join(whole[:lines]) + whole[lines][:-5]  # a last line that is not whole
    path.write_bytes(cut)
    told = []
    again = find(path, progress=lambda trials, done, total: told.append((len(trials), done)))
    assert told[0] == (lines - 1, lines - 1)
    assert sum(run for run, _ in told[1:]) == 8 - (lines - 1)
    assert without_seconds(again) == without_seconds(found)
    assert again.table() == found.table()
    assert len(path.read_bytes().splitlines()) == 9


def test_diverged_trials_are_kept_as_such(path, never):
    line = xpnet.Network([2, 1], output="linear", cost="quadratic")
    x, _ = search_cases.clouds()
    arguments = {"network": line, "data": (x, x[:, 0]), "grid": {"eta": [1e9, 0.01]}, "epochs": 9}
    found = find(path, **arguments)
    assert found[0].diverged == 2
    never()
    assert find(path, **arguments).trials == found.trials


def test_an_empty_file_is_written(path):
    path.write_bytes(b"")
    assert len(find(path).trials) == 8


X, Y = search_cases.clouds()
LAST = (np.arange(40), np.arange(40, 60))


@pytest.mark.parametrize(
    ("arguments", "difference"),
    [
        ({"grid": {"eta": [0.1, 0.6], "hidden": [0, 3]}}, "settings {'eta': 0.5, 'hidden': 0} in place 2, not"),
        ({"grid": {"eta": [0.1]}}, "has settings"),
        ({"grid": {"eta": [0.1 * i for i in range(1, 12)]}}, "4 settings, not 11"),
        ({"data": (X + 1e-9, Y)}, "data"),
        ({"data": (X, 1 - Y)}, "data"),
        ({"folds": 3}, "folds"),
        ({"fold_seed": 1}, "folds"),
        ({"folds": [LAST]}, "folds"),
        ({"seeds": 2}, "seeds [0], not [0, 1]"),
        ({"seeds": [4]}, "seeds 0 in place 0, not 4"),
        ({"epochs": 2}, "fixed: epochs 1, not 2"),
        ({"l2": 0.1}, "fixed: l2 0.0, not 0.1"),
        ({"optimizer": "adam"}, "fixed: optimizer None, not adam"),
        ({"stopping": xpnet.stopping.no_improvement(3)}, "fixed: stopping None, not no_improvement(n=3"),
        ({"network": xpnet.Network([2, 3, 2], hidden="tanh")}, "fixed: network Network("),
        ({"score": "cost"}, "score accuracy, not cost"),
        (
            {"preprocessing": Scaling.standardize},
            "preprocessing None, not xpnet.data.preparing.scaling.Scaling.standardize",
        ),
        ({"sample_weight": np.linspace(1, 2, 60)}, "sample_weight None, not"),
        ({"backend": xpnet.backend.get("numpy", dtype="float64")}, "backend numpy float32, not numpy float64"),
    ],
)
def test_another_search_is_refused_with_the_difference(path, arguments, difference):
    find(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="path must hold the same search to go on with") as caught:
        find(path, **arguments)
    assert difference in str(caught.value)
    assert path.read_bytes() == before


def test_another_version_is_refused(path, monkeypatch):
    find(path)
    monkeypatch.setattr("xpnet.__version__", "99.0.0")
    with pytest.raises(ValueError, match=r"xpnet 0\.1\.0, not 99\.0\.0"):
        find(path)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\x00\x01", b"{}\n", b'{"xpnet_search": 12}\n', b'{"epoch": 1}\n'])
def test_a_foreign_file_is_refused_and_kept(path, content):
    path.write_bytes(content)
    with pytest.raises(xpnet.FormatError, match="path must be the results file of a search, got another file"):
        find(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "damaged",
    [b"x" * 40, b'{"setting": 0}', b"[1, 2]", b"", b'{"setting": 99, "fold": 0, "seed": 0', b"\xff\xfe"],
)
def test_a_damaged_line_is_named(path, damaged):
    find(path)
    lines = path.read_bytes().splitlines()
    lines[3] = damaged
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(xpnet.FormatError, match=r"must be an undamaged results file, got .* with a wrong line 4"):
        find(path)


@pytest.mark.parametrize("change", [{"setting": 4}, {"fold": 2}, {"seed": 1}, {"score": "good"}, {"epochs": None}])
def test_a_trial_of_no_such_setting_is_a_damaged_line(path, change):
    find(path)
    lines = path.read_text().splitlines()
    lines[2] = json.dumps({**json.loads(lines[2]), **change})
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(xpnet.FormatError, match="with a wrong line 3"):
        find(path)


def test_a_folder_that_is_missing_is_said_before_anything_is_trained(tmp_path, never):
    never()
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        find(tmp_path / "gone" / "found.jsonl")
    with pytest.raises(IsADirectoryError):
        find(tmp_path)


def test_the_mode_of_the_file_stays(path):
    path.write_bytes(b"")
    path.chmod(0o640)
    find(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


class Standardize:
    def __call__(self, x):
        return Scaling.standardize(x)


@pytest.mark.parametrize("make", [lambda: lambda x: Scaling.standardize(x), Standardize])
def test_objects_are_told_apart_by_no_address(path, make):
    first, second = make(), make()
    found = find(path, preprocessing=first)
    assert without_seconds(find(path, preprocessing=second)) == without_seconds(found)


@pytest.mark.parametrize("line", ["[" * 100_000, "9" * 5000, "{}", "[]", "null"])
@pytest.mark.parametrize("place", [0, 1])
def test_lines_without_sense_are_refused_in_one_line(path, line, place):
    find(path)
    lines = path.read_text().splitlines()
    lines[place] = MARK + '"a": ' + line + "}" if place == 0 else line
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="path must") as caught:
        find(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_missing_entry_is_another_search(path):
    find(path)
    head, *lines = path.read_text().splitlines()
    told = json.loads(head)
    name = next(name for name in told["fixed"] if told["fixed"][name] is None)
    del told["fixed"][name]
    path.write_text("\n".join([json.dumps(told), *lines]) + "\n")
    with pytest.raises(ValueError, match=f"path must hold the same search .* has fixed: {name} None"):
        find(path)
