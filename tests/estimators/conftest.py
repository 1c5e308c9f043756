"""scikit-learn's dispatch of arrays, which looks at this variable when an estimator is given arrays of a library."""

import os

import pytest

pytest.importorskip("sklearn")

os.environ["SCIPY_ARRAY_API"] = "1"
