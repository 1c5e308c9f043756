"""What a trained model for a table says: which columns matter, how sure it is, and how far it may be off."""

from xpnet.tabular.calibration import (
    Bin,
    Reliability,
    calibrate,
    calibration_error,
    fit_temperature,
    reliability,
    with_temperature,
)
from xpnet.tabular.explaining.attributions import Attributions, attributions
from xpnet.tabular.explaining.importance import Importance, permutation_importance
from xpnet.tabular.intervals import errors_of, interval_coverage, with_intervals

__all__ = [
    "Attributions",
    "Bin",
    "Importance",
    "Reliability",
    "attributions",
    "calibrate",
    "calibration_error",
    "errors_of",
    "fit_temperature",
    "interval_coverage",
    "permutation_importance",
    "reliability",
    "with_intervals",
    "with_temperature",
]
