"""Both readers of text, one after the other."""

import sys

import pytest


@pytest.fixture(params=["polars", "standard library"])
def reader(request, monkeypatch):
    """Read with polars, or as if it were not installed."""
    if request.param == "polars":
        pytest.importorskip("polars", reason="polars is not installed")
    else:
        monkeypatch.setitem(sys.modules, "polars", None)
    return request.param
