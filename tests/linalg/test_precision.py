"""Every public function, on every library, given 16 bits, two precisions, or integers beside floating numbers.

The rule: data arguments are converted together to the dtype that they promote to, in which the results come back;
integers take the floating dtype beside them, or their device's default.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest
from linalg.table import CALLS, NO_ARRAYS, A, B, public_functions

import xpnet.backend
from xpnet.backend import namespace, to_numpy
from xpnet.trees import leaves

# library: (dtype of the first data argument, of the second, of the results)
CASES = {
    "numpy": [
        ("float16", "float16", "float16"),
        ("float16", "float32", "float32"),
        ("float32", "float64", "float64"),
        ("int64", "float32", "float32"),
        ("float16", "int8", "float16"),
        (">f4", ">i2", "float32"),
        ("longdouble", "float16", "longdouble"),
    ],
    "torch": [
        ("float16", "float16", "float16"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("bfloat16", "float16", "float32"),
        ("float32", "float64", "float64"),
        ("int64", "float64", "float64"),
        ("int8", "bfloat16", "bfloat16"),
    ],
    "jax": [("bfloat16", "int32", "bfloat16")],
    "array_api_strict": [("float32", "float64", "float64"), ("int64", "float32", "float32")],
}
# JAX compiles each operation for seconds, so it gets the functions of two arrays and two others
ON_JAX = {name for name in CALLS if CALLS[name].data == 2} | {"norm", "prox_l1"}
PARAMETERS = [
    (name, library, *case)
    for library, cases in CASES.items()
    for case in cases
    for name in sorted(ON_JAX if library == "jax" else CALLS)
]
EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}
DEFAULT = {"numpy": "float64", "torch": "float32", "array_api_strict": "float64"}  # of integers alone
NEED_LAPACK = {
    *("column_space", "complete_basis", "cond", "dual_norm", "effective_rank", "flip_signs", "gram_schmidt"),
    *("is_orthonormal", "ky_fan_dual_norm", "ky_fan_norm", "low_rank", "lstsq", "matrix_norm", "matrix_rank"),
    *("null_space", "orthogonality_loss", "pca", "pinv", "polar", "procrustes", "project_nuclear", "project_spectral"),
    *("prox_nuclear", "prox_spectral", "qr", "randomized_svd", "schatten_norm", "spectral_error", "stable_rank"),
    *("subspace_angles", "svd", "svdvals", "truncated_svd"),
}


def open_library(name: str) -> Any:
    why = xpnet.backend.available()[name]
    if why and name != "array_api_strict":
        pytest.skip(why)
    return xpnet.backend.get(name).xp


def array(xp: Any, host: np.ndarray, dtype: str) -> Any:
    if dtype[0] == ">":
        return host.astype(dtype)
    return xp.astype(xp.asarray(host), getattr(xp, dtype))


@cache
def in_float64(name: str) -> list[np.ndarray]:
    call = CALLS[name]
    return [np.asarray(x) for x in leaves(call.run(*(np.asarray(x, "float64") for x in (A, B)[: call.data])))]


def test_the_table_has_every_public_function():
    assert set(CALLS) | NO_ARRAYS == public_functions()


@pytest.mark.parametrize(("name", "library", "first", "second", "result"), PARAMETERS)
def test_results_are_those_of_float64_in_the_promoted_dtype(name, library, first, second, result):
    xp, call = open_library(library), CALLS[name]
    data = [array(xp, host, dtype) for host, dtype in zip((A, B), (first, second), strict=True)][: call.data]
    if call.data == 1:
        result = DEFAULT[library] if "int" in first else first.replace(">f4", "float32")
    if first == "longdouble" and name in NEED_LAPACK:
        with pytest.raises(TypeError, match="unsupported in linalg"):  # NumPy's words
            call.run(*data)
        return
    found = leaves(call.run(*data))
    expected = call.settled(*in_float64(name))
    for x in found:
        if hasattr(x, "dtype") and namespace(x).isdtype(x.dtype, "real floating"):
            assert x.dtype == getattr(xp, result)
    host = call.settled(*(np.asarray(to_numpy(x), "float64") for x in found))
    for got, right in zip(host, expected, strict=True):
        tolerance = 20.0 * EPS.get(result, 2.0**-52) * max(1.0, float(np.max(np.abs(right), initial=0.0)))
        np.testing.assert_allclose(got, right, rtol=0.0, atol=tolerance)


@pytest.mark.parametrize("first", ["complex64", "complex128"])
@pytest.mark.parametrize("name", sorted(set(CALLS) - {"project_box", "project_simplex"}))
def test_complex_numbers_meet_real_ones_of_another_precision(name, first):
    call = CALLS[name]
    second, precise = ("float64", "complex128") if first == "complex64" else ("float32", "complex128")
    data = (A.astype(first), B.astype(second))[: call.data]
    found = [np.asarray(x) for x in leaves(call.run(*data))]
    assert {x.dtype for x in found if x.dtype.kind == "c"} <= {np.dtype(precise if call.data == 2 else first)}
    for got, right in zip(call.settled(*found), call.settled(*in_float64(name)), strict=True):
        np.testing.assert_allclose(got, right, atol=1e-4 if first == "complex64" else 1e-13, rtol=0.0)
