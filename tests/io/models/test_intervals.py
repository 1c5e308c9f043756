"""Errors on other rows, as a model keeps them: conservative quantiles, files with and without them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet import Model, Network, load, save
from xpnet.io import Errors

NETWORK = Network([1, 1], output="linear", cost="quadratic")


def regression(**fields):
    return Model(NETWORK, NETWORK.initialize(seed=0), **fields)


@given(
    errors=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3000),
    coverage=st.floats(0.01, 0.99),
)
def test_a_quantile_never_promises_less_than_all_errors_would(errors, coverage):
    n, kept = len(errors), Errors.of(errors)
    rank = math.ceil((n + 1) * coverage - 1e-9)
    assert len(kept.sizes) <= 1000
    if rank > n:
        assert not kept.holds(coverage)
        with pytest.raises(ValueError, match="errors at least, got"):
            kept.quantile(coverage)
    else:
        assert kept.quantile(coverage) >= sorted(map(abs, errors))[rank - 1]


def test_many_errors_are_kept_nearly_whole():  # rounded up by a thousandth of them at most
    errors = np.random.default_rng(0).standard_normal(100_000)
    assert Errors.of(errors).quantile(0.9) == pytest.approx(np.quantile(np.abs(errors), 0.901), rel=2e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Errors.of([]), r"errors must have shape \(n,\), at least one"),
        (lambda: Errors.of([0.1, math.nan]), "errors must be finite|nan"),
        (lambda: Errors(1, (0.1, 0.2)), "sizes must be 1 to n = 1, got 2"),
        (lambda: Errors(3, (0.2, 0.1)), "sizes must be finite, at least 0 and sorted"),
        (lambda: Errors.of([0.1] * 5).quantile(0.9), "coverage 0.9 must have 9 errors at least, got 5"),
        (lambda: Errors.of([0.1] * 5).quantile(1.0), "coverage must be"),
        (lambda: regression().predict_interval([[1.0]]), "model must know its errors on other rows"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_files_hold_them_and_others_are_as_before(tmp_path):
    plain, sure = regression(), regression(errors=Errors.of([0.3, -0.1, 0.2, 0.4]))
    save(tmp_path / "plain.safetensors", plain)
    save(tmp_path / "sure.safetensors", sure)
    assert load(tmp_path / "sure.safetensors").errors == sure.errors
    assert load(tmp_path / "plain.safetensors").errors is None
    assert b"errors" not in (tmp_path / "plain.safetensors").read_bytes()
    ends = load(tmp_path / "sure.safetensors").predict_interval([[2.0]], 0.5)
    middle = sure.predict([[2.0]])
    np.testing.assert_allclose(ends, [[middle[0] - 0.3, middle[0] + 0.3]], rtol=1e-6)


def test_parts_of_an_ensemble_have_errors_of_their_own():
    both = Model.ensemble([regression(errors=Errors.of([0.1] * 9)), regression(errors=Errors.of([0.1] * 9))])
    assert both.errors is None
    assert both.member(0).errors is None
