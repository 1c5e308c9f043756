"""Tables: an ensemble that needs no settings; what it has learned, how sure it is, how far it may be off."""

from xpnet.tabular.calibration import calibrate, fit_temperature, with_temperature
from xpnet.tabular.explaining.attributions import Attributions, attributions
from xpnet.tabular.explaining.importance import Importance, permutation_importance
from xpnet.tabular.explaining.reliability import Bin, Reliability, calibration_error, reliability
from xpnet.tabular.intervals import errors_of, interval_coverage, with_intervals
from xpnet.tabular.recipe import TableRecipe, recipe_for
from xpnet.tabular.scaled_network import ScaledNetwork
from xpnet.tabular.train_table import train_table

__all__ = [
    "Attributions",
    "Bin",
    "Importance",
    "Reliability",
    "ScaledNetwork",
    "TableRecipe",
    "attributions",
    "calibrate",
    "calibration_error",
    "errors_of",
    "fit_temperature",
    "interval_coverage",
    "permutation_importance",
    "recipe_for",
    "reliability",
    "train_table",
    "with_intervals",
    "with_temperature",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
