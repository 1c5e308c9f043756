"""Recommendation from ratings, regularized by matrix norms."""

from xpnet.data.ratings.reading import Ratings, load_ratings
from xpnet.recommend.files import is_ours, load, load_note, save
from xpnet.recommend.matrix_factorization import MatrixFactorization
from xpnet.recommend.metrics import (
    coverage,
    hit_rate_at_k,
    mae,
    mrr_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    rmse,
)
from xpnet.recommend.models import ALS, BiasModel, ImplicitALS, SoftImpute
from xpnet.recommend.recommender import Guest, NewItem, Recommender, Scored

__all__ = [
    "ALS",
    "BiasModel",
    "Guest",
    "ImplicitALS",
    "MatrixFactorization",
    "NewItem",
    "Ratings",
    "Recommender",
    "Scored",
    "SoftImpute",
    "coverage",
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
