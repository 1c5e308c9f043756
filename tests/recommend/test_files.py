"""Recommenders to files and back."""

import numpy as np
import pytest

from xpnet.backend import to_numpy
from xpnet.data import FormatError
from xpnet.recommend import ALS, BiasModel, ImplicitALS, Ratings, is_ours, load, load_note, save


def ratings():
    return Ratings.of([1, 1, 2, 2, 3], ["tea", "rum", "tea", "gin", "rum"], [5.0, 1.0, 4.0, 2.0, 3.0])


@pytest.mark.parametrize("model", [BiasModel(), ALS(k=2, lam=1.0), ImplicitALS(k=2)], ids=lambda m: type(m).__name__)
def test_what_is_loaded_is_what_was_saved(backend, model, tmp_path):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    found = model.fit(ratings(), backend)
    save(tmp_path / "r.npz", found, note={"seed": 3})
    again = load(tmp_path / "r.npz", backend)
    for one, other in zip((*found.biases, *found.factors), (*again.biases, *again.factors), strict=True):
        np.testing.assert_array_equal(to_numpy(one), to_numpy(other))
    assert (again.lam, again.folding, again.bounded) == (found.lam, found.folding, found.bounded)
    assert again.recommend(1, 3).ids.tolist() == found.recommend(1, 3).ids.tolist()
    assert load_note(tmp_path / "r.npz") == {"seed": 3}
    assert is_ours(tmp_path / "r.npz")


def test_foreign_damaged_and_changed_files_are_refused_by_name(tmp_path):
    path = tmp_path / "r.npz"
    with pytest.raises(FileNotFoundError):
        load(path)
    np.savez(path, users=[1])
    assert not is_ours(path)
    with pytest.raises(FormatError, match=r"r\.npz: must be a file that xpnet wrote"):
        load(path)
    save(path, BiasModel().fit(ratings()))
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    with pytest.raises(FormatError, match=r"r\.npz"):
        load(path)
    assert not is_ours(path)
    path.write_bytes(whole)
    with np.load(path) as arrays:
        parts = dict(arrays)
    parts["bias_user"] = parts["bias_user"] + 1
    np.savez(path, **parts)
    with pytest.raises(FormatError, match="one that was changed"):
        load(path)
    parts["xpnet"] = np.frombuffer(parts["xpnet"].tobytes().replace(b"recommender 2", b"recommender 9"), np.uint8)
    np.savez(path, **parts)
    with pytest.raises(FormatError, match="must be a recommender 2, got a recommender 9"):
        load(path)
    assert is_ours(path)


def test_a_failed_write_leaves_what_was_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        save(tmp_path / "nowhere" / "r.npz", BiasModel().fit(ratings()))
