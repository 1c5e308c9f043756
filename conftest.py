"""What needs scikit-learn, Matplotlib, polars, onnx or onnxruntime is not collected where it is missing."""

from importlib.util import find_spec

NEEDS = {
    "sklearn": ["xpnet/estimators/*", "tests/estimators/*", "docs/estimators.md", "docs/*/scikit-learn.md"],
    "onnx": ["xpnet/io/onnx/exporting.py", "docs/export.md", "docs/howto/save.md"],
    "polars": ["docs/howto/dataframes.md"],
    "onnxruntime": ["docs/export.md", "tests/onnx_running.py"],
    "pydata_sphinx_theme": ["tests/test_site.py"],
    "matplotlib": ["xpnet/report/plots/*", "tests/report/plots/*", "tests/cli/commands/looking/*", "docs/plots.md"],
}
collect_ignore_glob = [pattern for package, patterns in NEEDS.items() if not find_spec(package) for pattern in patterns]
collect_ignore_glob += ["docs/conf.py", "docs/_ext/*"]  # Sphinx imports them


def pytest_configure() -> None:
    """Draw plots without a window, and as many as there are examples."""
    if find_spec("matplotlib"):
        import matplotlib as mpl

        mpl.use("Agg")
        mpl.rcParams["figure.max_open_warning"] = 0
