import pytest

from xpnet.checks import listing
from xpnet.data import FormatError
from xpnet.data.tables.columns import check_names, select_features


def test_a_name_that_comes_twice_is_found_among_very_many():
    names = [f"c{i}" for i in range(200_000)]  # pairs of them would take an hour
    check_names("t", names, "c7")
    with pytest.raises(FormatError, match="t: column names must differ, got c3, c5 more than once"):
        check_names("t", [*names, "c5", "c3", "c5"], "c7")


def test_select_features_takes_all_but_the_target():
    assert select_features("t", ("a", "label", "b"), "label", None) == ("a", "b")


def test_select_features_takes_the_order_asked_for():
    assert select_features("t", ("a", "b", "c"), None, ["c", "a"]) == ("c", "a")


@pytest.mark.parametrize("columns", [("a", "label"), ("a", "a")])
def test_select_features_refuses_the_target_and_repetitions(columns):
    with pytest.raises(ValueError, match="once each and not the target"):
        select_features("t", ("a", "label"), "label", columns)


def test_select_features_refuses_one_string():
    with pytest.raises(TypeError, match="columns must be a sequence of names, got 'ab'"):
        select_features("t", ("a", "b"), None, "ab")


def test_select_features_names_what_is_missing():
    with pytest.raises(FormatError, match="t: must have the columns c, d, got a, b"):
        select_features("t", ("a", "b"), None, ("a", "c", "d"))


@pytest.mark.parametrize("columns", [None, ()])
def test_select_features_refuses_none_at_all(columns):
    with pytest.raises(FormatError, match="must have a feature column besides the target, got label"):
        select_features("t", ("label",), "label", columns)


def test_check_names_counts_the_column_without_a_name():
    with pytest.raises(FormatError, match="got none for column 2"):
        check_names("t", ["a", ""], None)


def test_check_names_suggests_only_close_names():
    with pytest.raises(FormatError, match=r"got 'zzz'$"):
        check_names("t", ["size", "label"], "zzz")


def test_listing_stops_at_twenty():
    assert listing([str(i) for i in range(20)]).endswith("18, 19")
    assert listing([str(i) for i in range(21)]).endswith("19 and 1 more")
    assert listing([]) == "nothing"


def test_a_header_separated_by_blanks_is_told():
    with pytest.raises(FormatError, match="separate the columns by commas, semicolons or tabs, not by blanks"):
        check_names("t.csv", ("'OBS' 'GPA' 'GRADE'",), "GRADE")
