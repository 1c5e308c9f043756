"""What needs scikit-learn, onnx or onnxruntime is not collected where it is missing."""

from importlib.util import find_spec

NEEDS = {
    "sklearn": ["xpnet/estimators/*", "tests/estimators/*", "docs/estimators.md"],
    "onnx": ["xpnet/io/onnx/exporting.py", "docs/export.md"],
    "onnxruntime": ["docs/export.md"],
}
collect_ignore_glob = [pattern for package, patterns in NEEDS.items() if not find_spec(package) for pattern in patterns]
