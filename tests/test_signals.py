"""Interrupts: the first is an exception, the second ends the process, and a block that holds them is never broken."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from xpnet import signals

INTERRUPTS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", INTERRUPTS)
def test_every_one_of_them_is_an_interrupt_with_its_own_exit_code(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), signals.caught():
        signal.raise_signal(number)
    assert signals.exit_code() == 128 + number
    assert signal.getsignal(number) is before


def test_a_signal_waits_until_the_block_that_holds_it_has_ended():
    done = []
    with pytest.raises(KeyboardInterrupt), signals.caught():  # noqa: PT012  (where it is raised is the point)
        with signals.held():
            with signals.held():
                signal.raise_signal(signal.SIGTERM)
                done.append("inner")
            done.append("outer")
        done.append("never")
    assert (done, signals.exit_code()) == (["inner", "outer"], 143)


def test_what_another_thread_holds_is_whole_before_the_main_thread_is_interrupted():
    begun, done = threading.Event(), []

    def write():
        with signals.held():
            begun.set()
            time.sleep(0.05)
            done.append("whole")

    thread = threading.Thread(target=write)
    with pytest.raises(KeyboardInterrupt), signals.caught():  # noqa: PT012
        thread.start()
        begun.wait()
        signal.raise_signal(signal.SIGINT)
        assert done == []
        for _ in range(500):
            time.sleep(0.01)
    thread.join()
    assert done == ["whole"]


def test_a_signal_that_a_shell_told_us_to_ignore_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.caught():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_the_main_thread_nothing_is_set():
    seen = []

    def run():
        with signals.caught(), signals.held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


TWICE = """
import signal
from xpnet import signals
with signals.caught():
    try:
        signal.raise_signal(signal.SIGTERM)
    except KeyboardInterrupt:
        with signals.held():
            signal.raise_signal(signal.SIGINT)
            print("held", flush=True)
        print("never", flush=True)
"""
LOST = """
import signal, time
from xpnet import signals

class Deaf:
    def __del__(self):
        signal.raise_signal(signal.SIGHUP)

try:
    with signals.caught():
        Deaf()
        time.sleep(10)
except KeyboardInterrupt:
    print(signals.exit_code())
"""


IN_EXEC = """
import signal, sys
from xpnet import signals
try:
    with signals.caught():
        exec("signal.raise_signal(signal.SIGTERM)")
except KeyboardInterrupt:
    sys.exit(signals.exit_code())
"""


def test_an_interrupt_inside_exec_has_its_own_exit_code_too(tmp_path):
    (tmp_path / "program.py").write_text(IN_EXEC)
    words = [sys.executable, "-m", "program"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (143, "")


@pytest.mark.parametrize(("program", "code", "said"), [(TWICE, 143, "held\n"), (LOST, 0, "129\n")])
def test_a_second_one_ends_the_process_and_a_lost_one_comes_again(program, code, said):
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, said, "")


@pytest.mark.parametrize(
    ("words", "quiet"),
    [
        (["-c", "import xpnet, signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_DFL)"], False),
        (["-m", "xpnet.signals"], False),
        (["{folder}/xpnet"], True),
    ],
)
def test_only_the_command_is_quiet_while_it_is_imported(tmp_path, words, quiet):
    (tmp_path / "xpnet").write_text("import xpnet, signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_DFL)")
    words = [word.format(folder=tmp_path) for word in words]
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60, env=env)
    assert ("True" in ran.stdout) is quiet
