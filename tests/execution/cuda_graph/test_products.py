"""How cuBLAS is told of matrices that lie anyhow: its products are NumPy's, and a refusal has a reason.

Shapes, strides and stacks are drawn at random; cuBLAS is a stand-in that reads memory from pointers, as it would.
"""

import numpy as np
import pytest
from fake_cublas import Library

from xpnet.execution.cuda_graph.cublas import Cublas, matrix, product
from xpnet.execution.recording.calls import Layout

CASES = 1500


def anyhow(rng, shape, dtype):
    """Return random numbers of a shape, lying in memory as chance has it: axes swapped, stretched, turned or apart."""
    axes = rng.permutation(len(shape)) if rng.random() < 0.3 else np.arange(len(shape))
    if rng.random() < 0.4:
        axes = [*axes[:-2], axes[-1], axes[-2]]
    stretch = [int(rng.choice([1, 1, 1, 2])) for _ in shape]
    room = [int(rng.choice([0, 0, 0, 3])) for _ in shape]
    block = rng.standard_normal([shape[i] * stretch[i] + room[i] for i in axes]).astype(dtype)
    x = block.transpose(np.argsort(axes))
    x = x[tuple(slice(0, n * s, s) for n, s in zip(shape, stretch, strict=True))]
    return np.flip(x, axis=int(rng.integers(x.ndim))) if rng.random() < 0.05 else x


def drawn(rng):
    """Return factors and a place for their product."""
    dtype = str(rng.choice(["float32", "float64"]))
    m, k, n = (int(i) for i in rng.integers(1, 6, 3))
    stack = tuple(int(i) for i in rng.integers(1, 4, int(rng.integers(0, 3))))
    a, b = (stack if rng.random() < 0.7 else () for _ in "ab")
    factors = [anyhow(rng, (*lines, *ends), dtype) for lines, ends in ((a, (m, k)), (b, (k, n)))]
    if stack and rng.random() < 0.2:  # one matrix for all, as broadcasting has it
        factors[0] = np.broadcast_to(factors[0][(0,) * len(a)], (*stack, m, k))
    whole = np.broadcast_shapes(*(x.shape[:-2] for x in factors))
    out = np.full((*whole, m, n), np.nan, dtype)
    return (*factors, out)


def test_products_are_numpys():
    rng, library, described = np.random.default_rng(0), Library(), 0
    cublas = Cublas(library, 5, 5)
    for _ in range(CASES):
        a, b, out = drawn(rng)
        asked = product(*map(Layout.of, (a, b, out)))
        if asked is None:
            assert any(matrix(Layout.of(x)) is None for x in (a, b)), (a.strides, b.strides)
            continue
        described += 1
        cublas.multiply(asked, a.dtype, *(x.ctypes.data for x in (a, b, out)))
        np.testing.assert_allclose(out, a @ b, rtol=0, atol=1e-5 if a.dtype == "float32" else 1e-13)
    assert described > 0.5 * CASES


def can_be_read(x):
    """Return whether some description of matrices that lie line by line, or column by column, is that of `x`."""
    (rows, columns), size = x.shape[-2:], x.itemsize
    places = np.zeros(x.shape, int)
    for axis, (n, step) in enumerate(zip(x.shape, x.strides, strict=True)):
        places += (np.arange(n) * (step // size)).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    stack = places.reshape(-1, rows, columns)
    i, j = np.arange(rows)[:, None], np.arange(columns)
    leadings = {max(1, columns), max(1, rows), *(step // size for step in x.strides)}
    aparts = {0, *(step // size for step in x.strides)}
    return any(
        leading >= max(1, inner) and np.array_equal(stack, np.arange(len(stack))[:, None, None] * apart + one)
        for leading in leadings
        for one, inner in ((i * leading + j, columns), (i + j * leading, rows))
        for apart in aparts
    )


def test_what_can_be_read_is_read_and_nothing_else():
    rng, refused = np.random.default_rng(1), 0
    for _ in range(CASES):
        for x in drawn(rng)[:2]:
            found = matrix(Layout.of(x))
            refused += found is None
            assert (found is not None) == can_be_read(x), (x.shape, x.strides)
    assert 0.05 * CASES < refused < CASES


@pytest.mark.parametrize(("a", "b"), [((2, 1, 3, 4), (1, 5, 4, 2)), ((3, 3, 4), (2, 3, 4, 2))])
def test_stacks_that_are_neither_whole_nor_one_are_left_to_others(a, b):
    x, y = np.ones(a), np.ones(b)
    assert product(*map(Layout.of, (x, y, x @ y))) is None
