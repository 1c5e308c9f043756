import json
import sys

import numpy as np
import pytest
from PIL import Image

from xpnet.cli.commands.looking import plot
from xpnet.cli.parsing.plot_flags import KINDS


@pytest.fixture
def axes(monkeypatch):
    """What was drawn in, before it is saved."""
    found = []
    saved = plot._save
    monkeypatch.setattr(plot, "_save", lambda figure, out: (found.append(figure.axes[0]), saved(figure, out)))
    return found


def test_every_kind_is_drawn_by_a_function():
    assert list(KINDS) == list(plot.DRAWN)


def test_histories_and_seeds(xpnet, axes, tmp_path):
    for seed in (0, 1):
        ran = xpnet("train", "--epochs", 2, "--quiet", "--seed", seed, "--history", f"{seed}.csv", "--force")
        assert ran.code == 0
    ran = xpnet("plot", "history", "0.csv", "--measure", "accuracy")
    assert (ran.code, ran.out) == (0, "saved to xpnet-history.png\n")
    assert (tmp_path / "xpnet-history.png").read_bytes().startswith(b"\x89PNG")
    assert len(axes[-1].lines[0].get_ydata()) == 2
    assert xpnet("plot", "seeds", "0.csv", "1.csv", "-o", "seeds.svg").code == 0
    assert axes[-1].lines[0].get_label() == "mean of 2 seeds"
    assert xpnet("plot", "weights", "xpnet-digits.safetensors").code == 0
    assert axes[-1].get_title() == "weights of 30 of 30 neurons"


def test_what_a_model_reads_wrong(xpnet, axes):
    printed = xpnet("train", "--epochs", 1, "--json").events
    right = round(printed[-1]["test_accuracy"] * 359)
    assert xpnet("plot", "confusion", "xpnet-digits.safetensors").code == 0
    numbers = {tuple(map(round, words.get_position())): int(words.get_text()) for words in axes[-1].texts}
    assert sum(n for (i, j), n in numbers.items() if i == j) == right
    assert xpnet("plot", "mistakes", "xpnet-digits.safetensors").code == 0
    assert axes[-1].get_title() == f"12 of {359 - right} mistakes in 359 images"
    ran = xpnet("plot", "boundary", "xpnet-digits.safetensors")
    assert (ran.code, ran.err) == (1, "xpnet: error: x must have shape (m, 2), got (359, 64)\n")


def test_the_boundary_of_a_table_with_two_columns(xpnet, axes, tmp_path, rng):
    rows = rng.standard_normal((60, 2)).round(3)
    lines = [f"{a},{b},{'yes' if a > b else 'no'}" for a, b in rows.tolist()]
    (tmp_path / "t.csv").write_text("\n".join(["$a,b,kind", *lines]) + "\n")
    assert xpnet("train", "t.csv", "--target", "kind", "--epochs", 2, "--fast", "--quiet").code == 0
    assert xpnet("plot", "boundary", "xpnet-t.safetensors", "-o", "b.pdf").code == 0
    assert (axes[-1].get_xlabel(), axes[-1].get_ylabel()) == (r"\$a", "b")
    assert [words.get_text() for words in axes[-1].get_legend().get_texts()] == ["no", "yes"]
    ran = xpnet("plot", "mistakes", "xpnet-t.safetensors")
    assert (ran.code, ran.err) == (1, "xpnet: error: mistakes are drawn of images, got a table\n")


def test_matrices_searches_and_paths(xpnet, axes, tmp_path):
    np.save(tmp_path / "a.npy", np.diag([1.0, 2.0]))
    assert xpnet("plot", "spectrum", "a.npy").code == 0
    assert axes[-1].lines[0].get_ydata().tolist() == [2.0, 1.0]
    assert xpnet("plot", "lowrank", "a.npy").code == 0
    assert xpnet("search", "--grid", "eta=0.1,0.5", "--folds", 2, "--epochs", 1, "--quiet", "-o", "s.jsonl").code == 0
    assert xpnet("plot", "search", "s.jsonl").code == 0
    assert axes[-1].lines[0].get_xdata().tolist() == [0.1, 0.5]
    point = {"event": "path", "lambda": 4.0, "rank": 2, "validation": 0.9}
    (tmp_path / "p.jsonl").write_text(json.dumps(point) + "\n")
    assert xpnet("plot", "path", "p.jsonl").code == 0
    assert axes[-1].lines[0].get_xydata().tolist() == [[4.0, 0.9]]


def test_bad_input(xpnet, tmp_path):
    (tmp_path / "h.jsonl").write_text('{"epoch": 1, "cost": 0.5}\n')
    (tmp_path / "mine.png").write_text("mine")
    np.save(tmp_path / "a.npy", np.ones(3))
    assert xpnet("plot", "history", "h.jsonl", "h.jsonl").code == 2
    assert xpnet("plot", "movie", "h.jsonl").code == 2
    assert xpnet("plot", "history", "h.jsonl", "-o", "x.txt").code == 2
    assert xpnet("plot", "history", "h.jsonl", "-o", "h.jsonl").code == 2
    for words, told in [
        (("history", "none.csv"), "none.csv: No such file"),
        (("history", "h.jsonl", "-o", "mine.png"), "mine.png was not written by xpnet plot"),
        (("history", "h.jsonl", "--measure", "accuracy"), "--measure must have been measured, got 'accuracy'"),
        (("search", "h.jsonl"), "h.jsonl must be the results file of a search"),
        (("spectrum", "a.npy"), "a.npy must hold one matrix of numbers"),
        (("spectrum", "h.jsonl"), "h.jsonl must be an npy file of numbers"),
    ]:
        ran = xpnet("plot", *words)
        assert ran.code == 1
        assert told in ran.err
        assert ran.err.count("\n") == 1
    assert xpnet("plot", "history", "h.jsonl", "-o", "mine.png", "--force").code == 0
    for ending in ("png", "svg", "pdf"):  # pictures of its own are drawn again
        assert [xpnet("plot", "history", "h.jsonl", "-o", f"x.{ending}").code for _ in range(2)] == [0, 0]


def test_a_missing_matplotlib_is_one_line(xpnet, tmp_path, monkeypatch):
    (tmp_path / "h.jsonl").write_text('{"epoch": 1, "cost": 0.5}\n')
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = xpnet("plot", "history", "h.jsonl")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("pip install 'xpnet[plot]'\n")


def test_a_film_is_an_animation_that_knows_who_wrote_it(xpnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kind\n" + "0,0,no\n1,1,no\n0,1,yes\n1,0,yes\n" * 8)
    flags = ["--target", "kind", "--epochs", 2, "--fast", "--quiet", "--film", "--report", "page.html"]
    assert xpnet("train", "t.csv", *flags).code == 0
    assert xpnet("plot", "film", "page.html").code == 0
    with Image.open(tmp_path / "xpnet-film.gif") as film:
        assert film.n_frames == 2
    assert xpnet("plot", "film", "page.html").code == 0  # it may write over its own
    assert xpnet("plot", "film", "page.html", "-o", "film.png").code == 2
    (tmp_path / "page.html").write_text("mine")
    ran = xpnet("plot", "film", "page.html")
    assert (ran.code, ran.err) == (1, "xpnet: error: page.html must be a page that xpnet wrote, got another file\n")


def test_a_page_without_a_film_says_so(xpnet):
    assert xpnet("train", "--epochs", 1, "--quiet", "--report", "page.html").code == 0
    ran = xpnet("plot", "film", "page.html")
    assert "must hold a film, got a page without: train with --report --film" in ran.err


def test_range_tests_gradient_norms_and_unit_balls(xpnet, axes, tmp_path):
    (tmp_path / "range.json").write_text('{"etas": [0.1, 1.0, 10.0], "costs": [2.0, 1.0, null]}')
    assert xpnet("plot", "range", "range.json").code == 0
    assert axes[-1].lines[0].get_xdata().tolist() == [0.1, 1.0, 10.0]
    (tmp_path / "norms.json").write_text("[[0.01, 1.0], [0.02, 0.5]]")
    assert xpnet("plot", "gradients", "norms.json").code == 0
    assert axes[-1].lines[1].get_ydata().tolist() == [1.0, 0.5]
    assert xpnet("plot", "balls", 1, "inf").code == 0
    assert [line.get_label() for line in axes[-1].lines] == ["L1", "L∞"]
    for kind, name in (("range", "norms.json"), ("gradients", "range.json"), ("range", "xpnet-range.png")):
        ran = xpnet("plot", kind, name, "-o", "other.png")
        assert (ran.code, ran.err.startswith(f"xpnet: error: {name} must ")) == (1, True)
    ran = xpnet("plot", "balls", "nan")
    assert (ran.code, ran.err) == (1, "xpnet: error: an order p must be a positive number or inf, got nan\n")
