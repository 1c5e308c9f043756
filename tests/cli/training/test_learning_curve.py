"""The learning curve: parts of the rows inside of each other, and their test figures."""

import itertools

import numpy as np
import pytest

from xpnet.cli.training.learning_curve import parts_of_rows


def test_parts_grow_and_hold_all_classes():
    labels = np.asarray([0] * 300 + [1] * 20)
    parts = list(parts_of_rows(labels, 320, 3))
    assert [len(part) for part in parts] == [20, 40, 80, 160][-len(parts) :]
    for smaller, larger in itertools.pairwise(parts):
        assert set(smaller) < set(larger)
    assert all(len(np.unique(labels[part])) == 2 for part in parts)
    assert list(parts_of_rows(None, 38, 0)) == []


@pytest.mark.parametrize("target", ["kind", "size"])
def test_it_is_printed_after_the_test(xpnet, tmp_path, rng, target):
    width = rng.uniform(1, 9, 400)
    lines = [f"{a:.3f},{a * a:.3f},{'large' if a > 5 else 'small'}" for a in width]
    (tmp_path / "t.csv").write_text("\n".join(["width,size,kind", *lines]) + "\n")
    other = {"kind": "size", "size": "kind"}[target]
    words = ("train", "t.csv", "--target", target, "--ignore", other, "--learning-curve", "--epochs", 8, "--members", 2)
    ran = xpnet(*words)
    rows = [line.split() for line in ran.out.split("rows to train on")[1].splitlines()[1:6]]
    assert [row[0] for row in rows] == ["20", "40", "80", "160", "320"]
    end = xpnet(*words, "--json").events[-1]
    name = {"kind": "accuracy", "size": "rmse"}[target]
    assert [point["rows"] for point in end["learning_curve"]] == [20, 40, 80, 160, 320]
    assert end["learning_curve"][-1][name] == end[f"test_{name}"]


def test_it_needs_a_test_part(xpnet, table):
    ran = xpnet("train", table(), "--target", "kind", "--learning-curve", "--test-size", 0)
    assert (ran.code, "--learning-curve trains anew and tests" in ran.err) == (2, True)
