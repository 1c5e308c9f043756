"""L1 and L2."""

import numpy as np
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.nn import Layer, constrain, penalize, penalty


def layer(backend, w, b=9.0):
    return Layer(backend.asarray([w]), backend.asarray([[b]]))


def test_penalty_counts_all_weights_and_no_bias(backend):
    layers = (layer(backend, [3.0, -4.0]), layer(backend, [1.0, 0.0]))
    assert_close(backend, penalty(layers, n=10, l2=2.0), 2.6)
    assert_close(backend, penalty(layers, n=10, l1=1.0), 0.8)
    assert_close(backend, penalty(layers, n=10, l1=1.0, l2=2.0), 3.4)


def test_penalize_adds_the_derivative_and_nothing_at_zero(backend):
    zero = Layer(backend.full((1, 3)), backend.full((1, 1)))
    gradients = penalize((zero,), (layer(backend, [3.0, -4.0, 0.0]),), n=10, l1=1.0, l2=2.0)
    assert_close(backend, gradients[0].w, [[0.7, -0.9, 0.0]])
    assert_close(backend, gradients[0].b, [[0.0]])


def test_penalties_may_differ_in_a_stack(backend):
    w = backend.asarray([[[1.0, -2.0]], [[1.0, -2.0]]])
    stack = (Layer(w, backend.full((2, 1, 1))),)
    zero = (Layer(0.0 * w, backend.full((2, 1, 1))),)
    l2, l1 = backend.asarray([0.0, 10.0]), backend.asarray([10.0, 0.0])
    assert_close(backend, penalty(stack, n=10, l1=l1, l2=l2), [3.0, 2.5])
    expected = [[[1.0, -1.0]], [[1.0, -2.0]]]
    assert_close(backend, penalize(zero, stack, n=10, l1=l1, l2=l2)[0].w, expected)


def test_penalize_leaves_its_arguments_alone(backend):
    before = layer(backend, [3.0, -4.0])
    penalize((before,), (before,), n=1, l2=1.0)
    np.testing.assert_array_equal(to_numpy(before.w), [[3.0, -4.0]])


def test_constrain_shortens_long_rows_only(backend):
    # Keras's example: norms 0, 1, 3 and 3 sqrt(3) against 2
    rows = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [3.0, 0.0, 0.0], [3.0, 3.0, 3.0]]
    layer = Layer(backend.asarray(rows), backend.full((1, 4), 9.0))
    short = constrain((layer,), 2.0)[0]
    assert_close(backend, short.w, [[0.0] * 3, [1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0 / np.sqrt(3.0)] * 3])
    assert_close(backend, short.b, [[9.0] * 4])
