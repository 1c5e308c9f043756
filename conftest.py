"""What needs scikit-learn or Matplotlib is not collected where it is missing."""

from importlib.util import find_spec

NEEDS_SKLEARN = ["xpnet/estimators/*", "tests/estimators/*", "docs/estimators.md"]
NEEDS_MATPLOTLIB = ["xpnet/report/plots/*", "tests/report/plots/*", "tests/cli/commands/looking/*", "docs/plots.md"]
collect_ignore_glob = [] if find_spec("sklearn") else NEEDS_SKLEARN
collect_ignore_glob += [] if find_spec("matplotlib") else NEEDS_MATPLOTLIB


def pytest_configure() -> None:
    """Draw plots without a window, and as many as there are examples."""
    if find_spec("matplotlib"):
        import matplotlib as mpl

        mpl.use("Agg")
        mpl.rcParams["figure.max_open_warning"] = 0
