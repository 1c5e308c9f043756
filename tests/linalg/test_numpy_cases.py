"""NumPy's own tests of its norm, cond, matrix_rank, pinv, qr and svd, run on xpnet's functions in their place."""

from types import SimpleNamespace

import numpy as np
import pytest

import xpnet.linalg as ours

cases = pytest.importorskip("numpy.linalg.tests.test_linalg", reason="this NumPy came without its tests")

REPLACED = ["norm", "vector_norm", "matrix_norm", "cond", "matrix_rank", "pinv", "svd", "svdvals"]
CLASSES = [
    "TestNormDouble",
    "TestNormSingle",
    "TestNormInt64",
    "TestNorm_NonSystematic",
    "TestCond",
    "TestMatrixRank",
    "TestPinv",
    "TestPinvHermitian",
    "TestQR",
    "TestSVD",
    "TestSVDHermitian",
]
FUNCTIONS = [
    "test_reduced_rank",
    "test_pinv_rtol_arg",
    "test_matrix_norm",
    "test_matrix_norm_empty",
    "test_vector_norm",
    "test_vector_norm_empty",
    "test_empty_matrix_rank",
]


def qr(a, mode="reduced"):
    """Do as xpnet's `qr`, but for LAPACK's packed form, which it does not offer."""
    return np.linalg.qr(a, mode) if mode == "raw" else ours.qr(a, mode)


@pytest.fixture(autouse=True)
def _in_numpys_place(monkeypatch):
    """Put xpnet's functions where NumPy's tests look for NumPy's; the rest of NumPy stays."""
    replaced = {name: getattr(ours, name) for name in REPLACED} | {"qr": qr}
    linalg = SimpleNamespace(**{**vars(np.linalg), **replaced})
    monkeypatch.setattr(cases, "np", SimpleNamespace(**{**vars(np), "linalg": linalg}))
    monkeypatch.setattr(cases, "linalg", linalg)
    for name in set(REPLACED) & set(vars(cases)):
        monkeypatch.setattr(cases, name, replaced[name])


for name in CLASSES:
    if hasattr(cases, name):
        globals()[name] = type(name, (getattr(cases, name),), {})
for name in FUNCTIONS:
    if hasattr(cases, name):
        globals()[name] = getattr(cases, name)
