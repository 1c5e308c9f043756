"""Models: raw rows in, labels out, in the library of the rows."""

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import get, to_numpy
from xpnet.data import Scaling
from xpnet.io import Model
from xpnet.io.models import model as module
from xpnet.nn import Layer, Network


@pytest.fixture
def model(backend):
    parameters = (Layer(backend.asarray(np.eye(3)), backend.full((1, 3))),)
    return Model(Network([3, 3]), parameters, Scaling.divide_by(2), classes=(10, 20, 30))


X = [[2.0, 0.0, 0.0], [0.0, 0.0, 4.0]]


def test_predict_gives_labels_in_the_library_of_the_rows(backend, model):
    assert model.predict(X).tolist() == [10, 30]
    assert model.predict(np.asarray(X)).tolist() == [10, 30]
    here = model.predict(backend.asarray(X))
    assert_at_home(backend, here)
    assert to_numpy(here).tolist() == [10, 30]
    foreign = model.predict(get("array_api_strict", device="device2").asarray(X))
    assert "array_api_strict" in type(foreign).__module__


def test_text_labels_come_as_numpy(backend, model):
    named = Model(model.network, model.parameters, classes=("a", "b", "c"))
    assert named.predict(backend.asarray(X)).tolist() == ["a", "c"]


def test_predict_proba_applies_the_preprocessing(backend, model):
    proba = model.predict_proba(backend.asarray(X))
    assert_at_home(backend, proba)
    expected = 1 / (1 + np.exp(-np.asarray(X) / 2))
    np.testing.assert_allclose(to_numpy(model.outputs(X)), expected, rtol=1e-6)
    np.testing.assert_allclose(to_numpy(proba), expected / expected.sum(axis=1, keepdims=True), rtol=1e-6)


def test_several_labels_are_zeros_and_ones_whatever_their_names(backend):
    parameters = (Layer(backend.asarray(np.eye(3)), backend.full((1, 3), -1.0)),)
    model = Model(Network([3, 3], labels="several"), parameters, classes=("a", "b", "c"))
    for x in (X, np.asarray(X), backend.asarray(X)):
        assert to_numpy(model.predict(x)).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert_at_home(backend, model.predict(backend.asarray(X)), model.predict_proba(backend.asarray(X)))
    expected = 1 / (1 + np.exp(1 - np.asarray(X)))
    np.testing.assert_allclose(to_numpy(model.predict_proba(X)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("network", "classes", "message"),
    [
        (Network([3, 3]), ("a", "b"), "classes must name 3 classes, got 2"),
        (Network([3, 1]), ("a",), "classes must name 2 classes, got 1"),
        (Network([3, 2], labels="several"), ("a", "b", "c"), "classes must name 2 classes, got 3"),
        (Network([3, 2], cost="huber"), ("a", "b"), "classes must be left out for outputs that are values, got 2"),
    ],
)
def test_classes_are_as_many_as_the_network_tells_apart(network, classes, message):
    with pytest.raises(ValueError, match=message):
        Model(network, network.initialize(seed=0), classes=classes)


def test_only_classes_have_probabilities():
    network = Network([3, 2], cost="poisson")
    with pytest.raises(ValueError, match="network must end in sigmoid or softmax, got 'exponential'"):
        Model(network, network.initialize(seed=0)).predict_proba(X)


def test_many_rows_are_predicted_in_pieces(model, monkeypatch):
    whole = model.predict_proba(np.asarray(X * 10))
    monkeypatch.setattr(module, "ROWS", 7)
    np.testing.assert_array_equal(model.predict_proba(np.asarray(X * 10)), whole)


def test_rows_in_a_file_are_read_some_at_a_time(model, monkeypatch, tmp_path):
    np.save(tmp_path / "x.npy", np.asarray(X * 10))
    x, seen = np.load(tmp_path / "x.npy", mmap_mode="r"), []
    monkeypatch.setattr(module, "ROWS", 7)
    plain = Model(model.network, model.parameters)
    original = Network.outputs
    monkeypatch.setattr(Network, "outputs", lambda *given: seen.append(given[2].shape[0]) or original(*given))
    assert plain.predict(x).tolist() == [0, 2] * 10
    assert seen == [7, 7, 6]


def test_to_moves_the_parameters_and_keeps_the_rest(backend, model):
    moved = model.to("numpy")
    assert moved.backend.name == "numpy"
    assert moved.backend.dtype_name == backend.dtype_name
    assert (moved.classes, moved.preprocessing) == (model.classes, model.preprocessing)


@pytest.mark.parametrize("x", [[1.0, 2.0, 3.0], [[1.0, 2.0]]])
def test_predict_refuses_rows_of_another_width(x):
    parameters = (Layer(np.eye(3), np.zeros((1, 3))),)
    with pytest.raises(ValueError, match=r"x must have shape \(m, 3\), got"):
        Model(Network([3, 3]), parameters).predict(x)


def test_labels_of_two_kinds_stay_as_they_are():
    parameters = (Layer(np.eye(3), np.zeros((1, 3))),)
    predicted = Model(Network([3, 3]), parameters, classes=(1, "a", 2.5)).predict(np.eye(3))
    assert list(map(repr, predicted.tolist())) == ["1", "'a'", "2.5"]


@pytest.mark.parametrize("classes", [("a", "b", "a"), (1, 2, 1.0), ("a", None, "b")])
def test_classes_are_labels_that_differ(classes):
    network = Network([2, 3])
    with pytest.raises(ValueError, match="classes must be labels that differ"):
        Model(network, network.initialize("numpy", seed=0), classes=classes)
