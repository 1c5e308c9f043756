"""What people look at: one page in one file that shows what a model learned, and plots.

It is imported when it is first used, and Matplotlib when the first plot is drawn.
"""

from xpnet.report.film import Film
from xpnet.report.measuring.numbers import report_numbers
from xpnet.report.page.rendering import render
from xpnet.report.page.writing import is_page, read_page, write_page
from xpnet.report.planes import Plane, decision_plane
from xpnet.report.plots.boundaries import animate_decision_boundary, plot_decision_boundary
from xpnet.report.plots.confusion import plot_confusion
from xpnet.report.plots.curves import plot_history, plot_seeds
from xpnet.report.plots.films import animate_film
from xpnet.report.plots.images import plot_low_rank, plot_mistakes, plot_weights
from xpnet.report.plots.matrices import plot_singular_values, plot_unit_balls
from xpnet.report.plots.rates import plot_gradient_norms, plot_learning_rate_range, plot_regularization_path
from xpnet.report.plots.searches import plot_search
from xpnet.report.recorded import read_gradient_norms, read_history, read_path, read_range_test, read_search

__all__ = [
    "Film",
    "Plane",
    "animate_decision_boundary",
    "animate_film",
    "decision_plane",
    "is_page",
    "plot_confusion",
    "plot_decision_boundary",
    "plot_gradient_norms",
    "plot_history",
    "plot_learning_rate_range",
    "plot_low_rank",
    "plot_mistakes",
    "plot_regularization_path",
    "plot_search",
    "plot_seeds",
    "plot_singular_values",
    "plot_unit_balls",
    "plot_weights",
    "read_gradient_norms",
    "read_history",
    "read_page",
    "read_path",
    "read_range_test",
    "read_search",
    "render",
    "report_numbers",
    "write_page",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
