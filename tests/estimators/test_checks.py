"""scikit-learn's own checks of estimators, with its dispatch of arrays of other libraries."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from xpnet.estimators import MLPClassifier, MLPRegressor

FAST = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.1, "max_iter": 15}


@pytest.mark.filterwarnings("ignore")  # the checks warn of what they try out
@parametrize_with_checks([MLPClassifier(**FAST), MLPRegressor(**FAST)])
def test_sklearns_checks(estimator, check):
    check(estimator)
