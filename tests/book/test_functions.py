"""The book's small functions."""

# ruff: noqa: NPY002  (the book draws from the global generators, and so must what is held against it)

import numpy as np
import pytest

from xpnet.book import functions, mnist_loader, network, network2


def test_sigmoid_is_the_quotient_of_the_book():
    z = np.linspace(-700.0, 700.0, 1001)
    np.testing.assert_allclose(functions.sigmoid(z), 1.0 / (1.0 + np.exp(-z)), rtol=1e-15)


def test_sigmoid_takes_numbers_lists_and_any_dtype():
    assert functions.sigmoid(0) == 0.5
    assert functions.sigmoid([0, 0]).tolist() == [0.5, 0.5]
    assert functions.sigmoid(np.uint8(1)) == functions.sigmoid(1.0)
    assert functions.sigmoid(np.zeros(2, dtype=np.float32)).dtype == np.float32


def test_sigmoid_overflows_nowhere_and_stays_above_zero_as_long_as_it_can():
    assert functions.sigmoid(np.asarray([-1e4, 1e4])).tolist() == [0.0, 1.0]
    assert functions.sigmoid_prime(np.asarray([-1e4, 1e4])).tolist() == [0.0, 0.0]
    assert 0.0 < functions.sigmoid(-600.0) < functions.sigmoid(-500.0)


def test_sigmoid_prime_is_the_slope():
    z, h = np.linspace(-5.0, 5.0, 11), 1e-6
    slope = (functions.sigmoid(z + h) - functions.sigmoid(z - h)) / (2.0 * h)
    np.testing.assert_allclose(functions.sigmoid_prime(z), slope, atol=1e-9)


def test_vectorized_result_is_a_unit_column():
    assert functions.vectorized_result(np.int64(9)).tolist() == [[0.0]] * 9 + [[1.0]]
    assert network2.vectorized_result is mnist_loader.vectorized_result is functions.vectorized_result


@pytest.mark.parametrize(("j", "error"), [(10, ValueError), (-1, ValueError), (1.5, TypeError), ("1", TypeError)])
def test_vectorized_result_refuses_what_is_no_digit(j, error):
    with pytest.raises(error, match="j must be a"):
        functions.vectorized_result(j)


def test_normal_draws_all_biases_and_then_all_weights_from_the_global_generator():
    np.random.seed(3)
    b1, b2, w1, w2 = np.random.randn(3, 1), np.random.randn(2, 1), np.random.randn(3, 4), np.random.randn(2, 3)
    np.random.seed(3)
    biases, weights = functions.normal([4, 3, 2])
    for drawn, expected in zip([*biases, *weights], [b1, b2, w1, w2], strict=True):
        np.testing.assert_array_equal(drawn, expected)


def test_both_chapters_export_the_books_names():
    assert {"Network", "sigmoid", "sigmoid_prime"} <= set(network.__all__)
    assert {"Network", "QuadraticCost", "CrossEntropyCost", "load"} <= set(network2.__all__)
