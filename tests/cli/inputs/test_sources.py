"""Where examples come from: a NumPy matrix whose columns have numbers for names."""

import os
import threading

import numpy as np
import pytest

from xpnet import load
from xpnet.cli.inputs.parts import read_parts


@pytest.fixture
def clouds(tmp_path, rng):
    """A file of 100 rows of three columns, two clouds, and their labels in the last column."""
    y = np.arange(100) % 2
    x = rng.standard_normal((100, 3)) + 3.0 * y[:, None]
    np.save(tmp_path / "clouds.npy", np.concatenate([x, y[:, None]], axis=1))
    return "clouds.npy"


def test_a_matrix_is_trained_on_evaluated_and_predicted(xpnet, clouds, tmp_path):
    ran = xpnet("train", clouds, "--target", "-1", "--quiet")
    assert ran.code == 0, ran.err
    assert float(ran.out.split("accuracy ")[1].split()[0]) > 90.0
    assert xpnet("evaluate", "xpnet-clouds.safetensors").out.splitlines()[1] == ran.out.splitlines()[1]
    assert load("xpnet-clouds.safetensors").data["features"] == ["0", "1", "2"]
    np.save(tmp_path / "new.npy", np.asarray([[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]]))
    for new in ("new.npy", clouds):
        lines = xpnet("predict", "xpnet-clouds.safetensors", new).out.splitlines()[1:]
        assert {line.split(",")[1] for line in lines} == {"0", "1"}


def test_a_column_that_is_not_there_is_said_in_one_line(xpnet, clouds):
    ran = xpnet("train", clouds, "--target", "label")
    assert ran.code == 1
    assert "target must be one of 0, 1, 2, 3, got 'label'" in ran.err


def test_a_named_pipe_is_a_table(xpnet, tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    text = "a,kind\n" + "".join(f"{i % 7 + 10 * (i % 2)},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    writer = threading.Thread(target=(tmp_path / "t.csv").write_text, args=(text,))
    writer.start()
    ran = xpnet("train", "t.csv", "--target", "kind", "--quiet")
    writer.join()
    assert (ran.code, ran.err) == (0, "")
    assert "accuracy 100" in ran.out


def test_a_device_is_no_table(xpnet, tmp_path):
    (tmp_path / "t.npz").symlink_to("/dev/zero")
    ran = xpnet("train", "t.npz", "--target", "kind")
    assert ran.code == 1
    assert "t.npz: must be a regular file, got a device" in ran.err


def test_the_seed_of_the_split_also_chooses_the_validation_part():
    described = {"source": "digits", "validation": 0.2}
    some, other, again = (
        read_parts(described | {"split": {"kind": "ordered", "fraction": 0.2, "seed": seed}}) for seed in (0, 1, 1)
    )
    np.testing.assert_array_equal(some.test.x, other.test.x)  # the last rows, whatever the seed
    np.testing.assert_array_equal(other.validation.x, again.validation.x)
    assert (some.validation.x != other.validation.x).any()
