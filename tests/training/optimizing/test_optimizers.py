"""Optimizers: one table of optimizers, and the properties that all of them have."""

import copy
import pickle

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import to_numpy
from xpnet.nn import Layer, Network
from xpnet.training import OPTIMIZERS, adagrad, adam, adamw, momentum, nesterov, rmsprop, schedules, sgd
from xpnet.trees import leaves, map_arrays

# p = [1, 2, 3, 4] under the constant gradient [1, 6, 7, 2], after three steps (PyTorch 2.13, float64)
PYTORCH = [
    (sgd(0.5), [-0.5, -7.0, -7.5, 1.0]),
    (momentum(0.1, 0.9), [0.439, -1.366, -0.927, 2.878]),
    (nesterov(0.1, 0.9), [0.1951, -2.8294, -2.6343, 2.3902]),
    (adagrad(0.5), [-0.142228525096, 0.857771474827, None, None]),
    (rmsprop(0.5, 0.9), [-2.688690842665, -1.688690921637, -0.688690923893, 0.311309109952]),
    (adam(0.5), [-0.499999985, 0.5000000025, 1.500000002143, 2.5000000075]),
    (adamw(0.5, 0.004), [-0.50298999303, 0.491021986495, 1.485033978139, 2.479045975485]),
]
TABLE = [optimizer for optimizer, _ in PYTORCH]
each = pytest.mark.parametrize("optimizer", TABLE, ids=lambda optimizer: optimizer.name)

# the same after one step (eta 0.5), to the four digits that Keras's own tests print
KERAS = [
    (sgd(0.5), [0.5, -1.0, -0.5, 3.0]),
    (adam(0.5, epsilon=1e-7), [0.5, 1.5, 2.5, 3.5]),
    (adamw(0.5, 0.004, epsilon=1e-7), [0.498, 1.496, 2.494, 3.492]),
    (rmsprop(0.5, 0.9, epsilon=1e-7), [-0.5811, 0.4189, 1.4189, 2.4189]),
    (adagrad(0.5, 1e-7, initial=0.1), [0.5233, 1.5007, 2.5005, 3.5061]),
]


def descend(optimizer, w, gradient, steps):
    state = optimizer.init(w)
    for _ in range(steps):
        w, state = optimizer.update(gradient(w), state, w)
    return w, state


@pytest.mark.parametrize(("optimizer", "reference"), PYTORCH, ids=lambda value: getattr(value, "name", ""))
def test_three_steps_end_where_pytorchs_do(backend, optimizer, reference):
    g = backend.asarray([1.0, 6.0, 7.0, 2.0])
    (w,), state = descend(optimizer, (backend.asarray([1.0, 2.0, 3.0, 4.0]),), lambda w: (g,), 3)
    assert state.t == 3
    expected = [to_numpy(w)[i] if v is None else v for i, v in enumerate(reference)]
    # twelve digits are given
    assert_close(backend, w, expected, "rounding" if backend.dtype_name == "float32" else "training")


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=lambda value: getattr(value, "name", ""))
def test_one_step_ends_where_keras_does(backend, optimizer, expected):
    g = backend.asarray([1.0, 6.0, 7.0, 2.0])
    (w,), _ = descend(optimizer, (backend.asarray([1.0, 2.0, 3.0, 4.0]),), lambda w: (g,), 1)
    np.testing.assert_allclose(to_numpy(w), expected, atol=6e-5)


# five steps on ones(10): a gradient of 0.01 everywhere, then 0.1, 0.2, … 1.0; first and last entry, as Keras has them
KERAS_FIVE = {
    "nesterov": (lambda t: nesterov(0.01, 0.0), [(0.9999, 0.9999), (0.9989, 0.9899), None, None, (0.9959, 0.9599)]),
    "adagrad": (
        lambda t: adagrad(0.2, 1e-6, initial=0.3),
        [(0.9963, 0.9963), (0.9604, 0.8209), (0.9251, 0.6891), (0.8903, 0.579), (0.856, 0.4825)],
    ),
    # Keras adds epsilon before the bias is corrected: the epsilon that docs/conventions.md gives for it
    "adamw": (
        lambda t: adamw(1.0, 0.5, epsilon=2.0 / (1.0 - 0.999 ** (t + 1)) ** 0.5),
        [(0.4998, 0.4998), (0.2486, 0.2382), (0.1223, 0.1003), (0.0586, 0.0258), (0.0263, -0.0159)],
    ),
}


@pytest.mark.parametrize("name", KERAS_FIVE)
def test_five_steps_end_where_keras_does(backend, name):
    make, expected = KERAS_FIVE[name]
    w, g = (backend.full((10,), 1.0),), backend.asarray(np.arange(1, 11) / 10)
    state = make(0).init(w)
    for t, ends in enumerate(expected):
        w, state = make(t).update((0.0 * g + 0.01 if t == 0 else g,), state, w)
        if ends is not None:
            np.testing.assert_allclose(to_numpy(w[0])[[0, 9]], ends, atol=5e-4)  # Keras's own tolerance


def test_rmsprop_of_pytorchs_default_forgets_slowly(backend):
    g = backend.asarray([1.0, 6.0])
    (w,), _ = descend(rmsprop(0.5, 0.99), (backend.asarray([1.0, 2.0]),), lambda w: (g,), 3)
    assert_close(
        backend, w, [-10.445650529265, -9.445651295599], "product" if backend.dtype_name == "float32" else "training"
    )


def test_weight_decay_alone_shrinks_as_kerass_does(backend):
    zero = backend.asarray([0.0])
    (w,), _ = descend(adamw(1.0, 0.004), (backend.asarray([2.0]),), lambda w: (zero,), 3)
    assert_close(backend, w, [1.976095872], "rounding" if backend.dtype_name == "float32" else "training")


def test_l2_is_pytorchs_weight_decay_where_n_is_one(backend):
    # PyTorch adds 0.01 w to the gradient
    w = (backend.asarray([1.0, 2.0, 3.0, 4.0]),)
    g = backend.asarray([1.0, 6.0, 7.0, 2.0])
    (w,), _ = descend(sgd(0.1), w, lambda w: (g + 0.01 * w[0],), 3)
    assert_close(
        backend,
        w,
        [0.697302899, 0.195805398, 0.893108297, 3.388611796],
        "rounding" if backend.dtype_name == "float32" else "training",
    )


def test_the_table_holds_every_optimizer():
    assert {optimizer.name for optimizer in TABLE} == set(OPTIMIZERS)
    assert all(make().name == name for name, make in OPTIMIZERS.items())


@each
def test_optimizers_are_equal_by_value(optimizer):
    scheduled = OPTIMIZERS[optimizer.name](schedules.cosine(0.5, 10)).scaled(0.5)
    for each in (optimizer, scheduled):
        assert pickle.loads(pickle.dumps(each)) == copy.deepcopy(each) == each
    assert scheduled != optimizer
    assert scheduled.eta(5) == 0.125


def test_scaled_multiplies_the_learning_rate_only():
    assert momentum(0.1, 0.9).scaled(0.5).settings == {"eta": 0.05, "mu": 0.9}
    assert sgd(lambda t: 1.0 / (t + 1)).scaled(0.5).eta(1) == 0.25
    same = sgd(0.5)
    assert same.scaled(1.0) is same


@each
def test_update_descends_a_bowl(backend, optimizer):
    start = np.asarray([1.0, -0.5])
    (w,), _ = descend(optimizer.scaled(0.1), (backend.asarray(start),), lambda w: (2.0 * w[0],), 400)
    assert (np.abs(to_numpy(w)) < 0.1 * np.abs(start)).all()


@each
def test_update_is_pure_and_at_home(backend, optimizer):
    w = (Layer(backend.asarray([[1.0, 2.0]]), backend.asarray([[3.0]])),)
    g = (Layer(backend.asarray([[1.0, -1.0]]), backend.asarray([[0.5]])),)
    state = optimizer.init(w)
    first, second = optimizer.update(g, state, w), optimizer.update(g, state, w)
    assert isinstance(first[0][0], Layer)
    assert_at_home(backend, first[0], first[1].slots, state.slots)
    for a, b in zip(leaves(first[0]), leaves(second[0]), strict=True):
        np.testing.assert_array_equal(to_numpy(a), to_numpy(b))
    np.testing.assert_array_equal(to_numpy(w[0].w), [[1.0, 2.0]])
    assert all(not to_numpy(slot).any() for slot in leaves(state.slots))


@each
def test_update_goes_on_from_a_state(backend, optimizer):
    start, g = (backend.asarray([1.0, 2.0]),), (backend.asarray([0.3, -0.2]),)
    (whole,), _ = descend(optimizer, start, lambda w: g, 6)
    half, state = descend(optimizer, start, lambda w: g, 3)
    for _ in range(3):
        half, state = optimizer.update(g, state, half)
    np.testing.assert_array_equal(to_numpy(half[0]), to_numpy(whole))


@each
def test_a_stack_moves_each_network_as_it_moves_alone(backend, optimizer, rng):
    network = Network([4, 3, 2])
    alone = [network.initialize(backend, seed=seed) for seed in range(3)]
    x, y = backend.asarray(rng.standard_normal((5, 4))), backend.asarray(rng.integers(0, 2, 5))
    stack, _ = descend(
        optimizer,
        map_arrays(lambda *ws: backend.xp.stack(ws), *alone),
        lambda w: network.gradients(w, x, y),
        4,
    )
    for k, parameters in enumerate(alone):
        single, _ = descend(optimizer, parameters, lambda w: network.gradients(w, x, y), 4)
        for w, e in zip(leaves(stack), leaves(single), strict=True):
            assert_close(backend, w[k, ...], to_numpy(e), "training")


@each
def test_hyper_parameters_may_differ_in_a_stack(backend, optimizer):
    settings = {name: [h, 0.5 * h + 0.05] for name, h in optimizer.settings.items()}
    make, w, g = OPTIMIZERS[optimizer.name], backend.asarray([[[1.0, 2.0]]] * 2), backend.asarray([[[0.5, -1.0]]] * 2)
    several = make(**{name: backend.asarray(values) for name, values in settings.items()})
    (stack,), _ = descend(several, (w,), lambda _: (g,), 3)
    for k in range(2):
        one = make(**{name: values[k] for name, values in settings.items()})
        (single,), _ = descend(one, (w[k, ...],), lambda _, k=k: (g[k, ...],), 3)
        assert_close(backend, stack[k, ...], to_numpy(single), "product")


def test_eta_may_be_a_schedule_of_the_step(backend):
    optimizer = sgd(eta=lambda t: 1.0 / (t + 1))
    g = backend.asarray([6.0])
    (w,), _ = descend(optimizer, (backend.asarray([0.0]),), lambda _: (g,), 3)
    assert_close(backend, w, [-(6.0 + 3.0 + 2.0)])
    assert optimizer.eta(1) == 0.5


@pytest.mark.parametrize(
    ("make", "settings", "error", "message"),
    [
        (sgd, {"eta": -0.1}, ValueError, "eta must be finite and at least 0, got -0.1"),
        (sgd, {"eta": float("nan")}, ValueError, "eta must be finite and at least 0, got nan"),
        (sgd, {"eta": float("inf")}, ValueError, "eta must be finite"),
        (sgd, {"eta": "fast"}, TypeError, "eta must be a number, an array or .* got 'fast'"),
        (momentum, {"mu": 1.0}, ValueError, "mu must be finite, at least 0 and below 1, got 1.0"),
        (momentum, {"mu": lambda t: 0.5}, TypeError, "mu must be a number"),
        (adam, {"beta2": 1.5}, ValueError, "beta2 must be finite, at least 0 and below 1, got 1.5"),
        (rmsprop, {"rho": 1.0}, ValueError, "rho must be finite, at least 0 and below 1, got 1.0"),
        (adam, {"epsilon": True}, TypeError, "epsilon must be a number"),
    ],
)
def test_absurd_hyper_parameters_are_refused(make, settings, error, message):
    with pytest.raises(error, match=message):
        make(**settings)
