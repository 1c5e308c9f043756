"""Perceptrons that compute."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import assert_at_home, assert_close

from xpnet.backend import get, to_numpy, using
from xpnet.data import load_digits
from xpnet.nn import Layer, Network, forward, sigmoid, step
from xpnet.nn.inspecting.sensitivity import sharpened
from xpnet.nn.perceptrons.logic import add_bits, binary_output, nand, nand_perceptron
from xpnet.training import train

X1, X2 = [0, 0, 1, 1], [0, 1, 0, 1]


def test_nand_perceptron_has_the_weights_of_the_book(backend):
    perceptron = nand_perceptron(backend)
    assert_close(backend, perceptron.w, [-2.0, -2.0])
    assert_close(backend, perceptron.b, 3.0)
    x = backend.asarray(np.stack([X1, X2], axis=1))
    assert_close(backend, perceptron.weighted_input(x), [3.0, 1.0, 1.0, -1.0])
    assert to_numpy(perceptron.predict(x)).tolist() == [1, 1, 1, 0]


def test_nand_takes_bits_of_any_kind(backend):
    for dtype in (bool, "int64", "float64"):
        x1, x2 = (backend.asarray(np.asarray(bits, dtype=dtype)) for bits in (X1, X2))
        assert to_numpy(nand(x1, x2)).tolist() == [1, 1, 1, 0]
        assert_at_home(backend, nand(x1, x2))
    assert int(nand(1, 1)) == 0
    assert int(nand(True, False)) == 1
    with using(backend):
        assert_at_home(backend, nand(1, 0))


def test_add_bits_gives_sum_and_carry(backend):
    total, carry = add_bits(backend.asarray(np.asarray(X1)), backend.asarray(np.asarray(X2)))
    assert_at_home(backend, total, carry)
    assert to_numpy(total).tolist() == [0, 1, 1, 0]
    assert to_numpy(carry).tolist() == [0, 0, 0, 1]


def test_add_bits_broadcasts(backend):
    bits = backend.asarray(np.asarray([0, 1]))
    total, carry = add_bits(bits[:, None], bits)
    assert to_numpy(total).tolist() == [[0, 1], [1, 0]]
    assert to_numpy(carry).tolist() == [[0, 0], [0, 1]]


def digits_in_binary(x, n):
    return [x >> j & 1 for j in range(n)]


@settings(deadline=None)
@given(x=st.lists(st.integers(0, 255), min_size=1, max_size=20), y=st.data())
def test_chained_adders_add_any_numbers(x, y):
    x = np.asarray(x)
    y = np.asarray(y.draw(st.lists(st.integers(0, 255), min_size=x.size, max_size=x.size)))
    carry, total = np.zeros_like(x), np.zeros_like(x)
    for j, (x1, x2) in enumerate(zip(digits_in_binary(x, 9), digits_in_binary(y, 9), strict=True)):
        half = add_bits(x1, x2)
        whole = add_bits(half.sum, carry)
        total += whole.sum.astype(int) << j
        carry = nand(1 - half.carry, 1 - whole.carry)  # one carry or the other
    assert (total == x + y).all()


@settings(deadline=None)
@given(f=st.lists(st.integers(0, 1), min_size=8, max_size=8))
def test_nand_builds_every_function_of_three_bits(f):
    rows = np.asarray(list(itertools.product([0, 1], repeat=3)))
    none = np.ones(8, dtype=int)  # for each row of f that is 1, whether it is not this one
    for row in rows[np.asarray(f) == 1]:
        literals = [x if wanted else nand(x, x) for x, wanted in zip(rows.T, row, strict=True)]
        first = nand(literals[0], literals[1])
        here = nand(nand(first, first), literals[2])  # 0 where all three are 1
        both = nand(none, here)
        none = nand(both, both)
    assert nand(none, none).tolist() == f


@pytest.mark.parametrize("wrong", [2, -1, 0.5, float("nan")])
def test_nand_refuses_what_is_no_bit(backend, wrong):
    with pytest.raises(ValueError, match="x1 must hold 0 and 1 only"):
        nand(backend.asarray([0.0, wrong]), 1)
    with pytest.raises(ValueError, match="x2 must hold 0 and 1 only"):
        add_bits(1, backend.asarray([wrong]))


# ---- the output in binary -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_classes", "n_digits"), [(2, 1), (3, 2), (4, 2), (5, 3), (10, 4), (16, 4), (17, 5)])
def test_binary_output_writes_every_class(backend, n_classes, n_digits):
    layer = binary_output(n_classes, backend)
    assert layer.w.shape == (n_digits, n_classes)
    written = forward((layer,), backend.asarray(np.eye(n_classes)), (step,)).activations[-1]
    expected = [[float(label >> j & 1) for j in range(n_digits)] for label in range(n_classes)]
    assert_close(backend, written, expected)


def test_binary_output_bears_the_uncertainty_of_the_exercise(backend, rng):
    # the right output at least 0.99, the others below 0.01
    a = rng.uniform(0.0, 0.01, (10, 10)) * (1.0 - np.eye(10)) + rng.uniform(0.99, 1.0, (10, 1)) * np.eye(10)
    layer = binary_output(backend=backend)
    exact = forward((layer,), backend.asarray(a), (step,)).activations[-1]
    soft = forward(sharpened((layer,), 20.0), backend.asarray(a), (sigmoid,)).activations[-1]
    assert (to_numpy(exact) @ [1, 2, 4, 8]).tolist() == list(range(10))
    assert np.abs(to_numpy(soft) - to_numpy(exact)).max() < 0.001


def test_binary_output_reads_a_trained_network():
    digits = load_digits()
    x, home = digits.x / 16.0, get("numpy", dtype="float64")
    result = train(Network([64, 30, 10]), (x, digits.y), epochs=5, backend=home)
    ten = result.network.feedforward(result.parameters, x)
    largest = ten.max(axis=1)
    clear = (largest > 0.9) & (ten.sum(axis=1) - largest < 0.3)  # the exercise supposes more than that
    assert clear.mean() > 0.5
    parameters = (*result.parameters, *sharpened((binary_output(backend=home),), 50.0))
    four = Network([64, 30, 10, 4], cost="quadratic").feedforward(parameters, x)
    assert (((four > 0.5) @ [1, 2, 4, 8]) == ten.argmax(axis=1))[clear].all()


def test_binary_output_refuses_what_makes_no_sense():
    with pytest.raises(ValueError, match="n_classes must be at least 2, got 1"):
        binary_output(1)
    with pytest.raises(TypeError, match="n_classes must be a whole number, got"):
        binary_output(2.5)
    assert isinstance(binary_output(2), Layer)
