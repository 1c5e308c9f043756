"""MNIST in the book's form, from small files in its layout."""

import gzip
import pickle

import numpy as np
import pytest

import xpnet
from xpnet.book import mnist_loader


@pytest.fixture
def arrays(rng):
    made = {
        "x_train": rng.integers(0, 256, (12, 28, 28), dtype=np.uint8),
        "y_train": np.arange(12, dtype=np.uint8) % 10,
    }
    made["x_train"][0, 0, :2] = 0, 255
    return made | {"x_test": made["x_train"][:3], "y_test": made["y_train"][:3]}


@pytest.fixture
def path(tmp_path, arrays):
    np.savez(tmp_path / "mnist.npz", **arrays)
    return tmp_path / "mnist.npz"


def test_load_data_gives_three_pairs_of_arrays(path, arrays):
    training, validation, test = mnist_loader.load_data(path)
    assert [part[0].shape for part in (training, validation, test)] == [(10, 784), (2, 784), (3, 784)]
    for images, digits in (training, validation, test):
        assert (images.dtype, digits.dtype) == (np.float32, np.int64)
    np.testing.assert_array_equal(training[0] * 256, arrays["x_train"][:10].reshape(10, 784))
    assert training[0][0, :2].tolist() == [0.0, 0.99609375]
    assert validation[1].tolist() == [0, 1]


def test_load_data_wrapper_gives_lists_of_columns(path):
    training, validation, test = mnist_loader.load_data_wrapper(str(path))
    assert [type(part) for part in (training, validation, test)] == [list] * 3
    assert [len(part) for part in (training, validation, test)] == [10, 2, 3]
    images = mnist_loader.load_data(path)[0][0]
    for i, (x, y) in enumerate(training):
        np.testing.assert_array_equal(x, images[i, :, None])
        np.testing.assert_array_equal(y, mnist_loader.vectorized_result(i))
        assert y.dtype == np.float64
    for part in (validation, test):
        assert all(x.shape == (784, 1) and type(y) is int for x, y in part)
    assert [y for _, y in test] == [0, 1, 2]


def test_loaders_read_a_folder_and_what_the_environment_names(path, monkeypatch):
    expected = mnist_loader.load_data(path)
    monkeypatch.setenv("XPNET_DATA_DIR", str(path.parent))
    for found in (mnist_loader.load_data(path.parent), mnist_loader.load_data()):
        for part, wanted in zip(found, expected, strict=True):
            np.testing.assert_array_equal(part[0], wanted[0])
    assert len(mnist_loader.load_data_wrapper()[0]) == 10


@pytest.mark.parametrize("name", ["mnist.pkl.gz", "mnist.pkl", "data.pickle"])
def test_loaders_refuse_a_pickle_without_opening_it(tmp_path, name):
    class Trap:
        def __reduce__(self):
            return (exec, ("raise SystemExit('unpickled')",))

    (tmp_path / name).write_bytes(gzip.compress(pickle.dumps(Trap())))
    for load in (mnist_loader.load_data, mnist_loader.load_data_wrapper):
        with pytest.raises(ValueError, match=r"path must name an npz file or a folder .*pickles are not read"):
            load(tmp_path / name)


def test_loaders_refuse_a_foreign_file_by_name(tmp_path):
    (tmp_path / "mnist.gz").write_bytes(b"nothing")
    with pytest.raises(xpnet.FormatError, match=r"mnist\.gz"):
        mnist_loader.load_data(tmp_path / "mnist.gz")
