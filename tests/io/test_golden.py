"""Files that earlier versions wrote are read by this one, and give the answers that they gave then."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
sys.path.insert(0, str(GOLDEN.parents[1] / "scripts"))
from write_golden import KINDS  # noqa: E402

sys.path.pop(0)


def assert_same(found, expected):
    """Assert that two answers are equal, numbers up to the rounding of other machines."""
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for name in expected:
            assert_same(found[name], expected[name])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, float):
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)  # float32, sums in another order
    else:
        assert found == expected


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.iterdir() if path.suffix != ".json"))
def test_a_golden_file_gives_the_answers_that_it_gave_when_it_was_written(name):
    if name.startswith("estimator"):
        pytest.importorskip("sklearn")
    kind, told = KINDS[name], json.loads((GOLDEN / name).with_suffix(".json").read_text())
    assert_same(kind.answer(kind.load(GOLDEN / name), told["rows"]), told["answers"])


def test_there_is_a_golden_file_of_each_kind():
    assert {path.name for path in GOLDEN.iterdir() if path.suffix != ".json"} == set(KINDS)
