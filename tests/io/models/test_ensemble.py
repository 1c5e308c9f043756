"""Ensembles: what they predict is the mean of what their members predict, computed here by hand."""

import dataclasses

import numpy as np
import pytest
from tools import TOLERANCES, assert_at_home, assert_close

from xpnet import train
from xpnet.backend import get, to_numpy
from xpnet.data import Scaling
from xpnet.io import Model
from xpnet.io.models import model as module
from xpnet.nn import Activation, Cost, Layer, Network, quadratic, sigmoid, softmax, step
from xpnet.trees import leaves, map_arrays

STEEP = Activation("steep", lambda z: sigmoid(4.0 * z), lambda z, a: 4.0 * a * (1.0 - a), threshold=0.125)
EACH = Scaling((1.0, -2.0, 0.0, 5.0, 9.0), (10.0, 0.5, 1.0, 3.0, -2.0))

# name: (network, how its targets were scaled)
KINDS = {
    "softmax": (Network([3, 4, 5], cost="log_likelihood"), None),
    "one softmax": (Network([3, 4, 1], cost="log_likelihood"), None),
    "a sigmoid a class": (Network([3, 4, 5]), None),
    "one sigmoid": (Network([3, 4, 1], hidden="relu"), None),
    "several labels": (Network([3, 4, 5], labels="several"), None),
    "own sigmoids": (Network([3, 4, 5], output=STEEP, cost="quadratic"), None),
    "one sigmoid of one's own": (Network([3, 4, 1], output=STEEP, cost="quadratic"), None),
    "own labels": (Network([3, 4, 5], output=STEEP, cost="quadratic", labels="several"), None),
    "values": (Network([3, 4, 1], output="linear", cost="quadratic"), None),
    "scaled values": (Network([3, 4, 1], cost="huber"), Scaling((100.0,), (20.0,))),
    "some values": (Network([3, 4, 5], cost="huber", hidden="tanh"), EACH),
    "bounded values": (Network([3, 4, 5], output="tanh", cost="quadratic"), None),
    "counts": (Network([3, 4, 1], cost="poisson"), None),
}


@pytest.fixture(params=KINDS)
def singles(request, backend):
    """Three models of one kind, large weights: their members differ."""
    return three(request.param, backend)


def three(kind, backend):
    network, targets = KINDS[kind]
    made = [network.initialize(backend, seed, scheme="large") for seed in range(3)]
    return [Model(network, parameters, Scaling.divide_by(2), targets=targets) for parameters in made]


@pytest.fixture
def x(backend, rng):
    return backend.asarray(rng.standard_normal((40, 3)))


def by_hand(models, ask):
    """Return what each model gives, on the host, in float64: the first axis is the member."""
    return np.stack([to_numpy(ask(model)).astype("float64") for model in models])


def test_probabilities_are_the_mean_of_the_members(backend, singles, x):
    if not singles[0].network.classifies:
        with pytest.raises(ValueError, match="network must end in sigmoid or softmax, got"):
            Model.ensemble(singles).predict_proba(x)
        return
    each = by_hand(singles, lambda model: model.predict_proba(x))
    together = Model.ensemble(singles)
    assert_close(backend, together.predict_proba(x), each.mean(axis=0), "product")
    assert_close(backend, together.spread(x), each.std(axis=0), "product")


def test_classes_are_decided_from_the_mean_probability(backend, singles, x):
    network = singles[0].network
    if not network.classifies:
        return
    p = by_hand(singles, lambda model: model.predict_proba(x)).mean(axis=0)
    limit = 1 / (1 + np.exp(-0.5)) if network.output is STEEP else 0.5  # STEEP at its threshold
    limited = p if network.several else p[:, -1]
    expected = limited > limit if network.several or network.sizes[-1] == 1 else p.argmax(axis=1)
    decided = Model.ensemble(singles).decide(x)
    assert_at_home(backend, decided)
    assert decided.dtype == singles[0].decide(x).dtype
    np.testing.assert_array_equal(to_numpy(decided), expected)


def test_values_are_the_mean_of_the_members_in_the_unit_of_the_data(backend, singles, x):
    if singles[0].network.classifies:
        return
    each = by_hand(singles, lambda model: model.predict(x))
    together = Model.ensemble(singles)
    assert_close(backend, together.predict(x), each.mean(axis=0), "product")
    assert_close(backend, together.spread(x), each.std(axis=0), "product")


def test_outputs_are_the_mean_of_the_members(backend, singles, x):
    each = by_hand(singles, lambda model: model.outputs(x))
    assert_close(backend, Model.ensemble(singles).outputs(x), each.mean(axis=0), "product")


def targets_for(network, m, rng):
    """Return random targets that the network's cost allows, float64."""
    n_out = network.sizes[-1]
    if network.several or (network.output.elementwise and network.classifies and n_out == 1):
        return rng.integers(0, 2, (m, n_out)).astype("float64")
    if network.classifies:
        return np.eye(n_out)[rng.integers(0, n_out, m)]
    return rng.poisson(2.0, (m, n_out)).astype("float64")


def cost_of(network, a, y):
    """Return the mean cost, from activations as the book writes it; Huber's and Poisson's as their papers do."""
    e, whole = a - y, np.where(y > 0, y, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = {
            "quadratic": lambda: 0.5 * e**2,
            "cross_entropy": lambda: -y * np.log(a) - (1 - y) * np.log1p(-a),
            "log_likelihood": lambda: np.where(y > 0, -y * np.log(a), 0.0),
            "huber": lambda: np.where(abs(e) < 1, 0.5 * e**2, abs(e) - 0.5),
            "poisson": lambda: a - y - y * np.log(a / whole),
        }[network.cost.name]()
    return each.sum(axis=1).mean()


def test_the_cost_is_that_of_the_mean_output(backend, singles, x, rng):
    network, scaling = singles[0].network, singles[0].targets
    y = targets_for(network, 40, rng)
    a = by_hand(singles, lambda model: model.outputs(x)).mean(axis=0)
    raw = y if scaling is None else y * np.asarray(scaling.scale) + np.asarray(scaling.shift)
    found = Model.ensemble(singles).cost_value(x, raw)
    assert abs(found - cost_of(network, a, y)) <= 10 * TOLERANCES["product"][backend.dtype_name] * abs(found)
    assert type(found) is float


def test_one_network_costs_what_it_costs_as_a_network(backend, singles, x, rng):
    single = dataclasses.replace(singles[0], preprocessing=None, targets=None)
    y = backend.asarray(targets_for(single.network, 40, rng))
    expected = to_numpy(single.network.cost_value(single.parameters, x, y))
    np.testing.assert_allclose(single.cost_value(x, y), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_an_ensemble_of_one_predicts_what_its_member_does(kind, rng):
    singles, x = three(kind, get("numpy", dtype="float32")), rng.standard_normal((40, 3))
    alone, one = singles[0], Model.ensemble(singles[:1])
    assert one.n_members == alone.n_members == 1
    np.testing.assert_array_equal(to_numpy(one.predict(x)), to_numpy(alone.predict(x)))
    np.testing.assert_array_equal(to_numpy(one.outputs(x)), to_numpy(alone.outputs(x)))
    np.testing.assert_array_equal(to_numpy(one.member(0).predict(x)), to_numpy(alone.predict(x)))


# ---- decisions ----------------------------------------------------------------------------------------------


def fixed(network, *outputs):
    """Return the ensemble of networks without a hidden layer whose weighted inputs are these, whatever x is."""
    backend = get("numpy", dtype="float32")
    n_out, n_in = network.sizes[-1], network.sizes[0]
    layers = [Layer(backend.full((n_out, n_in)), backend.asarray([z], dtype=backend.dtype)) for z in outputs]
    return Model.ensemble([Model(network, (layer,)) for layer in layers])


def test_sure_members_outvote_unsure_ones_but_not_by_weighted_inputs():
    # weighted inputs of 50, -1 and -1 have a positive mean; probabilities of 1, 0.27 and 0.27 are more than a half
    assert fixed(Network([2, 1]), [50.0], [-1.0], [-1.0]).decide(np.zeros((1, 2))).tolist() == [1]
    # 1, 0.05 and 0.05 are not
    assert fixed(Network([2, 1]), [50.0], [-3.0], [-3.0]).decide(np.zeros((1, 2))).tolist() == [0]


@pytest.mark.parametrize("value", [step, lambda z: np.where(z >= 0.0, 1.0, 0.0)])
def test_steps_decide_by_majority(value):
    jump = dataclasses.replace(step, name="jump", value=value)  # 0 or 1 at the threshold itself
    network = Network([2, 1], output=jump, cost=dataclasses.replace(quadratic, name="any", outputs=(jump,)))
    for zs, expected in (([1.0, 1.0, -1.0], 1), ([1.0, -1.0, -1.0], 0), ([1.0, 1.0, 1.0], 1), ([-1.0, -1.0], 0)):
        assert fixed(network, *([z] for z in zs)).decide(np.zeros((1, 2))).tolist() == [expected]


def test_members_that_agree_decide_as_each_of_them_by_its_own_threshold():
    late = dataclasses.replace(STEEP, name="late", threshold=0.5)
    for z in (0.2, 0.4, 0.6):
        both = fixed(Network([2, 1], output=late, cost="quadratic"), [z], [z])
        assert both.decide(np.zeros((1, 2))).tolist() == both.member(0).decide(np.zeros((1, 2))).tolist() == [z > 0.5]


def test_one_softmax_output_says_one_as_a_single_network_does():
    both = fixed(Network([2, 1], cost="log_likelihood"), [1.0], [-1.0])
    assert both.decide(np.zeros((1, 2))).tolist() == both.member(0).decide(np.zeros((1, 2))).tolist() == [1]
    np.testing.assert_array_equal(both.predict_proba(np.zeros((1, 2))), [[0.0, 1.0]])
    np.testing.assert_array_equal(both.member(0).predict_proba(np.zeros((1, 2))), [[0.0, 1.0]])


# ---- costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "outputs", "y", "expected"),
    [
        # mean probabilities that float32 cannot hold: exp(-200) and exp(-300)
        (Network([2, 2], cost="log_likelihood"), ([0.0, 200.0], [0.0, 300.0]), [0], 200.0 + np.log(2.0)),
        (Network([2, 1]), ([-200.0], [-300.0]), [1], 200.0 + np.log(2.0)),
        (Network([2, 1]), ([200.0], [300.0]), [0], 200.0 + np.log(2.0)),
        (Network([2, 1], cost="poisson"), ([-200.0], [-300.0]), [1.0], 200.0 + np.log(2.0) - 1.0),
    ],
)
def test_probabilities_may_underflow(network, outputs, y, expected):
    both = fixed(network, *outputs)
    assert both.backend.dtype_name == "float32"
    assert abs(both.cost_value(np.zeros((1, 2)), y) - expected) < 1e-4


def test_the_cost_of_a_mean_is_refused_where_it_is_not_known():
    z_only = Cost("mine", lambda z, a, y: (z**2).sum(axis=-1), quadratic.delta, outputs=(STEEP,))
    both = fixed(Network([2, 1], output=STEEP, cost=z_only), [1.0], [2.0])
    with pytest.raises(ValueError, match=r"network must end in an output that says its link .*, got 'steep'"):
        both.cost_value(np.zeros((1, 2)), [1.0])
    assert both.member(1).cost_value(np.zeros((1, 2)), [1.0]) == 4.0


def test_an_own_output_that_says_its_link_has_a_cost():
    mine = dataclasses.replace(softmax, name="mine")
    network = Network([2, 2], output=mine, cost="log_likelihood")
    builtin = Network([2, 2], cost="log_likelihood")
    zs, x, y = ([0.5, -1.0], [3.0, 1.0]), np.zeros((1, 2)), [1]
    assert fixed(network, *zs).cost_value(x, y) == fixed(builtin, *zs).cost_value(x, y)


@pytest.mark.parametrize("y", [[0], [0, 1, 1], 5.0, [[0, 1]]])
def test_targets_must_be_as_many_as_rows(y):
    both = fixed(Network([2, 2]), [1.0, 2.0], [2.0, 1.0])
    with pytest.raises(ValueError, match="y must hold a target for each of the 2 rows of x, got shape"):
        both.cost_value(np.zeros((2, 2)), y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1.0, 2.0], r"y must have shape \(2, 5\), got \(2,\)"),
        ([[1.0, 2.0]] * 2, r"y must have shape \(2, 5\), got \(2, 2\)"),
        ([[1.0, 2.0, np.nan, 3.0, 4.0]] * 2, "y must be finite, got nan in row 0, column 2"),
    ],
)
def test_targets_to_be_scaled_must_fit(y, message):
    with pytest.raises(ValueError, match=message):
        Model.ensemble(three("some values", get("numpy"))).cost_value(np.zeros((2, 3)), y)


def test_text_is_no_target():
    with pytest.raises(TypeError, match="y must hold real numbers, got dtype"):
        Model.ensemble(three("scaled values", get("numpy"))).cost_value(np.zeros((2, 3)), ["1", "2"])


def test_targets_have_a_scale_or_one_for_each_output():
    network = Network([3, 5], cost="huber")
    with pytest.raises(ValueError, match="targets must have one scale, or one for each of 5 outputs, got 2"):
        Model(network, network.initialize("numpy", seed=0), targets=Scaling((1.0, 2.0), (1.0, 2.0)))


# ---- a stack ----------------------------------------------------------------------------------------------------


def test_members_come_back_bit_for_bit(backend, singles):
    together = Model.ensemble(singles)
    assert together.n_members == len(together.members) == 3
    assert_at_home(backend, together.parameters)
    for member, single in zip(together.members, singles, strict=True):
        assert member.n_members == 1
        assert dataclasses.replace(member, parameters=()) == dataclasses.replace(single, parameters=())
        for a, b in zip(leaves(member.parameters), leaves(single.parameters), strict=True):
            np.testing.assert_array_equal(to_numpy(a), to_numpy(b))


def test_stacked_parameters_and_ensembles_of_ensembles_are_ensembles(rng):
    singles, x = three("softmax", get("numpy", dtype="float32")), rng.standard_normal((40, 3))
    together = Model.ensemble(iter(singles))
    stacked = dataclasses.replace(singles[0], parameters=together.parameters)
    nested = Model.ensemble([Model.ensemble(singles[:2]), singles[2]])
    assert stacked.n_members == nested.n_members == 3
    for same in (stacked, nested):
        np.testing.assert_array_equal(same.predict_proba(x), together.predict_proba(x))


def test_results_are_members_too(rng):
    x, y = rng.standard_normal((12, 3)), np.arange(12) % 2
    results = [train(Network([3, 2]), (x, y), epochs=1, seed=seed) for seed in range(2)]
    expected = np.mean([result.predict_proba(x) for result in results], axis=0)
    np.testing.assert_allclose(Model.ensemble(results).predict_proba(x), expected, rtol=1e-6)


def test_labels_names_and_libraries_are_those_of_a_single_model(backend, rng):
    network = Network([3, 4, 5], cost="log_likelihood")
    names = {"classes": tuple("abcde"), "features": ("u", "v", "w")}
    models = [Model(network, network.initialize(backend, seed), **names) for seed in range(3)]
    together, x = Model.ensemble(models), rng.standard_normal((40, 3))
    assert set(together.predict(x)) <= set("abcde")
    assert type(together.spread(x)) is np.ndarray
    assert_at_home(backend, together.spread(backend.asarray(x)), together.predict_proba(backend.asarray(x)))
    moved = together.to("numpy")
    assert (moved.n_members, moved.backend.name, moved.classes, moved.features) == (3, "numpy", *names.values())
    where = f"{backend.dtype_name} on {backend.name}: Network([3, 4, 5], "
    assert repr(together).startswith(f"Model of 3 networks, {where}")
    assert repr(models[0]).startswith(f"Model of {where}")


def test_the_pieces_are_smaller_so_that_memory_is_not_more(monkeypatch, rng):
    together, seen = fixed(Network([2, 2]), [1.0, 2.0], [2.0, 1.0], [0.5, 3.0]), []
    x = rng.standard_normal((40, 2))
    asked = (Model.outputs, Model.spread, Model.predict, Model.predict_proba)
    whole = [to_numpy(ask(together, x)) for ask in asked]
    monkeypatch.setattr(module, "ROWS", 62)
    together = dataclasses.replace(together)  # a model knows its number of rows
    original = Network.outputs
    monkeypatch.setattr(Network, "outputs", lambda *given: seen.append(given[2].shape[0]) or original(*given))
    for ask, expected in zip(asked, whole, strict=True):
        np.testing.assert_allclose(to_numpy(ask(together, x)), expected, rtol=1e-6)
    assert seen == [20, 20] * len(asked)
    monkeypatch.setattr(module, "ROWS", 2)  # fewer rows than members
    assert together.outputs(x[:2, :]).shape == (2, 2)


def test_a_wrong_row_is_counted_from_the_first(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 4)
    both, x = fixed(Network([2, 2]), [1.0, 2.0], [2.0, 1.0]), np.zeros((9, 2))
    x[7, 1] = np.nan
    for model in (both, both.member(0)):
        with pytest.raises(ValueError, match="x must be finite, got nan in row 7, column 1"):
            model.predict(x)
    with pytest.raises(ValueError, match="y must hold labels between 0 and 1, got 5 in row 8"):
        both.cost_value(np.zeros((9, 2)), [0] * 8 + [5])


def test_one_network_has_no_spread():
    for model in (fixed(Network([2, 2]), [1.0, 2.0]), fixed(Network([2, 2]), [1.0, 2.0]).member(0)):
        with pytest.raises(ValueError, match="model must be an ensemble of two or more networks to have a spread"):
            model.spread(np.zeros((1, 2)))


@pytest.mark.parametrize(("i", "error"), [(2, ValueError), (-1, ValueError), (0.5, TypeError)])
def test_a_member_that_is_not_there_is_refused(i, error):
    with pytest.raises(error, match="i must be"):
        fixed(Network([2, 2]), [1.0, 2.0], [2.0, 1.0]).member(i)


# ---- what cannot be an ensemble ------------------------------------------------------------------------------


def model_of(network=None, *, dtype="float32", **given):
    network = network or Network([2, 3, 2])
    return Model(network, network.initialize(get("numpy", dtype=dtype), seed=0), **given)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            model_of(Network([2, 4, 2])),
            r"the same sizes, got \(2, 3, 2\) in models\[0\] and \(2, 4, 2\) in models\[2",
        ),
        (model_of(Network([2, 3, 2], hidden="tanh")), r"the same hidden, got \['sigmoid'\] in .* and \['tanh'\] in"),
        (
            model_of(Network([2, 3, 2], output="linear", cost="quadratic")),
            "the same output, got 'sigmoid' in .* 'lin",
        ),
        (model_of(Network([2, 3, 2], cost="quadratic")), "the same cost, got 'cross_entropy' in .* and 'quadratic' in"),
        (model_of(Network([2, 3, 2], labels="several")), "the same labels, got 'one' in .* and 'several' in"),
        (model_of(preprocessing=Scaling.divide_by(2)), r"the same preprocessing, got None in .* and Scaling\(shift="),
        (model_of(classes=("a", "b")), r"the same classes, got None in .* and \('a', 'b'\) in"),
        (model_of(targets=Scaling.divide_by(2)), r"the same targets, got None in .* and Scaling\(shift="),
        (model_of(features=("a", "b")), r"the same features, got None in .* and \('a', 'b'\) in"),
        (model_of(dtype="float64"), "the same dtype, got float32 in .* and float64 in"),
        (model_of().to("array_api_strict"), "the same library, got numpy in .* and array_api_strict in"),
    ],
)
def test_members_must_be_alike(other, message):
    with pytest.raises(ValueError, match=rf"models must have {message}"):
        Model.ensemble([model_of(), model_of(), other])


def test_members_must_be_on_one_device():
    there = [model_of().to(get("array_api_strict", device=device)) for device in ("device1", "device2")]
    with pytest.raises(ValueError, match=r"models must have the same device, got .*device1.* and .*device2"):
        Model.ensemble(there)


def test_members_may_differ_in_dropout_and_in_their_data():
    models = [model_of(Network([2, 3, 2], dropout=rate), data={"seed": seed}) for rate, seed in ((0.0, 1), (0.5, 2))]
    together = Model.ensemble(models)
    assert together.network == models[0].network
    assert together.data is None
    assert Model.ensemble(models[:1] * 2).data == {"seed": 1}


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        ([], ValueError, "models must hold at least one model, got none"),
        (model_of(), TypeError, "models must be a sequence of models, got Model"),
        ([model_of(), Network([2, 2])], TypeError, "models must hold models or results, got Network"),
    ],
)
def test_what_is_no_list_of_models_is_refused(models, error, message):
    with pytest.raises(error, match=message):
        Model.ensemble(models)


@pytest.mark.parametrize(
    ("w", "b"),
    [((0, 2, 2), (0, 1, 2)), ((3, 2, 2), (2, 1, 2)), ((3, 2, 2), (1, 2)), ((2, 3, 2, 2), (2, 3, 1, 2))],
)
def test_arrays_must_have_one_leading_axis(w, b):
    with pytest.raises(ValueError, match="parameters must all have the same leading axis, one place for each member"):
        Model(Network([2, 2]), (Layer(np.zeros(w), np.zeros(b)),))


def test_layers_must_have_one_leading_axis():
    pair = [map_arrays(lambda x, k=k: np.stack([x] * k), model_of().parameters) for k in (2, 3)]
    with pytest.raises(ValueError, match=r"or none, got \[\(2,\), \(3,\)\]"):
        Model(Network([2, 3, 2]), (pair[0][0], pair[1][1]))
