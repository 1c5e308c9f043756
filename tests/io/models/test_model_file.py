"""Model files: round trips, and everything that is not a model."""

import copy
import dataclasses
import json
import pickle
import struct

import numpy as np
import pytest
import safetensors.numpy
from tools import assert_at_home

from xpnet import FormatError, Network, load, save, train
from xpnet.backend import get, to_numpy
from xpnet.data import Scaling
from xpnet.io import Model, is_model_file
from xpnet.io.models.model_file import digest_of
from xpnet.nn import Activation, Cost, cross_entropy, huber, linear, quadratic, sigmoid, tanh
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


def test_saving_refuses_what_is_no_model(tmp_path):
    with pytest.raises(TypeError, match="result_or_model must be a Result or a Model, got Network"):
        save(tmp_path / "m", Network([3, 3, 2]))
    assert list(tmp_path.iterdir()) == []


def test_classes_that_do_not_fit_are_refused_and_nothing_is_written(tmp_path):
    network = Network([3, 2])
    for classes in (("a",), ("a", "b", "c"), ()):
        with pytest.raises(ValueError, match=f"classes must name 2 classes, got {len(classes)}"):
            save(tmp_path / "m", Model(network, network.initialize("numpy", seed=0)), classes=classes)
    assert list(tmp_path.iterdir()) == []


def made(network, dtype="float32"):
    return Model(network, network.initialize(get("numpy", dtype=dtype), seed=0))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood", "huber", "poisson", huber(0.5)])
def test_a_copied_result_is_as_good_as_the_first(tmp_path, again, cost, rng):
    x, y = rng.standard_normal((12, 3)), np.arange(12) % 2
    result = again(train(Network([3, 4, 2], hidden="gelu", cost=cost), (x, y), epochs=1))
    save(tmp_path / "m", result)
    found = load(tmp_path / "m")
    assert found.network == result.network
    np.testing.assert_array_equal(found.predict(x), result.predict(x))


@pytest.mark.parametrize("dtype", [">f4", ">f8", "<f4", "f2", ">f2", "f8"])
def test_parameters_of_every_floating_dtype_come_back_native(tmp_path, dtype):
    model = made(Network([3, 4, 2]), "float64")
    model = dataclasses.replace(model, parameters=map_arrays(lambda w: w.astype(dtype), model.parameters))
    save(tmp_path / "m", model)
    for a, b in zip(leaves(load(tmp_path / "m").parameters), leaves(model.parameters), strict=True):
        assert a.dtype == ("float64" if b.dtype.itemsize == 8 else "float32")
        assert a.dtype.isnative
        np.testing.assert_array_equal(a, b)


def test_halves_of_other_libraries_are_saved_too(tmp_path):
    torch = pytest.importorskip("torch")
    model = made(Network([3, 4, 2]))
    for dtype in (torch.float16, torch.bfloat16):
        halves = map_arrays(lambda w, dtype=dtype: torch.asarray(w).to(dtype), model.parameters)
        save(tmp_path / "m", dataclasses.replace(model, parameters=halves))
        np.testing.assert_allclose(load(tmp_path / "m").parameters[0].w, model.parameters[0].w, rtol=1e-2)


def test_parameters_that_are_no_numbers_with_a_fraction_are_refused(tmp_path):
    model = made(Network([3, 2]))
    whole = map_arrays(lambda w: w.astype("int64"), model.parameters)
    with pytest.raises(TypeError, match="parameters must be real floating to be saved, got int64"):
        save(tmp_path / "m", dataclasses.replace(model, parameters=whole))


def test_several_labels_are_kept(tmp_path):
    model = made(Network([3, 2], labels="several"))
    save(tmp_path / "m", model, classes=("a", "b"))
    assert load(tmp_path / "m").network == model.network
    assert load(tmp_path / "m").predict(np.zeros((4, 3))).shape == (4, 2)


# ---- functions of one's own -------------------------------------------------------------------------------

SWISH = Activation("swish", lambda z: z * sigmoid(z), lambda z, a: a + sigmoid(z) * (1.0 - a))
MINE = dataclasses.replace(cross_entropy, name="mine")


def tilted(slope=1.0):
    cost = dataclasses.replace(quadratic, name="tilted", value=lambda z, a, y: slope * quadratic.value(z, a, y))
    return dataclasses.replace(cost, hyper=(("slope", slope),), remake=tilted)


def test_functions_of_ones_own_are_handed_back(tmp_path):
    model, x = made(Network([3, 4, 2], hidden=SWISH, cost=MINE)), np.ones((2, 3))
    save(tmp_path / "m", model)
    found = load(tmp_path / "m", functions=[MINE, tanh, SWISH, dataclasses.replace(tanh, name="extra")])
    assert found.network == model.network
    np.testing.assert_array_equal(found.predict_proba(x), model.predict_proba(x))
    assert is_model_file(tmp_path / "m")


@pytest.mark.parametrize(("functions", "missing"), [((), "swish"), ((SWISH,), "mine"), ((MINE, tanh), "swish")])
def test_a_function_that_is_missing_is_named(tmp_path, functions, missing):
    save(tmp_path / "m", made(Network([3, 4, 2], hidden=SWISH, cost=MINE)))
    with pytest.raises(FormatError, match=rf"needs a function of your own, '{missing}'.*functions=\[{missing}\]"):
        load(tmp_path / "m", functions=functions)


def test_a_built_in_name_is_never_another_function(tmp_path):
    false = dataclasses.replace(linear, name="tanh")
    with pytest.raises(ValueError, match="a function of your own must have another name than a built-in one, got 'ta"):
        save(tmp_path / "m", made(Network([3, 4, 2], hidden=false)))
    save(tmp_path / "m", made(Network([3, 4, 2], hidden="tanh")))
    with pytest.raises(ValueError, match="a function of your own must have another name than a built-in one, got 'ta"):
        load(tmp_path / "m", functions=[false])
    # a function that a later xpnet has under the same name must not be taken for one's own
    save(tmp_path / "m", made(Network([3, 4, 2], hidden=SWISH)))
    assert b'\\"own\\": \\"swish\\"' in (tmp_path / "m").read_bytes()


def test_functions_that_share_a_name_are_refused(tmp_path):
    other = dataclasses.replace(tanh, name="swish")
    with pytest.raises(ValueError, match=r"network must give different functions different names .* got 'swish' twice"):
        save(tmp_path / "m", made(Network([3, 4, 4, 2], hidden=[SWISH, other])))
    save(tmp_path / "m", made(Network([3, 4, 2], hidden=SWISH)))
    with pytest.raises(ValueError, match="functions must have different names, got 'swish' twice"):
        load(tmp_path / "m", functions=[SWISH, other])
    with pytest.raises(TypeError, match="functions must hold activations and costs, got 'swish'"):
        load(tmp_path / "m", functions=["swish"])


def test_hyper_parameters_of_costs_are_kept(tmp_path):
    for cost in (huber(), huber(0.25)):
        save(tmp_path / "m", made(Network([3, 1], cost=cost)))
        assert load(tmp_path / "m").network.cost == cost
        assert load(tmp_path / "m", functions=[huber(7.0)]).network.cost == cost
    save(tmp_path / "m", made(Network([3, 1], cost=tilted(3.0))))
    assert load(tmp_path / "m", functions=[tilted()]).network.cost.hyper == (("slope", 3.0),)
    single = dataclasses.replace(tilted(), hyper=(("slope", np.float32(3.0)),))
    save(tmp_path / "m", made(Network([3, 1], cost=single)))
    assert load(tmp_path / "m", functions=[tilted(3.0)]).network.cost.hyper == (("slope", 3.0),)
    fixed = Cost("tilted", quadratic.value, quadratic.delta, hyper=(("slope", 2.0),))
    with pytest.raises(FormatError, match=r"it needs 'tilted' with \{'slope': 3.0\}, got one with \{'slope': 2.0\}"):
        load(tmp_path / "m", functions=[fixed])


# ---- what is not a model ----------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    network = Network([3, 2])
    path = tmp_path / "model.safetensors"
    save(path, Model(network, network.initialize("numpy", seed=0)))
    return path


def without_digest(description):
    return {name: value for name, value in description.items() if name != "digest"}


def rewrite(path, change, digest=False):
    """Change the description in a model file, with or without a digest that fits; the arrays stay as they are."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    description = change(json.loads(header["__metadata__"]["xpnet"]))
    if digest:
        description |= {"digest": digest_of(without_digest(description), safetensors.numpy.load_file(path))}
    header["__metadata__"]["xpnet"] = json.dumps(description)
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
    rewrite(written, lambda d: d | {"format": 3})
    with pytest.raises(FormatError, match=r"was written by a newer xpnet \(format 3\); upgrade"):
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


@pytest.mark.parametrize(
    "change",
    [
        lambda d: {"format": 1},
        lambda d: {**d, "network": None},
        lambda d: {**d, "network": {}},
        lambda d: {name: value for name, value in d.items() if name != "classes"},
        lambda d: {**d, "network": d["network"] | {"cost": {"name": "tilted", "hyper": {"slope": 1.0}}}},
        lambda d: {**d, "network": d["network"] | {"cost": {"name": "quadratic", "hyper": {"slope": 1.0}}}},
        lambda d: {**d, "network": d["network"] | {"cost": {"name": "huber", "hyper": {"width": -1.0}}}},
        lambda d: {**d, "network": d["network"] | {"cost": {"name": "huber", "hyper": [1.0]}}},
        lambda d: {**d, "network": d["network"] | {"hidden": 3}},
        lambda d: {**d, "network": d["network"] | {"output": {}}},
        lambda d: {**d, "network": d["network"] | {"labels": "many"}},
        lambda d: {**d, "network": d["network"] | {"sizes": [3, 4]}},
        lambda d: {**d, "network": d["network"] | {"sizes": [3, 2, 2], "hidden": ["tanh"], "dropout": [0.0, 0.0]}},
        lambda d: {**d, "network": d["network"] | {"sizes": [10**400, 2]}},
        lambda d: {**d, "network": d["network"] | {"dropout": 10**400}},
        lambda d: {**d, "classes": ["a"]},
        lambda d: {**d, "classes": 3},
        lambda d: {**d, "preprocessing": "scaling"},
        lambda d: {**d, "preprocessing": {"kind": "scaling"}},
        lambda d: {**d, "targets": {"kind": "whitening"}},
    ],
)
def test_a_description_without_sense_is_refused_even_if_its_digest_fits(written, change):
    rewrite(written, change, digest=True)
    with pytest.raises(FormatError, match=r"model.safetensors describes a model that this xpnet does not know"):
        load(written)


def rewrite_arrays(path, change):
    """Change the arrays in a model file, by name, and let the digest fit."""
    arrays = change(safetensors.numpy.load_file(path))
    description = described(path)
    description["digest"] = digest_of(without_digest(description), arrays)
    safetensors.numpy.save_file(arrays, path, {"xpnet": json.dumps(description)})


def described(path):
    with safetensors.safe_open(path, framework="np") as file:
        return json.loads(file.metadata()["xpnet"])


@pytest.mark.parametrize(("dtype", "told"), [("int64", "I64"), ("float16", "F16"), ("uint8", "U8")])
def test_arrays_of_other_dtypes_are_refused(written, dtype, told):
    rewrite_arrays(written, lambda arrays: {name: x.astype(dtype) for name, x in arrays.items()})
    with pytest.raises(FormatError, match=f"must hold arrays of float32 or float64, got '{told}'"):
        load(written)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda arrays: arrays | {"layers.1.w": np.zeros((2, 2), "float32")}, "must hold the arrays of 1 layers"),
        (lambda arrays: {"layers.0.w": arrays["layers.0.w"]}, "must hold the arrays of 1 layers, got 'layers.0.b'"),
        (lambda arrays: arrays | {"layers.0.b": arrays["layers.0.b"] * np.nan}, "layers.0.b must hold finite numbers"),
        (lambda arrays: arrays | {"layers.0.w": arrays["layers.0.w"] + np.inf}, "layers.0.w must hold finite numbers"),
        (
            lambda arrays: arrays | {"layers.0.w": arrays["layers.0.w"].T.copy()},
            r"must have shape \(2, 3\), got \(3, 2\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused_even_if_the_digest_fits(written, change, told):
    rewrite_arrays(written, change)
    with pytest.raises(FormatError, match=rf"model.safetensors describes a model that .*{told}"):
        load(written)


@pytest.mark.parametrize(
    "change",
    [
        {"features": ["a", "b"]},
        {"features": ["a", "b", 3]},
        {"features": "abc"},
        {"preprocessing": {"kind": "scaling", "shift": [0.0] * 2, "scale": [1.0] * 2}},
        {"preprocessing": {"kind": "encoding", "columns": []}},
        {"targets": {"kind": "encoding", "columns": []}},
        {"data": "mnist"},
        {"classes": [[1], [2]]},
        {"runs": {}},
        {"runs": [{}]},
        {"runs": [None, None]},
        {"errors": {"n": 10**400, "sizes": [0.5]}},
        {"errors": {"n": 1, "sizes": ["0.5"]}},
        {"format": 10**400},
        {"format": 0},
        {"format": None},
        {"format": True},
    ],
)
def test_parts_that_do_not_fit_are_refused_even_if_the_digest_fits(written, change):
    rewrite(written, lambda d: d | change, digest=True)
    with pytest.raises(FormatError, match=r"model\.safetensors [^\n]{1,400}$"):
        load(written)


def test_parameters_that_are_not_finite_are_not_saved(tmp_path):
    model = made(Network([3, 2]))
    for value in (np.nan, np.inf):
        spoiled = dataclasses.replace(model, parameters=map_arrays(lambda w, value=value: w * value, model.parameters))
        with pytest.raises(ValueError, match=r"must be finite to be saved, got infinity or NaN in layers\.0"):
            save(tmp_path / "m", spoiled)
    assert not (tmp_path / "m").exists()


def test_what_json_turns_into_text_does_not_spoil_the_digest(tmp_path):
    network = Network([3, 2])
    save(tmp_path / "m", Model(network, network.initialize("numpy", seed=0)), data={10: 1, 9: (2, 3)})
    assert load(tmp_path / "m").data == {"10": 1, "9": [2, 3]}


def test_a_folder_is_no_missing_file(tmp_path):
    with pytest.raises(FormatError, match="must be a regular file, got a folder"):
        load(tmp_path)
    assert not is_model_file(tmp_path)


def test_deep_json_is_refused(written):
    safetensors.numpy.save_file({"w": np.zeros(3)}, written, {"xpnet": "[" * 100_000 + "]" * 100_000})
    with pytest.raises(FormatError, match="is a safetensors file, but not one that xpnet wrote"):
        load(written)
    assert not is_model_file(written)


def test_a_wrong_backend_is_not_the_files_fault(written):
    with pytest.raises(Exception, match="nompy") as caught:
        load(written, "nompy")
    assert not isinstance(caught.value, FormatError)


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


def test_a_model_of_two_dtypes_is_loaded_in_the_wider_one(tmp_path):
    network = Network([3, 2])
    (layer,) = network.initialize(get("numpy", dtype="float64"), seed=0)
    save(tmp_path / "m", Model(network, (layer._replace(b=layer.b.astype("float32")),)))
    (found,) = load(tmp_path / "m").parameters
    assert found.w.dtype == found.b.dtype == "float64"
    np.testing.assert_array_equal(found.w, layer.w)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"preprocessing": 5}, r"preprocessing must have to_json\(\), as a Scaling has, got 5"),
        ({"classes": "ab"}, "classes must be a sequence of labels, got 'ab'"),
        ({"classes": 5}, "classes must be a sequence of labels, got 5"),
        ({"data": {"rows": np.int64(3)}}, "data must be plain JSON, got .*int64 is not JSON serializable"),
    ],
)
def test_what_no_file_can_hold_is_named(tmp_path, given, message):
    network = Network([3, 2])
    with pytest.raises(TypeError, match=message):
        save(tmp_path / "m", Model(network, network.initialize("numpy", seed=0)), **given)
    assert not (tmp_path / "m").exists()


# ---- ensembles ----------------------------------------------------------------------------------------------


@pytest.fixture
def ensemble(backend):
    network = Network([4, 3, 2], hidden="tanh", cost="log_likelihood")
    models = [
        Model(network, network.initialize(backend, seed), Scaling.divide_by(16), ("no", "yes")) for seed in range(3)
    ]
    return Model.ensemble(models)


def test_an_ensemble_comes_back_bit_for_bit(tmp_path, backend, ensemble):
    save(tmp_path / "m", ensemble)
    found = load(tmp_path / "m", backend)
    assert_at_home(backend, found.parameters)
    assert found.n_members == described(tmp_path / "m")["members"] == 3
    assert (found.network, found.preprocessing, found.classes) == (
        ensemble.network,
        ensemble.preprocessing,
        ensemble.classes,
    )
    for a, b in zip(leaves(found.parameters), leaves(ensemble.parameters), strict=True):
        np.testing.assert_array_equal(to_numpy(a), to_numpy(b))
    x = [[1.0, 2.0, 3.0, 4.0]]
    np.testing.assert_array_equal(found.predict_proba(x), ensemble.predict_proba(x))
    np.testing.assert_array_equal(found.spread(x), ensemble.spread(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_ensemble_of_one_and_its_member_come_back_as_they_were(tmp_path, dtype):
    one = Model.ensemble([made(Network([3, 2]), dtype)])
    for model, members, form in ((one, 1, 2), (one.member(0), None, 1)):
        save(tmp_path / "m", model)
        assert (described(tmp_path / "m").get("members"), described(tmp_path / "m")["format"]) == (members, form)
        found = load(tmp_path / "m")
        assert found.parameters[0].w.shape == model.parameters[0].w.shape
        np.testing.assert_array_equal(found.parameters[0].w, model.parameters[0].w)


def test_own_functions_and_scaled_targets_of_ensembles_are_kept(tmp_path):
    single = made(Network([3, 4, 1], hidden=SWISH, cost=huber(0.5)))
    models = [dataclasses.replace(single, targets=Scaling((5.0,), (2.0,)), data={"source": "hand"})] * 2
    save(tmp_path / "m", Model.ensemble(models))
    found = load(tmp_path / "m", functions=[SWISH])
    assert (found.network, found.targets, found.data) == (single.network, models[0].targets, {"source": "hand"})
    np.testing.assert_allclose(found.predict(np.ones((2, 3))), models[0].predict(np.ones((2, 3))), rtol=1e-6)


@pytest.mark.parametrize("members", [None, 2, 4, 0, -3, "3", 3.5, [3]])
def test_members_must_be_those_of_the_arrays(tmp_path, members):
    save(tmp_path / "m", Model.ensemble([made(Network([3, 2]))] * 3))
    rewrite(tmp_path / "m", lambda d: d | {"members": members}, digest=True)
    with pytest.raises(FormatError, match=r"m describes a model .* (layers.0.w must have s|members must be)"):
        load(tmp_path / "m")


def test_a_single_network_has_no_members(written):
    rewrite(written, lambda d: d | {"members": 1}, digest=True)
    with pytest.raises(FormatError, match=r"layers.0.w must have shape \(1, 2, 3\), got \(2, 3\)"):
        load(written)


@pytest.mark.parametrize(
    ("name", "cut"),
    [("layers.0.w", 2), ("layers.0.b", 2), ("layers.1.w", 2), ("layers.1.b", 2), ("layers.1.b", 0), ("", 0)],
)
def test_arrays_that_differ_in_members_are_refused(tmp_path, name, cut):
    save(tmp_path / "m", Model.ensemble([made(Network([3, 4, 2]))] * 3))
    rewrite_arrays(tmp_path / "m", lambda arrays: arrays | {n: x[:cut] for n, x in arrays.items() if name in n})
    with pytest.raises(FormatError, match=r"m describes a model that this xpnet does not know: layers.* shape \(3,"):
        load(tmp_path / "m")


def test_arrays_of_another_shape_are_refused_in_ensembles_too(tmp_path):
    save(tmp_path / "m", Model.ensemble([made(Network([3, 4, 2]))] * 3))
    rewrite_arrays(tmp_path / "m", lambda arrays: arrays | {"layers.0.w": arrays["layers.0.w"].mT.copy()})
    with pytest.raises(FormatError, match=r"layers.0.w must have shape \(3, 4, 3\), got \(3, 3, 4\)"):
        load(tmp_path / "m")
