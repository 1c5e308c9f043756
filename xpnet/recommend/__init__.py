"""Recommendation from ratings, regularized by matrix norms."""

from xpnet.data.ratings.reading import Ratings, load_ratings
from xpnet.recommend.evaluation import evaluate_lists
from xpnet.recommend.files import is_ours, load, load_note, save
from xpnet.recommend.lists.listing import Lists, Scored
from xpnet.recommend.metrics.errors import mae, rmse
from xpnet.recommend.metrics.lists import coverage, hit_rate_at_k, mrr_at_k, ndcg_at_k, precision_at_k, recall_at_k
from xpnet.recommend.models.als import ALS
from xpnet.recommend.models.bias_model import BiasModel
from xpnet.recommend.models.implicit_als import ImplicitALS
from xpnet.recommend.models.matrix_factorization import MatrixFactorization
from xpnet.recommend.models.soft_impute import SoftImpute
from xpnet.recommend.newcomers import Guest, NewItem
from xpnet.recommend.recommender import Recommender

__all__ = [
    "ALS",
    "BiasModel",
    "Guest",
    "ImplicitALS",
    "Lists",
    "MatrixFactorization",
    "NewItem",
    "Ratings",
    "Recommender",
    "Scored",
    "SoftImpute",
    "coverage",
    "evaluate_lists",
    "hit_rate_at_k",
    "is_ours",
    "load",
    "load_note",
    "load_ratings",
    "mae",
    "mrr_at_k",
    "ndcg_at_k",
    "precision_at_k",
    "recall_at_k",
    "rmse",
    "save",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
