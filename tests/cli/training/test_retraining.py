"""``xpnet train --start``: new rows for a model that is there, in its columns and its classes."""

from argparse import Namespace

import numpy as np
import pytest

from xpnet import Model, Network, load
from xpnet.cli.training.retraining import settled_again


@pytest.fixture
def months(tmp_path, rng):
    """Two files of one kind of rows; the second has other sizes and only some of the colors."""
    for name, n in (("may.csv", 150), ("june.csv", 120)):
        width = rng.uniform(1, 9, n)
        colors = np.where(np.arange(n) % 3, "red", "blue")
        kinds = np.where(width + (colors == "red") > 5.0, "large", "small")
        lines = [f"{a:.3f},{c},{kind}" for a, c, kind in zip(width, colors, kinds, strict=True)]
        (tmp_path / name).write_text("\n".join(["width,color,kind", *lines]) + "\n")
    return "may.csv", "june.csv"


def start(xpnet, may):
    assert xpnet("train", may, "--target", "kind", "--members", 2, "--epochs", 20, "--quiet").code == 0
    return "xpnet-may.safetensors"


def test_a_model_goes_on_with_new_rows_and_both_are_tested_on_the_same_part(xpnet, months):
    old = start(xpnet, months[0])
    ran = xpnet("train", months[1], "--start", old, "--epochs", 10)
    assert ran.code == 0
    tested = float(ran.out.split("test accuracy ")[1].split()[0])
    before = float(ran.out.split("the model it started from, on the same test part: accuracy ")[1].split()[0])
    assert min(tested, before) > 80.0
    first, second = load(old), load("xpnet-june.safetensors")
    assert second.preprocessing == first.preprocessing
    assert (second.classes, second.n_members, second.network) == (first.classes, 2, first.network)
    assert xpnet("evaluate", "xpnet-june.safetensors").out.splitlines()[1] in ran.out
    event = xpnet("train", months[1], "--start", old, "--epochs", 1, "--json").events[-1]
    assert event["start"]["accuracy"] == pytest.approx(before / 100, abs=1e-4)


def test_without_an_epoch_it_is_the_model_it_started_from(xpnet, months):
    old = start(xpnet, months[0])
    assert xpnet("train", months[1], "--start", old, "--epochs", 0, "--quiet", "-o", "same.safetensors").code == 0
    for mine, theirs in zip(load("same.safetensors").parameters, load(old).parameters, strict=True):
        np.testing.assert_array_equal(mine.w, theirs.w)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("width,kind\n1,small\n9,large\n", "must have the columns color, got width, kind"),
        ("width,color,kind\nwide,red,small\n9,red,large\n", "column 'width' must be a finite number, got 'wide'"),
        ("width,color,kind\n1,red,tiny\n9,red,large\n", "labels must be ones that the model knows (large, small)"),
    ],
)
def test_another_schema_is_refused(xpnet, months, tmp_path, text, message):
    old = start(xpnet, months[0])
    (tmp_path / "other.csv").write_text(text)
    ran = xpnet("train", "other.csv", "--start", old, "--test-size", 0)
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert message in ran.err


def test_what_the_model_settles_is_no_flag(xpnet, months):
    old = start(xpnet, months[0])
    for flags in (("--hidden", 9), ("--members", 3), ("--impute", "mean"), ("--ignore", "color")):
        ran = xpnet("train", months[1], "--start", old, *flags)
        assert (ran.code, "is settled by the model of --start" in ran.err) == (2, True)
    xpnet("train", "--epochs", 1, "--quiet")
    ran = xpnet("train", months[1], "--start", "xpnet-digits.safetensors")
    assert (ran.code, "--start must be a model of a table" in ran.err) == (1, True)
    assert xpnet("train", "digits", "--start", old).code == 2


@pytest.mark.parametrize(("asked", "settled", "used"), [(None, 0.03, 0.01), (0.03, 0.03, 0.03), (None, None, None)])
def test_the_rate_is_a_third_unless_it_is_named(asked, settled, used):
    network = Network([2, 3, 2])
    start = Model(network, network.initialize(seed=0))
    options = settled_again(Namespace(eta=settled), Namespace(eta=asked), start)
    assert options.eta == (None if used is None else pytest.approx(used))
    assert (options.members, options.hidden, options.output) == (1, [3], "sigmoid")
