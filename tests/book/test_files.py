"""Networks to JSON and back."""

import json
import sys

import numpy as np
import pytest

import xpnet
from xpnet.book import network2

BOOK = {
    "sizes": [2, 1, 2],
    "weights": [[[0.5, -1.5]], [[2.0], [3]]],
    "biases": [[[0.25]], [[0.0], [-1.0]]],
    "cost": "QuadraticCost",
}


class LogCost:
    fn = staticmethod(lambda a, y: 0.0)
    delta = staticmethod(lambda z, a, y: a - y)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.json"


def test_load_reads_a_file_of_the_books_format(path):
    path.write_text(json.dumps(BOOK))
    net = network2.load(str(path))
    assert (net.sizes, net.num_layers, net.cost) == ([2, 1, 2], 3, network2.QuadraticCost)
    assert [w.tolist() for w in net.weights] == BOOK["weights"]
    assert [b.tolist() for b in net.biases] == BOOK["biases"]
    assert {x.dtype for x in [*net.weights, *net.biases]} == {np.dtype("float64")}


def test_save_writes_the_books_format_bit_for_bit(path):
    net = network2.Network((3, 4, 2))
    net.save(path)
    content = json.loads(path.read_text())
    assert list(content) == ["sizes", "weights", "biases", "cost"]
    assert (content["sizes"], content["cost"]) == ([3, 4, 2], "CrossEntropyCost")
    for name in ("weights", "biases"):
        for written, kept in zip(content[name], getattr(net, name), strict=True):
            np.testing.assert_array_equal(np.array(written), kept)


@pytest.mark.parametrize("cost", [network2.QuadraticCost, network2.CrossEntropyCost, network2.QuadraticCost()])
def test_a_network_comes_back_as_it_was(path, cost):
    net = network2.Network([3, 4, 2], cost=cost)
    net.save(str(path))
    again = network2.load(path)
    x = np.ones((3, 1))
    np.testing.assert_array_equal(again.feedforward(x), net.feedforward(x))
    assert again.cost is (cost if isinstance(cost, type) else type(cost))


def test_a_cost_of_the_readers_own_is_saved_by_name_and_asked_for(path, monkeypatch):
    network2.Network([3, 2], cost=LogCost()).save(path)
    with pytest.raises(xpnet.FormatError, match=r"net.json: cost .*'LogCost'; .* load\(filename, cost=LogCost\)"):
        network2.load(path)
    assert network2.load(path, cost=LogCost).cost is LogCost
    monkeypatch.setattr(network2, "LogCost", LogCost, raising=False)  # as in the book: added to the module
    assert network2.load(path).cost is LogCost


@pytest.mark.parametrize("name", ["Network", "np", "load", "Nothing", "__name__"])
def test_load_takes_nothing_for_a_cost_that_is_none(path, name):
    path.write_text(json.dumps(BOOK | {"cost": name}))
    with pytest.raises(xpnet.FormatError, match=f"cost must be one of this module, got '{name}'"):
        network2.load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": None}, "must hold the weights and biases of a network"),
        ({"weights": [[[0.5, -1.5]], [[2.0], ["3"]]]}, "must hold the weights and biases"),
        ({"weights": [[[0.5, None]], [[2.0], [3.0]]]}, "must hold the weights and biases"),
        ({"weights": [[[0.5, -1.5]], [[2.0], [3.0, 4.0]]]}, "must hold the weights and biases"),
        ({"weights": [[[0.5, -1.5]]]}, "must be lists of the same length"),
        ({"weights": [[[0.5, -1.5]], [[2.0, 1.0], [3.0, 1.0]]]}, r"weights\[1\] must have shape \(n_out, 1\)"),
        ({"biases": [[0.25], [[0.0], [-1.0]]]}, r"biases\[0\] must have shape \(1, 1\), got \(1,\)"),
        ({"sizes": [2, 2]}, r"sizes must be those of the weights, \[2, 1, 2\], got \[2, 2\]"),
        ({"sizes": "212"}, "sizes must be those of the weights"),
        ({"cost": 3}, "cost must be the name of a class, got 3"),
    ],
)
def test_load_refuses_parts_that_do_not_fit(path, changes, message):
    path.write_text(json.dumps(BOOK | changes))
    with pytest.raises(xpnet.FormatError, match=message) as caught:
        network2.load(path)
    assert "net.json" in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"3", b"\x80\x04\x95", b"\xff\xfe", json.dumps(BOOK).encode()[:-9], b'{"sizes": [2, 1, 2]}']
)
def test_load_refuses_a_truncated_or_foreign_file_by_name(path, content):
    path.write_bytes(content)
    with pytest.raises(xpnet.FormatError, match=r"net\.json: must "):
        network2.load(path)


def test_load_refuses_a_file_of_brackets(path):
    path.write_text("[" * 10 * sys.getrecursionlimit())
    with pytest.raises(xpnet.FormatError, match=r"net\.json"):
        network2.load(path)


def test_load_says_which_file_is_missing(path):
    with pytest.raises(FileNotFoundError, match=r"net\.json"):
        network2.load(path)


def test_a_save_that_fails_leaves_the_old_file(path):
    net = network2.Network([3, 2])
    net.save(path)
    before = path.read_bytes()
    net.weights = [np.ones((2, 4)), np.ones((2, 9))]
    with pytest.raises(ValueError, match="weights and biases must be lists of the same length"):
        net.save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "1" + "0" * 400])
@pytest.mark.parametrize("part", ["0.5", "-1.0"])
def test_load_refuses_what_is_no_finite_number(path, number, part):
    path.write_text(json.dumps(BOOK).replace(part, number, 1))
    with pytest.raises(xpnet.FormatError, match=r"net\.json: must "):
        network2.load(path)


@pytest.mark.parametrize("name", ["weights", "biases"])
def test_save_refuses_what_load_would_refuse(path, name):
    net = network2.Network([3, 2])
    net.save(path)
    before = path.read_bytes()
    getattr(net, name)[0][1, 0] = np.nan
    with pytest.raises(ValueError, match=rf"{name}\[0\] must be finite to be saved, got nan"):
        net.save(path)
    assert path.read_bytes() == before
