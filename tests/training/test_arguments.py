"""Arguments of `train` of the wrong kind: one sentence that names the argument; NumPy's scalars are numbers."""

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import get, to_numpy
from xpnet.io import Model
from xpnet.nn import Network
from xpnet.training import (
    OPTIMIZERS,
    Callback,
    Expansion,
    adam,
    clip_norm,
    clip_value,
    learning_rate_range,
    momentum,
    schedules,
    sgd,
    stopping,
    train,
)
from xpnet.trees import leaves, map_arrays

X, Y = np.random.default_rng(0).random((12, 2)), np.arange(12) % 2
NETWORK = Network([2, 3, 2])
START = NETWORK.initialize("numpy", seed=0)
RESULT = train(NETWORK, (X, Y), epochs=1)


class NoCallback:
    pass


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"optimizer": "adm"}, ValueError, "optimizer must be one of sgd, .*, got 'adm'"),
        ({"optimizer": adam}, TypeError, r"optimizer must be an Optimizer, such as .* got the function adam"),
        ({"optimizer": 0.1}, TypeError, "optimizer must be an Optimizer, .* got 0.1"),
        ({"stopping": 5}, TypeError, r"stopping must be a stopping rule, such as no_improvement\(10\), got 5"),
        ({"stopping": stopping.no_improvement}, TypeError, "stopping must be .*, got the function no_improvement"),
        ({"clip": 5.0}, TypeError, r"clip must be a clipping, such as clip_norm\(5.0\), got 5.0"),
        ({"clip": clip_norm}, TypeError, "clip must be a clipping, .* got the function clip_norm"),
        ({"expand": 3}, TypeError, "expand must be an Expansion, got 3"),
        ({"expand": Expansion(3)}, ValueError, r"expand must have side \* side = 2 pixels, got side 3"),
        ({"callbacks": [print]}, TypeError, "callbacks must be a sequence of Callback, got a builtin.* in place 0"),
        ({"callbacks": [Callback(), Callback]}, TypeError, "got the class Callback in place 1"),
        ({"callbacks": [NoCallback()]}, TypeError, "callbacks must be .* got a NoCallback in place 0"),
        ({"callbacks": Callback()}, TypeError, "callbacks must be a sequence of Callback, got a Callback"),
        ({"callbacks": 3}, TypeError, "callbacks must be a sequence of Callback, got 3"),
        ({"parameters": RESULT}, TypeError, r"parameters must be a tuple of 2 Layer, .* got a Result; pass its .param"),
        ({"parameters": Model(NETWORK, START)}, TypeError, "parameters must be .* got a Model; pass its .parameters"),
        ({"parameters": list(START)}, TypeError, "parameters must be a tuple of 2 Layer, .* got a list of 2 Layer"),
        ({"parameters": START[:1]}, TypeError, "parameters must be a tuple of 2 Layer, .* got a tuple of 1 Layer"),
        ({"parameters": tuple(map(tuple, START))}, TypeError, "parameters must be .* got a tuple of 2 tuple"),
        ({"parameters": START[0].w}, TypeError, "parameters must be .* got a ndarray"),
        ({"parameters": map_arrays(float, map_arrays(np.sum, START))}, TypeError, "parameters must hold arrays, got"),
        ({"parameters": map_arrays(lambda w: np.stack([w, w]), START)}, ValueError, r"parameters must .* a stack"),
        ({"parameters": (START[1], START[0])}, ValueError, r"parameters\[0\].w must have shape \(3, 2\)"),
        ({"l2": 10**400}, ValueError, "l2 must be finite and at least 0, got 1000"),
        ({"l2": np.asarray([1.0, 2.0])}, TypeError, r"l2 must be a number, got array\("),
        ({"l1": np.bool_(True)}, TypeError, "l1 must be a number, got np.True_"),
        ({"l1": 1j}, TypeError, "l1 must be a number, got 1j"),
        ({"max_norm": np.float32("nan")}, ValueError, "max_norm must be finite and above 0, got nan"),
        ({"epochs": np.float32(2.0)}, TypeError, "epochs must be a whole number"),
    ],
)
def test_a_wrong_kind_is_told_in_one_sentence(arguments, error, message):
    with pytest.raises(error, match=message) as told:
        train(NETWORK, (X, Y), **arguments)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (RESULT, "network must be a Network, got a Result; pass its .network"),
        (Model(NETWORK, START), "network must be a Network, got a Model; pass its .network"),
        (Network, "network must be a Network, got the class Network"),
        ([2, 3, 2], "network must be a Network, got a list"),
    ],
)
def test_a_network_is_a_network(network, message):
    with pytest.raises(TypeError, match=message):
        train(network, (X, Y))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_may_be_a_name(name):
    named = train(NETWORK, (X, Y), epochs=1, optimizer=name)
    made = train(NETWORK, (X, Y), epochs=1, optimizer=OPTIMIZERS[name]())
    assert named.parameters[0].w.tobytes() == made.parameters[0].w.tobytes()


def scalars(value):
    """Return a number as NumPy's scalars and as arrays without axes."""
    kinds = (np.int64, np.uint8, np.int16) if isinstance(value, int) else (np.float64, np.float32)
    return [kind(value) for kind in kinds] + [np.asarray(value)]


NUMBERS = {
    "epochs": 2,
    "batch_size": 5,
    "seed": 3,
    "l1": 0.5,
    "l2": 0.25,
    "max_norm": 0.5,
}
MADE = {
    "sgd": lambda v: {"optimizer": sgd(v(0.25))},
    "momentum": lambda v: {"optimizer": momentum(v(0.25), v(0.5))},
    "adam": lambda v: {"optimizer": adam(v(0.25), v(0.5), v(0.75), v(0.5))},
    "constant": lambda v: {"optimizer": sgd(schedules.constant(v(0.25)))},
    "step": lambda v: {"optimizer": sgd(schedules.step(v(0.25), v(2), v(0.5)))},
    "exponential": lambda v: {"optimizer": sgd(schedules.exponential(v(0.25), v(0.5), v(2.0)))},
    "cosine": lambda v: {"optimizer": sgd(schedules.cosine(v(0.25), v(4), v(0.125)))},
    "one cycle": lambda v: {"optimizer": sgd(schedules.one_cycle(v(0.25), v(4), v(0.5), v(0.5), v(0.25)))},
    "inverse scaling": lambda v: {"optimizer": sgd(schedules.inverse_scaling(v(0.25), v(0.5), v(2.0)))},
    "warm up": lambda v: {"optimizer": sgd(schedules.warm_up(v(0.25), v(4), v(0.5)))},
    "a schedule of scalars": lambda v: {"optimizer": adam(lambda t: v(0.25))},
    "a schedule of whole numbers": lambda v: {"optimizer": adam(lambda t: v(1))},
    "clip_norm": lambda v: {"clip": clip_norm(v(0.5))},
    "clip_value": lambda v: {"clip": clip_value(v(0.5))},
    "no_improvement": lambda v: {"stopping": stopping.no_improvement(v(2))},
    "halve_on_plateau": lambda v: {"stopping": stopping.halve_on_plateau(v(1), v(0.5))},
    "target": lambda v: {"stopping": stopping.target(v(0.5), "cost")},
    "time_limit": lambda v: {"stopping": stopping.time_limit(v(0.5))},
}
CALLS = [lambda v: v, *(lambda v, i=i: scalars(v)[i % len(scalars(v))] for i in range(4))]


# numbers become Python's before a library sees them: one library is enough, the one that takes nothing else
STRICT = get("array_api_strict", device="device1")


def trained(**arguments):
    result = train(NETWORK, (X, Y), **{"epochs": 2, "backend": STRICT, **arguments})
    assert_at_home(STRICT, result.parameters)
    return [to_numpy(w).tobytes() for w in leaves(result.parameters)], result


@pytest.mark.parametrize("name", NUMBERS)
def test_numpys_scalars_are_numbers_in_train(name):
    expected, _ = trained(**{name: NUMBERS[name]})
    for value in scalars(NUMBERS[name]):
        assert trained(**{name: value})[0] == expected


@pytest.mark.parametrize("name", MADE)
def test_numpys_scalars_are_numbers_in_what_train_takes(name):
    expected, _ = trained(**MADE[name](CALLS[0]))
    for call in CALLS[1:]:
        found, result = trained(**MADE[name](call))
        assert found == expected
        assert type(result.history[-1].eta) is float


def test_numpys_scalars_are_numbers_for_images_and_ranges():
    for number in (np.float32, np.asarray):
        assert Expansion(np.int64(3), number(1.0), number(0.5)) == Expansion(3, 1.0, 0.5)
    ranged = learning_rate_range(NETWORK, (X, Y), low=np.float64(0.5), high=np.asarray(1.0), steps=np.int8(3))
    assert ranged == learning_rate_range(NETWORK, (X, Y), low=0.5, high=1.0, steps=3)


def test_parameters_of_other_dtypes_are_taken_in_the_backends():
    ones = map_arrays(lambda w: np.ones(w.shape), START)
    expected, _ = trained(parameters=ones)
    for dtype in ("int64", "int8", ">f8", ">f4", ">i4", "float16", "bool"):
        given = map_arrays(lambda w, dtype=dtype: w.astype(dtype), ones)
        assert trained(parameters=given)[0] == expected


def test_training_and_predicting_ignore_how_numpy_treats_floating_point_errors():
    x, y = np.random.default_rng(0).standard_normal((40, 3)) * 50, np.arange(40) % 2
    for output, cost in (("softmax", "log_likelihood"), ("sigmoid", "cross_entropy"), ("sigmoid", "quadratic")):
        network = Network([3, 8, 2], hidden="relu", output=output, cost=cost)
        with np.errstate(all="raise"):
            result = train(network, (x / 50, y), epochs=3, validation=(x, y), sample_weight=np.full(40, 1e-310))
            result.predict(10 * x), result.predict_proba(10 * x)
            network.cost_value(result.parameters, 10 * x, y)
            network.gradients(result.parameters, 10 * x, y)


def test_what_pytorch_remembers_is_left_behind(backend):
    if backend.name != "torch":
        pytest.skip("only PyTorch's arrays remember how they came about")
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(X, dtype=torch.float32, requires_grad=True), torch.tensor(Y)
    start = map_arrays(lambda w: torch.tensor(w, requires_grad=True), START)
    weight = torch.ones(12, requires_grad=True)
    result = train(NETWORK, (x, y), epochs=1, parameters=start, sample_weight=weight, validation=(x, y))
    assert all(w.grad_fn is None and not w.requires_grad for w in leaves((result.parameters, result.best_parameters)))
    assert all(w.requires_grad for w in (x, weight, *leaves(start)))


def test_a_result_is_shown_in_three_lines():
    result = train(Network([2, 300, 2]), (X, Y), validation=(X, Y), epochs=2)
    shown = repr(result).splitlines()
    assert len(shown) == 3
    assert "Network([2, 300, 2]" in shown[0]
    assert "after 2 epochs: epochs" in shown[1]
    assert f"best epoch {result.history.best().epoch}: cost " in shown[2]
    assert "validation_accuracy" in shown[2]
    assert "after 0 epochs" in repr(train(NETWORK, (X, Y), epochs=0))
