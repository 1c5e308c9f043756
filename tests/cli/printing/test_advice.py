"""Advice by a measured table: said where the other library was faster, and only there."""

import json

import pytest

from xpnet.cli.printing import advice as module
from xpnet.cli.printing.advice import advice
from xpnet.nn import Network


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Of a device that does not exist, with a width at which it never wins."""
    told = {"device": "Abacus 3", "the GPU wins from batch": {"30": None, "300": 256, "1000": 64}}
    path = tmp_path / "break_even.json"
    path.write_text(json.dumps(told))
    monkeypatch.setattr(module, "TABLE", path)
    monkeypatch.setattr(module, "available", lambda: {"cupy": None})
    return path


SMALL = "on Abacus 3, layers of 30 neurons trained faster on NumPy whatever the batch: --backend numpy"
MIDDLE = "on Abacus 3, layers of 300 neurons trained faster on NumPy with batches below 256: --backend numpy"
LARGE = "on Abacus 3, layers of 300 neurons trained faster on the GPU from batches of 256 on: --backend cupy"


@pytest.mark.parametrize(
    ("width", "batch", "backend", "said"),
    [
        (30, 4096, "cupy", SMALL),
        (10, 4096, "cupy", SMALL),
        (299, 4096, "cupy", SMALL),
        (300, 255, "cupy", MIDDLE),
        (300, 256, "cupy", None),
        (300, 255, "numpy", None),
        (999, 256, "numpy", LARGE),
        (30, 4096, "numpy", None),
        (3000, 64, "jax", None),
    ],
)
def test_the_table_decides(table, width, batch, backend, said):
    assert advice(Network([784, width, 10]), batch, backend) == (said and f"advice   {said}")


def test_a_gpu_that_is_not_there_is_not_advised(table, monkeypatch):
    monkeypatch.setattr(module, "available", lambda: {"cupy": "cupy is not installed"})
    assert advice(Network([784, 300, 10]), 256, "numpy") is None


def test_without_a_table_there_is_no_advice():
    assert advice(Network([784, 30, 10]), 10, "cupy") is None


def test_train_says_it(xpnet, table):
    words = ("train", "--epochs", 1, "--hidden", 1000, "--batch-size", 64)
    assert "advice   on Abacus 3, layers of 1000 neurons trained faster on the GPU" in xpnet(*words).out
    assert "advice" not in xpnet(*words, "--quiet").out
    assert "advice" not in xpnet("train", "--epochs", 1, "--hidden", 5).out
