"""Recommending from the command line: fit, evaluate, top, similar."""

import subprocess
import sys

import pytest

FIT = ("recommend", "fit", "films.csv", "--factors", 2, "--lambda", 1)
FILE = "xpnet-recommender.npz"


@pytest.fixture
def films(tmp_path, rng):
    """40 users in two camps rate most of 16 films: of the films with even numbers one camp likes all, one none."""
    lines = ["user,item,rating"]
    for user in range(40):
        for item in range(16):
            if rng.uniform() < 0.8:
                lines.append(f"u{user},{item},{5 if user % 2 == item % 2 else 1}")
    (tmp_path / "films.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.mark.parametrize("model", ["als", "soft-impute", "bias"])
def test_fit_beats_the_mean_and_evaluate_repeats_its_figures(xpnet, films, model):
    start, end = xpnet("recommend", "fit", "films.csv", "--model", model, "--json").events
    assert (start["users"], start["items"], end["model"]) == (40, 16, model)
    errors = end["test"]
    assert errors["bias model"]["rmse"] < 2.5
    if model == "bias":
        assert errors["model"] == errors["bias model"]
    else:
        assert end["lambda"] > 0.0
        assert errors["model"]["rmse"] < 0.5 * errors["global mean"]["rmse"]
    (told,) = xpnet("recommend", "evaluate", FILE, "films.csv", "--json").events
    assert (told["rows"], told["test"]) == (start["test"], errors)


def test_fit_prints_its_figures_and_quiet_fewer(xpnet, films):
    ran = xpnet(*FIT)
    assert ran.code == 0
    for word in ("backend  numpy", "40 users, 16 items", "als, 2 factors, lambda 1\n", "RMSE", FILE):
        assert word in ran.out
    quiet = xpnet(*FIT, "--quiet")
    assert quiet.out.splitlines() == [ran.out.splitlines()[0], *ran.out.splitlines()[3:-1]]


def test_evaluate_tests_lists_beside_the_most_rated(xpnet, films):
    xpnet(*FIT)
    (told,) = xpnet("recommend", "evaluate", FILE, "films.csv", "--json").events
    lists = told["lists"]
    assert lists["model"]["recall"] == 1.0  # 16 films, most of them seen: all the others are listed
    assert lists["model"]["ndcg"] > lists["popularity"]["ndcg"]
    assert "NDCG" in xpnet("recommend", "evaluate", FILE, "films.csv").out
    assert "not tested" in xpnet("recommend", "evaluate", FILE, "films.csv", "--relevant", 6).out


def test_popularity_lists_the_most_rated_of_the_unseen():
    from xpnet.cli.commands.recommend import _popular
    from xpnet.recommend import Ratings

    ratings = Ratings.numbered([0, 1, 2, 0, 1, 2], [2, 2, 2, 1, 1, 0], [1.0] * 6, 3, 4)  # 2 is rated thrice, 1 twice
    (shown,) = _popular(ratings, ratings.users[2:3])  # user 2 saw 2 and 0
    assert shown.tolist() == [1, 3] + [-1] * 8


def test_top_lists_what_the_camp_likes(xpnet, films):
    xpnet(*FIT)
    best = xpnet("recommend", "top", FILE, "u2", "-n", 3, "--seen", "--json").events
    assert [one["item"] % 2 for one in best] == [0, 0, 0]
    assert len(xpnet("recommend", "top", FILE, "u2", "-n", 3, "--seen").out.splitlines()) == 3
    rated = {line.split(",")[1] for line in (films / "films.csv").read_text().splitlines() if line.startswith("u2,")}
    shown = {line.split("\t")[0] for line in xpnet("recommend", "top", FILE, "u2").out.splitlines()}
    assert len(shown & rated) <= 3  # only those that were put aside to test on


def test_top_for_an_unknown_user_says_so(xpnet, films):
    xpnet(*FIT)
    ran = xpnet("recommend", "top", FILE, "7", "-n", 2)
    assert (ran.code, len(ran.out.splitlines())) == (0, 2)
    assert ran.err == "xpnet: user '7' is unknown: listed by the items' biases\n"


def test_similar_lists_the_camp_without_the_item_itself(xpnet, films):
    xpnet(*FIT)
    near = xpnet("recommend", "similar", FILE, 4, "-n", 3, "--json").events
    assert len(near) == 3
    assert all(one["item"] % 2 == 0 and one["item"] != 4 and one["score"] > 0.5 for one in near)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("", 2, "ACTION"),
        ("fit films.csv --test 1", 2, "--test must lie between 0 and 1"),
        ("fit films.csv --model bias --factors 3", 2, "the bias model has neither"),
        (f"top {FILE} u2 -n 0", 2, "must be at least 1"),
        ("fit gone.csv", 1, "gone.csv"),
        ("fit films.csv --item film", 1, "film"),
        ("fit twice.csv", 1, "must name each pair once"),
        ("fit films.csv -o films.csv", 1, "must end in .npz"),
        ("fit films.csv -o foreign.npz", 1, "was not written by xpnet"),
        ("fit films.csv --lambda -1", 1, "--lambda must be"),
        ("evaluate gone.npz films.csv", 1, "gone.npz"),
        (f"evaluate {FILE} other.csv", 1, "other.csv does not hold the ratings"),
        ("top foreign.npz u2", 1, "foreign.npz"),
        (f"similar {FILE} 99", 1, "item must be one of the 16 known"),
        (f"similar {FILE} rum", 1, "item must be one of the 16 known"),
    ],
)
def test_bad_input_is_told_in_a_line(xpnet, films, words, code, message):
    assert xpnet(*FIT).code == 0
    (films / "twice.csv").write_text("user,item,rating\na,b,1\na,b,2\n")
    (films / "other.csv").write_text("user,item,rating\na,b,1\na,c,2\n")
    (films / "foreign.npz").write_bytes(b"mine")
    ran = xpnet("recommend", *words.split())
    assert ran.code == code
    assert message in ran.err
    assert code == 2 or len(ran.err.splitlines()) == 1
    assert (films / "foreign.npz").read_bytes() == b"mine"


OVERFLOWS = "user,item,rating\n" + "".join(
    f"u{u},i{i},{1.7e308 if u == i else 3}\n" for u in range(6) for i in range(6)
)


@pytest.mark.parametrize("model", ["als", "soft-impute", "bias"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ratings_that_overflow_are_refused_before_anything_is_written(xpnet, films, model, dtype):
    assert xpnet(*FIT).code == 0
    good = (films / FILE).read_bytes()
    (films / "huge.csv").write_text(OVERFLOWS)
    for seed in range(3):  # in the part to train on, or to test on
        ran = xpnet("recommend", "fit", "huge.csv", "--model", model, "--dtype", dtype, "--seed", seed)
        assert (ran.code, len(ran.err.splitlines())) == (1, 1)
        assert "huge.csv: values must be at most" in ran.err
        assert (films / FILE).read_bytes() == good


def test_a_fit_whose_test_fails_leaves_the_old_file(xpnet, films, monkeypatch):
    from xpnet.cli.commands import recommend

    def fail(*arguments):
        raise ValueError("no errors today")

    assert xpnet(*FIT).code == 0
    good = (films / FILE).read_bytes()
    monkeypatch.setattr(recommend, "_errors", fail)
    assert xpnet(*FIT, "--seed", 5).code == 1
    assert (films / FILE).read_bytes() == good


def test_a_word_is_an_id_only_if_it_is_plainly_written(xpnet, films):
    rows = [f"{u},{i},{1 + (u * i) % 5}" for u in range(1, 9) for i in range(1, 7) if (u + i) % 3]
    (films / "numbers.csv").write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    assert xpnet("recommend", "fit", "numbers.csv", "--model", "als", "--factors", 2, "--lambda", 1).code == 0
    assert xpnet("recommend", "top", FILE, "7").err == ""
    for word in ("007", "07", "7.0", "+7", "7 "):
        assert f"user {word!r} is unknown" in xpnet("recommend", "top", FILE, word).err
        assert "item must be one of the 6 known" in xpnet("recommend", "similar", FILE, word.replace("7", "5")).err


def test_force_overwrites(xpnet, films):
    (films / "foreign.npz").write_bytes(b"mine")
    assert xpnet(*FIT, "-o", "foreign.npz", "--force").code == 0
    assert xpnet("recommend", "top", "foreign.npz", "u1").code == 0


def test_help_does_not_import_the_recommender():
    code = (
        "import sys; from xpnet.cli.parser import make_parser; make_parser(); print('xpnet.recommend' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_ids_from_files_are_escaped_in_lists(xpnet, films):
    text = (films / "films.csv").read_text().replace(",3,", ",3\x1b[31m\u202e,")
    (films / "films.csv").write_text(text, encoding="utf-8")
    assert xpnet(*FIT).code == 0
    ran = xpnet("recommend", "similar", FILE, "5", "-n", 16)
    assert "3\\x1b[31m\\u202e\t" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)
