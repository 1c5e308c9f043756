"""The methods: a function from a part of a table to predictions of its test rows.  Everybody has one thread.

Everybody has its defaults.  What a library cannot take as it comes is prepared for it in the plain way: numbers
standardized and gaps filled with the median, categories one-hot, values to predict standardized for the MLP.
Predictions are values, shape (n,), or probabilities, shape (n, k), in the order of the table's classes.
"""

from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np

import xpnet


@dataclass(frozen=True)
class Method:
    """A method: its package (as imported, as distributed), and what predicts."""

    package: str
    distribution: str
    predict: object

    @property
    def missing(self):
        """Why it cannot run here, or nothing."""
        if not find_spec(self.package):
            return f"{self.package} is not installed"
        if self.package == "xpnet" and not hasattr(xpnet, "train_table"):
            return "xpnet has no train_table"
        return ""

    @property
    def library(self):
        """Name and version of its library."""
        return f"{self.distribution} {xpnet.__version__ if self.package == 'xpnet' else version(self.distribution)}"


def fitted(model, part, typed=lambda x: x, **arguments):
    """Return the predictions of a model with scikit-learn's methods; `typed` prepares the rows of either part."""
    x, y = part.train
    model.fit(typed(x), y, **arguments)
    answer = model.predict if part.table.classes is None else model.predict_proba
    return np.asarray(answer(typed(part.test)), dtype=float)


# ---- networks and linear models --------------------------------------------------------------------------------------


def prepared(part):
    """Return scikit-learn's preparation: the median for gaps, standardized; categories one-hot, a gap one of them."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    texts = part.table.texts
    numbers = [name for name in part.table.x if name not in texts]
    return make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), texts),
    )


def linear(part):
    """Predict by logistic regression or ridge regression."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline

    model = Ridge() if part.table.classes is None else LogisticRegression(max_iter=1000)
    return fitted(make_pipeline(prepared(part), model), part, objects(part))


def mlp(part):
    """Predict by scikit-learn's network."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if part.table.classes is None:
        model = TransformedTargetRegressor(MLPRegressor(random_state=part.seed), transformer=StandardScaler())
    else:
        model = MLPClassifier(random_state=part.seed)
    return fitted(make_pipeline(prepared(part), model), part, objects(part))


def xpnet_model(frame, target, task, members, seed):
    """Return the model that `xpnet train` makes of a table with its defaults."""
    return xpnet.train_table(frame, target, task=task, members=members, seed=seed)


def by_xpnet(members):
    """Return what predicts by xpnet's recipe with so many members."""

    def predict(part):
        table, rows = part.table, part.split.train
        frame = table.x.iloc[rows].assign(**{table.target: table.labels[rows]})
        task = "regression" if table.classes is None else "classification"
        model = xpnet_model(frame, table.target, task, members, part.seed)
        if table.classes is None:
            return np.asarray(model.predict(part.test), dtype=float).reshape(-1)
        order = [list(map(str, model.classes)).index(name) for name in table.classes]
        return np.asarray(model.predict_proba(part.test), dtype=float)[:, order]

    return predict


def by_pytabkit(name):
    """Return what predicts by one of pytabkit's networks, in one thread, gaps in numbers filled with the median."""

    def predict(part):
        import pytabkit
        import torch

        torch.set_num_threads(1)
        kind = "Regressor" if part.table.classes is None else "Classifier"
        model = getattr(pytabkit, f"{name}_{kind}")(device="cpu", n_threads=1, random_state=part.seed)
        return fitted(model, part, filled(part), cat_col_names=part.table.texts).reshape(*shape(part))

    return predict


def shape(part):
    """Return the shape of the predictions."""
    classes = part.table.classes
    return (len(part.test),) if classes is None else (len(part.test), len(classes))


# ---- trees -----------------------------------------------------------------------------------------------------------


def hist_gradient_boosting(part):
    """Predict by scikit-learn's boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    make = HistGradientBoostingRegressor if part.table.classes is None else HistGradientBoostingClassifier
    return fitted(make(categorical_features="from_dtype", random_state=part.seed), part, categories(part))


def lightgbm(part):
    """Predict by LightGBM."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    make = LGBMRegressor if part.table.classes is None else LGBMClassifier
    return fitted(make(n_jobs=1, random_state=part.seed, verbose=-1), part, categories(part))


def xgboost(part):
    """Predict by XGBoost."""
    from xgboost import XGBClassifier, XGBRegressor

    make = XGBRegressor if part.table.classes is None else XGBClassifier
    return fitted(make(n_jobs=1, random_state=part.seed, enable_categorical=True), part, categories(part))


def catboost(part):
    """Predict by CatBoost."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    make = CatBoostRegressor if part.table.classes is None else CatBoostClassifier
    model = make(thread_count=1, random_seed=part.seed, verbose=0, allow_writing_files=False)
    return fitted(model, part, named_gaps(part), cat_features=part.table.texts)


# ---- the rows as a library wants them --------------------------------------------------------------------------------


def objects(part):
    """Return what makes Python strings of categories, a gap None."""
    texts = part.table.texts
    return lambda x: x.astype(dict.fromkeys(texts, object)).assign(
        **{name: x[name].astype(object).where(x[name].notna(), None) for name in texts}
    )


def named_gaps(part):
    """Return what makes Python strings of categories, a gap the word "missing"."""
    texts = part.table.texts
    return lambda x: x.assign(**{name: x[name].astype(object).where(x[name].notna(), "missing") for name in texts})


def categories(part):
    """Return what makes pandas' categories of text, those of the whole table: no test row has an unknown one."""
    import pandas as pd

    whole = {name: pd.CategoricalDtype(sorted(part.table.x[name].dropna().unique())) for name in part.table.texts}
    return lambda x: x.astype(whole)


def filled(part):
    """Return what fills gaps: in numbers the median of the training rows, in categories a word."""
    medians = part.train[0].drop(columns=part.table.texts).median()
    named = named_gaps(part)
    return lambda x: named(x).fillna(medians)


METHODS = {
    "linear": Method("sklearn", "scikit-learn", linear),
    "mlp": Method("sklearn", "scikit-learn", mlp),
    "xpnet-1": Method("xpnet", "xpnet", by_xpnet(1)),
    "xpnet-5": Method("xpnet", "xpnet", by_xpnet(5)),
    "hgb": Method("sklearn", "scikit-learn", hist_gradient_boosting),
    "lightgbm": Method("lightgbm", "lightgbm", lightgbm),
    "xgboost": Method("xgboost", "xgboost", xgboost),
    "catboost": Method("catboost", "catboost", catboost),
    "tabm": Method("pytabkit", "pytabkit", by_pytabkit("TabM_D")),
    "realmlp": Method("pytabkit", "pytabkit", by_pytabkit("RealMLP_TD")),
}
SLOW = ("tabm", "realmlp")  # minutes for one split of one table: only where they are named
