"""The base of the estimators for tables: frames or arrays in, a model of `xpnet.tabular` inside."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_consistent_length, check_is_fitted, validate_data

from xpnet.backend import Backend, get
from xpnet.checks import listing
from xpnet.data import Dataset, Reading, Table, table_of
from xpnet.data.tables.frames import feature_names, typed_features
from xpnet.estimators.common.described import describe
from xpnet.estimators.common.described import table_of as described_table
from xpnet.estimators.common.placing import CopiedInPlace, host_data
from xpnet.estimators.common.tasks import CallbackSupportMixin, begin_fit
from xpnet.io import Model
from xpnet.tabular.fit_table import fit_table
from xpnet.tabular.recipe import recipe_for


class TabularEstimator(CopiedInPlace, CallbackSupportMixin, BaseEstimator):
    """An ensemble for tables; the classes below say what y is."""

    members: Any
    fast: Any
    categorical: Any
    random_state: Any
    backend: Any
    model_: Model
    classes_: Any

    def to(self, backend: str | Backend) -> Any:
        """Return a copy of this fitted estimator on another backend."""
        check_is_fitted(self)
        there = copy.copy(self)
        there.backend, there.model_ = backend, self.model_.to(backend)
        return there

    @property
    def model(self) -> Model:
        """The fitted estimator as a model, which `xpnet.save` writes."""
        check_is_fitted(self)
        columns = {"features": list(self.model_.features or ()), "cells": True}
        return replace(self.model_, data={**described_table(self), **columns, "estimator": describe(self, ("model_",))})

    def _take(self, model: Model) -> None:
        self.model_ = replace(model, data=None)

    def _go_on_from(self, progress: Any, arrays: dict[str, Any]) -> None:
        """Do nothing: each fit begins anew."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: host arrays, so that a machine without the device can read it."""
        state: dict[str, Any] = super().__getstate__()
        return {**state, "model_": state["model_"].to("numpy")} if "model_" in state else state

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of what the estimator accepts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _fitted(
        self, X: Any, y: Any, classes: tuple[Any, ...] | None, eval_set: Any, sample_weight: Any, groups: Any
    ) -> Any:
        """Train on checked targets; `eval_set` is (X, y), checked likewise."""
        table = self._table(X, reset=True)
        kept = [column.name for column in table.columns if not column.missing.all()]
        if not kept:
            raise ValueError("X must have a column that holds something, got gaps only")
        train = Dataset(table.select(kept), y, classes, tuple(kept))
        if sample_weight is not None:
            sample_weight = _check_sample_weight(host_data(sample_weight), y, dtype=np.float64)
        if groups is not None:
            groups = np.asarray(host_data(groups))
            check_consistent_length(groups, y)
        watched = None
        if eval_set is not None:
            watched = Dataset(self._table(eval_set[0], reset=False).select(kept), eval_set[1], classes, tuple(kept))
        recipe = recipe_for(
            train.n, len(kept), classifies=classes is not None, members=self.members, fast=bool(self.fast)
        )
        task = begin_fit(self, X, y if classes is None else self.classes_[y], sample_weight)
        self.model_ = fit_table(
            train,
            recipe,
            seed=_seed(self.random_state),
            backend=self.backend if isinstance(self.backend, Backend) else get(self.backend),
            split_by=None if groups is None else {"groups": groups},
            validation=watched,
            categorical=[name for name in self._categorical(table.names) if name in kept],
            class_weight=self._weights(classes),
            sample_weight=sample_weight,
            checkpoint=self.checkpoint,
        )
        task.close()
        return self

    def _categorical(self, names: tuple[str, ...]) -> list[str]:
        """Return the names of the columns that hold codes; a whole number is the place of a column, from 0."""
        if isinstance(self.categorical, str):
            raise TypeError(f"categorical must be a sequence of columns, got {self.categorical!r}")
        found = [
            names[column] if isinstance(column, int | np.integer) and 0 <= column < len(names) else str(column)
            for column in self.categorical
        ]
        unknown = [name for name in found if name not in names]
        if unknown:
            raise ValueError(f"categorical must name columns of X, {listing(names)}, got {unknown[0]!r}")
        return found

    def _weights(self, classes: tuple[Any, ...] | None) -> Any:  # noqa: ARG002  (that of a classifier needs them)
        return None

    def _table(self, X: Any, *, reset: bool) -> Table:
        """Return the rows as typed columns; names are checked as scikit-learn does."""
        names, X = feature_names(X), host_data(X)
        if names is not None:
            validate_data(self, X, reset=reset, skip_check_array=True)
            return typed_features(X, names, Reading())
        dtype = None if getattr(getattr(X, "dtype", None), "kind", "O") in "OUS" else "numeric"
        checked = validate_data(
            self, X, reset=reset, dtype=dtype, ensure_all_finite="allow-nan", ensure_min_samples=2 if reset else 1
        )
        return table_of(checked, tuple(f"x{i}" for i in range(checked.shape[1])))

    @property
    def _precise(self) -> Model:
        """The model in float64 on NumPy: a row then has the same answer alone and among others, to 1e-15."""
        on_host = self.model_.backend.name == "numpy"
        return self.model_.to(get("numpy", dtype="float64")) if on_host else self.model_

    def _rows(self, X: Any) -> Table:
        check_is_fitted(self)
        return self._table(X, reset=False).select(self.model_.features or ())


def _seed(random_state: Any) -> int:
    """Return a seed: a whole number is itself, as in `xpnet.train_table`."""
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
