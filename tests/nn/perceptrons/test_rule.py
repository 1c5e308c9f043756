"""The perceptron rule: by hand, against the plain loop, and where it cannot end."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tools import UNGUARDED, assert_at_home, assert_close

import xpnet
from xpnet.backend import to_numpy
from xpnet.nn.perceptrons.perceptron import Perceptron
from xpnet.nn.perceptrons.rule import perceptron_rule, perceptron_updates

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
AND, XOR = [0, 0, 0, 1], [0, 1, 1, 0]


def plain_rule(x, y, passes):
    """Return the last w and b, the mistakes of each pass and (pass, row) of each: example by example."""
    w, b, mistakes, rows = np.zeros_like(x[0]), x.dtype.type(0), [], []
    for epoch in range(1, passes + 1):
        mistakes.append(0)
        for i in range(len(x)):
            output = int(w @ x[i] + b > 0.0)
            if output != y[i]:
                w, b = w + (y[i] - output) * x[i], b + (y[i] - output)
                mistakes[-1] += 1
                rows.append((epoch, i))
        if not mistakes[-1]:
            break
    return w, b, tuple(mistakes), rows


def test_perceptron_rule_learns_and_by_hand(backend):
    updates = list(perceptron_updates(backend.asarray(CORNERS), AND))
    # pass 1: only (1, 1) is wrong.  Pass 2: all but (1, 0)
    seen = [(1, 3, [1, 1], 1), (2, 0, [1, 1], 0), (2, 1, [1, 0], -1), (2, 3, [2, 1], 0)]
    for (epoch, row, perceptron), (expected_epoch, expected_row, w, b) in zip(updates, seen, strict=False):
        assert (epoch, row) == (expected_epoch, expected_row)
        assert_close(backend, perceptron.w, w)
        assert_close(backend, perceptron.b, b)
    result = perceptron_rule(backend.asarray(CORNERS), AND)
    assert result.mistakes == (1, 3, 3, 2, 1, 0)
    assert_close(backend, result.perceptron.w, [2.0, 1.0])
    assert_close(backend, result.perceptron.b, -2.0)
    assert result.separated is True
    assert result.margin == 0.0  # (1, 0) lies on the boundary
    assert str(result) == "separates after 6 passes and 10 mistakes, with margin 0"


def test_perceptron_rule_gives_four_things_in_this_order(backend):
    perceptron, mistakes, separated, margin = perceptron_rule(backend.asarray([[0.0], [2.0], [3.0]]), [0, 1, 1])
    assert to_numpy(perceptron.predict([[0.0], [3.0]])).tolist() == [0, 1]
    assert mistakes == (1, 1, 0)
    assert separated
    assert margin == 0.0


def test_margin_of_a_result_is_positive_off_the_boundary(backend):
    result = perceptron_rule(backend.asarray([[-1.0], [2.0]]), [0, 1])
    # one mistake, at the second row: w = 2, b = 1, and the rows are 1 and 5 from 0
    assert result.mistakes == (1, 0)
    assert result.margin == pytest.approx(1.0 / np.sqrt(5.0), rel=1e-6)
    assert str(result) == "separates after 2 passes and 1 mistake, with margin 0.4472"


def test_perceptron_rule_says_that_xor_is_not_separated(backend):
    result = perceptron_rule(backend.asarray(CORNERS), XOR, passes=12)
    assert result.mistakes == plain_rule(np.asarray(CORNERS), XOR, 12)[2]
    assert (result.separated, result.margin) == (False, None)
    assert str(result) == "does not separate after 12 passes: 4 mistakes in the last"
    assert str(perceptron_rule(CORNERS, XOR, passes=1)).startswith("does not separate after 1 pass: ")


def test_perceptron_rule_agrees_with_the_plain_loop_on_every_backend(backend, rng):
    x = rng.integers(-8, 9, (40, 4)) / 8.0  # sums of eighths are exact in every dtype
    y = (rng.random(40) < 0.5).astype(int)
    w, b, mistakes, rows = plain_rule(x, y, 4)
    result = perceptron_rule(backend.asarray(x), backend.asarray(y), passes=4)
    assert result.mistakes == mistakes
    assert_at_home(backend, result.perceptron)
    np.testing.assert_array_equal(to_numpy(result.perceptron.w), w)
    np.testing.assert_array_equal(to_numpy(result.perceptron.b), b)
    assert [update[:2] for update in perceptron_updates(backend.asarray(x), y, passes=4)] == rows


whole = st.integers(-3, 3)


@settings(deadline=None)
@given(data=st.data(), n=st.integers(2, 12), n_in=st.integers(1, 4), block=st.sampled_from([1, 2, 3, 256]))
def test_perceptron_rule_has_the_trace_of_the_plain_loop(data, n, n_in, block):
    x = np.asarray(data.draw(st.lists(st.lists(whole, min_size=n_in, max_size=n_in), min_size=n, max_size=n)), float)
    y = data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    assume(0 < sum(y) < n)
    w, b, mistakes, rows = plain_rule(x, y, 30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(perceptron_updates.__globals__, "BLOCK", block)
        result, updates = perceptron_rule(x, y, passes=30), list(perceptron_updates(x, y, passes=30))
    assert result.mistakes == mistakes
    assert result.separated == (mistakes[-1] == 0)
    assert [update[:2] for update in updates] == rows
    assert result.perceptron.w.tolist() == w.tolist()
    assert result.perceptron.b == b


def test_perceptron_rule_crosses_its_blocks(rng):
    x = rng.standard_normal((700, 5))
    y = (x @ rng.standard_normal(5) + 0.3 * rng.standard_normal(700) > 0.0).astype(int)
    w, _, mistakes, rows = plain_rule(x, y, 3)
    result = perceptron_rule(x, y, passes=3)
    assert result.mistakes == mistakes
    assert max(row for _, row in rows) > 512
    np.testing.assert_allclose(result.perceptron.w, w, rtol=1e-12)


def test_perceptron_rule_looks_at_the_host_once_for_each_mistake(monkeypatch, backend, rng):
    if backend.name in UNGUARDED:
        pytest.skip("its arrays cannot be watched")
    x, looks = backend.asarray(rng.standard_normal((50, 3))), []
    kind = type(x)
    as_int, as_bool = kind.__int__, kind.__bool__
    monkeypatch.setattr(kind, "__int__", lambda self: (looks.append("int"), as_int(self))[1])
    updates = perceptron_updates(x, [0, 1] * 25, passes=2)
    monkeypatch.setattr(kind, "__bool__", lambda self: (looks.append("bool"), as_bool(self))[1])
    found = len(list(updates))
    assert looks.count("int") == found + 2  # and once at the end of each pass
    assert "bool" not in looks


def test_perceptron_rule_takes_labels_as_they_come():
    expected = perceptron_rule(CORNERS, AND).mistakes
    for y in (np.asarray(AND), np.asarray(AND, dtype=bool), np.asarray(AND, dtype=float), np.asarray(AND, np.uint8)):
        assert perceptron_rule(np.asarray(CORNERS), y).mistakes == expected
    assert perceptron_rule(np.asarray(CORNERS, dtype=np.uint8), AND).mistakes == expected


def test_perceptron_rule_keeps_the_dtype_of_x(backend):
    x = backend.asarray(CORNERS)
    assert_at_home(backend, perceptron_rule(x, AND).perceptron)
    assert perceptron_rule(np.asarray(CORNERS, dtype="float64"), AND).perceptron.w.dtype == np.float64
    assert perceptron_rule(np.asarray(CORNERS, dtype="int64"), AND).perceptron.w.dtype == np.float32
    with xpnet.backend.using(backend):
        assert_at_home(backend, perceptron_rule(CORNERS, AND).perceptron)


def test_perceptron_rule_leaves_its_arguments_alone(rng):
    x, y = np.asarray(CORNERS), np.asarray(AND)
    perceptron_rule(x, y)
    assert x.tolist() == CORNERS
    assert y.tolist() == AND


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": [[0.0], [np.nan]], "y": [0, 1]}, ValueError, "x must be finite, got nan in row 1, column 0"),
        ({"x": [[np.inf], [0.0]], "y": [0, 1]}, ValueError, "x must be finite, got inf in row 0"),
        ({"x": np.zeros((0, 2)), "y": np.zeros(0, int)}, ValueError, "x must hold at least one example"),
        ({"x": np.zeros((2, 0)), "y": [0, 1]}, ValueError, r"x must have shape \(n, n_in\), got \(2, 0\)"),
        ({"x": [0.0, 1.0], "y": [0, 1]}, ValueError, r"x must have shape \(n, n_in\), got \(2,\)"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1]}, ValueError, r"x must have shape \(n, n_in\), got \(2, 3, 1\)"),
        ({"x": [["a"], ["b"]], "y": [0, 1]}, TypeError, "x must hold real numbers"),
        ({"y": [0, 1]}, ValueError, r"y must have shape \(4,\), one label for each row of x, got \(2,\)"),
        ({"y": [[0], [0], [0], [1]]}, ValueError, r"y must have shape \(4,\), .* got \(4, 1\)"),
        ({"y": [0, 0, 0, 0]}, ValueError, "y must hold both labels, 0 and 1, got only 0"),
        ({"y": [1, 1, 1, 1]}, ValueError, "y must hold both labels, 0 and 1, got only 1"),
        ({"y": [-1, 1, 1, 1]}, ValueError, "y must hold labels 0 and 1, got -1 in row 0; .* can be given as y > 0"),
        ({"y": [0, 1, 2, 1]}, ValueError, "y must hold labels 0 and 1, got 2 in row 2"),
        ({"y": [0.0, 1.0, 0.5, 1.0]}, ValueError, "y must hold labels 0 and 1, got 0.5 in row 2"),
        ({"y": [0.0, np.nan, 1.0, 1.0]}, ValueError, "y must hold labels 0 and 1, got nan in row 1"),
        ({"y": ["no", "no", "no", "yes"]}, TypeError, "y must hold real numbers"),
        ({"passes": 0}, ValueError, "passes must be at least 1, got 0"),
        ({"passes": 2.5}, TypeError, "passes must be a whole number, got 2.5"),
    ],
)
def test_perceptron_rule_refuses_what_makes_no_sense(arguments, error, message):
    given_arguments = {"x": CORNERS, "y": AND, **arguments}
    for function in (perceptron_rule, perceptron_updates):  # at once, not at the first update
        with pytest.raises(error, match=message):
            function(**given_arguments)


def test_a_result_is_a_value():
    result = perceptron_rule(CORNERS, AND)
    assert isinstance(result.perceptron, Perceptron)
    with pytest.raises(AttributeError):
        result.separated = False
