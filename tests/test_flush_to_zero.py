"""float32 where subnormal numbers are zero, as in CuPy's kernels: nothing that is normal is lost, nothing is NaN.

`XPNET_TEST_BACKENDS=flushed` runs every float32 test of the mathematics so; here is what must hold at the edge.
"""

import flush_to_zero
import numpy as np
import pytest

from xpnet import linalg
from xpnet.backend import get
from xpnet.execution import executor
from xpnet.execution.loop import Loop
from xpnet.nn import Network
from xpnet.training import adam

pytestmark = pytest.mark.skipif(flush_to_zero.missing() is not None, reason=str(flush_to_zero.missing()))
TINY = np.finfo(np.float32).smallest_normal


@pytest.fixture(autouse=True)
def _flushing():
    with flush_to_zero.flushing():
        yield


def test_the_processor_flushes():
    subnormal = np.asarray([1e-42], np.float32)
    assert (subnormal * np.float32(1.0)).tolist() == [0.0]
    assert (np.asarray([TINY]) * np.float32(0.5)).tolist() == [0.0]
    assert (np.asarray([TINY]) * np.float32(1.0)).tolist() == [TINY]


@pytest.mark.parametrize("scale", [1e-42, 1e-40])
def test_subnormal_arrays_count_as_zero_and_never_as_nan(scale):
    a = np.full((4, 3), scale, np.float32)
    for p in (1, 2, 3, np.inf):
        assert float(linalg.vector_norm(a, ord=p)) == 0.0
    assert linalg.svdvals(a).tolist() == [0.0] * 3
    assert int(linalg.matrix_rank(a)) == 0
    for x in (*linalg.svd(a), *linalg.gram_schmidt(a)[:2], linalg.pinv(a)):
        assert np.isfinite(x).all()


def test_a_norm_counts_numbers_whose_squares_vanish():
    roots = np.sqrt(np.asarray([[4.0], [0.9], [0.9]])).astype(np.float32)
    x = roots * np.float32(2.0**-63)  # the square of the first is 4 TINY, of the others 0
    assert linalg.vector_norm(x, axis=0) == pytest.approx([5.8**0.5 * 2.0**-63], rel=1e-6, abs=0.0)


def test_numbers_near_the_smallest_normal_one_keep_their_digits(rng):
    a = rng.uniform(1.0, 2.0, (5, 3)).astype(np.float32)
    small, unit = a * np.float32(16.0) * TINY, 16.0 * float(TINY)
    expected = float(np.linalg.norm(a)) * unit
    assert float(linalg.vector_norm(small)) == pytest.approx(expected, rel=1e-5, abs=0.0)
    assert linalg.svdvals(small)[0] == pytest.approx(float(np.linalg.svd(a)[1][0]) * unit, rel=1e-5, abs=0.0)


def test_training_is_the_plain_loops_with_gradients_that_vanish():
    home, network, optimizer = get("numpy", dtype="float32"), Network([3, 4, 2]), adam(0.1)
    parameters = network.initialize(home, 0)
    x, y = np.full((6, 5, 3), 1e-38, np.float32), np.tile(np.eye(2, dtype=np.float32)[[0, 1, 0, 1, 1]], (6, 1, 1))

    def step(carry, inputs):
        gradients, z = network.backward(carry[0], *inputs)
        moved, slots = optimizer.move(gradients, carry[1], carry[0], optimizer.numbers(0))
        return (moved, slots), z

    carry = (parameters, optimizer.init(parameters).slots)
    (moved, _), outputs = executor(step, "numpy")(carry, (x, y))
    (plain, _), expected = Loop(step)(carry, (x, y))
    np.testing.assert_array_equal(outputs, expected)
    assert np.isfinite(outputs).all()
    for a, b in zip(moved, plain, strict=True):
        np.testing.assert_array_equal(a.w, b.w)
        assert np.isfinite(a.w).all()
