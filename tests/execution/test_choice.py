"""Which executor runs a step."""

import numpy as np
import pytest

from xpnet.execution import executor
from xpnet.execution.loop import Loop
from xpnet.execution.numpy_tape.tape import Tape
from xpnet.execution.scan import Scan
from xpnet.nn import Network
from xpnet.training import train


@pytest.mark.parametrize(
    ("library", "kind"), [("numpy", Tape), ("jax", Scan), ("torch", Loop), ("array_api_strict", Loop)]
)
def test_each_library_has_its_way(library, kind):
    assert type(executor(None, library)) is kind


@pytest.mark.parametrize(("value", "kind"), [("1", Loop), ("yes", Loop), ("0", Tape), ("", Tape)])
def test_the_plain_loop_can_be_asked_for(monkeypatch, value, kind):
    monkeypatch.setenv("XPNET_GENERIC", value)
    assert type(executor(None, "numpy")) is kind


@pytest.mark.parametrize(("generic", "way"), [("0", "compiled NumPy program"), ("1", "plain loop")])
def test_a_result_says_how_its_steps_were_run(monkeypatch, generic, way):
    monkeypatch.setenv("XPNET_GENERIC", generic)
    monkeypatch.setenv("XPNET_FAST", "0")
    x, y = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
    result = train(Network([3, 2]), (x, y), epochs=5)
    assert result.execution.startswith(f"{way}, 1 BLAS thread")
    short = train(Network([3, 2]), (x, y), epochs=1)
    assert short.execution.startswith("plain loop")


def test_the_expected_number_of_steps_reaches_the_tape(monkeypatch):
    monkeypatch.delenv("XPNET_GENERIC", raising=False)
    assert executor(None, "numpy", steps=7).expected == 7
    assert executor(None, "numpy").expected is None
