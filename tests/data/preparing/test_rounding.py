"""The scale of columns that are constant but for rounding."""

import numpy as np
import pytest

from xpnet.data.preparing.rounding import usable_scale


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8", "bool"])
def test_scales_are_those_given_unless_a_column_is_constant(dtype):
    mean, deviation = np.asarray([0.0, 5.0, -1.0, 0.0]), np.asarray([0.0, 1e-16, 1e-3, 1e-30])
    assert usable_scale(mean, deviation, np.dtype(dtype)).tolist() == [1.0, 1.0, 1e-3, 1e-30]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_one_rounding_of_the_columns_own_dtype_is_none(dtype):
    eps = float(np.finfo(dtype).eps)
    mean = np.asarray([3.0, 3.0])
    assert usable_scale(mean, mean * [0.9 * eps, 1.1 * eps], dtype).tolist() == [1.0, 3.0 * (1.1 * eps)]
