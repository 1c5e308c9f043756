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


@pytest.mark.parametrize("model", ["als", "soft-impute", "factorization", "bias"])
def test_fit_beats_the_mean_and_evaluate_repeats_its_figures(xpnet, films, model):
    extra = ("--iterations", 300, "--lambda", 1) if model == "factorization" else ()
    start, *_, end = xpnet("recommend", "fit", "films.csv", "--model", model, "--json", *extra).events
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
    assert quiet.out.splitlines() == [ran.out.splitlines()[0], *ran.out.splitlines()[4:-1]]


def test_fit_shows_the_path_and_the_rank_that_validation_chose(xpnet, films):
    for model, points in (("soft-impute", 10), ("als", 6)):
        ran = xpnet("recommend", "fit", "films.csv", "--model", model, "--json")
        path = [event for event in ran.events if event["event"] == "path"]
        assert len(path) == points
        best = min(path, key=lambda event: event["validation"])
        *_, fitted, end = ran.events
        assert (fitted["event"], fitted["lambda"], end["lambda"]) == ("fit", best["lambda"], best["lambda"])
        lambdas = [event["lambda"] for event in path]
        assert lambdas == sorted(lambdas, reverse=True)
        if model == "soft-impute":
            assert end["rank"] == fitted["rank"] < end["factors"]
            ranks = [event["rank"] for event in path]
            assert ranks == sorted(ranks)
            text = xpnet("recommend", "fit", "films.csv", "--model", model).out
            assert f"soft-impute, rank {end['rank']} of {end['factors']} factors, lambda" in text
            assert text.count("validation RMSE") == points
            assert "path     lambda" in text
            assert "path" not in xpnet("recommend", "fit", "films.csv", "--model", model, "--quiet").out


def test_implicit_feedback_is_tested_by_its_lists(xpnet, films):
    lines = [line for line in (films / "films.csv").read_text().splitlines() if not line.endswith(",1")]
    (films / "plays.csv").write_text("\n".join(lines) + "\n")  # each camp plays the films that it likes
    words = ("recommend", "fit", "plays.csv", "--model", "implicit", "--factors", 2, "--lambda", 0.1, "--alpha", 2)
    start, *events, end = xpnet(*words, "--iterations", 4, "--json").events
    assert [event["iteration"] for event in events] == [1, 2, 3, 4][: len(events)]
    assert events[0]["objective"] > events[-1]["objective"]
    assert "test" not in end
    assert end["lists"]["model"]["ndcg"] > end["lists"]["popularity"]["ndcg"]
    (told,) = xpnet("recommend", "evaluate", FILE, "plays.csv", "--json").events
    assert (told["rows"], told["lists"]) == (start["test"], end["lists"])
    ran = xpnet(*words)
    assert "iteration 1/15  objective" in ran.out
    assert "implicit, 2 factors, lambda 0.1\n" in ran.out
    for word in ("precision", "recall", "NDCG", "MRR", "hit rate", "coverage", "popularity"):
        assert word in ran.out
    text = xpnet("recommend", "evaluate", FILE, "plays.csv", "-n", 3).out
    assert "lists of 3, against all held-out ratings" in text


def test_clicks_are_rows_without_a_rating_and_repeated_ones_may_be_counted(xpnet, films):
    rows = (films / "films.csv").read_text().splitlines()[1:]
    liked = [row.rpartition(",")[0] for row in rows if row.endswith("5")]
    (films / "clicks.csv").write_text("\n".join(["user,item", *liked, *liked[:30]]) + "\n")
    fit = ("recommend", "fit", "clicks.csv", "--model", "implicit", "--clicks", "--factors", 2)
    refused = xpnet(*fit)
    assert (refused.code, "choose what to do with duplicates" in refused.err) == (1, True)
    *_, end = xpnet(*fit, "--duplicates", "sum", "--json").events
    assert end["lists"]["model"]["precision"] > end["lists"]["popularity"]["precision"]
    (told,) = xpnet("recommend", "evaluate", FILE, "clicks.csv", "--json").events
    assert told["lists"] == end["lists"]
    (films / "new.csv").write_text("user,item\nu99,2\nu99,4\n")
    assert xpnet("recommend", "update", FILE, "new.csv", "-o", "later.npz").code == 0
    assert xpnet("recommend", "top", "later.npz", "u99", "-n", 1).code == 0
    assert (
        "--clicks is for implicit; als is fitted to ratings" in xpnet("recommend", "fit", "clicks.csv", "--clicks").err
    )


def test_a_file_that_is_not_there_is_an_input(xpnet, films):
    assert xpnet(*FIT).code == 0
    for words in (("fit", "gone.csv"), ("top", "gone.npz", "u1"), ("evaluate", FILE, "gone.csv")):
        ran = xpnet("recommend", *words)
        assert ran.code == 1
        assert ran.err.startswith("xpnet: error: the input must be an existing file, got 'gone.")


def test_the_test_part_may_be_the_latest_ratings(xpnet, films):
    header, *rows = (films / "films.csv").read_text().splitlines()
    times = [2000 - i for i in range(len(rows))]  # the first rows are the latest
    text = [f"{header},when", *(f"{row},{time}" for row, time in zip(rows, times, strict=True))]
    (films / "timed.csv").write_text("\n".join(text) + "\n")
    ran = xpnet("recommend", "fit", "timed.csv", "--time", "when", "--test", 0.25, "--model", "bias")
    assert f"{len(rows) // 4} to test on (the latest)" in ran.out
    from xpnet.recommend import load

    known = load(films / FILE).ratings
    assert "u0" not in known.user_ids[known.users].tolist()
    (told,) = xpnet("recommend", "evaluate", FILE, "timed.csv", "--json").events
    assert told["rows"] == len(rows) // 4
    changed = (films / "timed.csv").read_text().replace(",2000\n", ",1\n")
    (films / "timed.csv").write_text(changed)
    assert "does not hold the ratings" in xpnet("recommend", "evaluate", FILE, "timed.csv").err


def test_evaluate_tests_lists_beside_the_most_rated(xpnet, films):
    xpnet(*FIT)
    (told,) = xpnet("recommend", "evaluate", FILE, "films.csv", "--json").events
    lists = told["lists"]
    assert lists["model"]["recall"] == 1.0  # 16 films, most of them seen: all the others are listed
    assert lists["model"]["ndcg"] > lists["popularity"]["ndcg"]
    assert "NDCG" in xpnet("recommend", "evaluate", FILE, "films.csv").out
    assert "not tested" in xpnet("recommend", "evaluate", FILE, "films.csv", "--relevant", 6).out


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
    xpnet("recommend", "fit", "films.csv", "--model", "implicit")
    told = xpnet("recommend", "top", FILE, "7", "-n", 2).err
    assert told == "xpnet: user '7' is unknown: listed in the order of the items' ids, since all score 0\n"


def test_top_writes_the_lists_of_all_users(xpnet, films):
    xpnet(*FIT)
    assert xpnet("recommend", "top", FILE, "--all", "-n", 2, "-o", "lists.csv").out == ""
    header, *rows = (films / "lists.csv").read_text().splitlines()
    assert header == "user,item,rank,score"
    users = {f"u{i}" for i in range(40)}
    assert {row.split(",")[0] for row in rows} == users
    for user in ("u0", "u13"):
        alone = xpnet("recommend", "top", FILE, user, "-n", 2, "--json").events
        own = [row.split(",") for row in rows if row.startswith(f"{user},")]
        assert [(item, rank) for _, item, rank, _ in own] == [
            (str(one["item"]), str(i + 1)) for i, one in enumerate(alone)
        ]
        for (*_, score), one in zip(own, alone, strict=True):
            assert float(score) == pytest.approx(one["score"], rel=1e-5)
    assert xpnet("recommend", "top", FILE, "--all", "-n", 2).out == (films / "lists.csv").read_text()
    assert xpnet("recommend", "top", FILE, "--all", "-n", 1, "-o", "lists.csv").code == 0  # our own file
    events = xpnet("recommend", "top", FILE, "u3", "u5", "x", "-n", 1, "--json")
    assert [(one["user"], one["rank"]) for one in events.events] == [("u3", 1), ("u5", 1), ("x", 1)]
    assert events.err == "xpnet: user 'x' is unknown: listed by the items' biases\n"
    assert xpnet("recommend", "top", FILE, "u3", "-o", "one.jsonl", "--json").code == 0
    assert (films / "one.jsonl").read_text().startswith('{"user": "u3", "item": ')


def test_lists_that_are_cut_short_leave_the_old_file(xpnet, films, monkeypatch):
    from xpnet.recommend import Recommender

    def half(self, *arguments, **options):
        yield self.recommend(self.ratings.user_ids[:5], 2)
        raise KeyboardInterrupt

    xpnet(*FIT)
    xpnet("recommend", "top", FILE, "--all", "-o", "lists.csv")
    good = (films / "lists.csv").read_text()
    monkeypatch.setattr(Recommender, "recommend_blocks", half)
    assert xpnet("recommend", "top", FILE, "--all", "-o", "lists.csv").code == 130
    assert (films / "lists.csv").read_text() == good
    assert not list(films.glob(".xpnet-*"))


def test_update_adds_new_ratings_to_a_saved_recommender(xpnet, films):
    xpnet(*FIT)
    new = [f"new,{item},{5 if item % 2 else 1}" for item in range(8)] + ["u1,99,5", "u3,99,5", "u5,99,5", "u2,99,1"]
    (films / "new.csv").write_text("user,item,rating\n" + "\n".join(new) + "\n")
    ran = xpnet("recommend", "update", FILE, "new.csv", "-o", "later.npz")
    assert ran.code == 0
    assert "12 new ones, of 1 new users and 1 new items" in ran.out
    best = xpnet("recommend", "top", "later.npz", "new", "-n", 3, "--json").events
    assert [one["item"] % 2 for one in best] == [1, 1, 1]
    (told,) = xpnet("recommend", "update", "later.npz", "new.csv", "-o", "again.npz", "--json").events
    assert (told["new_users"], told["new_items"]) == (0, 0)
    assert "has no test part" in xpnet("recommend", "evaluate", "later.npz", "films.csv").err
    (films / "numbers.csv").write_text("user,item,rating\n7,1,5\n")  # among ids that are text, 7 is text
    assert xpnet("recommend", "update", FILE, "numbers.csv", "-o", "later.npz").code == 0
    assert xpnet("recommend", "top", "later.npz", "7").err == ""
    (films / "odd.csv").write_text("user,item,rating\nann,tea,5\n")
    odd = xpnet("recommend", "update", FILE, "odd.csv", "-o", "later.npz")
    assert (odd.code, odd.err) == (
        1,
        "xpnet: error: odd.csv: items must be ids like those known, such as 0, got 'tea'\n",
    )
    assert "is an input file" in xpnet("recommend", "update", FILE, "new.csv", "-o", FILE).err


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
        ("fit films.csv --model bias --factors 3", 2, "--factors is for als, soft-impute, implicit, factorization"),
        ("fit films.csv --alpha 3", 2, "--alpha is for implicit; als takes none"),
        ("fit films.csv --model implicit --alpha 0", 1, "--alpha must be a finite number above 0"),
        ("fit films.csv --iterations 0", 2, "must be at least 1"),
        ("fit films.csv --time when", 1, "when"),
        (f"top {FILE}", 2, "name users, or --all of them"),
        (f"top {FILE} u2 --all", 2, "name users or --all, not both"),
        (f"top {FILE} --all -o foreign.npz", 1, "was not written by xpnet recommend top"),
        (f"top {FILE} --all -o {FILE}", 1, "is an input file"),
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
    from xpnet.cli.commands.recommending import fitting

    def fail(*arguments):
        raise ValueError("no errors today")

    assert xpnet(*FIT).code == 0
    good = (films / FILE).read_bytes()
    monkeypatch.setattr(fitting, "figures_of", fail)
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
    made = "from xpnet.cli.parsing.parser import make_parser; make_parser()"
    code = f"import sys; {made}; print('xpnet.recommend' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_ids_from_files_are_escaped_in_lists(xpnet, films):
    text = (films / "films.csv").read_text().replace(",3,", ",3\x1b[31m\u202e,")
    (films / "films.csv").write_text(text, encoding="utf-8")
    assert xpnet(*FIT).code == 0
    ran = xpnet("recommend", "similar", FILE, "5", "-n", 16)
    assert "3\\x1b[31m\\u202e\t" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)
