"""Archives: arrays and a note come back as they were, and a file that was changed is refused."""

import numpy as np
import pytest

from xpnet.data import FormatError
from xpnet.io.archives import is_archive, read_archive, write_archive


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "a.npz"
    arrays = {"x": np.arange(6, dtype=np.float32), "names": np.asarray(["tea", "rum"])}
    write_archive(path, "list 1", arrays, {"k": 3})
    return path


def test_arrays_and_the_note_come_back_as_they_were(written):
    arrays, note = read_archive(written, "list 1")
    assert (arrays["x"].dtype, arrays["names"].tolist(), note) == ("float32", ["tea", "rum"], {"k": 3})
    np.testing.assert_array_equal(arrays["x"], np.arange(6))
    assert is_archive(written, "list 2")
    assert not is_archive(written, "table 1")


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays | {"x": arrays["x"] + 1},
        lambda arrays: arrays | {"x": arrays["x"].view(np.int32)},  # the same bytes
        lambda arrays: arrays | {"x": arrays["x"].reshape(2, 3)},
        lambda arrays: arrays | {"y": arrays["x"]},
        lambda arrays: {"y" if name == "x" else name: x for name, x in arrays.items()},
    ],
)
def test_a_change_of_numbers_dtype_shape_or_name_is_refused(written, change):
    with np.load(written) as archive:
        arrays = dict(archive)
    np.savez(written, **change(arrays))
    with pytest.raises(FormatError, match="must be as xpnet wrote it, got one that was changed"):
        read_archive(written, "list 1")


def test_a_deep_note_is_refused(written):
    with np.load(written) as archive:
        arrays = dict(archive)
    deep = b'{"kind": "list 1", "digest": "", "note": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}"
    np.savez(written, **arrays | {"xpnet": np.frombuffer(deep, np.uint8)})
    with pytest.raises(FormatError, match=r"a\.npz: must be"):
        read_archive(written, "list 1")
