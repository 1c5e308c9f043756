"""Every layout is recorded at once, so that few steps show what programs do."""

import pytest


@pytest.fixture(autouse=True)
def _record_at_once(monkeypatch):
    monkeypatch.setattr("xpnet.execution.numpy_tape.tape.WORTH_RECORDING", 1)
