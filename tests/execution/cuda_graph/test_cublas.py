"""cuBLAS gets correct arguments: a stand-in for the library computes the products on the host, from the pointers.

This code has not been tested on a GPU yet: the stand-in knows cuBLAS from its documentation.
"""

import numpy as np
import pytest
from fake_cublas import Library

from xpnet.backend import BackendError
from xpnet.execution.cuda_graph import cublas
from xpnet.execution.cuda_graph.cublas import WORKSPACE, Cublas, Product, load, matrix, product
from xpnet.execution.recording.calls import Layout


def multiplied(a, b, **how):
    library = Library()
    out = np.full(np.matmul(a, b).shape, np.nan, a.dtype)
    described = product(Layout.of(a), Layout.of(b), Layout.of(out))
    assert described is not None
    handle = Cublas(library, 5, 9, **how)
    handle.multiply(described, a.dtype, a.ctypes.data, b.ctypes.data, out.ctypes.data)
    return out, library.calls


def numbers(rng, *shape, dtype="float32"):
    """Return small whole numbers: their products are exact in any order."""
    return rng.integers(-4, 5, shape).astype(dtype)


LAYOUTS = {
    "rows": lambda rng, r, c, t: numbers(rng, r, c, dtype=t),
    "columns": lambda rng, r, c, t: numbers(rng, c, r, dtype=t).T,
    "part of rows": lambda rng, r, c, t: numbers(rng, r, c + 3, dtype=t)[:, 1 : c + 1],
    "every other row": lambda rng, r, c, t: numbers(rng, 2 * r, c, dtype=t)[::2],
    "part of columns": lambda rng, r, c, t: numbers(rng, c + 2, r + 1, dtype=t).T[1:, :c],
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("left", LAYOUTS)
@pytest.mark.parametrize("right", LAYOUTS)
def test_every_layout(left, right, dtype, rng):
    for m, k, n in [(3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1), (1, 1, 1), (1, 4, 1)]:
        a, b = LAYOUTS[left](rng, m, k, dtype), LAYOUTS[right](rng, k, n, dtype)
        np.testing.assert_array_equal(multiplied(a, b)[0], a @ b)


def test_stacks_and_one_for_all(rng):
    stack, other = numbers(rng, 3, 4, 5), numbers(rng, 3, 6, 5)
    for a, b in [
        (stack, other.swapaxes(1, 2)),
        (numbers(rng, 4, 5), other.swapaxes(1, 2)),
        (stack, numbers(rng, 5, 2)),
        (stack[::2], other[1:].swapaxes(1, 2)),
        (stack[:1], other.swapaxes(1, 2)),
        (numbers(rng, 2, 3, 4, 5), numbers(rng, 2, 3, 5, 2)),
        (stack[:1], other[:1].swapaxes(1, 2)),
    ]:
        np.testing.assert_array_equal(multiplied(a, b)[0], a @ b)


def test_what_must_be_copied_first(rng):
    plain = numbers(rng, 4, 6)
    assert matrix(Layout.of(plain[:, ::2])) is None
    assert matrix(Layout.of(plain[::-1])) is None
    assert matrix(Layout.of(plain[:1, ::2])) == (1, 2, 0)  # one row is one column, and its numbers may lie apart
    assert matrix(Layout.of(np.broadcast_to(plain[:1], (4, 6)))) is None
    assert matrix(Layout.of(numbers(rng, 2, 3, 4, 5)[:, :2])) is None
    out = Layout.of(np.zeros((4, 4), "float32"))
    assert product(Layout.of(plain[:, ::2]), Layout.of(plain[:, ::2].T), out) is None
    assert product(Layout.of(plain), Layout.of(plain.T.astype("float64")), out) is None
    assert product(Layout.of(plain.astype(int)), Layout.of(plain.T.astype(int)), out) is None
    assert product(Layout.of(plain), Layout.of(plain.T), Layout.of(np.zeros((4, 4), "float32").T)) is None
    assert product(Layout.of(plain[0]), Layout.of(plain.T), Layout.of(out.zeros()[0])) is None
    assert product(Layout.of(plain[:, :0]), Layout.of(plain[:, :0].T), out) is None
    five = Layout.of(numbers(rng, 2, 1, 4, 5)), Layout.of(numbers(rng, 1, 3, 5, 2)), Layout.of(numbers(rng, 2, 3, 4, 2))
    assert product(*five) is None  # neither one for all nor one each


def test_row_by_row_is_described_as_swapped_and_transposed_views_as_flags():
    a, b, out = (Layout.of(np.zeros(s, "float32")) for s in [(3, 4), (5, 4), (3, 5)])
    turned = Layout.of(np.zeros((5, 4), "float32").T)
    assert product(a, turned, out) == Product(3, 5, 4, 1, (0, 4, 0), (1, 4, 0), (0, 5, 0))
    assert b.shape == turned.shape[::-1]


# ---- the handle -------------------------------------------------------------------------------------------


def test_the_workspace_is_set_after_the_stream():
    library = Library()
    Cublas(library, 5, 9)
    assert [name for name, _ in library.calls] == ["cublasCreate_v2", "cublasSetStream_v2", "cublasSetWorkspace_v2"]
    assert [args for _, args in library.calls[1:]] == [[77, 5], [77, 9, WORKSPACE]]


def test_tf32_is_for_single_products_and_the_math_mode_stays_at_its_default(rng):
    a = numbers(rng, 2, 3, 3)
    _, calls = multiplied(a[0], a[1], tf32=True)
    assert "cublasSetMathMode" not in [name for name, _ in calls]  # it would let TF32 into stacks
    assert calls[-1][1][-2:] == [77, -1]  # computed in TF32, by cuBLAS's choice
    assert multiplied(a, a, tf32=True)[1][-1][1][-2:] == [68, -1]
    assert multiplied(a[0], a[1])[1][-1][1][-2:] == [68, -1]
    assert multiplied(a[0].astype(float), a[1].astype(float), tf32=True)[1][-1][1][-2:] == [70, -1]


def test_errors_are_named():
    library = Library()
    library.status["cublasSetWorkspace_v2"] = 7
    with pytest.raises(BackendError, match="cublasSetWorkspace_v2 says INVALID_VALUE"):
        Cublas(library, 0, 0)
    library.status = {"cublasCreate_v2": 99}
    with pytest.raises(BackendError, match="cublasCreate_v2 says 99"):
        Cublas(library, 0, 0)


def test_a_handle_is_given_back_once():
    library = Library()
    handle = Cublas(library, 0, 0)
    handle.close()
    handle.close()
    assert [name for name, _ in library.calls].count("cublasDestroy_v2") == 1


def test_the_library_is_found_by_pathfinder_else_by_name_else_the_error_says_what_to_type(monkeypatch):
    asked = []

    class Pathfinder:
        @staticmethod
        def load_nvidia_dynamic_lib(name):
            return type("Loaded", (), {"abs_path": f"/there/{name}"})

    monkeypatch.setattr(cublas.ctypes, "CDLL", lambda path: asked.append(path) or path)
    monkeypatch.setattr(cublas.importlib, "import_module", lambda name: Pathfinder)
    assert load(13) == "/there/cublas"

    def absent(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(cublas.importlib, "import_module", absent)
    assert load(12) == "libcublas.so.12"

    def missing(path):
        raise OSError(f"{path}: no such file")

    monkeypatch.setattr(cublas.ctypes, "CDLL", missing)
    with pytest.raises(BackendError, match=r"cuBLAS is not found .*pip install 'xpnet\[cuda13\]'"):
        load(13)
