"""Recommenders to files and back."""

import io
import json
import zipfile

import numpy as np
import pytest

from xpnet.backend import to_numpy
from xpnet.data import FormatError
from xpnet.io.archives import read_archive, write_archive
from xpnet.recommend import (
    ALS,
    BiasModel,
    ImplicitALS,
    MatrixFactorization,
    Ratings,
    SoftImpute,
    is_ours,
    load,
    load_note,
    save,
)
from xpnet.recommend.files import KIND


def ratings():
    return Ratings.of([1, 1, 2, 2, 3], ["tea", "rum", "tea", "gin", "rum"], [5.0, 1.0, 4.0, 2.0, 3.0])


MODELS = [
    *(BiasModel(), ALS(k=2, lam=1.0), ALS(k=2, lam=1.0, counted=True), ImplicitALS(k=2)),
    *(SoftImpute(k=2, lam=0.1), SoftImpute(k=2, lam=0.1, debias=True), MatrixFactorization(k=2, epochs=2)),
    *(MatrixFactorization(k=2, epochs=2, penalty="l21", l1=0.1), MatrixFactorization(k=2, epochs=2, max_norm=0.5)),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_what_is_loaded_is_what_was_saved(backend, model, tmp_path):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    found = model.fit(ratings(), backend)
    save(tmp_path / "r.npz", found, note={"seed": 3})
    again = load(tmp_path / "r.npz", backend)
    for one, other in zip((*found.biases, *found.factors), (*again.biases, *again.factors), strict=True):
        np.testing.assert_array_equal(to_numpy(one), to_numpy(other))
    assert (again.lam, again.folding, again.bounded) == (found.lam, found.folding, found.bounded)
    guests = [to_numpy(one.fold_in(["tea", "gin"], [1.0, 5.0]).predict(["rum", "tea"])) for one in (found, again)]
    np.testing.assert_array_equal(*guests)
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


def note_of(path):
    with np.load(path) as arrays:
        parts = dict(arrays)
    return parts, json.loads(parts["xpnet"].tobytes())


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head["note"]["settings"].update(lam=2.0),
        lambda head: head["note"]["settings"].update(bounded=False),
        lambda head: head["note"]["settings"]["folding"]["settings"].update(lam=2.0),
        lambda head: head["note"]["note"].update(seed=4),
        lambda head: head["note"].update(more=1),
        lambda head: head.update(digest=head["digest"][::-1]),
    ],
)
def test_a_changed_note_is_refused(change, tmp_path):
    path = tmp_path / "r.npz"
    save(path, ALS(k=2, lam=1.0).fit(ratings()), note={"seed": 3})
    parts, head = note_of(path)
    change(head)
    np.savez(path, **parts | {"xpnet": np.frombuffer(json.dumps(head).encode(), np.uint8)})
    for read in (load, load_note):
        with pytest.raises(FormatError, match=r"r\.npz: must be as xpnet wrote it, got one that was changed"):
            read(path)


def test_what_is_beside_the_digest_is_foreign(tmp_path):
    path = tmp_path / "r.npz"
    save(path, BiasModel().fit(ratings()))
    parts, head = note_of(path)
    np.savez(path, **parts | {"xpnet": np.frombuffer(json.dumps(head | {"more": 1}).encode(), np.uint8)})
    with pytest.raises(FormatError, match="must be a file that xpnet wrote"):
        load(path)


def test_two_members_of_one_name_are_refused(tmp_path):
    path, stream = tmp_path / "r.npz", io.BytesIO()
    save(path, BiasModel().fit(ratings()))
    np.save(stream, np.zeros(3))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bias_user.npy", stream.getvalue())
    with pytest.raises(FormatError, match=r"r\.npz: .*two arrays of one name"):
        load(path)
    save(path, BiasModel().fit(ratings()))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bias_user", stream.getvalue())  # NumPy takes off the ending .npy
    with pytest.raises(FormatError, match=r"r\.npz: .*two arrays of one name"):
        load(path)


def drop(name):
    return lambda arrays, note: arrays.pop(name)


def put(name, value):
    return lambda arrays, note: arrays.update({name: value})


def settle(*path, value):
    def change(arrays, note):
        for key in path[:-1]:
            note = note[key]
        note.update({path[-1]: value})

    return change


FAULTS = [
    *(drop(name) for name in ("users", "items", "values", "user_ids", "item_ids", "bias_mean", "bias_user", "p", "q")),
    *(
        put("users", np.asarray([0, 1, 2, 3, 9])),
        put("values", np.full(5, np.nan)),
        put("values", np.full(5, 1e300)),
        put("user_ids", np.asarray([3, 2, 1])),
    ),
    *(put("bias_user", np.zeros(2)), put("bias_mean", np.zeros(1)), put("p", np.zeros((3, 5))), put("q", np.zeros(3))),
    *(put("p", np.full((3, 2), np.inf)), put("q", np.asarray([["a"] * 2] * 3)), put("bias_item", np.zeros(3, complex))),
    lambda arrays, note: note.pop("settings"),
    *(settle("settings", value=x) for x in (None, [], {}, "lam")),
    *(settle("settings", "lam", value=x) for x in (None, "a", 10**400, float("inf"))),
    *(settle("settings", "bounded", value=x) for x in (None, "a", 1)),
    *(settle("settings", "folding", value=x) for x in (None, {}, {"model": "als"}, {"model": "gone", "settings": {}})),
    *(settle("settings", "folding", "settings", value=x) for x in (None, {}, {"damping": [5.0, 5.0], "more": 1.0})),
    *(
        settle("settings", "folding", "settings", "damping", value=x)
        for x in (None, 5.0, [5.0], ["a", "b"], [5.0, None])
    ),
    *(settle("settings", "folding", "settings", "lam", value=x) for x in ("a", 10**400, [1.0], {}, float("nan"))),
]


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("change", FAULTS)
def test_a_file_with_a_fault_and_a_right_digest_is_refused_by_name(change, tmp_path, monkeypatch):
    path = tmp_path / "r.npz"
    save(path, ALS(k=2, lam=1.0).fit(ratings()))
    arrays, note = read_archive(path, KIND)
    change(arrays, note)
    dumps = json.dumps
    monkeypatch.setattr(json, "dumps", lambda x, **options: dumps(x, **options | {"allow_nan": True}))
    write_archive(path, KIND, arrays, note)
    with pytest.raises(FormatError, match=r"r\.npz: must hold a whole recommender, got one with a fault"):
        load(path)
