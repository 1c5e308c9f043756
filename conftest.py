"""What needs scikit-learn is not collected where it is missing."""

from importlib.util import find_spec

NEEDS_SKLEARN = ["xpnet/estimators/*", "tests/estimators/*", "docs/estimators.md"]
collect_ignore_glob = [] if find_spec("sklearn") else NEEDS_SKLEARN
