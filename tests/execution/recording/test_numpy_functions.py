"""Functions of a user's own, written with NumPy: recorded where they can be, else run step by step, the same bits."""

import math
import warnings

import numpy as np
import pytest

from xpnet.backend import get, to_numpy
from xpnet.execution.loop import Loop
from xpnet.execution.numpy_tape.tape import Tape
from xpnet.nn import Network
from xpnet.nn.activations import Activation
from xpnet.training import make_optimizer, sgd, train
from xpnet.trees import leaves, rebuild

W = np.random.default_rng(0).standard_normal((4, 5)).astype("float32")
X = np.random.default_rng(1).standard_normal((6, 4, 5)).astype("float32")
X[:, 0, 0] = 0.1  # in single precision it is a little more than np.float64(0.1)


def runs(step, carry=None, inputs=X):
    """Return how the tape runs a step, after comparing it with the plain loop bit for bit."""
    carry = (W,) if carry is None else carry
    kept = [np.array(x) for x in (*leaves(carry), *leaves(inputs))]
    tape = Tape(step)
    found, outputs = tape(carry, inputs)
    found, outputs = [np.array(x) for x in leaves(found)], np.array(outputs)
    for x, before in zip((*leaves(carry), *leaves(inputs)), kept, strict=True):
        np.testing.assert_array_equal(x, before)
    copies = iter(kept)  # the plain loop writes where the step writes
    expected, others = Loop(step)(rebuild(carry, copies), rebuild(inputs, copies))
    for a, b in zip((*found, outputs), (*leaves(expected), others), strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    return tape.way


RECORDED = {
    "log1p(exp)": lambda w, x: w + np.log1p(np.exp(x)),
    "sign": lambda w, x: w - 0.1 * np.sign(x),
    "where": lambda w, x: np.where(x > 0, w, 0.5 * x),
    "maximum": lambda w, x: np.maximum(w, x) + np.minimum(0.0, x),
    "clip": lambda w, x: w + np.clip(x, -0.5, 0.5) + np.clip(x, None, 0.2),
    "named as the standard does not": lambda w, x: np.absolute(w) + np.arctan(x) * np.arcsinh(w),
    "power": lambda w, x: np.power(np.abs(w), 0.5) + np.abs(x) ** 0.5 + np.power(x, 2),
    "power of a NumPy scalar": lambda w, x: w * 0 + np.abs(x) ** np.float32(2.0) + x**2,
    "sums": lambda w, x: w / np.sum(np.abs(w), axis=1, keepdims=True) + np.mean(x, axis=0) + np.sum(x),
    "sum by position": lambda w, x: w + np.sum(x, 0),
    "norm": lambda w, x: w / (1.0 + np.linalg.norm(x, axis=-1, keepdims=True)) + np.linalg.norm(w),
    "methods": lambda w, x: w * 0.5 + x.sum(axis=1, keepdims=True) - x.max() + x.clip(-1, 1) + x.mean(0),
    "astype": lambda w, x: w + (x > 0).astype(x.dtype) + (x > 0.1).astype("float32"),
    "shapes": lambda w, x: w + x / np.shape(x)[0] + np.size(x) * np.ndim(x),
    "products": lambda w, x: w + np.dot(x, np.ones((5, 5), "float32")) + np.einsum("ij,kj->ik", w, x) @ x,
    "joined": lambda w, x: np.concatenate([w[:2], x[2:]]) + np.stack([w, x])[0],
    "ones": lambda w, x: w * np.ones_like(x) + np.full_like(x, 2.0) * x,
    "a scalar on the left": lambda w, x: w + np.float32(2) * x - np.float32(1) / (np.float32(3) + x * x),
    "a scalar on the right": lambda w, x: w + x * np.float32(2) - (x + np.float32(1)),
    "comparisons with scalars": lambda w, x: np.where(np.float32(0.1) < x, w, x) + (x > np.float32(0.1)),
    "compared in double precision": lambda w, x: np.where(x > np.float64(0.1), w, x),
    "a 0-d array": lambda w, x: w + np.asarray(0.5, "float32") * x,
    "an array of its own": lambda w, x: np.arange(5, dtype="float32") * x + w,
    "0-d results": lambda w, x: w + np.sqrt(np.sum(x * x)) * np.exp(-np.max(x)) * np.float32(0.5),
    "unary": lambda w, x: +w - -x,
}
STEP_BY_STEP = {
    "a ufunc of one's own": (lambda w, x: w + np.frompyfunc(abs, 1, 1)(x).astype("float32"), "abs"),
    "vectorize": (lambda w, x: w + np.vectorize(lambda v: v + 1, otypes=["float32"])(x), "looks at a value"),
    "out=": (lambda w, x: np.add(w, x, out=np.empty_like(W)), "add with out"),
    "where=": (lambda w, x: np.add(w, x, out=None, where=x < 9), "add with where"),
    "reduce": (lambda w, x: w + np.add.reduce(x), "add.reduce"),
    "two results": (lambda w, x: w + np.modf(x)[0], "modf"),
    "a shape that depends on values": (lambda w, x: w + np.unique(x).shape[0], "unique"),
    "a truth": (lambda w, x: w + 1 if np.allclose(x, 0) else w - x, "allclose"),
    "a method with no function": (lambda w, x: w + x.tolist()[0][0], "tolist"),
    "an instance": (lambda w, x: w + x if isinstance(x, np.ndarray) else divmod(w, None), "takes no stand-ins"),
    "singular zeros": (lambda w, x: w + np.linalg.inv(x[:, :4])[0, 0], "inv cannot be tried on zeros"),
    "a constant is written to": (lambda w, x: w + _counted(x), "writes into an array"),
}


def _counted(x):
    ones = np.ones_like(x)
    ones += 1.0
    return ones * x


@pytest.mark.parametrize("name", RECORDED)
def test_functions_of_numpy_are_recorded(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        way = runs(lambda carry, x: ((RECORDED[name](carry[0], x).astype("float32"),), carry[0] * x))
    assert way == "compiled NumPy program"


@pytest.mark.parametrize("name", STEP_BY_STEP)
def test_what_cannot_be_recorded_runs_step_by_step(name):
    rule, why = STEP_BY_STEP[name]
    with pytest.warns(RuntimeWarning, match=why):
        way = runs(lambda carry, x: ((rule(carry[0], x).astype("float32"),), carry[0] * x))
    assert way.startswith("plain loop")


def test_double_precision_that_a_scalar_brings_in_is_kept():
    assert runs(lambda carry, x: (carry, np.float64(0.1) * x + x * np.float64(0.3))) == "compiled NumPy program"
    with pytest.raises(ValueError, match=r"shapes|broadcast"):  # an error of the step is the step's
        Tape(lambda carry, x: (carry, np.add(x, x[:, :3])))((W,), X)


# ---- in-place operators -----------------------------------------------------------------------------------


def _own(carry, x):
    v = 0.5 * carry[0]
    v -= 0.1 * x
    v **= 2
    return (carry[0] + v,), v


def _given(carry, x):
    (w,) = carry
    w -= 0.1 * x
    w *= 2.0
    return (w,), w * x


def _twice_asked(carry, x):
    first, second = carry[0] * x, carry[0] * x  # two arrays, although they are computed once
    first += 1.0
    return (first + second,), second


def _seen_by_others(carry, x):
    z = carry[0] + x
    trace = (z,)
    z *= 2.0
    return (carry[0] + trace[0],), z


def _number(carry, x):
    total = np.sum(x)
    before = total
    total += 1.0
    return (carry[0] + total * before,), x


@pytest.mark.parametrize("step", [_own, _given, _twice_asked, _seen_by_others, _number])
def test_in_place_operators_write_into_no_array(step):
    assert runs(step) == "compiled NumPy program"


def _through_a_view(carry, x):
    z = carry[0] + x
    row = z[0]
    z += 1.0
    return (carry[0] + row,), z


def _into_a_view(carry, x):
    z = carry[0] + x
    row = z[0]
    row += 1.0
    return (carry[0] + z,), z


@pytest.mark.parametrize("step", [_through_a_view, _into_a_view])
def test_writing_through_a_view_runs_step_by_step(step):
    with pytest.warns(RuntimeWarning, match="writes into an array"):
        assert runs(step).startswith("plain loop")


# ---- in training ------------------------------------------------------------------------------------------

softplus = Activation("softplus", lambda z: np.log1p(np.exp(z)), lambda z, a: 1.0 / (1.0 + np.exp(-z)))
steps = Activation("steps", lambda z: np.maximum(z, 0.0), lambda z, a: np.where(z > 0.0, 1.0, 0.0))  # float64
_erf = np.frompyfunc(math.erf, 1, 1)
gauss = Activation(
    "gauss",
    lambda z: _erf(z).astype(z.dtype),
    lambda z, a: np.asarray(1.1283791670955126 * np.exp(-z * z), dtype=z.dtype),
)


def _sign_rule(w, g, v, *, eta, mu):
    v *= mu
    v += (1.0 - mu) * g
    return np.where(np.abs(v) > 1e-8, w - eta * np.sign(v), w), v


def signum(eta):
    return make_optimizer("signum", _sign_rule, 1, eta=eta, mu=0.5)


@pytest.fixture
def blobs(rng):
    y = np.arange(40) % 2
    return rng.standard_normal((40, 3)) + 2.0 * y[:, None], y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("activation", "way"),
    [(softplus, "compiled NumPy program"), (steps, "compiled NumPy program"), (gauss, "plain loop")],
)
def test_an_activation_optimizer_and_schedule_written_with_numpy_train(monkeypatch, blobs, dtype, activation, way):
    network, home = Network([3, 5, 2], hidden=activation), get("numpy", dtype=dtype)
    start = network.initialize(home, seed=1)
    before = [x.copy() for x in leaves(start)]
    fit = {"optimizer": signum(lambda t: 0.05 * np.exp(-0.01 * t)), "epochs": 6, "parameters": start, "backend": home}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "training runs step by step", RuntimeWarning)
        result = train(network, blobs, validation=blobs, **fit)
        monkeypatch.setenv("XPNET_GENERIC", "1")
        plain = train(network, blobs, validation=blobs, **fit)
    assert result.execution.startswith(way)
    assert result.history.column("cost") == plain.history.column("cost")
    assert result.history[-1].cost < result.history[0].cost
    for a, b in zip(leaves(result.parameters), leaves(plain.parameters), strict=True):
        assert a.dtype == home.dtype
        assert a.tobytes() == b.tobytes()
    for a, b in zip(leaves(start), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("generic", ["0", "1"])
def test_parameters_keep_their_dtype_whatever_a_function_computes_in(monkeypatch, blobs, generic):
    monkeypatch.setenv("XPNET_GENERIC", generic)
    slots = []
    spy = make_optimizer("spy", lambda w, g, v, *, eta: (w - eta * g, slots.append(v.dtype) or v + g), 1, eta=0.5)
    result = train(Network([3, 5, 2], hidden=steps), blobs, epochs=2, optimizer=spy)
    assert {w.dtype for w in leaves(result.parameters)} == set(slots) == {np.dtype("float32")}


def _writes(w, g, *, eta):
    w -= eta * g
    return (w,)


@pytest.mark.parametrize("generic", ["0", "1"])
def test_a_rule_that_writes_into_the_parameters_does_not_write_into_the_caller_s(monkeypatch, blobs, generic):
    monkeypatch.setenv("XPNET_GENERIC", generic)
    network = Network([3, 2])
    start = network.initialize("numpy", seed=1)
    before = [x.copy() for x in leaves(start)]
    written = train(network, blobs, epochs=2, parameters=start, optimizer=make_optimizer("writes", _writes, 0, eta=0.5))
    plain = train(network, blobs, epochs=2, parameters=start, optimizer=sgd(0.5))
    assert written.parameters[0].w.tobytes() == plain.parameters[0].w.tobytes()
    for a, b in zip(leaves(start), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_function_that_a_library_cannot_do_is_an_error_of_that_library(backend, blobs):
    if backend.name in ("numpy", "cupy"):
        pytest.skip("its arrays take part in NumPy's functions")
    with pytest.raises((TypeError, AttributeError, RuntimeError)):
        train(Network([3, 5, 2], hidden=gauss), blobs, epochs=1, backend=backend)


def test_a_schedule_written_with_numpy_is_a_number_on_every_library(backend, blobs):
    way = {"epochs": 2, "backend": backend}
    by_numpy = train(Network([3, 2]), blobs, optimizer=sgd(lambda t: 0.5 * np.exp(-0.1 * t)), **way)
    by_hand = train(Network([3, 2]), blobs, optimizer=sgd(lambda t: 0.5 * math.exp(-0.1 * t)), **way)
    np.testing.assert_allclose(to_numpy(by_numpy.parameters[0].w), to_numpy(by_hand.parameters[0].w), rtol=1e-6)
    assert type(by_numpy.history[-1].eta) is float
