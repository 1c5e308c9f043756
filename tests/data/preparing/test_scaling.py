import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import FormatError, Scaling
from xpnet.data.preparing import scaling

finite = st.floats(allow_nan=False, allow_infinity=False)


def test_apply_shifts_then_divides_each_column():
    scaling = Scaling((1.0, 2.0), (10.0, -4.0))
    np.testing.assert_array_equal(scaling.apply(np.asarray([[11, 2], [1, 0]])), [[1, 0], [0, 0.5]])


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_standardize_is_right_at_every_scale(size):
    x = np.asarray([[1.0, -3.0], [2.0, 5.0], [4.0, 0.0]])
    scaling, wanted = Scaling.standardize(size * x), Scaling.standardize(x)
    np.testing.assert_allclose(scaling.scale, size * np.asarray(wanted.scale), rtol=1e-14)
    np.testing.assert_allclose(scaling.apply(size * x, dtype="float64"), wanted.apply(x, dtype="float64"), rtol=1e-12)


def test_standardize_takes_tensors_that_require_gradients():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = [[1.0], [3.0]]
    assert Scaling.standardize(torch.tensor(x, requires_grad=True)) == Scaling.standardize(np.asarray(x))
    assert Scaling.standardize(torch.tensor(x).bfloat16()) == Scaling.standardize(np.asarray(x))


def test_apply_lets_one_number_serve_every_column():
    x = np.asarray([[4.0, 8.0]])
    np.testing.assert_array_equal(Scaling((4.0,), (2.0, 4.0)).apply(x), [[0, 1]])
    np.testing.assert_array_equal(Scaling((4.0, 0.0), (2.0,)).apply(x), [[0, 4]])


def test_divide_by_gives_the_books_pixels():
    x = np.arange(256, dtype=np.uint8)[None, :]
    got = Scaling.divide_by(256).apply(x)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, x.astype(np.float32) / np.float32(256))


def test_apply_keeps_float64_when_asked_and_leaves_its_input_alone():
    x = np.asarray([[1.0], [3.0]])
    x.flags.writeable = False
    got = Scaling((0.0,), (3.0,)).apply(x, dtype="float64")
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, [[1 / 3], [1]])


def test_apply_works_in_blocks_as_on_the_whole(monkeypatch):
    x = np.random.default_rng(0).normal(5, 3, (23, 4))
    whole = (Scaling.standardize(x), Scaling.standardize(x).apply(x))
    monkeypatch.setattr(scaling, "ROWS_AT_ONCE", 5)
    blocks = Scaling.standardize(x)
    np.testing.assert_allclose(blocks.scale, whole[0].scale, rtol=1e-14)
    np.testing.assert_allclose(blocks.apply(x), whole[1], rtol=1e-6)
    x[17, 2] = np.nan
    with pytest.raises(ValueError, match="got nan in row 17, column 2"):
        blocks.apply(x)


def test_apply_accepts_no_rows():
    assert Scaling.divide_by(2).apply(np.zeros((0, 3))).shape == (0, 3)


@given(
    st.integers(2, 30).flatmap(
        lambda n: st.lists(st.lists(st.floats(-1e6, 1e6), min_size=n, max_size=n), min_size=1, max_size=4)
    )
)
def test_standardize_gives_mean_zero_and_deviation_one_or_zero(columns):
    x = np.asarray(columns).T
    got = Scaling.standardize(x).apply(x, dtype="float64")
    spread = x.max(axis=0) - x.min(axis=0)
    real = spread > 1e-6 * (1 + np.abs(x).max(axis=0))  # otherwise rounding is all there is
    np.testing.assert_allclose(got.mean(axis=0)[real], 0, atol=1e-6)
    np.testing.assert_allclose(got.std(axis=0)[real], 1, rtol=1e-6)
    assert np.all(got[:, spread == 0] == 0)


def test_standardize_worked_by_hand():
    assert Scaling.standardize(np.asarray([[1, 0.1], [3, 0.1], [5, 0.1]])) == Scaling((3.0, 0.1), ((8 / 3) ** 0.5, 1.0))


def test_standardize_keeps_digits_that_float32_would_lose():
    x = np.asarray([[1e8 + 0.0], [1e8 + 64.0]], dtype=np.float32)  # eight numbers apart: more than a rounding
    assert Scaling.standardize(x) == Scaling((1e8 + 32,), (32.0,))


ROUNDED = [
    ([0.3] * 50 + [0.1 + 0.2] * 30, "float64"),
    ([1e9] * 50 + [np.nextafter(1e9, 2e9)] * 30, "float64"),
    ([-1e20] * 79 + [np.nextafter(-1e20, 0)], "float64"),
    ([1e-300] * 79 + [np.nextafter(1e-300, 0)], "float64"),
    ([0.1] * 79 + [np.nextafter(np.float32(0.1), np.float32(1))], "float32"),
    ([36.5] * 79 + [np.nextafter(np.float16(36.5), np.float16(37))], "float16"),
]


@pytest.mark.parametrize(("column", "dtype"), ROUNDED)
def test_a_column_constant_but_for_rounding_keeps_its_scale(column, dtype):
    x = np.asarray(column, dtype=dtype)[:, None]
    assert np.unique(x).size == 2
    assert Scaling.standardize(x).scale == (1.0,)
    assert abs(Scaling.standardize(x).apply(x)).max() <= abs(x).max() * np.finfo(dtype).eps


@pytest.mark.parametrize(
    ("low", "step", "dtype"), [(1.0, 2.0**-43, "float64"), (0.0, 2.0**-500, "float64"), (36, 0.125, "float16")]
)
def test_a_small_spread_that_is_no_rounding_is_scaled(low, step, dtype):
    x = np.asarray([[low], [low + 2 * step]], dtype=dtype)
    assert abs(Scaling.standardize(x).apply(x)).tolist() == [[1.0], [1.0]]


def test_masked_entries_are_refused_and_other_subclasses_are_plain():
    x = np.asarray([[1.0], [2.0], [1e20]])
    masked = np.ma.array(x, mask=[[0], [0], [1]])
    for use in (Scaling.standardize, Scaling.divide_by(2).apply):
        with pytest.raises(ValueError, match="x must not have masked entries, got 1"):
            use(masked)
    assert Scaling.standardize(np.ma.array(x)) == Scaling.standardize(x.view(np.matrix)) == Scaling.standardize(x)
    plain = Scaling.divide_by(2).apply(x.view(np.matrix))
    assert (type(plain), plain.tolist()) == (np.ndarray, [[0.5], [1.0], [np.float32(5e19)]])


def test_standardize_does_not_overflow_small_integers():
    assert Scaling.standardize(np.full((1000, 1), 255, np.uint8)) == Scaling((255.0,), (1.0,))


def test_standardize_takes_the_widest_spread_of_float64():
    largest = np.finfo(np.float64).max
    assert Scaling.standardize(np.asarray([[largest], [-largest]])) == Scaling((0.0,), (largest,))


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros(3), ValueError, r"x must have shape \(n, n_in\), got \(3,\)"),
        (np.zeros((0, 3)), ValueError, "x must have a row"),
        (np.asarray([["a"]]), TypeError, "x must hold real numbers, got <U1"),
        (np.asarray([[1.0], [np.inf]]), ValueError, "x must be finite and fit float64, got inf in row 1, column 0"),
    ],
)
def test_standardize_refuses_what_it_cannot_fit(x, error, message):
    with pytest.raises(error, match=message):
        Scaling.standardize(x)


@pytest.mark.parametrize(
    ("x", "dtype", "error", "message"),
    [
        (np.zeros((1, 3)), "float32", ValueError, "x must have 2 columns, got 3"),
        (np.zeros(2), "float32", ValueError, "x must have shape"),
        (np.asarray([[1j, 0]]), "float32", TypeError, "x must hold real numbers, got complex128"),
        (np.zeros((1, 2)), "float16", ValueError, "dtype must be 'float32' or 'float64', got 'float16'"),
        (np.asarray([[0, 0], [0, np.nan]]), "float32", ValueError, "got nan in row 1, column 1"),
        (np.asarray([[0, 1e200]]), "float32", ValueError, r"fit float32, got 1e\+200 in row 0, column 1"),
    ],
)
def test_apply_refuses_what_it_cannot_scale(x, dtype, error, message):
    with pytest.raises(error, match=message):
        Scaling((0.0, 0.0), (1.0, 2.0)).apply(x, dtype=dtype)


@pytest.mark.parametrize(
    ("shift", "scale", "message"),
    [
        ((), (1.0,), "scale must have one number, or one a column as shift, got 1 and 0"),
        ((0.0, 0.0), (1.0, 1.0, 1.0), "got 3 and 2"),
        ((float("nan"),), (1.0,), "shift must be finite"),
        ((0.0,), (float("inf"),), "scale must be finite and not 0"),
        ((0.0,), (0.0,), "scale must be finite and not 0"),
    ],
)
def test_scaling_refuses_numbers_that_cannot_scale(shift, scale, message):
    with pytest.raises(ValueError, match=message):
        Scaling(shift, scale)


def test_scaling_holds_plain_floats():
    scaling = Scaling((np.float32(0.5),), np.asarray([2, 3]))
    assert (scaling.shift, scaling.scale) == ((0.5,), (2.0, 3.0))
    assert all(type(v) is float for v in scaling.shift + scaling.scale)


@given(st.lists(st.tuples(finite, finite.filter(bool)), min_size=1))
def test_json_keeps_every_bit(pairs):
    scaling = Scaling(tuple(a for a, _ in pairs), tuple(b for _, b in pairs))
    assert Scaling.from_json(json.loads(json.dumps(scaling.to_json()))) == scaling


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "preprocessing must have kind, shift and scale, got None"),
        ({"kind": "scaling", "shift": [0.0]}, "must have kind, shift and scale"),
        ({"kind": "scaling", "shift": [0.0], "scale": [1.0], "more": 1}, "must have kind, shift and scale"),
        ({"kind": "whitening", "shift": [0.0], "scale": [1.0]}, "must be of the kind 'scaling', got 'whitening'"),
        ({"kind": "scaling", "shift": 0.0, "scale": [1.0]}, "preprocessing shift must be a list of numbers, got 0.0"),
        ({"kind": "scaling", "shift": [0.0], "scale": ["1"]}, "preprocessing scale must be a list of numbers"),
        ({"kind": "scaling", "shift": [0.0], "scale": [True]}, "preprocessing scale must be a list of numbers"),
        ({"kind": "scaling", "shift": [0.0], "scale": [0.0]}, "usable scaling: scale must be finite and not 0"),
        ({"kind": "scaling", "shift": [0.0], "scale": [10**400]}, "usable scaling"),
        ({"kind": "scaling", "shift": [], "scale": [1.0]}, "usable scaling"),
    ],
)
def test_from_json_refuses_what_to_json_does_not_write(value, message):
    with pytest.raises(FormatError, match=message):
        Scaling.from_json(value)


def test_apply_writes_to_a_file_that_is_given(tmp_path):
    x = np.arange(12, dtype=np.uint8).reshape(4, 3)
    out = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", "float32", x.shape)
    assert Scaling.divide_by(4).apply(x, out=out) is out
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), x / np.float32(4))


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros((4, 2)), r"out must have shape \(4, 3\), got \(4, 2\)"),
        (np.zeros((4, 3), dtype="int64"), "dtype must be 'float32' or 'float64', got 'int64'"),
    ],
)
def test_apply_refuses_what_it_cannot_write_to(out, message):
    with pytest.raises(ValueError, match=message):
        Scaling.divide_by(4).apply(np.zeros((4, 3)), out=out)


def test_wide_rows_make_small_blocks(monkeypatch):
    monkeypatch.setattr(scaling, "NUMBERS_AT_ONCE", 6)
    assert [rows.stop - rows.start for rows in scaling._blocks(np.zeros((5, 3)))] == [2, 2, 2]
    assert [rows.stop - rows.start for rows in scaling._blocks(np.zeros((2, 30)))] == [1, 1]
