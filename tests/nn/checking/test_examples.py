"""What a network accepts, looked at piece by piece."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import all_true, get, to_numpy
from xpnet.backend.mapped import is_mapped
from xpnet.nn import COSTS, Network
from xpnet.nn.checking import rows
from xpnet.nn.checking.inputs import check_inputs
from xpnet.nn.checking.kinds import check_kind
from xpnet.nn.checking.targets import check_targets


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Let a piece hold four rows of three numbers."""
    monkeypatch.setattr(rows, "PIECE", 12)


def mapped(folder, x):
    np.save(folder / "x.npy", x)
    return np.load(folder / "x.npy", mmap_mode="r")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 3, 4, 9])
def test_the_first_number_that_is_not_finite_is_named_wherever_it_is(backend, row, value):
    x = np.zeros((10, 3))
    x[row:, 1] = value
    x[row + 1 :, 0] = np.nan
    with pytest.raises(ValueError, match=rf"^x must be finite, got {value} in row {row}, column 1$"):
        check_inputs(backend.asarray(x), 3, backend)
    with pytest.raises(ValueError, match=rf"^y must be finite, got {value} in row {row}, column 1$"):
        check_targets(x, [(10, 3)], False, backend)


def test_rows_of_a_stack_are_counted_through(backend):
    x = np.zeros((2, 5, 3))
    x[1, 2, 2] = np.nan
    with pytest.raises(ValueError, match="in row 7, column 2"):
        check_inputs(x, 3, backend)


@pytest.mark.parametrize(
    ("cost", "wrong", "message"),
    [
        ("cross_entropy", [0.5, 1.5, -1.0], "y must lie between 0 and 1 for cost 'cross_entropy', got 1.5 in row 8"),
        ("log_likelihood", [0.5, 0.0, -1.0], "y must lie between 0 and 1 for cost 'log_likelihood', got -1 in row 8"),
        (
            "log_likelihood",
            [0.5, 0.0, 0.25],
            "y must have rows that sum to 1 for cost 'log_likelihood', got 0.75 in row 8",
        ),
    ],
)
def test_targets_without_meaning_are_named_wherever_they_are(backend, cost, wrong, message):
    y = np.zeros((10, 3))
    y[:, 0] = 1.0
    check_kind(backend.asarray(y), COSTS[cost].targets, cost)
    y[8:] = wrong
    with pytest.raises(ValueError, match=message):
        check_kind(backend.asarray(y), COSTS[cost].targets, cost)
    check_kind(backend.asarray(y), COSTS["quadratic"].targets, "quadratic")


@pytest.mark.parametrize("dtype", ["int64", "uint8", "int8"])
def test_labels_out_of_range_are_named_wherever_they_are(backend, dtype):
    y = np.arange(20, dtype=dtype)
    assert_at_home(backend, check_targets(y, [(20, 20)], True, backend))
    with pytest.raises(ValueError, match=r"^y must hold labels between 0 and 17, got 18 in row 18$"):
        check_targets(y, [(20, 18)], True, backend)


def test_labels_of_more_classes_than_their_dtype_counts_are_all_right(backend):
    y = np.asarray([0, 255], dtype="uint8")
    assert to_numpy(check_targets(y, [(2, 1000)], True, backend)).tolist() == [0, 255]


def test_a_device_is_looked_at_once(backend, monkeypatch):
    looks = []
    monkeypatch.setattr(rows, "all_true", lambda x: looks.append(x) or all_true(x))
    x = backend.asarray(np.zeros((100, 3)))
    check_inputs(x, 3, backend)
    once = 0 if backend.name == "numpy" else 1  # NumPy's numbers lie on the host
    assert len(looks) == once
    check_inputs(backend.asarray(np.zeros((100, 3), dtype="uint8")), 3, backend)
    assert len(looks) == once


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_file_stays_one_on_numpy_and_is_moved_elsewhere(backend, tmp_path, dtype):
    x = mapped(tmp_path, np.arange(30.0, dtype=dtype).reshape(10, 3))
    checked = check_inputs(x, 3, backend)
    assert is_mapped(checked) is (backend.name == "numpy")
    if backend.name == "numpy":
        assert type(checked) is np.ndarray
        assert checked.dtype == dtype
    else:
        assert_close(backend, checked, x)


def test_a_file_of_what_is_no_number_is_refused(tmp_path):
    with pytest.raises(TypeError, match="x must hold real numbers, got dtype complex128"):
        check_inputs(mapped(tmp_path, np.zeros((2, 3), dtype="complex128")), 3, get("numpy"))


def test_a_number_of_a_file_that_its_batch_could_not_hold_is_refused(tmp_path):
    x = np.zeros((10, 3))
    x[6, 1] = 1e300
    with pytest.raises(ValueError, match="x must be finite, got inf in row 6, column 1"):
        check_inputs(mapped(tmp_path, x), 3, get("numpy"))
    assert is_mapped(check_inputs(mapped(tmp_path, x), 3, get("numpy", dtype="float64")))


def test_a_file_is_predicted_as_memory_is(tmp_path, rng):
    network, x = Network([3, 2]), rng.standard_normal((10, 3))
    parameters = network.initialize(seed=0)
    for change in (np.asarray, np.asfortranarray):
        predicted = network.feedforward(parameters, mapped(tmp_path, change(x)))
        np.testing.assert_allclose(predicted, network.feedforward(parameters, x), rtol=1e-6)
        assert predicted.dtype == "float32"
