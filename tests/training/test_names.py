"""Columns are matched by their names at every door: training, validation, prediction, files."""

import numpy as np
import pytest

from xpnet import load, save
from xpnet.data import Encoding, Scaling
from xpnet.io import Model
from xpnet.nn import Network
from xpnet.training import learning_rate_range, train
from xpnet.trees import leaves


@pytest.fixture(params=["pandas", "polars"])
def frame(request):
    """What makes a frame of one library from named columns."""
    return pytest.importorskip(request.param, reason=f"{request.param} is not installed").DataFrame


@pytest.fixture
def columns(rng):
    """Two columns that tell the class only in their own places: b is ten times a, with another sign."""
    a = rng.standard_normal(60)
    return {"a": a, "b": -10 * a}, (a > 0).astype(int)


NETWORK = Network([2, 4, 2])


def trained(x, y, **how):
    return train(NETWORK, (x, y), epochs=5, **how)


def test_a_result_takes_columns_by_name(frame, columns):
    named, y = columns
    result = trained(frame(named), y)
    assert result.features == result.model.features == ("a", "b")
    for shuffled in (["b", "a"], ["more", "b", "other", "a"]):
        x = frame({name: named.get(name, 0 * y) for name in shuffled})
        np.testing.assert_array_equal(result.predict(x), result.predict(np.stack([*named.values()], axis=1)))
        np.testing.assert_array_equal(result.predict_proba(x), result.predict_proba(frame(named)))
    for call in (result.predict, result.predict_proba, result.model.outputs):
        with pytest.raises(ValueError, match="x must have the columns a, got b, c"):
            call(frame({"b": named["b"], "c": named["a"]}))


def test_a_frame_trains_as_its_array(frame, columns):
    named, y = columns
    x = np.stack([*named.values()], axis=1)
    for a, b in zip(leaves(trained(frame(named), y).parameters), leaves(trained(x, y).parameters), strict=True):
        np.testing.assert_array_equal(a, b)
    assert trained(x, y).features is None
    assert learning_rate_range(NETWORK, (frame(named), y), steps=3) == learning_rate_range(NETWORK, (x, y), steps=3)


def test_a_validation_frame_is_matched(frame, columns):
    named, y = columns
    own = trained(frame(named), y, validation=(frame(named), y)).history[-1].validation_cost
    swapped = frame({name: named[name] for name in ("b", "a")})
    assert trained(frame(named), y, validation=(swapped, y)).history[-1].validation_cost == own
    with pytest.raises(ValueError, match="validation: x must have the columns b, got a"):
        trained(frame(named), y, validation=(frame({"a": named["a"]}), y))


def test_names_are_kept_in_files(frame, columns, tmp_path):
    named, y = columns
    result = trained(frame(named), y).to("numpy")
    save(tmp_path / "m.safetensors", result)
    model = load(tmp_path / "m.safetensors").to("numpy")
    assert model.features == ("a", "b")
    swapped = frame({name: named[name] for name in ("b", "a")})
    np.testing.assert_array_equal(model.predict(swapped), result.predict(frame(named)))


def test_an_encoding_brings_the_names_of_the_table(frame, columns, tmp_path):
    named, y = columns
    x = frame({**named, "color": ["red", "blue"] * 30})
    encoding = Encoding.fit(x, tuple(x.columns))
    result = train(Network([4, 2]), (encoding.apply(x), y), epochs=1)
    save(tmp_path / "m.safetensors", result, preprocessing=encoding)
    model = load(tmp_path / "m.safetensors")
    assert model.features == ("a", "b", "color")
    swapped = frame({"color": ["red", "blue"] * 30, "b": named["b"], "a": named["a"]})
    np.testing.assert_array_equal(model.predict(swapped), result.predict(encoding.apply(x)))


def test_a_scaling_keeps_the_names_of_the_model(columns):
    scaling = Scaling.divide_by(2.0)
    parameters = NETWORK.initialize(seed=0)
    assert Model(NETWORK, parameters, scaling, features=("a", "b")).features == ("a", "b")
    assert Model(NETWORK, parameters, scaling).features is None


def test_a_scaling_matches_the_columns_that_it_was_fitted_to(frame, columns, tmp_path):
    named, y = columns
    x, swapped = frame(named), frame({"b": named["b"], "more": 0 * y, "a": named["a"]})
    scaling = Scaling.standardize(x)
    assert scaling.features == ("a", "b")
    assert Scaling.from_json(scaling.to_json()) == scaling
    np.testing.assert_array_equal(scaling.apply(swapped), scaling.apply(np.stack([*named.values()], axis=1)))
    with pytest.raises(ValueError, match="x must have the columns b, got a"):
        scaling.apply(frame({"a": named["a"]}))
    result = train(NETWORK, (scaling.apply(x), y), epochs=5, backend="numpy")
    save(tmp_path / "m.safetensors", result, preprocessing=scaling)
    model = load(tmp_path / "m.safetensors").to("numpy")
    assert model.features == ("a", "b")
    np.testing.assert_array_equal(model.predict(swapped), result.predict(scaling.apply(x)))


def test_predicting_refuses_masked_rows_in_a_list(columns):
    model = Model(NETWORK, NETWORK.initialize(seed=0))
    with pytest.raises(ValueError, match="x must not have masked entries, got 1"):
        model.predict([np.ma.masked_equal([1.0, 2.0], 2.0), np.ma.array([1.0, 2.0])])


@pytest.mark.parametrize(("kind", "where"), [("x", 0), ("y", 1)])
def test_masked_entries_are_refused_by_name(columns, kind, where):
    named, y = columns
    data = [np.stack([*named.values()], axis=1), y]
    data[where] = np.ma.array(data[where], mask=np.zeros(data[where].shape))
    data[where][3] = np.ma.masked
    with pytest.raises(ValueError, match=f"^{kind} must not have masked entries, got"):
        train(NETWORK, tuple(data))
    with pytest.raises(ValueError, match=f"^validation: {kind} must not have masked entries, got"):
        train(NETWORK, (np.asarray(data[0]), y), validation=tuple(data))
