"""The evidence's own machinery: it goes on where it stopped, outlives crashes, ends in time, and invents no figure.

None of this needs a GPU, and none of it says anything about one.
"""

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
TIMED = re.compile(r"second|, ms|lowest|highest|/s\b")  # keys of what is measured with a clock
UNITS = r"[mµun]?s|sec|(micro|milli)?seconds?|minutes?|[kMGT]?(B|bytes|flops?|FLOPS?)/s|it/s|[kMG]?Hz"
FIGURE = re.compile(rf"\d\s*({UNITS})\b")


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return lambda name: importlib.import_module(name)


def figures(tree, key=""):
    """Return what looks like a time or a rate in a tree of JSON."""
    if isinstance(tree, dict):
        return [found for name, value in tree.items() for found in figures(value, name)]
    if isinstance(tree, list):
        return [found for value in tree for found in figures(value, key)]
    if isinstance(tree, str):
        return FIGURE.findall(tree)
    return [f"{key}: {tree}"] if TIMED.search(key) and tree is not None else []


# ---- a dry run ------------------------------------------------------------------------------------------------------


def test_figures_sees_times_and_rates():
    planted = {"a": {"seconds an epoch": 0.3, "lowest, ms": [1.0]}, "b": ["5 passed in 0.34s"], "copy, bytes/s": 3e12}
    assert len(figures(planted)) == 4
    assert not figures({"seconds an epoch": "dry run", "steps": 4, "python": "3.11.7 (May 9 2026)", "kernels": 15})


def run_dry(name, *words):
    variables = {**os.environ, "PYTHONPATH": str(SCRIPTS.parent)}
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *words], env=variables, capture_output=True, text=True, check=False
    )


def corners(page):
    """Return the first cell of each table of a page."""
    return re.findall(r"^\| (.*?) ?\|.*\n\| ---", page, re.MULTILINE)


def test_every_table_of_a_record_names_the_card(scripts):
    report, keeping = scripts("gpu.report"), scripts("gpu.keeping")
    long = {f"test {i}": "E   assert 1 == 2" for i in range(3)}
    wide = {f"column {i}": float(i) for i in range(report.WIDE + 1)}
    items = {"steps: one": {"a": 1.0}, "steps: two": {"a": 2.0}, "alone": {"b": 3.0}, "wide": wide, "w: 2": wide}
    part = keeping.nothing_yet() | {"items": {**items, "long": {"c": 1, "failures": long}}, "status": "done"}
    record = {"device": "Big GPU 1", "date": "2001-01-01", "parts": {"device": part | {"source": "abc"}}}
    for dry, card in ((False, "Big GPU 1"), (True, "no GPU")):
        page = report.page(record | {"dry run": dry})
        assert corners(page) == [card] * 5
        assert f"long, failures ({card}):" in page


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_tells_a_stranger_with_a_gpu_what_to_run(name):
    (line,) = [x for x in (SCRIPTS.parent / name).read_text(encoding="utf-8").splitlines() if "gpu_evidence" in x]
    assert "`python scripts/gpu_evidence.py`" in line
    assert "issue" in line


def test_dry_benchmark_names_no_gpu():
    ran = run_dry("bench_gpu.py", "--dry-run", "--markdown", "--only", "ceilings", "error of a product")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert corners(ran.stdout)
    assert set(corners(ran.stdout)) == {"no GPU"}


def test_dry_run_is_whole_and_has_no_figure(tmp_path):
    ran = run_dry("gpu_evidence.py", "--dry-run", "--out", str(tmp_path), "--parts", "smoke,device,training,tests")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {path.name[:8] for path in tmp_path.iterdir()} == {"dry-run-"}
    record = json.loads(next(tmp_path.glob("*.json")).read_text())
    page = next(tmp_path.glob("*.md")).read_text()
    assert record["device"] == "dry run"
    assert [part["status"] for part in record["parts"].values()] == ["done"] * 4
    assert record["parts"]["training"]["items"]["xpnet on CuPy"]["test accuracy"] == "dry run"
    assert all(room["passed"] > 1 for room in record["parts"]["tests"]["items"].values())
    assert "nothing here says anything about a GPU" in page
    assert len(corners(page)) > 6
    assert set(corners(page)) == {"no GPU"}
    assert ran.stdout.splitlines()[-1].endswith(next(tmp_path.glob("*.json")).name)
    for text in (record, page, ran.stdout):
        assert not figures(text)
    again = run_dry("gpu_evidence.py", "--dry-run", "--out", str(tmp_path), "--parts", "smoke,device,training,tests")
    assert again.stdout.count("done before") == 4


def test_dry_benchmark_has_rows_and_no_figure(scripts, monkeypatch):
    bench, benchmark, steps = scripts("gpu.bench"), scripts("gpu.benchmark"), scripts("gpu.steps")
    monkeypatch.setattr(steps, "PEERS", {})
    keeping, report = scripts("gpu.keeping"), scripts("gpu.report")
    state = keeping.nothing_yet()
    assert keeping.carry_out(benchmark.items(bench.Bench(dry=True)), state, lambda _: None)
    assert not state["errors"]
    found = keeping.clean(state, dry=True)
    assert found["items"]["20-8-8-4, batch 10, tf32: xpnet on CuPy, plain loop"]["same arithmetic"] is True
    assert not figures(found)
    assert not figures(report.tables(found, "no GPU"))
    table = scripts("gpu.break_even").small_table(found["items"], "dry run")
    assert table["the GPU wins from batch"] == {"4": None, "8": None}


# ---- keeping, resuming, outliving -----------------------------------------------------------------------------------

STAND_IN = """
import os, sys, time
from pathlib import Path
from gpu.keeping import SPOILED, MissingError, carry_out, write_json
import json

class CUDARuntimeError(RuntimeError):
    pass

def tried(name):
    with open("{folder}/tried", "a") as file:
        file.write(f"{{name}} {{os.getpid()}}\\n")
    return {{"found": 1}}

def fail(name, error):
    found = tried(name)
    if not Path("{folder}/mended").exists():
        raise error
    return found

def items(bench):
    return [(name, eval(call)) for name, call in {calls!r}]

if __name__ == "__main__":
    path = Path(sys.argv[sys.argv.index("--keep") + 1])
    state = json.loads(path.read_text())
    sys.exit(0 if carry_out(items(None), state, lambda found: write_json(path, found)) else SPOILED)
"""


class StandIn:
    """A part whose items are given as text; `tried` tells (name, process) of what was called."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(SCRIPTS), str(SCRIPTS.parent)]))

    def make(self, name="stand_in", **calls):
        path = self.folder / f"{name}.py"
        path.write_text(STAND_IN.format(folder=self.folder, calls=list(calls.items())))
        return [sys.executable, str(path)]

    @property
    def tried(self):
        lines = (self.folder / "tried").read_text().splitlines()
        return [tuple(line.split()) for line in lines]


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    return StandIn(tmp_path, monkeypatch)


def run_part(scripts, words, limit=20.0):
    seen = []
    state = scripts("gpu.keeping").nothing_yet()
    return scripts("gpu_evidence").run_part(words, state, limit, os.environ, seen.append), seen


def test_part_keeps_what_is_done_as_it_goes(scripts, stand_in):
    words = stand_in.make(one="lambda: tried('one')", two="lambda: time.sleep(0.3) or tried('two')")
    state, seen = run_part(scripts, words)
    assert list(state["items"]) == ["one", "two"]
    assert ["one"] in [list(each["items"]) for each in seen if each["under_way"] == "two"]
    assert seen[0]["status"] == "under way"


def test_failing_and_missing_items_stop_nothing(scripts, stand_in):
    words = stand_in.make(
        one="lambda: fail('one', ValueError('no luck'))",
        two="lambda: (_ for _ in ()).throw(MissingError('not installed'))",
        three="lambda: tried('three')",
    )
    state, _ = run_part(scripts, words)
    assert list(state["items"]) == ["three"]
    assert "ValueError: no luck" in state["errors"]["one"]
    assert state["left_out"] == {"two": "not installed"}
    assert scripts("gpu_evidence").status(state) == "failed"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("lambda: tried('one') and print('last words', flush=True) or os._exit(9)", "status 9\nlast words"),
        ("lambda: tried('one') and os.kill(os.getpid(), 11)", "status -11"),
        ("lambda: fail('one', CUDARuntimeError('cudaErrorIllegalAddress'))", "cudaErrorIllegalAddress"),
    ],
)
def test_rest_of_a_part_runs_in_another_process_after_a_crash(scripts, stand_in, call, says):
    words = stand_in.make(zero="lambda: tried('zero')", one=call, two="lambda: tried('two')")
    state, _ = run_part(scripts, words)
    assert list(state["items"]) == ["zero", "two"]
    assert says in state["errors"]["one"]
    assert [name for name, _ in stand_in.tried] == ["zero", "one", "two"]
    assert len({process for _, process in stand_in.tried}) == 2


def test_part_that_cannot_start_says_why(scripts, stand_in):
    (stand_in.folder / "broken.py").write_text("import nothing_of_this_name\n")
    state, _ = run_part(scripts, [sys.executable, str(stand_in.folder / "broken.py")])
    assert "nothing_of_this_name" in state["errors"]["the part itself"]


def test_time_limit_ends_a_part_and_keeps_what_was_done(scripts, stand_in):
    evidence = scripts("gpu_evidence")
    state, _ = run_part(scripts, stand_in.make(one="lambda: tried('one')", two="lambda: time.sleep(60)"), limit=3.5)
    assert list(state["items"]) == ["one"]
    assert state["left_out"] == {"two": "out of time"}
    assert evidence.status(state) == "cut"
    state["items"]["three"] = {"interrupted": True}
    assert list(evidence.unfinished(state)["items"]) == ["one"]


def test_no_item_is_begun_after_the_deadline(scripts):
    keeping = scripts("gpu.keeping")
    state, left = keeping.nothing_yet(), iter([1.0, 0.0, 0.0])
    keeping.carry_out([(name, dict) for name in "abc"], state, lambda _: None, lambda: next(left))
    assert list(state["items"]) == ["a"]
    assert state["left_out"] == {"b": "out of time", "c": "out of time"}


def collect(scripts, folder, parts, **changes):
    evidence, said = scripts("gpu_evidence"), []
    options = {
        "out": folder / "out",
        "minutes": 2.0,
        "parts": list(parts),
        "again": False,
        "dry_run": True,
        "data": None,
    }
    record = evidence.collect(argparse.Namespace(**options | changes), dict(os.environ), said.append, parts)
    return record, said


def test_collect_goes_on_where_it_stopped(scripts, stand_in):
    stand_in.make("first", one="lambda: tried('one')", two="lambda: fail('two', ValueError('took 0.3 s'))")
    stand_in.make("second", three="lambda: tried('three')")
    parts = {"first": ("first", 1), "second": ("second", 1)}
    record, said = collect(scripts, stand_in.folder, parts)
    assert said[:2] == ["first: failed, 1 items", "second: done, 1 items"]
    assert (
        "ValueError: took dry run"
        in json.loads(next(stand_in.folder.glob("out/*.json")).read_text())["parts"]["first"]["errors"]["two"]
    )
    (stand_in.folder / "mended").touch()
    record, said = collect(scripts, stand_in.folder, parts)
    assert said[:2] == ["second: done before", "first: done, 2 items"]
    assert [name for name, _ in stand_in.tried] == ["one", "two", "three", "two"]
    assert record["parts"]["first"]["errors"] == {}
    collect(scripts, stand_in.folder, parts, again=True)
    assert [name for name, _ in stand_in.tried][4:] == ["one", "two", "three"]


def test_other_source_is_measured_again(scripts, stand_in, monkeypatch):
    stand_in.make("first", one="lambda: tried('one')")
    parts = {"first": ("first", 1)}
    record, _ = collect(scripts, stand_in.folder, parts)
    monkeypatch.setattr(scripts("gpu_evidence"), "fingerprint", lambda _: "changed")
    _, said = collect(scripts, stand_in.folder, parts)
    assert said[0] == "first: done, 1 items"
    assert record["parts"]["first"]["source"] != "changed"


def test_record_of_this_source_is_gone_on_with_on_another_day(scripts, tmp_path):
    evidence = scripts("gpu_evidence")
    old = {"device": "Big GPU 1", "date": "2001-01-01", "dry run": False, "parts": {"device": {"source": "abc"}}}
    (tmp_path / "gpu-big-gpu-1-2001-01-01.json").write_text(json.dumps(old))
    assert evidence.open_record(tmp_path, "Big GPU 1", "abc", False)[1] == old
    path, record = evidence.open_record(tmp_path, "Big GPU 1", "xyz", False)
    assert record["parts"] == {}
    assert path.name > "gpu-big-gpu-1-2026"


def test_without_a_gpu_it_says_so(scripts):
    evidence = scripts("gpu_evidence")
    with pytest.raises(SystemExit, match="no GPU to be used through CuPy; --dry-run does without"):
        evidence.name_of_device(evidence.variables(dry=False) | {"CUDA_VISIBLE_DEVICES": ""})


# ---- wheels ---------------------------------------------------------------------------------------------------------


def make_wheel(folder, name):
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "x = 7\n")
        info = f"{name}-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.mark.parametrize("pip_works", [True, False])
def test_missing_wheels_can_be_imported(scripts, tmp_path, monkeypatch, pip_works):
    evidence, target = scripts("gpu_evidence"), tmp_path / "target"
    for name in ("xpnet_stand_in", "numpy"):  # the second is installed
        make_wheel(tmp_path, name)
    if not pip_works:
        monkeypatch.setattr(evidence.subprocess, "run", lambda *_, **__: argparse.Namespace(returncode=1))
    places = evidence.unpack(tmp_path, str(target))
    monkeypatch.undo()
    assert [Path(place).name for place in places] == (
        ["target"] if pip_works else ["xpnet_stand_in-1.0-py3-none-any.whl"]
    )
    program = "import xpnet_stand_in; print(xpnet_stand_in.x)"
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    assert subprocess.check_output([sys.executable, "-c", program], env=variables, text=True) == "7\n"
