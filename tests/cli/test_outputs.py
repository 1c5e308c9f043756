"""The one rule for every file that the command line writes: told before any work, and nothing is lost."""

import os
import stat
import threading

import pytest

from xpnet import load
from xpnet.cli.outputs import Output, check_outputs, is_history, is_prediction

FAST = ("--epochs", 1, "--hidden", 0, "--quiet")
TRAIN = ("train", "clouds.csv", "--target", "kind", *FAST)
MODEL = "xpnet-clouds.safetensors"


@pytest.fixture
def trained(xpnet, table):
    """A table and a model trained on it."""
    table()
    assert xpnet(*TRAIN).code == 0


def precious(folder, name):
    (folder / name).write_text("a,kind\n1,years of work\n")
    return (folder / name).read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--history", "clouds.csv"), "clouds.csv is an input file; name another file with --history"),
        (("--history", "clouds.csv", "--force"), "clouds.csv is an input file"),
        (("--history", "notes.csv"), "notes.csv was not written by xpnet; name another file with --history, or"),
        (("--history", "notes.jsonl"), "notes.jsonl was not written by xpnet"),
        (("-o", "clouds.csv", "--force"), "clouds.csv is an input file; name another file with -o"),
        (("-o", "notes.csv"), "notes.csv was not written by xpnet; name another file with -o, or use --force"),
        (("-o", "h.csv", "--history", "h.csv"), "-o and --history must name two files, got h.csv twice"),
        (("-o", "h.csv", "--history", "./h.csv"), "-o and --history must name two files"),
        (("-o", "there.csv", "--history", "link.csv"), "-o and --history must name two files"),
        (("-o", "link.csv", "--force"), "link.csv is an input file"),
        (("--history", "sub.csv"), "sub.csv is a folder; name a file with --history"),
        (("-o", "dangling"), "folder . does not exist; make it first"),
        (("-o", "m", "--force"), "m.interrupted is a folder"),
    ],
)
def test_train_refuses_before_it_reads(xpnet, table, tmp_path, words, message):
    table()
    if "there.csv" in words:
        (tmp_path / "link.csv").symlink_to("there.csv")
    else:
        (tmp_path / "link.csv").symlink_to("clouds.csv")
    (tmp_path / "dangling").symlink_to("nowhere/model")
    (tmp_path / "sub.csv").mkdir()
    (tmp_path / "m.interrupted").mkdir()
    kept = {name: precious(tmp_path, name) for name in ("notes.csv", "notes.jsonl")}
    before = (tmp_path / "clouds.csv").read_text()
    ran = xpnet(*TRAIN, *words)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert (tmp_path / "clouds.csv").read_text() == before
    assert {name: (tmp_path / name).read_text() for name in kept} == kept


def test_what_xpnet_wrote_may_be_written_over_and_so_may_an_empty_file(xpnet, table, tmp_path):
    table()
    (tmp_path / "empty.csv").touch()
    for name in ("h.csv", "h.jsonl", "h.csv", "h.jsonl", "empty.csv"):
        assert xpnet(*TRAIN, "--history", name).code == 0
    precious(tmp_path, "notes.csv")
    assert xpnet(*TRAIN, "--history", "notes.csv", "--force").code == 0
    assert is_history(tmp_path / "notes.csv")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_write_protected_is_told_before_training(xpnet, table, tmp_path, monkeypatch, what):
    table()
    (tmp_path / MODEL).touch()
    closed = {"file": tmp_path / MODEL, "folder": tmp_path}[what]
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: allowed(path, mode) and os.fspath(path) != os.fspath(closed))
    monkeypatch.setattr(os, "access", lambda path, mode: os.path.realpath(path) != os.path.realpath(closed))
    ran = xpnet(*TRAIN)
    assert (ran.code, ran.out) == (1, "")
    assert {"file": f"{MODEL} is write-protected; name another file with -o", "folder": "is not writable"}[
        what
    ] in ran.err


def test_predictions_go_into_pipes_and_devices_and_through_links(xpnet, trained, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.csv").symlink_to("real.csv")
    (tmp_path / "null").symlink_to("/dev/null")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    for name in ("pipe", "link.csv", "null"):
        assert xpnet("predict", MODEL, "-o", name).code == 0
    reader.join()
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert (tmp_path / "link.csv").is_symlink()
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)
    assert read[0] == (tmp_path / "real.csv").read_text()
    assert read[0].startswith("row,prediction,label\n")


def test_a_private_file_stays_private(xpnet, trained, tmp_path):
    for words in (("predict", MODEL, "-o", "out.csv"), (*TRAIN, "--history", "h.csv")):
        for name in ("out.csv", "h.csv", MODEL):
            if (tmp_path / name).exists():
                (tmp_path / name).chmod(0o600)
        assert xpnet(*words).code == 0
        assert xpnet(*words).code == 0
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("out.csv", MODEL)] == [0o600, 0o600]


def test_predict_does_not_write_over_the_data_of_its_model(xpnet, trained, tmp_path):
    before = (tmp_path / "clouds.csv").read_text()
    for words in ((), ("--force",)):
        ran = xpnet("predict", MODEL, "-o", "clouds.csv", *words)
        assert ran.code == 1
        assert "clouds.csv" in ran.err
    ran = xpnet("predict", MODEL, "-o", MODEL, "--force")
    assert f"{MODEL} is an input file" in ran.err
    assert (tmp_path / "clouds.csv").read_text() == before
    assert load(tmp_path / MODEL).classes == ("far", "near")


def test_a_socket_is_no_place_for_a_file(tmp_path):
    socket = pytest.importorskip("socket")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="s is a socket or a disk; name a file with -o"):
            check_outputs([Output("-o", tmp_path / "s", is_prediction)], [], force=True)


@pytest.mark.parametrize("words", [(), ("--quiet",), ("--json",)])
def test_a_bad_cell_of_the_test_part_is_told_with_its_line_and_the_good_model_stays(xpnet, trained, tmp_path, words):
    good = (tmp_path / MODEL).read_bytes()
    lines = (tmp_path / "clouds.csv").read_text().splitlines()
    (tmp_path / "clouds.csv").write_text("\n".join([*lines[:58], "", '"1",wide,far', *lines[60:]]) + "\n")
    ran = xpnet("train", "clouds.csv", "--target", "kind", "--epochs", 1, "--split", "ordered", *words)
    assert ran.code == 1
    assert "clouds.csv: line 60, column 'height' must hold numbers or text, got 'wide' among numbers: call" in ran.err
    assert ran.err.endswith("call the column categorical (--categorical)\n")
    assert ran.err.count("\n") == 1
    assert (tmp_path / MODEL).read_bytes() == good
    assert "epoch" not in ran.out
