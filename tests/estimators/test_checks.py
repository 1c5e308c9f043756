"""scikit-learn's own checks of estimators, with its dispatch of arrays of other libraries."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from xpnet.estimators import (
    LogisticRegression,
    MLPClassifier,
    MLPRegressor,
    Perceptron,
    TabularClassifier,
    TabularRegressor,
    TruncatedSVD,
)

FAST = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.1, "max_iter": 15}
ESTIMATORS = [MLPClassifier(**FAST), MLPRegressor(**FAST), LogisticRegression(), Perceptron(), TruncatedSVD()]
ESTIMATORS += [TabularClassifier(fast=True), TabularRegressor(members=1)]
ONE_BY_ONE = "a row of weight 2 is one step, and a row given twice is two; scikit-learn's own Perceptron fails it too"


DEALT = (
    "rows are dealt out to the members: a row given twice is dealt twice, a row of weight 2 once; "
    "HistGradientBoosting fails it too"
)


def expected_failures(estimator):
    if isinstance(estimator, TabularClassifier | TabularRegressor):
        return {"check_sample_weight_equivalence_on_dense_data": DEALT}
    if not isinstance(estimator, Perceptron):
        return {}
    return {f"check_sample_weight_equivalence_on_{kind}_data": ONE_BY_ONE for kind in ("dense", "sparse")}


@pytest.mark.filterwarnings("ignore")  # the checks warn of what they try out
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_sklearns_checks(estimator, check):
    check(estimator)
