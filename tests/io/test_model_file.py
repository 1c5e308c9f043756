"""Model files: round trips, and everything that is not a model."""

import dataclasses
import json
import struct

import numpy as np
import pytest
import safetensors.numpy
from tools import assert_at_home

from xpnet import FormatError, Network, load, save, train
from xpnet.backend import get, to_numpy
from xpnet.data import Scaling
from xpnet.io import Model, is_model_file
from xpnet.nn import sigmoid
from xpnet.trees import leaves, map_arrays


@pytest.fixture
def model(backend):
    network = Network([4, 3, 2], hidden="tanh", cost="log_likelihood", dropout=0.25)
    return Model(network, network.initialize(backend, seed=0), Scaling.divide_by(16), ("no", "yes"), {"source": "hand"})


def test_a_model_comes_back_as_it_was(tmp_path, backend, model):
    path = tmp_path / "model.safetensors"
    save(path, model)
    found = load(path)
    assert (found.network, found.preprocessing, found.classes, found.data) == (
        model.network,
        model.preprocessing,
        model.classes,
        model.data,
    )
    for a, b in zip(leaves(found.parameters), leaves(model.parameters), strict=True):
        assert type(a) is np.ndarray
        assert a.dtype == to_numpy(b).dtype
        np.testing.assert_array_equal(a, to_numpy(b))
    there = load(path, backend)
    assert_at_home(backend, there.parameters)


def test_arrays_that_are_not_contiguous_are_saved_right(tmp_path):
    # safetensors 0.8.0 would write the bytes of a transposed array in the wrong order without a word
    network = Network([3, 2])
    x = np.arange(6.0, dtype="float32").reshape(3, 2)
    model = Model(network, map_arrays(lambda w: w, network.initialize("numpy", seed=0)))
    model = dataclasses.replace(model, parameters=(model.parameters[0]._replace(w=x.T),))
    assert not model.parameters[0].w.flags.c_contiguous
    save(tmp_path / "m", model)
    np.testing.assert_array_equal(load(tmp_path / "m").parameters[0].w, x.T)


def test_a_result_is_saved_with_its_best_parameters(tmp_path, rng):
    y = np.arange(20) % 2
    x = rng.standard_normal((20, 3)) + y[:, None]
    result = train(Network([3, 2]), (x, y), epochs=3, validation=(x, y))
    save(tmp_path / "m", result, classes=("a", "b"))
    found = load(tmp_path / "m")
    np.testing.assert_array_equal(found.parameters[0].w, result.best_parameters[0].w)
    assert found.predict(x).tolist() == [("a", "b")[i] for i in result.predict(x)]
    np.testing.assert_array_equal(found.predict_proba(x), result.predict_proba(x))


def test_numpy_classes_are_saved(tmp_path):
    network = Network([3, 2])
    save(tmp_path / "m", Model(network, network.initialize("numpy", seed=0)), classes=tuple(np.asarray([3, 8])))
    assert load(tmp_path / "m").classes == (3, 8)
    assert set(load(tmp_path / "m").predict(np.zeros((2, 3)))) <= {3, 8}


def test_saving_refuses_what_a_file_cannot_name(tmp_path):
    mine = dataclasses.replace(sigmoid, name="mine")
    network = Network([3, 3, 2], hidden=mine)
    with pytest.raises(ValueError, match="network must use named activations to be saved, got your own 'mine'"):
        save(tmp_path / "m", Model(network, network.initialize("numpy", seed=0)))
    with pytest.raises(TypeError, match="result_or_model must be a Result or a Model, got Network"):
        save(tmp_path / "m", network)
    assert list(tmp_path.iterdir()) == []


# ---- what is not a model ----------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    network = Network([3, 2])
    path = tmp_path / "model.safetensors"
    save(path, Model(network, network.initialize("numpy", seed=0)))
    return path


def rewrite(path, change):
    """Change the description in a model file, leaving the arrays as they are."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    description = json.loads(header["__metadata__"]["xpnet"])
    header["__metadata__"]["xpnet"] = json.dumps(change(description))
    new = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(new)) + new + raw[8 + length :])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model file .*gone does not exist"):
        load(tmp_path / "gone")


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_a_truncated_file_is_refused(written, length):
    written.write_bytes(written.read_bytes()[:length])
    with pytest.raises(FormatError, match=r"model.safetensors is not a model file, or is truncated"):
        load(written)
    assert not is_model_file(written)


def test_a_foreign_file_is_refused(written):
    written.write_text("hello, I am a text file, and long enough to have a header of eight bytes")
    with pytest.raises(FormatError, match="is not a model file"):
        load(written)
    safetensors.numpy.save_file({"w": np.zeros(3)}, written)
    with pytest.raises(FormatError, match="is a safetensors file, but not one that xpnet wrote"):
        load(written)
    assert not is_model_file(written)


def test_changed_weights_are_refused(written):
    raw = bytearray(written.read_bytes())
    raw[-1] ^= 1
    written.write_bytes(raw)
    with pytest.raises(FormatError, match="was changed after it was written"):
        load(written)


def test_a_changed_description_is_refused(written):
    rewrite(written, lambda d: d | {"classes": ["cat", "dog"]})
    with pytest.raises(FormatError, match="was changed after it was written"):
        load(written)


def test_a_newer_format_says_upgrade(written):
    rewrite(written, lambda d: d | {"format": 2})
    with pytest.raises(FormatError, match=r"was written by a newer xpnet \(format 2\); upgrade"):
        load(written)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: {},
        lambda d: [],
        lambda d: {**d, "format": "one"},
        lambda d: {**d, "network": None},
    ],
)
def test_a_description_without_sense_is_refused(written, change):
    rewrite(written, change)
    with pytest.raises(FormatError):
        load(written)


def test_saving_replaces_a_file_whole_or_not_at_all(written, monkeypatch):
    before = written.read_bytes()
    network = Network([5, 2])
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save(written, Model(network, network.initialize("numpy", seed=0)))
    assert written.read_bytes() == before
    assert [p.name for p in written.parent.iterdir()] == [written.name]


def test_load_takes_its_dtype_from_the_file(tmp_path):
    network = Network([3, 2])
    save(tmp_path / "m", Model(network, network.initialize(get("numpy", dtype="float64"), seed=0)))
    assert load(tmp_path / "m").parameters[0].w.dtype == "float64"
    assert load(tmp_path / "m").to("array_api_strict").backend.dtype_name == "float64"
