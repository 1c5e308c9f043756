"""Ratings from files."""

import gzip
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from xpnet.data import FormatError
from xpnet.data.ratings.reading import Ratings, load_ratings

GOODBOOKS = Path(__file__).resolve().parents[4] / "shared/data/goodbooks300k.npz"


@pytest.fixture
def write(tmp_path):
    def written(text, name="r.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


@pytest.fixture
def archive(tmp_path):
    def written(**arrays):
        np.savez(tmp_path / "r.npz", **arrays)
        return tmp_path / "r.npz"

    return written


@pytest.mark.parametrize(("name", "mark"), [("r.csv", ","), ("r.tsv", "\t"), ("r.txt", ";")])
def test_load_ratings_reads_text(write, name, mark):
    text = "when,item,user,rating\n3,tea,7,4.5\n\n1,rum,10,1\n".replace(",", mark)
    ratings = load_ratings(write(text, name), time="when")
    assert (ratings.user_ids.tolist(), ratings.item_ids.tolist()) == ([7, 10], ["rum", "tea"])
    assert (ratings.items.tolist(), ratings.values.tolist(), ratings.times.tolist()) == ([1, 0], [4.5, 1.0], [3, 1])


def test_load_ratings_reads_columns_by_their_names(write):
    ratings = load_ratings(write("who,what,stars\nann,7,5\n"), user="who", item="what", rating="stars")
    assert (ratings.user_ids.tolist(), ratings.times) == (["ann"], None)


def test_ids_that_only_look_like_numbers_stay_text(write):
    ratings = load_ratings(write("user,item,rating\n007,1.0,5\n7,1,4\n"))
    assert (ratings.user_ids.tolist(), ratings.item_ids.tolist()) == (["007", "7"], ["1", "1.0"])


def test_load_ratings_reads_dates(write):
    ratings = load_ratings(write("user,item,rating,t\n1,1,5,2026-01-02\n1,2,5,2026-01-01 10:00\n"), time="t")
    assert ratings.times.dtype.kind == "M"
    assert np.argsort(ratings.times).tolist() == [1, 0]


def test_load_ratings_reads_parquet(tmp_path):
    polars = pytest.importorskip("polars")
    path = tmp_path / "r.parquet"
    polars.DataFrame({"user": [5, 3], "item": ["a", "b"], "rating": [1.5, 2.0]}).write_parquet(path)
    ratings = load_ratings(path)
    assert (ratings.user_ids.tolist(), ratings.users.tolist(), ratings.values.tolist()) == ([3, 5], [1, 0], [1.5, 2.0])


def test_load_ratings_reads_an_archive_of_ids(archive):
    ratings = load_ratings(archive(user=["b", "a"], items=[30, 20], rating=[5, 4], time=[2, 1]), time="time")
    assert (ratings.users.tolist(), ratings.item_ids.tolist(), ratings.times.tolist()) == ([1, 0], [20, 30], [2, 1])


def test_load_ratings_gives_back_what_was_saved(archive):
    made = Ratings.numbered([2, 0, 2], [0, 1, 1], [1.5, 2, 3], user_ids=["a", "b", "c"], item_ids=[4, 9, 11])
    names = ("users", "items", "user_ids", "item_ids")
    read = load_ratings(archive(rating=made.values, **{name: getattr(made, name) for name in names}))
    for name in (*names, "values"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))


def test_load_ratings_sorts_tables_of_ids(archive):
    path = archive(users=[0, 1], items=[1, 1], rating=[5, 4], user_ids=[9, 3, 7], item_ids=["x", "a"])
    ratings = load_ratings(path)
    assert (ratings.user_ids.tolist(), ratings.users.tolist()) == ([3, 7, 9], [2, 0])
    assert (ratings.item_ids.tolist(), ratings.items.tolist()) == (["a", "x"], [0, 0])


def test_without_a_column_of_ratings_every_row_is_a_click(write, archive):
    path = write("user,item,day\n1,7,2026-01-03\n2,7,2026-01-02\n1,7,2026-01-01\n")
    clicks = load_ratings(path, rating=None, time="day", duplicates="sum")
    assert (clicks.values.tolist(), clicks.users.tolist()) == ([1, 2], [1, 0])
    assert clicks.times.astype(str).tolist()[1].startswith("2026-01-01")
    with pytest.raises(FormatError, match="got 'rating'"):
        load_ratings(path)
    packed = archive(users=[0, 1], items=[1, 0])
    assert load_ratings(packed, rating=None).values.tolist() == [1, 1]


def test_load_ratings_takes_a_rule_for_duplicates(write):
    path = write("user,item,rating\n1,1,5\n1,1,4\n")
    assert load_ratings(path, duplicates="last").values.tolist() == [4]
    assert load_ratings(path, duplicates="sum").values.tolist() == [9]
    with pytest.raises(FormatError, match=r"r.csv: users and items must name each pair once, got user 1 and item 1"):
        load_ratings(path)
    with pytest.raises(ValueError, match="duplicates must be one of") as caught:
        load_ratings(path, duplicates="max")
    assert not isinstance(caught.value, FormatError)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin with a line of column names"),
        ("user,item,rating,t\n", "must have a row below the header"),
        ("user,item,stars,t\n1,1,5,1\n", "'rating'"),
        ("users,item,rating,t\n1,1,5,1\n", "must have the columns user, got users, item, rating, t"),
        ("user,item,rating,t\n1,1,5,1\n1,2,good,1\n", "line 3, column 'rating' must"),
        ("user,item,rating,t\n1,1,5,1\n1,2,nan,1\n", "line 3, column 'rating' must"),
        ("user,item,rating,t\n1,1,5,1\n1,2,,1\n", "line 3, column 'rating' must"),
        ("user,item,rating,t\n1,1,5,1\n,2,5,1\n", "line 3, column 'user' must not be missing"),
        ("user,item,rating,t\n1,1,5,1\n1,2,5\n", "line 3 must have 4 cells"),
        ("user,item,rating,t\n1,1,5,1\n1,2,5,x\n", "column 't', row 1 must be a number, got 'x'"),
        ("user,item,rating,t\n1,1,5,soon\n", "column 't', row 0 must be a number or a date"),
        ("user,item,rating,t\n1,1,5,2026-01-01T00:00Z\n", "a date without time zone"),
        ("user,item,rating,t\n1,1,5,inf\n", "times must be finite, got inf in row 0"),
    ],
)
def test_load_ratings_names_what_is_wrong_in_text(write, text, message):
    with pytest.raises(FormatError, match=message) as caught:
        load_ratings(write(text), time="t")
    assert "r.csv" in str(caught.value)


GOOD = {"users": [0, 1], "items": [0, 1], "rating": [5, 4], "user_ids": [7, 8], "item_ids": [7, 8]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rating": [5, np.nan]}, "values must be finite, got nan in row 1"),
        ({"rating": ["a", "b"]}, "values must be numbers"),
        ({"rating": [5]}, "users must have one entry a rating, 1, got 2"),
        ({"rating": []}, "values must hold a rating"),
        ({"users": [0, 2]}, "users must be between 0 and 1, got 2 in row 1"),
        ({"items": [-1, 0]}, "items must be between 0 and 1, got -1 in row 0"),
        ({"items": [0.5, 0]}, "items must be whole numbers"),
        ({"user_ids": [7, 7]}, "user_ids must be ascending, each once"),
        ({"item_ids": [[7, 8]]}, r"array 'item_ids' must have shape \(n,\)"),
        ({"user_ids": None}, "must hold both user_ids and item_ids or neither, got users, items, rating, item_ids"),
        ({"rating": None}, "must hold the array 'rating', got users, items, user_ids, item_ids"),
        ({"users": [[0, 1]]}, r"users must have shape \(n,\), got \(1, 2\)"),
    ],
)
def test_load_ratings_names_what_is_wrong_in_an_archive(archive, change, message):
    arrays = {name: array for name, array in (GOOD | change).items() if array is not None}
    with pytest.raises(FormatError, match=message) as caught:
        load_ratings(archive(**arrays))
    assert "r.npz" in str(caught.value)


def test_load_ratings_refuses_other_files(write, tmp_path):
    with pytest.raises(FormatError, match=r"must end in .csv, .* .xlsx, .npz, got '.xls'"):
        load_ratings(write("", "r.xls"))
    with pytest.raises(FormatError, match="must be a whole npz file"):
        load_ratings(write("no archive", "r.npz"))
    for name in ("none.csv", "none.npz", "none.parquet"):
        with pytest.raises(FileNotFoundError):
            load_ratings(tmp_path / name)


def test_goodbooks_load_in_under_a_second():
    if not GOODBOOKS.is_file():
        pytest.skip("shared/data/goodbooks300k.npz is not beside the project")
    start = time.perf_counter()
    ratings = load_ratings(GOODBOOKS)
    assert time.perf_counter() - start < 1.0
    assert (ratings.n, ratings.n_users, ratings.n_items) == (298_176, 2_672, 9_990)
    assert np.bincount(ratings.values.astype(int)).tolist() == [0, 6_502, 18_533, 69_438, 106_126, 97_577]
    _, test = ratings.split()
    expected = np.sort(np.random.default_rng(0).permutation(ratings.n)[: ratings.n // 10])
    np.testing.assert_array_equal(test.values, ratings.values[expected])


def test_an_archive_with_two_arrays_of_one_name_is_refused(tmp_path):
    path, stream = tmp_path / "r.npz", io.BytesIO()
    np.savez(path, users=[1, 2], items=[3, 3], ratings=[1.0, 2.0])
    np.save(stream, np.asarray([5.0, 5.0]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ratings", stream.getvalue())  # NumPy takes off the ending .npy
    with pytest.raises(FormatError, match=r"r\.npz: .*two arrays of one name"):
        load_ratings(path)


def test_a_packed_table_in_another_spelling_is_read(tmp_path):
    path = tmp_path / "r.csv.gz"
    path.write_bytes(gzip.compress(b"user;item;rating;when\nann;tea;4,5;31.12.2025\nbob;tea;3,0;01.01.2026\n"))
    ratings = load_ratings(path, time="when")
    assert ratings.values.tolist() == [4.5, 3.0]
    assert ratings.times.astype("datetime64[D]").astype(str).tolist() == ["2025-12-31", "2026-01-01"]
