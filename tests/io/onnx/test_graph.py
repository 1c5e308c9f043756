"""Functions and operators on values, run by onnxruntime beside NumPy: as accurate, and rounded as NumPy rounds."""

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx_running import opened

from xpnet.backend import device_of, library_of, namespace
from xpnet.io.onnx.functions import functions as xp
from xpnet.io.onnx.graph import Graph
from xpnet.io.onnx.protobuf import to_bytes


def ran(tmp_path, f, x):
    """Return what ``f`` gives for an array, shape (m, n), computed by a graph."""
    graph = Graph(xp, ("x", "y"))
    graph.output("y", f(graph.input("x", x.dtype, x.shape[1], "")), "")
    (tmp_path / "f.onnx").write_bytes(to_bytes(graph, {}))
    return opened(tmp_path / "f.onnx").run(None, {"x": x})[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["expm1", "log1p", "tanh", "exp"])
def test_functions_are_accurate_near_zero_and_far_from_it(tmp_path, name, dtype):
    small = np.logspace(-30, 1, 500)
    x = np.concatenate([small, -small if name != "log1p" else -0.9 * small[small < 1.0], [0.0]])[:, None].astype(dtype)
    exact = getattr(np, name)(x.astype("float64"))
    near = 8.0 * np.finfo(dtype).eps  # relative: ln(1 + x) loses all digits of a small x
    np.testing.assert_allclose(ran(tmp_path, getattr(xp, name), x), exact, rtol=near, atol=0.0)


def test_whole_numbers_are_divided_as_python_does(tmp_path):
    x = np.arange(-20, 21)[:, None]
    np.testing.assert_array_equal(ran(tmp_path, lambda v: v // 7, x), x // 7)
    np.testing.assert_array_equal(ran(tmp_path, lambda v: v % 7, x), x % 7)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1.0 - x,
        lambda x: x - 1.0,
        lambda x: 2.0 * x / 3.0 + x,
        lambda x: 1.0 + -x,
        lambda x: x[..., 0],
        lambda x: x[:, -1],
        lambda x: x[..., -1] * x[:, 0],
        lambda x: namespace(x).where((x > 0.0) & (x < 1.0), x, 0.5),
        lambda x: namespace(x).astype(x == 0.0, np.int32),
        lambda x: namespace(x).maximum(x, 0.25 * x),
        lambda x: namespace(x).max(x, axis=-1, keepdims=True) + namespace(x).sum(x, axis=-1, keepdims=True),
        lambda x: namespace(x).mean(x, axis=-1),
        lambda x: namespace(x).argmax(x, axis=-1),
        lambda x: namespace(x).concat([x, 1.0 - x], axis=-1),
        lambda x: namespace(x).floor(16.0 * x) / 16.0,
    ],
)
def test_operators_and_functions_are_those_of_numpy(tmp_path, f, rng):
    x = np.concatenate([rng.standard_normal((20, 3)), np.zeros((1, 3)), np.ones((1, 3))])
    expected = np.asarray(f(x))
    found = ran(tmp_path, f, x)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=1e-15)


def test_a_value_is_a_stand_in_whose_device_is_its_graph():
    graph = Graph(xp)
    x = graph.input("x", "float32", 3, "")
    assert (library_of(x), namespace(x), device_of(x)) == ("onnx", xp, graph)
    assert (x.shape, x.ndim, x.dtype) == ((1, 3), 2, np.float32)


def test_what_constants_give_is_computed_at_once():
    graph = Graph(xp)
    two = graph.constant([[2.0]])
    limit = xp.where(two > 1.0, 0.5 * two, two)[0, 0]
    assert (limit.constant, limit.example.tolist(), graph.nodes) == (True, 1.0, [])
    assert graph.constant([[2.0]]) is two
    x = graph.input("x", "float64", 1, "")
    assert (x + limit).name == (x + 1.0).name
    assert list(graph.used_constants().values()) == [1.0]


def test_numbers_take_the_dtype_of_the_value():
    graph = Graph(xp)
    x = graph.input("x", "float32", 1, "")
    assert (0.1 * x).dtype == np.float32
    assert [c.tolist() for c in graph.used_constants().values()] == [np.float32(0.1)]
    assert (graph.input("n", "int64", 1, "") + 1).dtype == np.int64
