"""New rows that are unlike those of training are told, a line for each column."""

import json

import numpy as np
import pytest

from xpnet.data import Encoding, Scaling
from xpnet.data.preparing.remarks import unseen_remarks

X = np.asarray([["red", 1, "a", "2024-01-31"], ["blue", 3, "b", "2024-03-01"]], dtype=object)
ENCODING = Encoding.fit(X, ("color", "n", "zip", "day"), impute="mean")


def test_categories_never_seen_are_told_with_their_number():
    new = np.asarray([["pink", 1, "a", None], ["red", 2, "b", None], ["gray", 2, None, None]], dtype=object)
    (said,) = unseen_remarks(ENCODING, new)
    assert said == (
        "column 'color' holds a category that training did not see in 2 of 3 rows, such as 'pink': all zeros there"
    )
    assert unseen_remarks(ENCODING, X) == []


@pytest.mark.parametrize("encoding", [ENCODING, Encoding.from_json(json.loads(json.dumps(ENCODING.to_json())))])
def test_numbers_and_dates_out_of_the_range_of_training_are_told(encoding):
    new = np.asarray([["red", 7, "a", "2024-02-01"], ["red", "-2.5", "a", "2023-12-31"]], dtype=object)
    span = "2024-01-31 to 2024-03-01"
    assert unseen_remarks(encoding, new) == [
        "column 'n' is outside of the range of training, 1 to 3, in 2 of 2 rows, such as 7",
        f"column 'day' is outside of the range of training, {span}, in 1 of 2 rows, such as 2023-12-31",
    ]


def test_gaps_are_outside_of_no_range():
    assert unseen_remarks(ENCODING, np.asarray([[None, None, None, None]], dtype=object)) == []


def test_many_columns_are_counted():
    encoding = Encoding.fit(np.ones((3, 40)), [f"c{i}" for i in range(40)])
    new = np.ones((4, 40))
    new[:, 7] = 2.0
    new[0, 10:] = 3.0
    remarks = unseen_remarks(encoding, new)
    assert remarks[0] == "column 'c7' is outside of the range of training, 1 to 1, in 4 of 4 rows, such as 2"
    assert remarks[-1] == "26 more columns are outside of the range of training in some rows"
    assert len(remarks) == 6


def test_files_of_earlier_versions_know_no_range():
    plain = ENCODING.to_json()
    for column in plain["columns"]:
        for name in ("range", "last"):
            column.pop(name, None)
    assert unseen_remarks(Encoding.from_json(plain), np.asarray([["red", 99, "a", "1999-01-01"]], dtype=object)) == []


def test_a_scaling_knows_no_columns():
    assert unseen_remarks(Scaling.divide_by(2), np.ones((2, 2))) == []


def test_a_little_outside_is_not_told():
    encoding = Encoding.fit(np.asarray([[0.0], [100.0]]), ("n",))
    assert unseen_remarks(encoding, [[-9.0], [109.0]]) == []
    assert len(unseen_remarks(encoding, [[-11.0]])) == 1
