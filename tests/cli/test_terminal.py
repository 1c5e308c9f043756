"""What is printed: names that would steer the terminal, encodings without the characters, readers that are gone."""

import errno
import io
import os
import subprocess
import sys

import pytest

from xpnet.cli import terminal
from xpnet.cli.terminal import Stream, command, one_line, shown

XPNET = [sys.executable, "-m", "xpnet"]
EVIL = "x\x1b[31m\u202egnp\r\n\x00\x85\u2028\ud800"
SAFE = r"x\x1b[31m\u202egnp\r\n\x00\x85\u2028\ud800"


def test_what_would_steer_the_terminal_is_escaped_and_words_are_not():
    assert shown(EVIL) == SAFE
    assert one_line("two\nlines \x1b[2J") == r"two lines \x1b[2J"
    for word in ("Zürich", "数字", "می\u200cخواهم", "👩\u200d🔬", "a\u3000b", "back\\slash"):
        assert shown(word) == word


@pytest.mark.parametrize("name", ["table", "label", "column"])
def test_names_from_files_are_escaped_wherever_they_are_printed(xpnet, tmp_path, name):
    evil = {key: "x\x1b[31m\u202egnp" if key == name else key for key in ("table", "label", "column")}
    rows = "".join(f"{i},{evil['label'] if i % 2 else 'other'}\n" for i in range(40))
    (tmp_path / f"{evil['table']}.csv").write_text(f"{evil['column']},kind\n{rows}")
    train = ("train", f"{evil['table']}.csv", "--target", "kind", "--epochs", 1)
    said = [xpnet(*train), xpnet("evaluate", f"xpnet-{evil['table']}.safetensors")]
    said.append(xpnet(*train, "--categorical", "no such\x1b[31m"))
    (tmp_path / f"{evil['table']}.csv").write_text(f"{evil['column']},kind\n{rows}{evil['label']},other\n")
    said.append(xpnet("predict", f"xpnet-{evil['table']}.safetensors", f"{evil['table']}.csv"))
    assert [ran.code for ran in said] == [0, 0, 1, 1]
    for ran in said:
        assert not {"\x1b", "\u202e"} & set(ran.out + ran.err)


def test_predictions_are_escaped_on_a_terminal_and_written_as_they_are_elsewhere(xpnet, tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("a,kind\n" + "".join(f"{i},{'x' if i % 2 else EVIL[:6]}\n" for i in range(40)))
    assert xpnet("train", "t.csv", "--target", "kind", "--epochs", 1, "--quiet").code == 0
    assert "\x1b[31m" in xpnet("predict", "xpnet-t.safetensors").out
    monkeypatch.setattr(Stream, "isatty", lambda self: True)
    assert "\x1b" not in xpnet("predict", "xpnet-t.safetensors", "--proba").out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_what_an_encoding_lacks_is_escaped(encoding):
    raw = io.BytesIO()
    stream = Stream(io.TextIOWrapper(raw, encoding=encoding))
    print("é 数 \ud800 …", file=stream, flush=True)
    assert raw.getvalue().decode(encoding).endswith("\n")
    assert stream.lost is None
    assert b"\\ud800" in raw.getvalue()


class Full(io.StringIO):
    """A stream whose reader, or disk, is gone."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def write(self, text):
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize(
    ("number", "trained", "evaluated"), [(errno.EPIPE, 0, 141), (errno.EBADF, 0, 1), (errno.ENOSPC, 1, 1)]
)
def test_the_exit_code_is_for_what_was_lost(xpnet, tmp_path, monkeypatch, number, trained, evaluated):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Full(number))
        assert xpnet("train", "--epochs", 1).code == trained
    assert xpnet("train", "--epochs", 1).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Full(number))
        assert xpnet("evaluate", "xpnet-digits.safetensors").code == evaluated
        assert xpnet("predict", "xpnet-digits.safetensors", "-o", "p.csv").code == 0
    assert (tmp_path / "p.csv").read_text().startswith("row,prediction")


def test_closed_streams_and_an_ascii_terminal_are_no_traceback(tmp_path):
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = subprocess.run([*XPNET, "train", "--help"], capture_output=True, env=ascii_only, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    closed = f"exec {sys.executable} -m xpnet train --epochs 1 >&- 2>&-"
    assert subprocess.run(["sh", "-c", closed], cwd=tmp_path).returncode == 0
    full = f"exec {sys.executable} -m xpnet evaluate xpnet-digits.safetensors > /dev/full"
    ran = subprocess.run(["sh", "-c", full], capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "xpnet: error: standard output was lost: No space left on device\n")


@pytest.mark.parametrize(
    ("started", "found", "line"),
    [
        ("/venv/bin/xpnet", "/venv/bin/xpnet", "xpnet evaluate 'a b'"),
        (".venv/bin/xpnet", None, ".venv/bin/xpnet evaluate 'a b'"),
        ("my venv/bin/xpnet", "/usr/bin/xpnet", "'my venv/bin/xpnet' evaluate 'a b'"),
        ("/lib/xpnet/__main__.py", None, "python3 -m xpnet evaluate 'a b'"),
        ("/usr/bin/pytest", None, "xpnet evaluate 'a b'"),
    ],
)
def test_commands_to_try_next_work_as_printed(monkeypatch, started, found, line):
    monkeypatch.setattr(sys, "argv", [started])
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "xpnet"])
    monkeypatch.setattr(terminal.shutil, "which", lambda name: found)
    monkeypatch.setattr(terminal.Path, "exists", lambda self: True)
    monkeypatch.setattr(terminal.Path, "samefile", lambda self, other: str(self) == other)
    assert command("evaluate", "a b") == line


def test_the_next_commands_really_work(tmp_path):
    ran = subprocess.run([*XPNET, "train", "--epochs", "1"], capture_output=True, text=True, cwd=tmp_path, check=True)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("  ") and " evaluate " in line]
    assert subprocess.run(lines[0], shell=True, cwd=tmp_path, capture_output=True).returncode == 0
