"""Calibration: temperatures worked by hand, folded into parameters, and the errors that tell wrong use."""

from math import log

import numpy as np
import pytest
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.io import Model
from xpnet.nn import Network
from xpnet.tabular import calibrate, calibration_error, fit_temperature, reliability, with_temperature
from xpnet.tabular.calibration import refined

SOFTMAX = Network([3, 4, 2], cost="log_likelihood")
SURE = np.asarray([[0.0, 9.0]] * 4)


@pytest.mark.parametrize(
    ("network", "z"), [(SOFTMAX, SURE), (Network([3, 1]), SURE[:, 1:]), (SOFTMAX, np.stack([SURE, SURE]))]
)
def test_three_of_four_right_are_told_as_three_quarters(network, z):
    # the log loss is least where the probability of class 1 is its share: 9 / T = ln 3
    assert abs(fit_temperature(network, z, [1, 1, 1, 0]) - 9.0 / log(3.0)) < 1e-5


def test_of_members_the_mean_probability_counts():
    z = np.asarray([[[0.0, 4.0]] * 4, [[0.0, 1.0]] * 4])
    t = fit_temperature(SOFTMAX, z, [1, 1, 1, 0])
    p = 1.0 / (1.0 + np.exp(-np.asarray([4.0, 1.0]) / t))
    assert abs(p.mean() - 0.75) < 1e-6


def test_classes_without_an_error_reach_the_limit():
    assert fit_temperature(SOFTMAX, SURE / 18.0, [1] * 4) == pytest.approx(1 / 20)
    assert fit_temperature(SOFTMAX, SURE, [0] * 4) == pytest.approx(20.0)


def test_the_quick_temperature_is_near_the_right_one():
    y = np.eye(2)[[1, 1, 1, 0]]
    t, cost = refined(SOFTMAX, SURE, y)
    assert t == pytest.approx(9.0 / log(3.0), rel=0.01)
    assert cost == pytest.approx(-0.75 * log(0.75) - 0.25 * log(0.25), rel=1e-4)


@pytest.mark.parametrize("k", [None, 3])
def test_a_temperature_in_the_parameters_divides_the_weighted_inputs(backend, rng, k):
    made = [Model(SOFTMAX, SOFTMAX.initialize(backend, seed)) for seed in range(k or 1)]
    model = Model.ensemble(made) if k else made[0]
    x, t = backend.asarray(rng.standard_normal((5, 3))), [2.0, 0.5, 4.0] if k else 2.0
    found = SOFTMAX.outputs(with_temperature(SOFTMAX, model.parameters, t), x)
    scale = np.asarray(t).reshape(-1, 1, 1) if k else t
    assert_close(backend, found, to_numpy(SOFTMAX.outputs(model.parameters, x)) / scale, "product")


def test_a_model_that_is_too_sure_is_calibrated(backend, rng):
    made = [Model(SOFTMAX, SOFTMAX.initialize(backend, s, "large"), classes=("no", "yes")) for s in range(3)]
    cold = [Model(SOFTMAX, with_temperature(SOFTMAX, m.parameters, 0.1), classes=m.classes) for m in made]
    model = Model.ensemble(cold)
    x = backend.asarray(rng.standard_normal((300, 3)))
    truth = to_numpy(Model.ensemble(made).predict_proba(x))[:, 1]
    y = (rng.random(300) < truth).astype(int)
    better = calibrate(model, x, [("no", "yes")[i] for i in y])
    assert better.n_members == 3
    losses = [-np.log(to_numpy(each.predict_proba(x))[np.arange(300), y] + 1e-30).mean() for each in (model, better)]
    assert losses[1] < losses[0]
    errors = [calibration_error(to_numpy(each.predict_proba(x)), y) for each in (model, better)]
    assert errors[1] < errors[0]  # not 0: 300 rows in 15 bins leave about 0.04 by chance


def test_bins_hold_what_was_promised_and_what_came_true():
    p = [[0.1, 0.9], [0.2, 0.8], [0.55, 0.45], [0.5, 0.5]]
    found = reliability(p, [1, 0, 0, 1], bins=4).bins
    assert [(b.low, b.high, b.rows) for b in found] == [(0.25, 0.5, 1), (0.5, 0.75, 1), (0.75, 1.0, 2)]
    assert [b.confidence for b in found] == pytest.approx([0.5, 0.55, 0.85])
    assert [b.share for b in found] == [0.0, 1.0, 0.5]
    assert calibration_error(p, [1, 0, 0, 1], bins=4) == pytest.approx((0.5 + 0.45 + 2 * 0.35) / 4)
    assert str(reliability(p, [1, 0, 0, 1], bins=4)).count("\n") == 3


def test_wrong_arguments_are_told():
    values = Network([3, 1], cost="huber")
    with pytest.raises(ValueError, match="network must end in sigmoid or softmax to have a temperature, got 'linear'"):
        calibrate(Model(values, values.initialize(seed=0)), np.zeros((2, 3)), [0.0, 1.0])
    model = Model(SOFTMAX, SOFTMAX.initialize(seed=0), classes=("no", "yes"))
    with pytest.raises(ValueError, match=r"y must hold labels that the model knows \(no, yes\), got 'maybe'"):
        calibrate(model, np.zeros((2, 3)), ["no", "maybe"])
    with pytest.raises(ValueError, match="y must hold a target for each of the 2 rows"):
        calibrate(model, np.zeros((2, 3)), ["no"])
    with pytest.raises(ValueError, match="z must be finite"):
        fit_temperature(SOFTMAX, SURE * np.nan, [0] * 4)
    with pytest.raises(ValueError, match="t must be finite and above 0, got 0"):
        with_temperature(SOFTMAX, model.parameters, 0.0)
    with pytest.raises(ValueError, match="t must be one number, or one for each"):
        with_temperature(SOFTMAX, model.parameters, [1.0, 2.0])
    with pytest.raises(ValueError, match="p must be probabilities"):
        reliability([[-1.0, 2.0]], [0])
    with pytest.raises(ValueError, match="y must hold labels that the model knows"):
        reliability([[0.5, 0.5]], [2])
