import importlib.util
from pathlib import Path

import numpy as np
import pytest

from xpnet.data import load_digits

ROOT = Path(__file__).resolve().parents[3]


def bundle_digits():
    pytest.importorskip("sklearn")
    spec = importlib.util.spec_from_file_location("bundle_digits", ROOT / "scripts" / "bundle_digits.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_load_digits_returns_the_whole_set():
    digits = load_digits()
    assert (digits.x.shape, digits.x.dtype, digits.y.shape, digits.y.dtype) == ((1797, 64), np.uint8, (1797,), np.int64)
    assert (digits.x.min(), digits.x.max()) == (0, 16)
    assert (digits.classes, digits.features, digits.name) == (tuple(range(10)), None, "digits")
    np.testing.assert_array_equal(np.bincount(digits.y), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


def test_load_digits_begins_with_a_zero():
    first = load_digits().x[0].reshape(8, 8)
    np.testing.assert_array_equal(first[0], [0, 0, 5, 13, 9, 1, 0, 0])


def test_load_digits_returns_fresh_arrays():
    load_digits().x[:] = 0
    assert load_digits().x.max() == 16


def test_digits_license_names_source_and_terms():
    text = (ROOT / "xpnet" / "data" / "images" / "DIGITS-LICENSE.txt").read_text(encoding="utf-8")
    for word in ("10.24432/C50P49", "CC BY 4.0", "Alpaydin", "Kaynak", "scikit-learn"):
        assert word in text


def test_bundle_digits_check_agrees_with_scikit_learn(capsys):
    assert bundle_digits().main(["--check"]) == 0
    assert "agrees" in capsys.readouterr().out


def test_bundle_digits_writes_the_bundled_values(tmp_path):
    module = bundle_digits()
    path = tmp_path / "digits.npz"
    assert module.main(["--output", str(path)]) == 0
    assert module.main(["--output", str(path), "--check"]) == 0
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["x"], load_digits().x)


def test_bundle_digits_check_sees_one_changed_pixel(tmp_path, capsys):
    module = bundle_digits()
    arrays = module.source_arrays()
    arrays["x"][5, 5] ^= 1
    np.savez(tmp_path / "digits.npz", **arrays)
    assert module.main(["--output", str(tmp_path / "digits.npz"), "--check"]) == 1
    assert "differs in x" in capsys.readouterr().out
