"""The command as a process: help, interrupts, pipes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from xpnet import load

XPNET = [sys.executable, "-m", "xpnet"]


def test_help_lists_the_commands(tmp_path):
    ran = subprocess.run([*XPNET, "--help"], capture_output=True, text=True, check=True, cwd=tmp_path)
    for command in ("train", "evaluate", "predict", "bench", "backends"):
        assert command in ran.stdout
    ran = subprocess.run([*XPNET, "--version"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert ran.stdout.startswith("xpnet ")


def test_importing_the_command_line_loads_nothing_heavy():
    code = "import sys, xpnet.cli; print([m for m in ('rich', 'pooch', 'threadpoolctl', 'torch') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda x: str(int(x))
)
def test_an_interrupt_keeps_the_whole_epochs_beside_the_model(tmp_path, number, code):
    (tmp_path / "xpnet-digits.safetensors").write_bytes(b"")
    words = [*XPNET, "train", "--epochs", "100000", "--history", "h.csv"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        for line in process.stdout:
            if line.startswith("epoch      3/"):
                break
        process.send_signal(number)
        process.stdout.read()
        said = process.stderr.read().splitlines()
        assert process.wait(timeout=20) == code
    assert "whole epochs saved to xpnet-digits.interrupted.safetensors" in said[0]
    assert said[1:] == ["xpnet: interrupted"]
    assert (tmp_path / "xpnet-digits.safetensors").read_bytes() == b""
    assert load(tmp_path / "xpnet-digits.interrupted.safetensors").data["source"] == "digits"
    epochs = int(said[0].split()[1])
    assert len((tmp_path / "h.interrupted.csv").read_text().splitlines()) == 1 + epochs
    assert len(list(tmp_path.iterdir())) == 3


def test_a_pipe_without_a_reader_can_be_interrupted(tmp_path):
    os.mkfifo(tmp_path / "h.csv")
    words = [*XPNET, "train", "--epochs", "1", "--history", "h.csv", "--quiet"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        while process.poll() is None and not (tmp_path / "xpnet-digits.safetensors").exists():
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[1] == "xpnet: interrupted\n"
        assert process.returncode == 130


def test_a_reader_that_goes_away_costs_its_lines_and_not_the_model(tmp_path):
    words = [*XPNET, "train", "--epochs", "3"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=20) == 0
    assert load(tmp_path / "xpnet-digits.safetensors").network.sizes == (64, 30, 10)
    words = [*XPNET, "predict", "xpnet-digits.safetensors"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdout.close()  # the rows were all that was asked for
        assert b"Traceback" not in process.stderr.read()
        assert process.wait(timeout=20) == 141


def test_a_terminal_gets_a_bar(tmp_path):
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    with subprocess.Popen([*XPNET, "train"], stdout=follower, stderr=follower, cwd=tmp_path, close_fds=True) as process:
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        process.wait(timeout=20)
    os.close(leader)
    assert b"epoch 30/30" in seen
    assert b"test accuracy" in seen


def test_backends_lists_every_library(xpnet):
    ran = xpnet("backends")
    assert ran.code == 0
    for name in ("numpy", "cupy", "torch", "jax", "array_api_strict"):
        assert name in ran.out
    assert "BLAS: " in ran.out
    assert "used now: numpy, float32" in ran.out
    (told,) = xpnet("backends", "--json").events
    assert told["backends"]["numpy"]["device"] == "cpu"


def test_backends_says_why_the_chosen_one_cannot_be_used(xpnet, monkeypatch):
    monkeypatch.setenv("XPNET_BACKEND", "abacus")
    assert "used now: none: backend must be one of" in xpnet("backends").out


def test_backends_can_be_read_on_an_ascii_terminal(tmp_path):
    words, env = [*XPNET, "backends"], {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(words, capture_output=True, text=True, env=env, cwd=tmp_path, check=True)
    assert "numpy" in ran.stdout
