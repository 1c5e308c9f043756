"""What may be given to every public function: subclasses of NumPy's array, masked entries, nothing at all."""

from types import SimpleNamespace

import numpy as np
import pytest
from linalg import table
from linalg.table import CALLS, A, B

from xpnet import linalg
from xpnet.backend import get, to_numpy
from xpnet.trees import leaves


class Subclass(np.ndarray):
    """An array whose operators cannot be meant."""

    def __mul__(self, other):
        raise AssertionError("a subclass went through the border")

    __rmul__ = __matmul__ = __sub__ = __add__ = __mul__


REVERSED = "read-only, reversed"
KINDS = {
    "matrix": lambda x: x.view(np.matrix) if x.ndim == 2 else x,
    "subclass": lambda x: x.view(Subclass),
    "masked array without masked entries": lambda x: np.ma.masked_array(x, mask=False),
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "list": lambda x: x.tolist(),
    REVERSED: lambda x: read_only(np.flip(np.flip(x).copy())),
}


def read_only(x):
    x.flags.writeable = False
    return x


def floats(call):
    return [np.asarray(x, "float64") for x in (A, B)][: call.data]


def given_as(monkeypatch, change, name):
    """Let the table's calls of the function `name` hand over every array changed."""

    def changing(f):
        return lambda *args, **kwargs: f(
            *(change(x) if type(x) is np.ndarray else x for x in args),
            **{k: change(x) if type(x) is np.ndarray else x for k, x in kwargs.items()},
        )

    own = {name: getattr(linalg, name) for name in linalg.__all__}
    own[name] = changing(own[name])
    monkeypatch.setattr(table, "linalg", SimpleNamespace(**own))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(CALLS))
def test_subclasses_give_the_plain_arrays_answer(name, kind, monkeypatch):
    call = CALLS[name]
    expected = leaves(call.run(*floats(call)))
    given_as(monkeypatch, KINDS[kind], name)
    for got, right in zip(leaves(call.run(*floats(call))), expected, strict=True):
        assert type(got) is type(right)
        # some versions of NumPy add up a reversed array in another order
        rounding = 64 * np.finfo("float64").eps * np.max(np.abs(right), initial=0.0) if kind == REVERSED else 0.0
        np.testing.assert_allclose(got, right, rtol=0.0, atol=rounding)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_masked_entries_are_refused_by_the_name_of_their_argument(name, monkeypatch):
    call = CALLS[name]
    if name == "flip_signs":  # takes factors
        u, s, vh = linalg.svd(A, full_matrices=False)
        with pytest.raises(ValueError, match="U must not have masked entries"):
            linalg.flip_signs(linalg.SVD(np.ma.masked_array(u, mask=True), s, vh))
        return
    given_as(monkeypatch, lambda x: np.ma.masked_array(x, mask=x == x.max()), name)
    with pytest.raises(ValueError, match=r"^(a|b|x|q|c|t|weights|radius|high) must not have masked entries, got \d+"):
        call.run(*floats(call))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("b", lambda x: linalg.lstsq(A, x)),
        ("q", lambda x: linalg.project(A, x)),
        ("c", lambda x: linalg.append_columns(linalg.gram_schmidt(A), x)),
        ("inner", lambda x: linalg.gram_schmidt(A, inner=x[:, 0])),
        ("weights", lambda x: linalg.vector_norm(A, weights=x)),
        ("t", lambda x: linalg.soft_threshold(A, x)),
        ("high", lambda x: linalg.project_box(A, 0.0, x)),
        ("rcond", lambda x: linalg.pinv(np.stack([A] * 4), x[:, 0])),
        ("tol", lambda x: linalg.matrix_rank(np.stack([A] * 4), x[:, 0])),
        ("x", lambda x: linalg.pca(A).transform(x)),
        ("x", lambda x: linalg.pca(A).whiten(x)),
        ("scores", lambda x: linalg.pca(A).inverse_transform(x)),
        ("a", lambda x: linalg.matrix_norm([x[0], x[1]])),
    ],
)
def test_masked_parameters_are_refused_too(name, call):
    with pytest.raises(ValueError, match=f"^{name} must not have masked entries, got"):
        call(np.ma.masked_array(np.abs(B) + 1.0, mask=B[0, 0] == B))


EMPTY = [(0, 4, 3), (2, 0, 3), (2, 4, 0), (0, 0), (0, 3), (4, 0)]


@pytest.mark.parametrize("shape", EMPTY)
@pytest.mark.parametrize("name", sorted(CALLS))
def test_arrays_without_entries_are_answered_or_refused_alike_on_all_libraries(name, shape):
    call = CALLS[name]

    def answer(xp):
        try:
            with np.errstate(all="raise"):
                return leaves(call.run(*[xp.zeros(shape)] * call.data))
        except ValueError as error:
            return str(error)

    plain = answer(np)
    portable = answer(get("array_api_strict").xp)
    if isinstance(plain, str):
        assert plain == portable
        assert " must " in plain
        return
    for got, right in zip(portable, plain, strict=True):
        np.testing.assert_array_equal(to_numpy(got), right)
        assert np.all(np.isfinite(right))


@pytest.mark.parametrize("a", [np.zeros((4, 3)), np.outer([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, -1.0])], ids=["0", "1"])
@pytest.mark.parametrize("name", sorted(set(CALLS) - {"cond"}))
def test_matrices_of_rank_zero_and_one_give_numbers_without_a_warning(name, a):
    call = CALLS[name]
    with np.errstate(all="raise"):
        for found in leaves(call.run(*[a] * call.data)):
            assert np.all(np.isfinite(found))


@pytest.mark.parametrize(
    "f",
    [linalg.truncated_svd, linalg.low_rank, linalg.randomized_svd, linalg.pca, linalg.ky_fan_norm, linalg.project_l0],
)
def test_k_may_be_larger_than_the_rank_but_not_than_the_shape(f):
    a = np.outer([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, -1.0])
    most = a.size if f is linalg.project_l0 else 3
    for found in leaves(f(a, most)):
        assert np.all(np.isfinite(found))
    for k in (most + 1, -1, 0 if f is not linalg.project_l0 else -2):
        with pytest.raises(ValueError, match=f"k must be between . and {most}, got {k}"):
            f(a, k)
