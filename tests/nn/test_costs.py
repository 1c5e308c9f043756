"""Costs, their values from z, and the errors that they send back."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close, slope

from xpnet.backend import to_numpy
from xpnet.nn import (
    ACTIVATIONS,
    COSTS,
    Cost,
    Network,
    Rule,
    Targets,
    cross_entropy,
    exponential,
    huber,
    linear,
    log_likelihood,
    poisson,
    quadratic,
    sigmoid,
    softmax,
)

PAIRS = [(cost, f) for cost in COSTS.values() for f in ACTIVATIONS.values() if cost.accepts(f)]


def test_quadratic_is_half_the_squared_distance(backend):
    z = y = backend.asarray([[3.0, 4.0]])
    assert_close(backend, quadratic.value(z, z, 0.0 * y), [12.5])
    assert_close(backend, quadratic.delta(z, z, 0.0 * y, linear), [[3.0, 4.0]])


def test_quadratic_delta_has_the_slope_of_the_output(backend):
    z, y = backend.asarray([[0.0, 2.0]]), backend.asarray([[1.0, 0.0]])
    assert_close(backend, quadratic.delta(z, sigmoid(z), y, sigmoid), [[-0.125, 0.0924780432298297]])


def test_cross_entropy_sums_over_the_outputs(backend):
    z, y = backend.asarray([[0.0, 0.0], [-2.0, 3.0]]), backend.asarray([[1.0, 0.0], [0.0, 1.0]])
    assert_close(backend, cross_entropy.value(z, sigmoid(z), y), [2 * np.log(2.0), 0.17551536261671752])


def test_cross_entropy_of_logits_agrees_with_pytorchs_numbers(backend):
    z = backend.asarray([[-1000.0], [-2.0], [0.0], [3.0], [1000.0]])
    y = backend.asarray([[1.0], [0.0], [1.0], [1.0], [0.0]])
    expected = np.asarray([1000.0, 0.1269280110429727, 0.6931471805599453, 0.04858735157374206, 1000.0])
    assert_close(backend, cross_entropy.value(z, sigmoid(z), y), expected)
    small = cross_entropy.value(z, sigmoid(z), y)[1:4]  # the large ones must not hide the small
    assert_close(backend, small, expected[1:4])


def test_log_likelihood_agrees_with_pytorchs_numbers(backend):
    z = backend.asarray([[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]])
    y = backend.asarray([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert_close(backend, log_likelihood.value(z, softmax(z), y), [0.4076059644443804] * 2)
    expected = [
        [0.09003057317038046, 0.24472847105479764, -0.3347590442251782],
        [-0.3347590442251782, 0.24472847, 0.0900],
    ]
    assert_close(backend, log_likelihood.delta(z, softmax(z), y, softmax)[:1, :], expected[:1])


def test_log_likelihood_of_a_sure_mistake_is_exact(backend):
    z, y = backend.asarray([[1000.0, -1000.0]]), backend.asarray([[0.0, 1.0]])
    assert_close(backend, log_likelihood.value(z, softmax(z), y), [2000.0])


def test_quadratic_is_kerass_mean_squared_error_times_half_the_outputs(backend):
    y, p = backend.asarray([[1.0, 9.0, 2.0], [-5.0, -2.0, 6.0]]), backend.asarray([[4.0, 8.0, 12.0], [8.0, 1.0, 3.0]])
    assert float(to_numpy(quadratic.value(p, p, y)).mean()) == pytest.approx(49.5 * 3 / 2)
    a, one = backend.asarray([[0.0, 1.5, -3.0]]), backend.full((1, 3), 1.0)
    assert float(to_numpy(quadratic.value(a, a, one)).mean()) == pytest.approx(5.75 * 3 / 2)  # PyTorch's MSE


def test_cross_entropy_is_kerass_binary_one_times_the_outputs(backend):
    p = np.asarray([[0.9, 0.1, 0.2], [0.3, 0.8, 0.1], [0.1, 0.2, 0.7]])
    z, y = backend.asarray(np.log(p / (1 - p))), backend.asarray(np.eye(3))
    assert float(to_numpy(cross_entropy.value(z, sigmoid(z), y)).mean()) == pytest.approx(3 * 0.20046918, abs=2e-7)
    z, y = backend.asarray([[10.0, -10.0, 10.0], [10.0, 10.0, -10.0]]), backend.asarray([[1.0, 0, 1], [0, 1, 1]])
    assert float(to_numpy(cross_entropy.value(z, sigmoid(z), y)).mean()) == pytest.approx(3 * 3.3333, abs=5e-4)


def test_log_likelihood_is_kerass_categorical_cross_entropy(backend):
    z, y = backend.asarray([[8.0, 1.0, 1.0], [0.0, 9.0, 1.0], [2.0, 3.0, 5.0]]), backend.asarray(np.eye(3))
    assert float(to_numpy(log_likelihood.value(z, softmax(z), y)).mean()) == pytest.approx(0.0573756, abs=2e-7)
    z = backend.asarray(np.log([[0.9, 0.05, 0.05], [0.5, 0.89, 0.6], [0.05, 0.01, 0.94]]))  # rows renormalized
    assert float(to_numpy(log_likelihood.value(z, softmax(z), y)).mean()) == pytest.approx(0.323968, abs=2e-6)


@pytest.mark.parametrize(("cost", "f"), PAIRS, ids=lambda value: value.name)
def test_cost_is_finite_at_a_thousand(backend, cost, f):
    # the square of what the output grows to must be a number too
    z, y = backend.asarray([[-1000.0, min(1000.0, 0.49 * f.overflows_above)]]), backend.asarray([[1.0, 0.0]])
    assert np.isfinite(to_numpy(cost.value(z, f(z), y))).all()
    assert np.isfinite(to_numpy(cost.delta(z, f(z), y, f))).all()


@pytest.mark.parametrize(("cost", "f"), PAIRS, ids=lambda value: value.name)
def test_delta_is_the_derivative_of_the_value(float64, cost, f):
    rng = np.random.default_rng(2)
    z, y = rng.standard_normal((4, 3)) + 0.01, to_numpy(softmax(rng.standard_normal((4, 3))))
    here = float64.asarray(z)
    delta = to_numpy(cost.delta(here, f(here), float64.asarray(y), f))
    u = rng.standard_normal((4, 3))
    moved = slope(lambda z: cost.value(z, f(z), y).sum(), z, u)
    assert abs((delta * u).sum() - moved) < 1e-8 * max(1.0, np.abs(delta).max())


@pytest.mark.parametrize(("cost", "f"), PAIRS, ids=lambda value: value.name)
@given(z=st.floats(-50, 50), y=st.sampled_from([0.0, 1.0]))
def test_cost_is_never_negative(cost, f, z, y):
    z, y = np.asarray([[z, 0.0]]), np.asarray([[y, 1.0 - y]])
    assert cost.value(z, f(z), y)[0] >= 0.0


ANY = {f.name for f in ACTIVATIONS.values() if f.elementwise and f.differentiable}
ACCEPTED = {"cross_entropy": {"sigmoid"}, "log_likelihood": {"softmax"}, "poisson": {"exponential"}}


@pytest.mark.parametrize("cost", COSTS.values(), ids=lambda cost: cost.name)
def test_costs_accept_only_the_outputs_that_they_are_made_for(cost):
    assert {f.name for f in ACTIVATIONS.values() if cost.accepts(f)} == ACCEPTED.get(cost.name, ANY)
    assert cost.accepts(cost.output)


@pytest.mark.parametrize("cost", [*COSTS.values(), huber(2.0)], ids=lambda cost: f"{cost.name} {cost.hyper}")
def test_a_cost_is_a_value(cost):
    for again in (copy.copy(cost), copy.deepcopy(cost), pickle.loads(pickle.dumps(cost))):
        assert again == cost
        assert hash(again) == hash(cost)
        assert again.cancels == cost.cancels


def test_what_a_cost_accepts_does_not_depend_on_names():
    assert cross_entropy.accepts(dataclasses.replace(sigmoid, name="own"))
    assert not cross_entropy.accepts(dataclasses.replace(linear, name="sigmoid"))
    assert not quadratic.accepts(dataclasses.replace(linear, differentiable=False))
    mine = dataclasses.replace(linear, name="mine")
    own = Cost("own", quadratic.value, quadratic.delta, outputs=(mine,))
    assert own.accepts(mine)
    assert Network([2, 1], cost=own).output is mine


# ---- targets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        ("count", ValueError, "targets must be one of real, unit, distribution, counts or an instance of Targets"),
        (None, TypeError, "targets must be a name or an instance of Targets, got None"),
    ],
)
def test_unknown_targets_are_refused(targets, error, message):
    with pytest.raises(error, match=message):
        Cost("own", quadratic.value, quadratic.delta, targets=targets)


def test_targets_of_ones_own_are_checked(backend):
    even = Targets("even", (Rule("be even", lambda y: y % 2.0 == 0.0),))
    network = Network([1, 1], output="linear", cost=dataclasses.replace(quadratic, name="own", targets=even))
    x, parameters = backend.full((3, 1)), network.initialize(backend, seed=0)
    network.cost_value(parameters, x, backend.asarray([[0.0], [4.0], [-2.0]]))
    with pytest.raises(ValueError, match="y must be even for cost 'own', got 3 in row 1"):
        network.cost_value(parameters, x, backend.asarray([[0.0], [3.0], [-2.0]]))
    assert not network.cost.may_standardize


def test_only_costs_of_real_targets_may_standardize_them():
    assert quadratic.may_standardize
    assert huber(2.0).may_standardize
    assert not any(cost.may_standardize for cost in (cross_entropy, log_likelihood, poisson))


# ---- poisson and huber ------------------------------------------------------------------------------------


def test_poisson_is_half_the_deviance(backend):
    y = np.asarray([[0.0, 1.0, 3.0], [2.5, 0.0, 1e-3]])
    mu = np.asarray([[0.5, 1.0, 1.0], [2.0, 1e-4, 5.0]])
    # scikit-learn's HalfPoissonLoss with its constant: y ln(y / mu) - y + mu, 0 ln 0 = 0
    expected = (np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mu), 0.0) - y + mu).sum(axis=1)
    z = backend.asarray(np.log(mu))
    assert_close(backend, poisson.value(z, exponential(z), backend.asarray(y)), expected)
    assert_close(backend, poisson.delta(z, exponential(z), backend.asarray(y), exponential), mu - y)


def test_poisson_is_zero_at_its_target(backend):
    z = backend.asarray(np.log([[0.1, 1.0, 7.0, 1e6]]))
    found = to_numpy(poisson.value(z, exponential(z), exponential(z)))
    assert (found >= 0.0).all()
    assert found.max() < 1e6 * {"float32": 2e-6, "float64": 1e-14}[backend.dtype_name]


def test_poisson_refuses_targets_below_zero(backend):
    network = Network([1, 1], cost="poisson")
    assert network.output is exponential
    with pytest.raises(ValueError, match="y must be 0 or more for cost 'poisson', got -1 in row 1"):
        network.cost_value(network.initialize(backend, 0), backend.full((2, 1)), backend.asarray([2.0, -1.0]))


def test_huber_is_quadratic_within_its_width_and_linear_beyond(backend):
    a, y = backend.asarray([[0.5, -2.0], [10.0, -10.0]]), backend.asarray([[0.0, 0.0], [0.0, 0.0]])
    cost = huber(2.0)
    assert_close(backend, cost.value(a, a, y), [0.125 + 2.0, 18.0 + 18.0])
    assert_close(backend, cost.delta(a, a, y, linear), [[0.5, -2.0], [2.0, -2.0]])
    assert_close(backend, huber(1e6).value(a, a, y), to_numpy(quadratic.value(a, a, y)))


@pytest.mark.parametrize("width", [0.0, -1.0, np.inf, np.nan])
def test_huber_refuses_a_width_that_makes_no_sense(width):
    with pytest.raises(ValueError, match="width must be finite and above 0, got"):
        huber(width)


@pytest.mark.parametrize("width", ["1", True, None, [1.0]])
def test_huber_wants_a_number(width):
    with pytest.raises(TypeError, match="width must be a number, got"):
        huber(width)


def test_huber_takes_numpys_numbers():
    assert huber(np.float32(0.5)) == huber(0.5)
    assert type(huber(np.float32(0.5)).hyper[0][1]) is float


def test_poissons_cost_is_never_negative_by_rounding(backend):
    y = np.arange(1.0, 400.0)[:, None]
    z = backend.xp.log(backend.asarray(y))
    assert np.all(to_numpy(poisson.value(z, backend.xp.exp(z), backend.asarray(y))) >= 0.0)
