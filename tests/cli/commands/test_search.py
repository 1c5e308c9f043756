"""``xpnet search``: what it finds, prints and keeps; the same command goes on."""

import json

import numpy as np
import pytest

import xpnet as library
from xpnet.cli.parsing.search_axes import axis, flags
from xpnet.data import Scaling, load_digits, stratified_folds, stratified_split

FAST = ("--grid", "eta=0.1,0.5", "--grid", "hidden=0,5", "--folds", 2, "--epochs", 1)


# the settings of the book, instead of the recipe for tables
BOOK = ("--activation", "sigmoid", "--cost", "cross_entropy", "--optimizer", "sgd", "--schedule", "constant")
BOOK += ("--epochs", 30, "--batch-size", 10, "--bins", 0, "--rare", 0)


def best_line(text):
    (line,) = [line for line in text.splitlines() if line.startswith("best ")]
    return line


def test_a_search_shows_a_table_and_what_to_do_next(xpnet, tmp_path):
    ran = xpnet("search", *FAST)
    assert ran.code == 0
    assert ran.out.startswith("backend  numpy ")
    assert "data     digits: 1438 rows to search on; the 359 rows of the test part are not looked at" in ran.out
    assert "search   8 networks\n" in ran.out
    assert "8/8 networks" in ran.out
    lines = ran.out.splitlines()
    header = next(i for i, line in enumerate(lines) if line.split()[:2] == ["rank", "setting"])
    assert [line.split()[0] for line in lines[header + 1 : header + 5]] == ["1", "2", "3", "4"]
    assert best_line(ran.out).startswith("best     eta=0.5 hidden=0: accuracy ")
    assert "(standard error over 2 folds)" in best_line(ran.out)
    assert "within one standard error of it: 1 of 4 settings" in ran.out
    assert "xpnet train digits --epochs 1 --eta 0.5 --hidden 0" in ran.out
    assert [p.name for p in tmp_path.iterdir()] == ["xpnet-digits-search.jsonl"]


def test_it_finds_what_the_library_finds(xpnet):
    ran = xpnet("search", *FAST, "--seeds", 2, "--seed", 3, "--json")
    digits = load_digits()
    train = digits.take(stratified_split(digits.y, 0.2, 3).train)
    found = library.search(
        library.Network([64, 30, 10]), (Scaling.divide_by(16).apply(train.x), train.y),
        {"eta": [0.1, 0.5], "hidden": [0, 5]}, folds=stratified_folds(train.y, 2, seed=3), seeds=[3, 4], epochs=1,
    )  # fmt: skip
    settings = [event for event in ran.events if event["event"] == "setting"]
    assert [event["mean"] for event in settings] == [row.mean for row in found]
    assert [event["rank"] for event in settings] == [1 + found.ranking.index(row) for row in found]
    end = ran.events[-1]
    assert (end["event"], end["best"], end["error"]) == ("end", found.best.number, found.best.error)
    assert end["within_one_error"] == [row.number for row in found.within_one_error]
    assert ran.events[0] == {"event": "start", "networks": 16, "finished": 0}


def test_the_same_command_goes_on_to_the_same_table(xpnet, tmp_path):
    whole = xpnet("search", *FAST, "-o", "found.jsonl")
    path = tmp_path / "found.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:4]) + lines[4][:20])  # as an interruption would leave it
    again = xpnet("search", *FAST, "-o", "found.jsonl")
    assert "search   8 networks, 3 of them finished before" in again.out
    table = whole.out[whole.out.index("rank") : whole.out.index("saved to")]
    assert table in again.out
    resumed = xpnet("search", *FAST, "-o", "found.jsonl", "--resume")
    assert "8 of them finished before" in resumed.out
    assert table in resumed.out
    other = xpnet("search", *FAST, "-o", "found.jsonl", "--seeds", 2)
    assert other.code == 1
    assert "-o must hold the same search to go on with, but found.jsonl has seeds [0], not [0, 1]" in other.err
    anew = xpnet("search", *FAST, "-o", "found.jsonl", "--seeds", 2, "--force")
    assert "search   16 networks\n" in anew.out


def test_an_interrupt_says_what_is_kept(xpnet, monkeypatch):
    from xpnet.training.runs import search as module

    run, calls = module.run_group, []

    def interrupted(plan, group):
        calls.append(group)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run(plan, group)

    monkeypatch.setattr(module, "run_group", interrupted)
    ran = xpnet("search", *FAST)
    assert ran.code == 130
    assert "xpnet: 4 of 8 networks are in xpnet-digits-search.jsonl; the same command goes on" in ran.err
    calls[:] = [None] * 2
    assert "4 of them finished before" in xpnet("search", *FAST).out


def test_a_table_is_encoded_by_the_training_rows_of_each_fold(xpnet, tmp_path):
    rows = [f"{i % 7 / 10},{('red', 'blue')[i // 2 % 2]},{('near', 'far')[i % 2]}" for i in range(60)]
    rows[7] = "100.0,rare,far"
    (tmp_path / "colors.csv").write_text("\n".join(["size,color,kind", *rows]) + "\n")
    words = ("search", "colors.csv", "--target", "kind", "--grid", "eta=0.5", "--folds", 3, "--hidden", 3, "--json")
    words += BOOK
    ran = xpnet(*words)
    whole = library.data.read_cells("colors.csv", "kind")
    train = whole.take(stratified_split(whole.y, 0.2).train)
    found = library.search(
        library.Network([4, 3, 2]), (train.x, train.y), {"eta": [0.5]}, folds=3,
        preprocessing=lambda x: library.data.Encoding.fit(x, train.features),
    )  # fmt: skip
    assert ran.code == 0
    kept = [json.loads(line)["cost"] for line in (tmp_path / "xpnet-colors-search.jsonl").read_text().splitlines()[1:]]
    assert kept == [trial.cost for trial in found.trials]
    (tmp_path / "colors.csv").write_text("\n".join(["size,color,kind", *rows[:-1], "0.1,red,far"]) + "\n")
    changed = xpnet(*words)
    assert changed.code == 1
    assert "-o must hold the same search to go on with" in changed.err


def test_folds_are_by_group_or_by_time_if_the_test_part_is(xpnet, tmp_path):
    lines = [f"{i % 7 / 10},p{i // 3},{i // 2},{('near', 'far')[i % 2]}" for i in range(60)]
    (tmp_path / "visits.csv").write_text("\n".join(["size,patient,day,kind", *lines]) + "\n")
    words = ("search", "visits.csv", "--target", "kind", "--hidden", 0, "--json", "--force", *BOOK, "--epochs", 2)
    whole = library.data.read_cells("visits.csv", "kind")
    patient, day = (whole.x.column(name).values for name in ("patient", "day"))
    by_group, by_time = library.data.group_split(patient, 0.2), library.data.time_split(day, 0.2)
    grouped = library.data.grouped_folds(np.unique(patient[by_group.train], return_inverse=True)[1], 4)
    timed = library.data.time_folds(day[by_time.train], 4)
    for chosen, part, folds, left in (
        (("--split-by", "patient"), by_group, grouped, ("size", "day")),
        (("--split-time", "day"), by_time, timed, ("size", "patient")),
    ):
        ran = xpnet(*words, *chosen, "--folds", 4, "--keep", *left)
        assert ran.code == 0
        train = whole.take(part.train)
        found = library.search(
            library.Network([2, 2]), (train.x.select(left), train.y), {}, folds=folds, epochs=2,
            preprocessing=lambda x, names=left: library.data.Encoding.fit(x, names),
        )  # fmt: skip
        assert ran.events[-1]["mean"] == found.best.mean
    many = ("--folds", 50)
    assert "--folds must be at most the number of groups" in xpnet(*words, "--split-by", "patient", *many).err
    assert "--folds must be below the number of different times" in xpnet(*words, "--split-time", "day", *many).err


def test_values_are_scored_in_their_own_unit(xpnet, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 2))
    y = 1000.0 * (x[:, 0] - x[:, 1]) + 5000.0
    lines = ["a,b,price", *(f"{a},{b},{c}" for (a, b), c in zip(x, y, strict=True))]
    (tmp_path / "price.csv").write_text("\n".join(lines) + "\n")
    words = ("--target", "price", "--hidden", 0, "--grid", "eta=0.01,0.05", "--folds", 4, "--epochs", 20)
    ran = xpnet("search", "price.csv", *words, "--json")
    assert ran.events[-1]["score"] == "rmse"
    assert 1e-6 < ran.events[-1]["mean"] < 200.0
    cost = xpnet("search", "price.csv", *words, "--score", "cost", "--json", "-o", "cost.jsonl")
    assert cost.events[-1]["mean"] < 0.05  # of standardized values


def test_random_settings_and_processes(xpnet):
    words = ("--random", 3, "--grid", "eta=log:0.1:1", "--grid", "hidden=int:2:5", "--folds", 2, "--epochs", 1)
    ran = xpnet("search", *words, "--json", "--workers", 2)
    settings = [event for event in ran.events if event["event"] == "setting"]
    assert len({event["eta"] for event in settings}) == 3
    assert all(0.1 <= event["eta"] <= 1.0 and event["hidden"] in range(2, 6) for event in settings)
    here = xpnet("search", *words, "--json", "-o", "here.jsonl")
    assert [event for event in here.events if event["event"] == "setting"] == settings


def test_optimizers_have_the_learning_rates_that_xpnet_train_gives_them(xpnet, tmp_path):
    words = ("--grid", "optimizer=sgd,adam", "--folds", 2, "--epochs", 1)
    ran = xpnet("search", *words, "--eta", 0.01, "--json")
    assert [event["optimizer"] for event in ran.events if event["event"] == "setting"] == ["sgd", "adam"]
    header = json.loads((tmp_path / "xpnet-digits-search.jsonl").read_text().splitlines()[0])
    assert all("'eta': 0.01" in setting["optimizer"] for setting in header["settings"])
    shown = xpnet("search", *words, "--eta", 0.01).out
    assert "xpnet train digits --epochs 1 --eta 0.01 --optimizer adam" in shown
    lines = ["a,price", *(f"{i / 10},{3 * i}" for i in range(40))]
    (tmp_path / "price.csv").write_text("\n".join(lines) + "\n")
    assert xpnet("search", "price.csv", "--target", "price", *words, "--json").code == 0
    header = json.loads((tmp_path / "xpnet-price-search.jsonl").read_text().splitlines()[0])
    assert "'eta': 0.05" in header["settings"][0]["optimizer"]  # of sgd in a regression


def test_quiet_says_where_and_what(xpnet):
    lines = xpnet("search", *FAST, "--quiet").out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("backend")
    assert lines[1].startswith("best     eta=0.5 hidden=0: accuracy ")


def test_what_comes_next_has_the_flags_of_the_search(xpnet, table):
    words = "--target kind --ignore height --split random --batch-size full --optimizer adam --epochs 2 --folds 2"
    ran = xpnet("search", table(), *words.split(), "--grid", "hidden=4x3", "--grid", "clip-norm=1,none")
    line = next(line for line in ran.out.splitlines() if line.startswith("  xpnet train"))
    assert xpnet(*line.split()[1:]).code == 0
    for flag in ("--target kind", "--ignore height", "--split random", "--batch-size full", "--optimizer adam"):
        assert flag in line
    assert "--hidden 4 3" in line
    stopped = xpnet("search", *FAST, "--epochs", 5, "--early-stopping", 1, "-o", "stopped.jsonl")
    line = next(line for line in stopped.out.splitlines() if line.startswith("  xpnet train"))
    assert "--early-stopping" not in line  # which needs rows to watch
    assert line.count("--epochs") == 1
    assert xpnet(*line.split()[1:]).code == 0
    free = xpnet("search", *FAST, "--max-norm", 2, "--grid", "max-norm=none,0.001", "-o", "free.jsonl")
    assert "best     eta=0.5 hidden=0 max_norm=None" in free.out
    assert "--max-norm" not in next(line for line in free.out.splitlines() if line.startswith("  xpnet train"))
    moments = xpnet("search", *FAST, "--optimizer", "momentum", "--grid", "mu=0.5,0.9", "-o", "mu.jsonl")
    assert "try next" not in moments.out  # xpnet train has no flag for mu


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("--grid eta", 2, "argument --grid: must be NAME=VALUE,VALUE or NAME=log:LOW:HIGH, got 'eta'"),
        ("--grid eta=", 1, "--grid must have at least one value for eta, got none"),
        ("--grid eta=a", 2, "argument --grid: must have numbers here, got 'a'"),
        ("--grid eta=0.1 --grid eta=0.2", 2, "argument --grid: must name each axis once, got eta twice"),
        ("--grid etta=0.1", 1, "got 'etta'; did you mean eta?"),
        ("--grid eta=log:0.1:1", 1, "--random must say how many settings to draw, since eta has a distribution"),
        ("--grid eta=log:0.1", 2, "argument --grid: must have a distribution such as log:0.001:1"),
        ("--grid eta=normal:0:1", 2, "must have a distribution such as log:0.001:1 (log, uniform, int, logint)"),
        ("--grid eta=log:1:0.1 --random 3", 2, "low must be below high, got low 1 and high 0.1"),
        ("--grid optimizer=log:1:2 --random 3", 2, "must have values for optimizer, not a distribution"),
        ("--grid eta=0.1 --random 3", 1, "--random must be at most the number of settings 1, got 3"),
        ("--grid mu=0.5", 1, "mu must be a setting of the optimizer: sgd has eta"),
        ("--grid eta=-1", 1, "--eta must be finite and at least 0, got -1"),
        ("--grid optimizer=sgdd", 2, "argument --grid: optimizer must be one of sgd, momentum"),
        ("--grid epochs=0", 1, "--epochs must be at least 1, got 0"),
        ("--folds 1", 1, "--folds must be at least 2, got 1"),
        ("--folds 500", 1, "--folds must be at most the number of rows of each class, got 500"),
        ("--seeds 0", 1, "--seeds must be at least one"),
        ("--score rmse", 1, "--score must fit the network, a classification, got 'rmse'"),
        ("--validation 0.2", 2, "--validation is for xpnet train; a search validates on --folds"),
        ("--scheme large", 2, "--scheme is for xpnet train"),
        ("--workers 0", 2, "argument --workers: must be at least 1, got 0"),
        ("--resume", 1, "-o must be the file of an earlier search to go on with --resume, got none at"),
        ("--resume --force", 2, "leave one out"),
        ("-o notes.txt", 1, "notes.txt was not written by xpnet search; name another file with -o, or use --force"),
        ("-o gone/found.jsonl", 1, "folder gone does not exist"),
        ("digit", 1, "did you mean digits?"),
    ],
)
def test_bad_input_is_one_line(xpnet, tmp_path, words, code, message):
    (tmp_path / "notes.txt").write_text("mine\n")
    ran = xpnet("search", *words.split())
    assert ran.code == code
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert (tmp_path / "notes.txt").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("eta=0.1,1e-3, 2", ("eta", [0.1, 0.001, 2])),
        ("hidden=0,30,30x20", ("hidden", [0, 30, (30, 20)])),
        ("batch-size=1,full", ("batch_size", [1, None])),
        ("max_norm=2,none", ("max_norm", [2, None])),
        ("activation=tanh,relu", ("activation", ["tanh", "relu"])),
        ("class-weight=none,balanced", ("class_weight", [None, "balanced"])),
        ("clip-norm=5", ("clip", [library.clip_norm(5)])),
        ("early-stopping=none,3", ("stopping", [None, library.stopping.no_improvement(3)])),
        ("eta=log:0.01:1", ("eta", library.distributions.log_uniform(0.01, 1))),
        ("l2=uniform:0:5", ("l2", library.distributions.uniform(0, 5))),
        ("hidden=logint:10:100", ("hidden", library.distributions.log_integers(10, 100))),
    ],
)
def test_words_of_an_axis(word, expected):
    assert axis(word) == expected


def test_flags_of_a_setting():
    setting = {"hidden": 0, "clip": library.clip_norm(2.5), "stopping": library.stopping.no_improvement(3), "l1": 0.5}
    assert flags(setting) == ["--hidden", "0", "--clip-norm", "2.5", "--early-stopping", "3", "--l1", "0.5"]
    assert flags({"class_weight": None, "clip": None}) == []
    assert flags({"expand": library.Expansion(side=8)}) is None


def test_the_file_is_json_a_line(xpnet, tmp_path):
    xpnet("search", *FAST)
    header, *trials = map(json.loads, (tmp_path / "xpnet-digits-search.jsonl").read_text().splitlines())
    assert header["xpnet"] == library.__version__
    assert len(trials) == 8
    assert trials[0].keys() >= {"setting", "fold", "seed", "score", "cost"}
