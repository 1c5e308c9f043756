import gzip
import hashlib
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from xpnet.data import FormatError, load_mnist
from xpnet.data.images import mnist, mnist_files

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "mnist.npz"
NAMES = tuple(mnist_files.REGISTRY)


def small_arrays(n_train=12, n_test=3):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (n_train, 28, 28), dtype=np.uint8),
        "y_train": np.arange(n_train, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (n_test, 28, 28), dtype=np.uint8),
        "y_test": np.arange(n_test, dtype=np.uint8) % 10,
    }


def idx_bytes(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx_folder(folder, rename=lambda name: name):
    folder.mkdir(exist_ok=True)
    arrays = small_arrays()
    for name, key in zip(NAMES, mnist.KEYS, strict=True):
        raw = idx_bytes(arrays[key])
        (folder / rename(name)).write_bytes(gzip.compress(raw) if rename(name).endswith(".gz") else raw)
    return arrays


def assert_is_small_mnist(parts, arrays):
    pixels = arrays["x_train"].reshape(-1, 784)
    np.testing.assert_array_equal(parts.train.x, pixels[:10])
    np.testing.assert_array_equal(parts.validation.x, pixels[10:])
    np.testing.assert_array_equal(parts.train.y, arrays["y_train"][:10])
    np.testing.assert_array_equal(parts.validation.y, arrays["y_train"][10:])
    np.testing.assert_array_equal(parts.test.x, arrays["x_test"].reshape(-1, 784))
    np.testing.assert_array_equal(parts.test.y, arrays["y_test"])


def save(tmp_path, **changes):
    path = tmp_path / "small.npz"
    np.savez(path, **{k: v for k, v in {**small_arrays(), **changes}.items() if v is not None})
    return path


def test_load_mnist_reads_the_layout_without_validation(tmp_path):
    parts = load_mnist(save(tmp_path))
    assert_is_small_mnist(parts, small_arrays())
    for part in parts:
        assert (part.x.dtype, part.y.dtype, part.name) == (np.uint8, np.int64, "mnist")
        assert part.classes == tuple(range(10))


def test_load_mnist_reads_the_layout_with_validation(tmp_path):
    images, labels = np.full((4, 784), 7, np.uint8), np.asarray([3, 2, 1, 0])
    parts = load_mnist(str(save(tmp_path, x_validation=images, y_validation=labels)))
    assert (parts.train.n, parts.validation.n, parts.test.n) == (12, 4, 3)
    np.testing.assert_array_equal(parts.validation.y, labels)


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name,
        lambda name: name.removesuffix(".gz"),
        lambda name: name.removesuffix(".gz").replace("-idx", ".idx"),
        lambda name: name.replace("-idx", ".idx"),
    ],
)
def test_load_mnist_reads_idx_files_under_their_usual_names(tmp_path, rename):
    arrays = write_idx_folder(tmp_path, rename)
    assert_is_small_mnist(load_mnist(tmp_path), arrays)


def test_load_mnist_reads_mnist_npz_of_a_folder(tmp_path):
    save(tmp_path).rename(tmp_path / "mnist.npz")
    assert_is_small_mnist(load_mnist(tmp_path), small_arrays())


def test_load_mnist_looks_in_the_folder_before_any_mirror(tmp_path):
    arrays = write_idx_folder(tmp_path)
    assert_is_small_mnist(load_mnist(folder=tmp_path, mirrors=()), arrays)


def test_load_mnist_looks_where_the_environment_says(tmp_path, monkeypatch):
    arrays = write_idx_folder(tmp_path)
    monkeypatch.setenv("XPNET_DATA_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert_is_small_mnist(load_mnist(mirrors=()), arrays)


def test_load_mnist_prefers_the_folder_to_the_environment(tmp_path, monkeypatch):
    arrays = write_idx_folder(tmp_path / "own")
    monkeypatch.setenv("XPNET_DATA_DIR", str(tmp_path / "nothing"))
    assert_is_small_mnist(load_mnist(folder=tmp_path / "own", mirrors=()), arrays)


def test_load_mnist_falls_back_to_the_cache_folder(tmp_path, monkeypatch):
    pooch = pytest.importorskip("pooch")
    arrays = write_idx_folder(tmp_path / "xpnet")
    monkeypatch.delenv("XPNET_DATA_DIR", raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    assert_is_small_mnist(load_mnist(mirrors=()), arrays)


@pytest.mark.parametrize("folder", ["~/downloads", ""])
def test_a_user_without_a_home_folder_is_told_what_to_do(monkeypatch, folder):
    pytest.importorskip("pooch")
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    monkeypatch.setenv("XPNET_DATA_DIR", folder)

    def no_home(name):
        raise RuntimeError(f"could not determine the home directory for {name!r}")

    monkeypatch.setattr("pooch.os_cache", no_home)
    with pytest.raises(FileNotFoundError, match="name one by XPNET_DATA_DIR"):
        load_mnist()


def test_load_mnist_downloads_only_what_is_missing(tmp_path, monkeypatch):
    pytest.importorskip("pooch")
    arrays = write_idx_folder(tmp_path / "mirror")
    asked = []

    def fake_fetch(name, sha256, mirrors, folder):
        asked.append((name, sha256, mirrors))
        folder.mkdir(exist_ok=True)
        return (tmp_path / "mirror" / name).rename(folder / name)

    monkeypatch.setattr(mnist_files, "fetch", fake_fetch)
    (tmp_path / "cache").mkdir()
    (tmp_path / "mirror" / NAMES[0]).rename(tmp_path / "cache" / NAMES[0])
    assert_is_small_mnist(load_mnist(folder=tmp_path / "cache"), arrays)
    assert asked == [(name, mnist_files.REGISTRY[name], mnist_files.MIRRORS) for name in NAMES[1:]]
    assert_is_small_mnist(load_mnist(folder=tmp_path / "cache"), arrays)
    assert len(asked) == 3


def test_load_mnist_says_which_mirrors_failed(tmp_path):
    pytest.importorskip("pooch")
    with pytest.raises(OSError, match=r"train-images-idx3-ubyte\.gz must come .* http://127\.0\.0\.1:9/ \("):
        load_mnist(folder=tmp_path, mirrors=["http://127.0.0.1:9/"])


def test_load_mnist_downloads_nothing_when_a_path_is_given(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"path must hold mnist.npz or train-images-idx3-ubyte"):
        load_mnist(tmp_path)
    with pytest.raises(FileNotFoundError, match="path must be an existing file"):
        load_mnist(tmp_path / "mnist.npz")


def test_load_mnist_refuses_path_and_folder_together(tmp_path):
    with pytest.raises(ValueError, match="folder must be None when path is given"):
        load_mnist(tmp_path, folder=tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "must hold the arrays x_train, y_train, x_test, y_test, got none named y_test"),
        (
            {"y_train": np.zeros(11, np.uint8)},
            r"y_train must be one integer label for each of 12 images, got .*\(11,\)",
        ),
        ({"y_train": np.full(12, 10)}, r"y_train must lie in 0\.\.9, got 10 to 10"),
        ({"y_train": np.full(12, -1)}, r"y_train must lie in 0\.\.9, got -1 to -1"),
        ({"y_train": np.zeros(12)}, "y_train must be one integer label .* got float64"),
        ({"x_test": np.zeros((3, 784))}, "x_test must be integer images of 28 x 28 pixels, got float64"),
        ({"x_test": np.zeros((3, 64), np.uint8)}, r"x_test must be integer images .* shape \(3, 64\)"),
        ({"x_test": np.full((3, 784), 256)}, r"x_test must lie in 0\.\.255, got 256 to 256"),
        (
            {"x_test": np.zeros((0, 784), np.uint8), "y_test": np.zeros(0, np.uint8)},
            "y_test must be one .* of 0 images",
        ),
        ({"x_train": np.zeros((5, 784), np.uint8), "y_train": np.zeros(5, np.uint8)}, "at least 6 images"),
    ],
)
def test_load_mnist_refuses_what_does_not_belong_together(tmp_path, changes, message):
    with pytest.raises(FormatError, match=message) as caught:
        load_mnist(save(tmp_path, **changes))
    assert "small.npz" in str(caught.value)


def test_load_mnist_refuses_a_foreign_file(tmp_path):
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(b"not an archive"))
    with pytest.raises(FormatError, match=r"mnist\.pkl\.gz: must be a whole npz file"):
        load_mnist(path)


def test_registry_and_mirrors_are_complete():
    assert len(NAMES) == len(mnist.KEYS)
    assert all(len(checksum) == len(hashlib.sha256().hexdigest()) for checksum in mnist_files.REGISTRY.values())
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in mnist_files.MIRRORS)


def test_load_mnist_splits_the_real_set_as_in_the_book():
    if not SHARED.is_file():
        pytest.skip("shared/data/mnist.npz is not beside the project")
    parts = load_mnist(SHARED)
    assert (parts.train.x.shape, parts.validation.x.shape, parts.test.x.shape) == (
        (50_000, 784),
        (10_000, 784),
        (10_000, 784),
    )
    np.testing.assert_array_equal(parts.train.y[:5], [5, 0, 4, 1, 9])
    np.testing.assert_array_equal(parts.test.y[:5], [7, 2, 1, 0, 4])
    assert parts.train.x.max() == 255
