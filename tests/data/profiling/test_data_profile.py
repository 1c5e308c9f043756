"""The profile of a whole data set: its target, its columns, its remarks."""

import json

import numpy as np
import pytest

from xpnet.data import Dataset
from xpnet.data.columns.building import table_of
from xpnet.data.profiling.data_profile import profile_data
from xpnet.data.profiling.target_profile import profile_target

N = 60
PETS = {
    "id": list(range(N)),
    "name": [f"pet{i}" for i in range(N)],
    "weight": [i % 7 if i % 10 else None for i in range(N)],
    "species": ["ab"[i % 2] for i in range(N)],
    "empty": [None] * N,
}


def pets(**more):
    return Dataset(table_of({**PETS, **more}), np.arange(N) % 2, ("cat", "dog"))


def test_ids_and_empty_columns_are_told_and_left_out():
    profile = profile_data(pets(), target="kind")
    assert profile.features == ("weight", "species")
    leak = "gives the target away: each of its 2 values comes with one class only; if it is not known before the target"
    assert profile.remarks == (
        "column 'id' is left out: it numbers the rows, as an id does; --keep id",
        "column 'name' is left out: nearly unique text, 60 texts in 60 rows; --keep name",
        "column 'empty' is left out: it holds nothing",
        f"column 'species' {leak}, leave it out with --ignore species",
    )
    assert profile_data(pets(), keep=("id", "name")).features == ("id", "name", "weight", "species")
    with pytest.raises(ValueError, match="keep must name columns of the table, got 'nme'"):
        profile_data(pets(), keep=("nme",))


def test_a_column_is_left_whatever_it_looks_like():
    data = Dataset(table_of({"id": PETS["id"], "empty": PETS["empty"]}), np.arange(N) % 2, ("cat", "dog"))
    assert profile_data(data).features == ("id",)


def test_a_matrix_has_a_profile_too(rng):
    data = Dataset(rng.random((N, 2)), None, None, ("a", "b"))
    profile = profile_data(data)
    assert (profile.features, profile.target, profile.remarks) == (("a", "b"), None, ())


def test_the_profile_is_plain_json():
    profile = profile_data(pets(), target="kind").with_inputs([("weight", 1), ("species", 2)])
    told = json.loads(json.dumps(profile.to_json()))
    assert [column["inputs"] for column in told["columns"]] == [0, 0, 1, 2, 0]
    assert (told["rows"], told["target"]["classes"], told["target"]["majority"]) == (N, [["cat", 30], ["dog", 30]], 0.5)


@pytest.mark.parametrize(("ones", "said"), [(2, True), (29, True), (60, False)])
def test_rare_classes_are_told_with_the_majoritys_score(ones, said):
    y = (np.arange(1000) < ones).astype(int)
    data = Dataset(table_of({"a": np.sqrt(np.arange(1000.0))}), y, ("no", "yes"))
    remarks = profile_data(data).remarks
    assert bool(remarks) == said
    if said:
        assert remarks[0].startswith(f"class 'yes' has {ones} of 1000 rows, and always predicting the commonest class")
        assert f"{(1000 - ones) / 10:.2f} %; --class-weight balanced" in remarks[0]


@pytest.mark.parametrize(
    ("classes", "task", "guessed"),
    [(("a", "b", "c"), None, False), ((1, 2, 3), None, True), ((1, 2, 3), "classification", False)],
)
def test_classes_of_numbers_are_a_guess(classes, task, guessed):
    data = Dataset(np.ones((3, 1)), np.asarray([0, 1, 2]), classes)
    assert profile_target("y", data, task).guessed is guessed


def test_numbers_are_a_guess_unless_asked_for():
    data = Dataset(np.ones((2, 1)), np.asarray([0.5, 2.0]))
    target = profile_target("y", data)
    assert (target.task, target.guessed, target.low, target.high) == ("regression", True, 0.5, 2.0)
    assert profile_target("y", data, "regression").guessed is False
    assert (target.majority, target.rare) == (None, ())


def test_names_in_advice_are_quoted_for_a_shell():
    data = Dataset(table_of({"Adj. Close*": np.arange(N) % 7, "b": list(range(1, N + 1))}), (np.arange(N) % 7) * 2.0)
    (_, leak) = profile_data(data).remarks
    assert leak.endswith("leave it out with --ignore 'Adj. Close*'")
