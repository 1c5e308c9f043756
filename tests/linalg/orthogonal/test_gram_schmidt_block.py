"""Gram-Schmidt by matrix products, and when it gives up."""

import numpy as np
import pytest

import xpnet.linalg.orthogonal.gram_schmidt_block as by_products
from xpnet.linalg.orthogonal.basis import orthogonality_loss
from xpnet.linalg.orthogonal.gram_schmidt import gram_schmidt
from xpnet.linalg.orthogonal.gram_schmidt_block import cholesky_panel

NOTHING = 1e-13


def panel(rng, condition, m=60, p=20):
    u, v = (np.linalg.qr(rng.normal(size=(rows, p)))[0] for rows in (m, p))
    return u * np.geomspace(1.0, 1.0 / condition, p) @ v.T


@pytest.fixture
def falls_back(monkeypatch):
    """Count the panels that are done column by column."""
    calls = []

    def counted(*args):
        calls.append(args)
        return classical(*args)

    classical = by_products.classical
    monkeypatch.setattr(by_products, "classical", counted)
    return calls


@pytest.mark.parametrize(("condition", "trusted"), [(1.0, True), (1e3, True), (1e6, True), (1e9, False), (1e12, False)])
def test_cholesky_is_trusted_for_well_conditioned_panels_only(rng, condition, trusted):
    c = panel(rng, condition)
    found = cholesky_panel(c[:, :0], c, NOTHING)
    assert (found is not None) is trusted
    if found is not None:
        assert orthogonality_loss(found.q) < 2e-15
        np.testing.assert_allclose(found.q @ found.r, c, atol=1e-15)


def test_block_uses_products_alone_where_all_panels_are_good(rng, falls_back):
    a = rng.normal(size=(200, 100))
    assert orthogonality_loss(gram_schmidt(a, method="block").q) < 1e-14
    assert falls_back == []


def test_block_falls_back_in_the_bad_panel_only(rng, falls_back):
    a = rng.normal(size=(200, 100))
    a[:, 50] = a[:, 3] + 1e-9 * a[:, 50]  # nearly dependent on another panel: Cholesky sees that, and is good enough
    a[:, 70] = a[:, 65] + 1e-9 * a[:, 70]  # nearly dependent within its own: it is not
    found = gram_schmidt(a, method="block")
    assert len(falls_back) == 1
    assert falls_back[0][0].shape == (200, 64)
    assert found.rank == 100
    assert orthogonality_loss(found.q) < 1e-14
    assert np.linalg.norm(a - found.q @ found.r) < 1e-14 * np.linalg.norm(a)


@pytest.mark.parametrize("what", ["zero", "duplicate", "in the span of the panel before"])
def test_block_falls_back_where_a_column_must_be_dropped(rng, falls_back, what):
    a = rng.normal(size=(80, 40))
    a[:, 35] = {"zero": 0.0 * a[:, 0], "duplicate": a[:, 33]}.get(what, a[:, 1] - 2.0 * a[:, 30])
    found = gram_schmidt(a, method="block")
    assert len(falls_back) == 1
    assert found.kept.tolist() == [j != 35 for j in range(40)]
    assert orthogonality_loss(found.q) < 1e-14


def test_one_bad_matrix_sends_the_stack_the_slow_way(rng):
    good = panel(rng, 10.0)
    assert cholesky_panel(good[:, :0], good, NOTHING) is not None
    both = np.stack([good, panel(rng, 1e12)])
    assert cholesky_panel(both[..., :0], both, NOTHING) is None


def test_nan_from_cholesky_is_a_failure_too(backend, rng, monkeypatch):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("there is no Cholesky factorization here")
    c = backend.asarray(rng.normal(size=(6, 3)))
    assert cholesky_panel(c[:, :0], c, 1e-6) is not None
    monkeypatch.setattr(by_products, "_cholesky_qr", lambda w: (w, w[:3, :] * float("nan"), backend.xp.sum(w)))
    assert cholesky_panel(c[:, :0], c, 1e-6) is None


def test_other_errors_are_not_hidden(rng, monkeypatch):
    def fail(w):
        raise MemoryError

    monkeypatch.setattr(by_products, "_cholesky_qr", fail)
    with pytest.raises(MemoryError):
        gram_schmidt(rng.normal(size=(6, 3)), method="block")


def test_householder_takes_nothing_from_later_columns_for_a_dropped_one(rng):
    # the reflection gives the second column the direction of the third
    a = np.asarray([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    q, r, _, kept = gram_schmidt(a, method="householder")
    assert kept.tolist() == [True, False, True]
    np.testing.assert_allclose(q, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], atol=1e-15)
    np.testing.assert_allclose(r, [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]], atol=1e-15)
