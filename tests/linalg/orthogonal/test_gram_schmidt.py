"""Gram-Schmidt, in all its ways."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tools import assert_at_home, assert_close, no_looking

import xpnet.backend
import xpnet.linalg.orthogonal.gram_schmidt_columns
from xpnet.backend import is_look_free, to_numpy
from xpnet.linalg.orthogonal.basis import orthogonality_loss
from xpnet.linalg.orthogonal.gram_schmidt import METHODS, append_columns, gram_schmidt
from xpnet.linalg.orthogonal.gram_schmidt_columns import classical, modified

EXACT = ["cgs2", "mgs2", "block", "householder"]  # orthonormal to rounding, whatever the matrix
NUMPY = xpnet.backend.get("numpy", dtype="float64")
ROUNDOFF = {"float32": 6e-8, "float64": 1.2e-16}


def hilbert(n):
    i = np.arange(n)
    return 1.0 / (i[:, None] + i + 1.0)


def lauchli(n, e):
    return np.vstack([np.ones((1, n)), e * np.eye(n)])


def graded(m, n, condition):
    """Return a matrix with random singular vectors and singular values from 1 to 1/condition."""
    rng = np.random.default_rng(0)
    u, v = (np.linalg.qr(rng.normal(size=(rows, n)))[0] for rows in (m, n))
    return u * np.geomspace(1.0, 1.0 / condition, n) @ v.T


HARD = {
    "hilbert 8": hilbert(8),
    "hilbert 10": hilbert(10),
    "hilbert 12": hilbert(12),
    "lauchli 3, 1e-8": lauchli(3, 1e-8),
    "lauchli 50, 1e-8": lauchli(50, 1e-8),
    "lauchli 50, 1e-6": lauchli(50, 1e-6),
    "random 1e4": graded(200, 50, 1e4),
    "random 1e8": graded(200, 50, 1e8),
    "random 1e12": graded(200, 50, 1e12),
}


@pytest.fixture
def eager(backend):
    """`backend`, but for JAX, which compiles every operation anew for every shape."""
    if backend.name == "jax":
        pytest.skip("JAX would compile for seconds: it is tested on a few shapes")
    return backend


def as_complex(backend, x):
    """Return complex `x` on the backend, in its precision; its own door takes real numbers only."""
    dtype = {"float32": backend.xp.complex64, "float64": backend.xp.complex128}[backend.dtype_name]
    return backend.xp.asarray(x, dtype=dtype, device=backend.device)


def assert_factors(backend, a, found):
    """Assert what holds for every method: a = q r, r is a triangle, and rank, kept and zeros agree."""
    assert_at_home(backend, found)
    q, r, rank, kept = (to_numpy(x) for x in found)
    m, n = a.shape[-2:]
    assert (q.shape, r.shape) == ((*a.shape[:-2], m, n), (*a.shape[:-2], n, n))
    assert (rank.shape, kept.shape) == (a.shape[:-2], (*a.shape[:-2], n))
    residual, size = (np.linalg.norm(x, axis=(-2, -1)) for x in (a - q @ r, a))
    assert np.all(residual <= 10.0 * ROUNDOFF[backend.dtype_name] * np.sqrt(n) * size)
    diagonal = np.diagonal(r, axis1=-2, axis2=-1)
    assert np.all(np.tril(r, -1) == 0.0)
    assert np.all(diagonal.imag == 0.0)
    assert np.array_equal(diagonal.real > 0.0, kept)
    assert np.array_equal(np.any(q != 0.0, axis=-2), kept)
    assert np.array_equal(rank, kept.sum(axis=-1))
    assert np.all(rank <= m)


def assert_orthonormal(backend, q, much=20.0):
    m, n = q.shape[-2:]
    assert np.all(to_numpy(orthogonality_loss(q)) <= much * max(m, n) ** 0.5 * ROUNDOFF[backend.dtype_name])


# ---- by hand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_gram_schmidt_finds_a_basis_worked_by_hand(backend, method):
    # r_12 = (3 * 1 + 4 * 7) / 5 = 31/5, v = (1, 7, 0) - 31/5 (3, 4, 0)/5 = (-68, 51, 0)/25, of length 85/25
    a = backend.asarray([[3.0, 1.0, 6.0], [4.0, 7.0, 8.0], [0.0, 0.0, 0.0]])
    q, r, rank, kept = gram_schmidt(a, method=method)
    assert_close(backend, q, [[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 0.0]])
    assert_close(backend, r, [[5.0, 6.2, 10.0], [0.0, 3.4, 0.0], [0.0, 0.0, 0.0]])
    assert int(rank) == 2
    assert to_numpy(kept).tolist() == [True, True, False]
    assert kept.dtype == backend.xp.bool
    assert backend.xp.isdtype(rank.dtype, "integral")


@pytest.mark.parametrize("method", METHODS)
def test_gram_schmidt_of_two_columns_in_space_worked_by_hand(eager, method):
    # r_12 = 1/sqrt 2, v = (1, 0, 1) - (1, 1, 0)/2 = (1, -1, 2)/2, of length sqrt(6)/2
    q, r, rank, kept = gram_schmidt(eager.asarray([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]), method=method)
    two, six = np.sqrt(2.0), np.sqrt(6.0)
    assert_close(eager, q, [[1.0 / two, 1.0 / six], [1.0 / two, -1.0 / six], [0.0, 2.0 / six]])
    assert_close(eager, r, [[two, 1.0 / two], [0.0, six / 2.0]])
    assert int(rank) == 2
    assert to_numpy(kept).tolist() == [True, True]


@pytest.mark.parametrize("method", METHODS)
def test_gram_schmidt_drops_dependent_columns_and_goes_on(eager, method):
    a = eager.asarray([[2.0, -4.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]])
    q, r, rank, kept = gram_schmidt(a, method=method)
    assert_close(eager, q, [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert_close(eager, r, [[2.0, -4.0, 0.0, 1.0], [0.0] * 4, [0.0] * 4, [0.0, 0.0, 0.0, 3.0]])
    assert int(rank) == 2
    assert to_numpy(kept).tolist() == [True, False, False, True]


@pytest.mark.parametrize("method", METHODS)
def test_gram_schmidt_of_complex_columns_worked_by_hand(backend, method):
    # q_1 = (1, i)/sqrt 2; q_1^H (1, 1) = (1 - i)/sqrt 2; what is left is ((1 + i)/2, (1 - i)/2), of length 1
    a = np.asarray([[1.0, 1.0, 0.0], [1.0j, 1.0, 0.0], [0.0, 0.0, 2.0j]])
    found = gram_schmidt(as_complex(backend, a), method=method)
    assert_factors(backend, a, found)
    root = np.sqrt(2.0)
    q = np.asarray([[1.0 / root, 0.5 + 0.5j, 0.0], [1.0j / root, 0.5 - 0.5j, 0.0], [0.0, 0.0, 1.0j]])
    r = np.asarray([[root, (1.0 - 1.0j) / root, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    for part in ("real", "imag"):
        assert_close(backend, getattr(backend.xp, part)(found.q), getattr(q, part))
        assert_close(backend, getattr(backend.xp, part)(found.r) + 1.0, getattr(r, part) + 1.0)


@pytest.mark.parametrize("method", METHODS)
def test_gram_schmidt_of_one_column_is_its_direction(eager, method):
    q, r, rank, _ = gram_schmidt(eager.asarray([[-3.0], [4.0]]), method=method)
    assert_close(eager, q, [[-0.6], [0.8]])
    assert_close(eager, r, [[5.0]])
    assert int(rank) == 1


# ---- accuracy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HARD)
def test_every_method_is_as_orthogonal_as_it_says(name):
    a = HARD[name]
    losses = {method: float(orthogonality_loss(gram_schmidt(a, method=method).q)) for method in METHODS}
    for method in EXACT:
        assert losses[method] <= 1e-14, method
    assert losses["mgs"] <= 10.0 * np.linalg.cond(a) * 2.2e-16


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_leaves_no_residual(name, method):
    a = HARD[name]
    q, r, rank, _ = gram_schmidt(a, method=method)
    assert np.linalg.norm(a - q @ r) <= 10.0 * 1.2e-16 * np.sqrt(a.shape[1]) * np.linalg.norm(a)
    assert rank == a.shape[1]


def test_classical_gram_schmidt_loses_orthogonality_as_the_textbooks_say():
    # 1 + e^2 rounds to 1, so that both remainders are (0, -e, e, 0) and (0, -e, 0, e): 60 degrees apart
    q = gram_schmidt(lauchli(3, 1e-8), method="cgs").q
    assert abs(q[:, 1] @ q[:, 2] - 0.5) < 1e-7
    assert orthogonality_loss(q) > 0.1
    assert orthogonality_loss(gram_schmidt(lauchli(3, 1e-8), method="mgs").q) > 1e-9
    assert orthogonality_loss(gram_schmidt(HARD["random 1e8"], method="cgs").q) > 0.1


@pytest.mark.parametrize("method", EXACT)
def test_hard_matrices_come_out_orthonormal_on_every_library(backend, method):
    e = 1e-8 if backend.dtype_name == "float64" else 3e-4
    for a in (lauchli(3, e)[:3], graded(3, 3, 1.0 / e)):
        a = to_numpy(backend.asarray(a))
        found = gram_schmidt(backend.asarray(a), method=method)
        assert_factors(backend, a, found)
        assert_orthonormal(backend, found.q)


@pytest.mark.parametrize("method", METHODS)
def test_panels_join(eager, rng, method, monkeypatch):
    monkeypatch.setattr(xpnet.linalg.orthogonal.gram_schmidt_columns, "PANEL", 2)
    a = rng.normal(size=(5, 3)).astype(eager.dtype_name)
    found = gram_schmidt(eager.asarray(a), method=method)
    assert_factors(eager, a, found)
    assert_orthonormal(eager, found.q, much=1e3 if method in ("cgs", "mgs") else 20.0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(7, 7), (9, 4), (4, 9)])
def test_gram_schmidt_of_tall_square_and_wide_matrices(eager, rng, method, shape):
    a = rng.normal(size=shape).astype(eager.dtype_name)
    found = gram_schmidt(eager.asarray(a), method=method)
    assert_factors(eager, a, found)
    assert_orthonormal(eager, found.q, much=1e4 if method in ("cgs", "mgs") else 20.0)
    assert to_numpy(found.kept).tolist() == [j < shape[0] for j in range(shape[1])]


@pytest.mark.parametrize("method", METHODS)
def test_many_columns_cross_panels(method, rng):
    a = rng.normal(size=(120, 75))
    a[:, 40], a[:, 70] = a[:, 3] - a[:, 39], 0.0
    found = gram_schmidt(a, method=method)
    reference = gram_schmidt(a, method="mgs2")
    assert np.array_equal(found.kept, np.delete(np.ones(77, dtype=bool), [0, 1]) & ~np.isin(np.arange(75), [40, 70]))
    np.testing.assert_allclose(found.q, reference.q, atol=1e-12)
    np.testing.assert_allclose(found.r, reference.r, atol=1e-11)


# ---- rank -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_random_matrices_made_dependent_lose_exactly_those_columns(method):
    random = np.random.RandomState(20120714)
    for _ in range(20):
        a = random.normal(size=(40, 10))
        a[:, 0] = a[:, 1] + a[:, 2]
        nine = gram_schmidt(a, method=method)
        assert nine.rank == 9
        assert nine.kept.tolist() == [True, True, False, *[True] * 7]
        a[:, 3] = a[:, 4] + a[:, 5]
        eight = gram_schmidt(a, method=method)
        assert eight.rank == 8
        assert eight.kept.tolist() == [True, True, False, True, True, False, *[True] * 4]
        assert orthogonality_loss(eight.q) < (1e-13 if method in ("cgs", "mgs") else 3e-15)


@pytest.mark.parametrize("method", METHODS)
def test_duplicates_in_small_integers_are_dropped(eager, method):
    a = np.asarray([[1.0, 2.0, 1.0, 3.0, 1.0], [1.0, 2.0, -1.0, 0.0, 1.0], [1.0, 2.0, 1.0, 3.0, 0.0]])
    found = gram_schmidt(eager.asarray(a), method=method)
    assert_factors(eager, a, found)
    assert to_numpy(found.kept).tolist() == [True, False, True, False, True]


@pytest.mark.parametrize("method", METHODS)
def test_the_zero_matrix_has_no_basis(eager, method):
    found = gram_schmidt(eager.full((2, 4, 3)), method=method)
    assert_close(eager, found.q, np.zeros((2, 4, 3)))
    assert_close(eager, found.r, np.zeros((2, 3, 3)))
    assert to_numpy(found.rank).tolist() == [0, 0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(3, 0), (0, 3), (0, 0), (0, 3, 2), (2, 3, 0)])
def test_empty_matrices_have_an_empty_basis(eager, method, shape):
    q, r, rank, kept = gram_schmidt(eager.full(shape), method=method)
    assert q.shape == shape
    assert r.shape == (*shape[:-2], shape[-1], shape[-1])
    assert rank.shape == shape[:-2]
    assert kept.shape == (*shape[:-2], shape[-1])
    assert not np.any(to_numpy(kept))


@pytest.mark.parametrize("method", METHODS)
def test_no_more_columns_are_kept_than_there_are_rows_even_without_a_tolerance(method, rng):
    found = gram_schmidt(rng.normal(size=(3, 50)), method=method, rtol=0.0)
    assert found.rank <= 3


@pytest.mark.parametrize("method", METHODS)
def test_rtol_decides_what_counts_as_dependent(eager, method):
    a = eager.asarray([[1.0, 1.0], [0.0, 1e-2]])
    assert int(gram_schmidt(a, method=method).rank) == 2
    assert int(gram_schmidt(a, method=method, rtol=0.02).rank) == 1
    q, r, _, _ = gram_schmidt(a, method=method, rtol=0.02)
    assert_close(eager, q, [[1.0, 0.0], [0.0, 0.0]])
    assert_close(eager, r, [[1.0, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize("method", METHODS)
def test_rtol_is_measured_by_the_length_of_the_column(eager, method):
    # lengths 4 and about 4; what is left of the second is (0.2, -0.2, 0, ...), of length 0.28
    a = np.ones((16, 2))
    a[:2, 1] += [0.2, -0.2]
    assert int(gram_schmidt(eager.asarray(a), method=method, rtol=0.1).rank) == 1
    assert int(gram_schmidt(eager.asarray(a), method=method, rtol=0.06).rank) == 2


@pytest.mark.parametrize("method", METHODS)
def test_remainders_whose_square_is_no_number_are_dropped_and_others_not(method):
    for remainder, rank in ((1e-140, 2), (1e-150, 1)):
        found = gram_schmidt(np.asarray([[1.0, 1.0], [0.0, remainder]]), method=method, rtol=0.0)
        assert found.rank == rank
        np.testing.assert_allclose(found.q, [[1.0, 0.0], [0.0, rank - 1.0]], rtol=1e-15)


# ---- stacks, scale, kinds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_stack_of_different_ranks_equals_its_matrices_one_by_one(backend, rng, method):
    a = rng.normal(size=(2, 3, 3, 3)).astype(backend.dtype_name)
    a[0, 1, :, 1] = 2.0 * a[0, 1, :, 0]
    a[1, 0] = 0.0
    a[1, 2, :, 0], a[1, 2, :, 2] = 0.0, -a[1, 2, :, 1]
    stack = gram_schmidt(backend.asarray(a), method=method)
    assert_factors(backend, a, stack)
    assert to_numpy(stack.rank).tolist() == [[3, 2, 3], [0, 3, 1]]
    for i in np.ndindex(2, 3):
        alone = gram_schmidt(backend.asarray(a[i]), method=method)
        assert_close(backend, stack.q[(*i, ...)], to_numpy(alone.q), "product")
        assert_close(backend, stack.r[(*i, ...)], to_numpy(alone.r), "product")
        assert to_numpy(stack.kept)[i].tolist() == to_numpy(alone.kept).tolist()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dependent", [False, True])
def test_complex_stacks_keep_all_promises(eager, rng, method, dependent):
    a = rng.normal(size=(2, 6, 4)) + 1j * rng.normal(size=(2, 6, 4))
    if dependent:
        a[1, :, 2] = (2.0 - 1.0j) * a[1, :, 0]
    a = to_numpy(as_complex(eager, a))
    found = gram_schmidt(as_complex(eager, a), method=method)
    assert_factors(eager, a, found)
    assert_orthonormal(eager, found.q, much=1e3 if method in ("cgs", "mgs") else 20.0)
    assert to_numpy(found.rank).tolist() == [4, 3 if dependent else 4]


@pytest.mark.parametrize("method", METHODS)
def test_the_length_of_a_column_does_not_matter(eager, rng, method):
    far = 100 if eager.dtype_name == "float64" else 15
    lengths = 2.0 ** np.asarray([6 * far, -6 * far, 0, 3])
    a = rng.normal(size=(6, 4)).astype(eager.dtype_name)
    plain = gram_schmidt(eager.asarray(a), method=method)
    found = gram_schmidt(eager.asarray((a * lengths).astype(eager.dtype_name)), method=method)
    assert_close(eager, found.q, to_numpy(plain.q))
    assert_close(eager, found.r / eager.asarray(lengths), to_numpy(plain.r))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [1e300, 1e200, 1e-200, 1e-300, 1e-310])
def test_extreme_sizes_neither_overflow_nor_vanish(method, size):
    a = size * np.asarray([[3.0, 1.0, 0.0], [4.0, 7.0, 0.0], [0.0, 0.0, 1.0]])
    found = gram_schmidt(a, method=method)
    np.testing.assert_allclose(found.q, [[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]], atol=1e-12)
    np.testing.assert_allclose(found.r / size, [[5.0, 6.2, 0.0], [0.0, 3.4, 0.0], [0.0, 0.0, 1.0]], atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_many_complex_columns_have_a_real_diagonal(method, rng):
    a = rng.normal(size=(2, 30, 20)) + 1j * rng.normal(size=(2, 30, 20))
    found = gram_schmidt(a, method=method)
    assert_factors(NUMPY, a, found)
    assert np.all(orthogonality_loss(found.q) < (1e-12 if method in ("cgs", "mgs") else 1e-14))


def test_a_column_too_long_for_its_precision_still_has_a_direction():
    a = np.asarray([[1.5e308 + 1.5e308j], [0.0]])  # its length, 2.1e308, is more than there are numbers
    with np.errstate(over="ignore"):
        q, r, rank, _ = gram_schmidt(a)
    assert rank == 1
    assert r.real == np.inf
    np.testing.assert_allclose(q, np.asarray([[1.0 + 1.0j], [0.0]]) / np.sqrt(2.0), rtol=1e-15)


def test_integers_lists_and_half_precision_are_taken():
    assert gram_schmidt([[3, 1], [4, 7]]).r.tolist() == gram_schmidt([[3.0, 1.0], [4.0, 7.0]]).r.tolist()
    half = gram_schmidt(np.asarray([[3.0, 1.0], [4.0, 7.0]], dtype="float16"))
    assert half.q.dtype == half.r.dtype == np.float16
    assert half.rank == 2
    reflected = gram_schmidt(np.asarray([[3.0, 1.0], [4.0, 7.0]], dtype="float16"), method="householder")
    np.testing.assert_array_equal(reflected.q, half.q)


@pytest.mark.parametrize("step", [lambda a: classical(a[..., :0], a, 1e-6, 5), lambda a: modified(a, 1e-6)])
def test_columns_are_made_orthonormal_without_a_look_at_a_value(backend, rng, step):
    a = backend.asarray(rng.normal(size=(5, 3)))
    if is_look_free(a):
        pytest.skip("a look costs nothing here")
    with no_looking(backend):
        step(a)


# ---- other inner products ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_weights_change_lengths_and_angles(backend, method):
    # <x, y> = 4 x_1 y_1 + 9 x_2 y_2 + x_3 y_3: the columns have length 2 and 5 = sqrt(16 + 9), and <q_1, a_2> = 4
    a = backend.asarray([[1.0, 2.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 7.0]])
    q, r, rank, _ = gram_schmidt(a, method=method, inner=backend.asarray([4.0, 9.0, 1.0]))
    assert_close(backend, q, [[0.5, 0.0, 0.0], [0.0, 1.0 / 3.0, 0.0], [0.0, 0.0, 1.0]])
    assert_close(backend, r, [[2.0, 4.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 7.0]])
    assert int(rank) == 3


@pytest.mark.parametrize("method", METHODS)
def test_a_gram_matrix_changes_angles(backend, method):
    # with G = [[2, 1], [1, 2]] in the first plane its axes are not orthogonal: <e_1, e_2> = 1
    g = [[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]]
    found = gram_schmidt(backend.asarray(np.eye(3)), method=method, inner=g)
    two, six = np.sqrt(2.0), np.sqrt(6.0)
    assert_close(backend, found.q, [[1.0 / two, -1.0 / six, 0.0], [0.0, 2.0 / six, 0.0], [0.0, 0.0, 1.0]])
    assert_close(backend, found.r, [[two, 1.0 / two, 0.0], [0.0, six / 2.0, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("field", ["real", "complex"])
def test_the_basis_is_orthonormal_in_the_inner_product(eager, rng, method, field):
    a, root = rng.normal(size=(2, 5, 3)), rng.normal(size=(9, 5))
    if field == "complex":
        root = root + 1j * rng.normal(size=(9, 5))
    g = root.conj().T @ root
    inner = as_complex(eager, g) if field == "complex" else eager.asarray(g)
    q, r, rank, _ = gram_schmidt(eager.asarray(a), method=method, inner=inner)
    q, r = to_numpy(q), to_numpy(r)
    much = 1e4 * ROUNDOFF[eager.dtype_name]
    np.testing.assert_allclose(q.conj().swapaxes(-1, -2) @ g @ q, np.broadcast_to(np.eye(3), (2, 3, 3)), atol=much)
    np.testing.assert_allclose(q @ r, a, atol=much)
    assert to_numpy(rank).tolist() == [3, 3]


def test_inner_products_of_any_size_do():
    a = np.asarray([[1e200, 2e-200], [1e200, 1e-200]])
    for size in (1e-150, 1.0, 1e150):
        g = size * np.asarray([[2.0, 1.0], [1.0, 2.0]])
        q, r, rank, _ = gram_schmidt(a, inner=g)
        assert rank == 2
        np.testing.assert_allclose(q.T @ g @ q, np.eye(2), atol=1e-14)
        np.testing.assert_allclose((q @ r) / a, np.ones((2, 2)), rtol=1e-14)


def test_the_largest_inner_products_do_not_overflow():
    a, g = np.asarray([[1.9, 1.0], [1.9, 1.1]]), 5e307 * np.asarray([[2.0, 1.0], [1.0, 2.0]])
    q, r, rank, _ = gram_schmidt(a, inner=g)
    assert rank == 2
    np.testing.assert_allclose(q.T @ g @ q, np.eye(2), atol=1e-14)
    np.testing.assert_allclose(q @ r, a, rtol=1e-14)


# ---- appending --------------------------------------------------------------------------------------------


def test_append_columns_worked_by_hand(backend):
    basis = gram_schmidt(backend.asarray([[3.0], [4.0], [0.0]]))
    found = append_columns(basis, backend.asarray([[1.0, 6.0], [7.0, 8.0], [0.0, 0.0]]))
    assert_close(backend, found.q, [[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 0.0]])
    assert_close(backend, found.r, [[5.0, 6.2, 10.0], [0.0, 3.4, 0.0], [0.0, 0.0, 0.0]])
    assert to_numpy(found.kept).tolist() == [True, True, False]
    assert int(found.rank) == 2


@pytest.mark.parametrize("inner", [None, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
def test_append_columns_equals_doing_all_at_once(eager, rng, inner):
    a = rng.normal(size=(2, 6, 8)).astype(eager.dtype_name)
    a[0, :, 2], a[1, :, 5] = a[0, :, 1], a[1, :, 0] + a[1, :, 3]
    whole = gram_schmidt(eager.asarray(a), inner=inner)
    grown = gram_schmidt(eager.asarray(a[..., :3]), inner=inner)
    first = grown.q
    for c in (a[..., 3:4], a[..., 4:4], a[..., 4:]):
        grown = append_columns(grown, eager.asarray(c), inner=inner)
    for x, y in zip(grown[:2], whole[:2], strict=True):
        assert_close(eager, x, to_numpy(y), "product")
    assert to_numpy(grown.rank).tolist() == to_numpy(whole.rank).tolist() == [6, 6]
    assert np.array_equal(to_numpy(grown.kept), to_numpy(whole.kept))
    assert np.array_equal(to_numpy(grown.q)[..., :3], to_numpy(first))


def test_append_columns_takes_complex_and_extreme_columns():
    a = np.asarray([[3e200, 1e-200], [4e200, 7e-200]])
    grown = append_columns(gram_schmidt(a[:, :1]), a[:, 1:])
    np.testing.assert_allclose(grown.q, [[0.6, -0.8], [0.8, 0.6]], rtol=1e-14)
    mixed = append_columns(gram_schmidt(np.eye(2)[:, :1]), np.asarray([[1.0], [2.0j]]))
    np.testing.assert_allclose(mixed.q, [[1.0, 0.0], [0.0, 1.0j]])
    np.testing.assert_allclose(mixed.r, [[1.0, 1.0], [0.0, 2.0]])


def test_append_columns_to_a_full_basis_keeps_none_even_without_a_tolerance(rng):
    grown = append_columns(gram_schmidt(rng.normal(size=(3, 3))), rng.normal(size=(3, 40)), rtol=0.0)
    assert grown.rank == 3
    assert grown.kept[:3].all()


def test_append_columns_starts_from_an_empty_basis(eager):
    a = [[3.0, 1.0], [4.0, 7.0]]
    grown = append_columns(gram_schmidt(eager.full((2, 0))), eager.asarray(a))
    assert_close(eager, grown.r, [[5.0, 6.2], [0.0, 3.4]])


# ---- properties -------------------------------------------------------------------------------------------

SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
whole_numbers = arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(-9, 9).map(float)
)


@SETTINGS
@given(whole_numbers, st.sampled_from(EXACT))
def test_kept_columns_are_orthonormal_and_span_the_same(a, method):
    q, r, rank, kept = gram_schmidt(a, method=method, rtol=1e-12)
    assert rank == np.linalg.matrix_rank(a, rtol=1e-12)
    gram = q.T @ q
    np.testing.assert_allclose(gram, np.diag(kept.astype(float)), atol=1e-14)
    np.testing.assert_allclose(q @ (q.T @ a), a, atol=1e-12)  # the columns lie in the span of q, which has their rank
    np.testing.assert_allclose(q @ r, a, atol=1e-12)


@SETTINGS
@given(whole_numbers, st.sampled_from(sorted(METHODS)), st.data())
def test_scaling_a_column_changes_only_r(a, method, data):
    j = data.draw(st.integers(0, a.shape[1] - 1))
    factor = 2.0 ** data.draw(st.integers(-900, 900))
    b = np.concatenate([a[:, :j], factor * a[:, j : j + 1], a[:, j + 1 :]], axis=1)
    one, other = gram_schmidt(a, method=method), gram_schmidt(b, method=method)
    np.testing.assert_array_equal(one.q, other.q)
    np.testing.assert_array_equal(np.delete(one.r, j, axis=1), np.delete(other.r, j, axis=1))
    np.testing.assert_array_equal(factor * one.r[:, j], other.r[:, j])


@SETTINGS
@given(whole_numbers, st.sampled_from(EXACT))
def test_an_orthonormal_basis_is_its_own(a, method):
    q, _, rank, _ = gram_schmidt(a, rtol=1e-12)
    again = gram_schmidt(q, method=method)
    np.testing.assert_allclose(again.q, q, atol=1e-14)
    np.testing.assert_allclose(again.r, np.diag(again.kept.astype(float)), atol=1e-14)
    assert again.rank == rank


# ---- bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "options", "error", "message"),
    [
        ([1.0, 2.0], {}, ValueError, r"a must have shape \(\.\.\., m, n\), got \(2,\)"),
        ([[1.0, 2.0], [np.nan, 0.0]], {}, ValueError, r"a must be finite, got nan at \(1, 0\)"),
        ([[1.0, np.inf]], {}, ValueError, r"a must be finite, got inf at \(0, 1\)"),
        ([[1.0]], {"method": "qr"}, ValueError, "method must be one of cgs, cgs2, .*, got 'qr'"),
        ([[1.0]], {"rtol": -1.0}, ValueError, "rtol must be a number of at least 0, got -1.0"),
        ([[1.0]], {"rtol": np.nan}, ValueError, "rtol must be a number of at least 0, got nan"),
        ([[1.0]], {"rtol": "small"}, ValueError, "rtol must be a number of at least 0, got 'small'"),
        ([["a"]], {}, TypeError, "a must hold numbers"),
    ],
)
def test_gram_schmidt_refuses(a, options, error, message):
    with pytest.raises(error, match=message):
        gram_schmidt(np.asarray(a), **options)


def test_append_columns_refuses(eager):
    basis = gram_schmidt(eager.asarray([[1.0], [0.0]]))
    with pytest.raises(ValueError, match=r"c must have as many rows and matrices as the basis, \(2, 1\), got \(3, 1\)"):
        append_columns(basis, eager.full((3, 1), 1.0))
    with pytest.raises(ValueError, match=r"c must be finite, got nan at \(1, 0\)"):
        append_columns(basis, eager.asarray([[0.0], [float("nan")]]))
    with pytest.raises(TypeError, match="basis must be what gram_schmidt returned, got tuple"):
        append_columns(tuple(basis), eager.full((2, 1), 1.0))
