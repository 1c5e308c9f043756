import copy
import pickle
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.training import distributions

shares = st.floats(0.0, 1.0, exclude_max=True)


@given(u=shares, low=st.integers(-50, 50), width=st.integers(0, 1000))
def test_integers_are_in_their_range_and_equally_likely(u, low, width):
    value = distributions.integers(low, low + width)(u)
    assert type(value) is int
    assert low <= value <= low + width
    assert value == low + int(u * (width + 1))


@given(u=shares, low=st.integers(1, 50), width=st.integers(0, 1000))
def test_log_integers_are_in_their_range(u, low, width):
    value = distributions.log_integers(low, low + width)(u)
    assert type(value) is int
    assert low <= value <= low + width


def test_a_number_of_log_integers_is_as_likely_as_its_logarithm_is_wide():
    draw, n = distributions.log_integers(1, 9), 90_000
    counts = [0] * 10
    for i in range(n):
        counts[draw(i / n)] += 1
    for i in range(1, 10):
        assert abs(counts[i] / n - log((i + 1) / i) / log(10)) < 1e-3


@given(u=shares)
def test_quantiles_lie_where_the_distribution_function_is_u(u):
    assert distributions.uniform(-1.0, 3.0)(u) == pytest.approx(-1.0 + 4.0 * u)
    value = distributions.log_uniform(1e-3, 1e2)(u)
    assert (log(value) - log(1e-3)) / (log(1e2) - log(1e-3)) == pytest.approx(u, abs=1e-12)


def test_distributions_are_values():
    one = distributions.log_uniform(0.001, 1)
    assert one == distributions.log_uniform(1e-3, 1.0) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
    assert one != distributions.uniform(0.001, 1)
    assert repr(one) == "log_uniform(low=0.001, high=1.0)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: distributions.uniform(1, 1), ValueError, "low must be below high, got low 1 and high 1"),
        (lambda: distributions.uniform("a", 1), TypeError, "low must be a number, got 'a'"),
        (lambda: distributions.uniform(0, float("inf")), ValueError, "high must be finite"),
        (lambda: distributions.log_uniform(0, 1), ValueError, "low must be finite and above 0, got 0"),
        (lambda: distributions.log_uniform(2, 1), ValueError, "low must be below high, got low 2 and high 1"),
        (lambda: distributions.integers(1.5, 3), TypeError, "low must be a whole number, got 1.5"),
        (lambda: distributions.integers(3, 1), ValueError, "high must be at least 3, got 1"),
        (lambda: distributions.log_integers(0, 3), ValueError, "low must be at least 1, got 0"),
    ],
)
def test_bad_limits_are_refused(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value).startswith(message)
