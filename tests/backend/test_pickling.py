"""A backend is handed to another process by its names."""

import copy
import pickle

import pytest
from tools import assert_at_home

import xpnet.backend


def test_a_pickle_opens_the_same_backend_again(backend):
    again = pickle.loads(pickle.dumps(backend))
    assert type(again) is type(backend)
    assert (again.name, again.device, again.dtype_name) == (backend.name, backend.device, backend.dtype_name)
    assert_at_home(backend, again.full((2,)))
    assert copy.deepcopy(backend) == backend


def test_options_travel_with_it():
    backend = xpnet.backend.get("numpy", threads=1)
    assert pickle.loads(pickle.dumps(backend)) == backend


def test_a_library_that_is_missing_there_is_said(monkeypatch):
    packed = pickle.dumps(xpnet.backend.get("array_api_strict", device="device1"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(xpnet.BackendError, match="array_api_strict is not installed"):
        pickle.loads(packed)
