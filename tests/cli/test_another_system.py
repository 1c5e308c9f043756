"""The hazards of Windows, macOS and bare containers, as far as Linux can play them (tests/another_system.py)."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import another_system
import numpy as np
import pytest

import xpnet
from xpnet.cli import main
from xpnet.cli.outputs import Output, check_outputs

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
ENVIRONMENT = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
LINES = [
    "--help",
    "train --help",
    "train digits --epochs 1 --history h.csv -o 'my model.safetensors'",
    "train digits --epochs 1 --history h.csv -o 'my model.safetensors'",  # over the files of the first
    "evaluate 'my model.safetensors'",
    "train 'table é.csv' --target 'kind é' --fast --epochs 2 -o é.safetensors --report é.html",
    "train 'table é.csv' --target 'kind é' --epochs 2 --start é.safetensors -o é.safetensors",
    "evaluate é.safetensors",
    "predict é.safetensors 'table é.csv'",
    "predict é.safetensors 'table é.csv' -o predicted.csv",
    "predict é.safetensors 'table é.csv' -o predicted.csv",
    "explain é.safetensors 'table é.csv'",
    "train digits --epochs 2 --checkpoint kept --every '5 steps' -o kept.safetensors",
    "train --resume kept",
    "search digits --grid eta=0.1,0.5 --epochs 1 --folds 2 -o s.jsonl",
    "recommend fit ratings.csv -o r.npz",
    "recommend top r.npz user1",
]


def write_tables(folder):
    rows = [f"{i % 7},{'né' if i % 2 else 'à'},{'größer' if i % 2 else 'ß'}" for i in range(60)]
    (folder / "table é.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(["a,b é,kind é", *rows]).encode())
    rated = [f"user{i % 6},item{i % 5},{i % 4 + 1}" for i in range(30)]
    (folder / "ratings.csv").write_text("\n".join(["user,item,rating", *rated]), encoding="utf-8")


@linux
def test_commands_on_another_system(tmp_path):
    write_tables(tmp_path)
    program = [sys.executable, "-W", "ignore::EncodingWarning", another_system.__file__, json.dumps(LINES)]
    ran = subprocess.run(
        program, capture_output=True, check=False, cwd=tmp_path, env={**os.environ, **ENVIRONMENT}, timeout=120
    )
    assert ran.returncode == 0, ran.stderr.decode()
    said = json.loads(ran.stdout)
    assert {line: error for line, code, _, error in said if code} == {}
    assert not list(tmp_path.glob("*.part"))
    assert (tmp_path / "table é.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk"])
def test_every_line_can_be_printed_in_old_encodings(tmp_path, encoding):
    lines = ["xpnet.cli.main(['train', '--epochs', '1'])", "xpnet.cli.main(['evaluate', 'xpnet-digits.safetensors'])"]
    program = "import sys, xpnet.cli\n" + "\n".join(f"assert {line} == 0" for line in lines)
    changes = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C", "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, cwd=tmp_path, env={**os.environ, **changes}
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"test accuracy" in ran.stdout.decode(encoding).encode()


@linux
def test_no_file_is_held_after_it_was_read(tmp_path):
    network = xpnet.Network([2, 3, 2])
    model = xpnet.Model(network, network.initialize(seed=0))
    path = tmp_path / "model.safetensors"
    xpnet.save(path, model)
    loaded = xpnet.load(path)
    assert not another_system.is_used(path)
    table = tmp_path / "table.csv"
    table.write_text("a,k\n1,x\n2,y\n", encoding="utf-8")
    rows = xpnet.data.read_table(table, "k")
    assert not another_system.is_used(table)
    assert rows.n == 2
    assert loaded.network == network
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("user,item,rating\nann,tea,5\nann,rum,1\nbob,tea,4\n", encoding="utf-8")
    rated = xpnet.data.load_ratings(ratings)
    assert not another_system.is_used(ratings)
    taste = tmp_path / "taste.npz"
    xpnet.recommend.save(taste, xpnet.recommend.BiasModel().fit(rated))
    recommender = xpnet.recommend.load(taste)
    assert not another_system.is_used(taste)
    assert recommender.ratings.n_items == 2


@linux
@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_a_table_of_numbers_may_be_written_over_once_its_rows_are_gone(tmp_path, ending):
    path = tmp_path / f"table.{ending}"
    x = np.zeros((4, 3))
    np.save(path, x) if ending == "npy" else np.savez(path, x=x, y=np.asarray([0, 1, 0, 1]))
    rows = xpnet.data.read_table(path, "2" if ending == "npy" else "y")
    assert rows.n == 4
    assert another_system.is_used(path) == (ending == "npy")  # mapped on purpose: it may be larger than the memory
    del rows
    assert not another_system.is_used(path)


@linux
def test_the_stand_in_knows_open_and_mapped_files(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros(3))
    assert not another_system.is_used(path)
    mapped = np.load(path, mmap_mode="r")
    assert another_system.is_used(path)
    del mapped
    with path.open("rb"):
        assert another_system.is_used(path)
    assert not another_system.is_used(path)


def test_a_file_that_cannot_be_replaced_stays_and_is_told(tmp_path, monkeypatch):
    network = xpnet.Network([2, 3, 2])
    model = xpnet.Model(network, network.initialize(seed=0))
    path = tmp_path / "model.safetensors"
    xpnet.save(path, model)
    before = path.read_bytes()

    def replace(self, target):
        raise PermissionError(13, "The process cannot access the file because it is being used", str(target))

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(PermissionError, match=r"model\.safetensors could not be written: .* is being used"):
        xpnet.save(path, model)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def output(flag, path):
    return Output(flag, path, lambda _: True)


@pytest.mark.parametrize(("one", "other"), [("Model.csv", "model.CSV"), ("é.csv", "e\u0301.csv"), ("ß.csv", "SS.csv")])
def test_two_outputs_that_differ_in_case_only_are_refused(tmp_path, one, other):
    both = [output("--history", tmp_path / one), output("-o", tmp_path / other)]
    with pytest.raises(ValueError, match="--history and -o must differ in more than the case of letters, got"):
        check_outputs(both, (), force=False)
    for place in both:
        place.path.touch()
    if len(list(tmp_path.iterdir())) == 2:  # this file system knows them apart, and they are two files already
        check_outputs(both, (), force=False)


@pytest.mark.parametrize("name", ["data:1.csv", "NUL.csv:x", "com1.csv", "model.", "what?.csv"])
def test_names_that_windows_cannot_hold_are_refused_there(tmp_path, monkeypatch, name):
    place = output("-o", tmp_path / name)
    check_outputs([place], (), force=False)
    monkeypatch.setattr("xpnet.cli.outputs.os.name", "nt")
    with pytest.raises(ValueError, match="is no name for a file on Windows; name another file with -o"):
        check_outputs([place], (), force=False)


@pytest.mark.parametrize("name", ["data:1.csv", "C:\\data.csv", "a b.csv", "漢字.csv", "-.csv", "x.", "CON.csv"])
def test_names_that_are_unusual_elsewhere_are_read_and_written_here(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_bytes(b"a,k\r\n" + b"1,x\r\n2,y\r\n" * 8)
    words = ["train", "table.csv", "--target", "k", "--fast", "--epochs", "1", "--quiet", "-o", "m.safetensors"]
    assert main([*words, f"--history=./{name}" if name.endswith(".csv") else "--history=h.csv"]) == 0
    Path(name).write_bytes(Path("table.csv").read_bytes())
    line = shlex.join(["predict", "m.safetensors", f"./{name}"])
    assert main(shlex.split(line)) == (0 if name.endswith(".csv") else 1), capsys.readouterr().err
