"""A path of lambdas that is broken off goes on as if nothing had happened."""

import numpy as np
import pytest

from xpnet.backend import to_numpy
from xpnet.recommend import ALS, ImplicitALS, Ratings, SoftImpute
from xpnet.training.parallel import threads


@pytest.fixture
def solving(backend):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("needs linalg")
    return backend


class BrokenError(Exception):
    """What ends a fit here."""


class Breaks:
    """Ends a fit after so many lambdas."""

    def __init__(self, points):
        self.left = points

    def __call__(self, point):
        self.left -= 1
        if not self.left:
            raise BrokenError


def ratings(seed=0):
    rng = np.random.default_rng(seed)
    users, items = np.repeat(np.arange(30), 12), np.concatenate([rng.permutation(25)[:12] for _ in range(30)])
    return Ratings.of(users, items, rng.integers(1, 6, 360).astype("float64"))


def assert_same(found, expected):
    assert found.lam == expected.lam
    assert found.history == expected.history
    for w, other in zip(found.factors, expected.factors, strict=True):
        assert (to_numpy(w) == to_numpy(other)).all()


@pytest.mark.parametrize("model", [SoftImpute(k=5, n_lambdas=4), SoftImpute(k=5, n_lambdas=6, lam=0.1), ALS(k=3)])
@pytest.mark.parametrize("points", [2, 5])
def test_a_broken_path_goes_on(solving, model, points, tmp_path):
    if solving.name == "jax":
        pytest.skip("JAX compiles every fit anew")
    heard = []
    whole = model.fit(ratings(), solving, heard.append)
    if points >= len(heard):
        points = len(heard) - 1
    with pytest.raises(BrokenError):
        model.fit(ratings(), solving, Breaks(points), checkpoint=tmp_path)
    rest = []
    assert_same(model.fit(ratings(), solving, rest.append, checkpoint=tmp_path), whole)
    assert len(rest) < len(heard)
    assert_same(model.fit(ratings(), solving, checkpoint=tmp_path), whole)


def test_other_ratings_are_refused(tmp_path):
    SoftImpute(k=3, n_lambdas=3).fit(ratings(), checkpoint=tmp_path)
    with pytest.raises(ValueError, match="differs in ratings"):
        SoftImpute(k=3, n_lambdas=3).fit(ratings(1), checkpoint=tmp_path)
    with pytest.raises(ValueError, match="differs in model"):
        SoftImpute(k=4, n_lambdas=3).fit(ratings(), checkpoint=tmp_path)


@pytest.mark.parametrize("model", [ALS(k=2, lam=1.0), ImplicitALS(k=2)])
def test_threads_are_no_processes_of_a_fit(model):
    with pytest.raises(ValueError, match=r"parallel must be mpi\(\) for a recommender, got threads\(2\)"):
        model.fit(ratings(), parallel=threads(2))
    with pytest.raises(TypeError, match=r"parallel must be threads\(n\), mpi\(\) or nccl\(\)"):
        model.fit(ratings(), parallel=2)
