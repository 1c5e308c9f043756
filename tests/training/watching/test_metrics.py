"""Accuracy and confusion."""

import numpy as np
import pytest

from xpnet.backend import to_numpy
from xpnet.training import accuracy, confusion, metrics

Y, PREDICTED = np.asarray([0, 1, 1, 2, 2, 2]), np.asarray([0, 0, 1, 2, 2, 0])


def test_confusion_counts_what_was_read_as_what(backend):
    y, predicted = backend.asarray(Y), backend.asarray(PREDICTED)
    assert to_numpy(confusion(y, predicted, 3)).tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 2]]
    assert accuracy(y, predicted) == 4 / 6


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint64", "bool"])
def test_counts_are_not_kept_in_the_dtype_of_the_labels(backend, dtype):
    if backend.name == "torch" and dtype in ("uint16", "uint64"):
        pytest.skip("PyTorch compares no such integers")
    y = backend.asarray(np.repeat(np.asarray([0, 1, 0], dtype=dtype), 300))
    counts = confusion(y, backend.asarray(np.zeros(900, dtype=dtype)), 2)
    assert to_numpy(counts).tolist() == [[600, 0], [300, 0]]
    assert to_numpy(counts).dtype.itemsize >= 4


def test_many_classes_of_small_labels(backend):
    y = backend.asarray(np.arange(200, dtype="uint8"))
    assert to_numpy(confusion(y, y, 300)).trace() == 200


def test_rows_are_counted_in_parts(backend, monkeypatch):
    monkeypatch.setattr(metrics, "ROWS", 4)
    counts = confusion(backend.asarray(Y), backend.asarray(PREDICTED), 3)
    assert to_numpy(counts).tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 2]]


@pytest.mark.parametrize("column", [(True, False), (False, True), (True, True)])
def test_a_column_is_a_vector(backend, column):
    y, predicted = (backend.asarray(v[:, None] if c else v) for v, c in zip((Y, PREDICTED), column, strict=True))
    assert accuracy(y, predicted) == 4 / 6
    assert to_numpy(confusion(y, predicted, 3)).trace() == 4


@pytest.mark.parametrize("measure", [accuracy, lambda y, predicted: confusion(y, predicted, 3)])
@pytest.mark.parametrize(
    ("y", "predicted", "message"),
    [
        (Y, PREDICTED[:1], "predicted must hold 6 labels, as y does, got 1"),
        (Y, np.eye(6), r"predicted must have shape \(m,\) or \(m, 1\), got \(6, 6\)"),
        (Y[None, :], PREDICTED, r"y must have shape \(m,\) or \(m, 1\), got \(1, 6\)"),
        (Y[0], PREDICTED, r"y must have shape \(m,\) or \(m, 1\), got \(\)"),
    ],
)
def test_labels_that_do_not_pair_are_refused(backend, measure, y, predicted, message):
    with pytest.raises(ValueError, match=message):
        measure(backend.asarray(np.asarray(y)), backend.asarray(predicted))


def test_labels_that_are_none_are_refused(backend):
    y = backend.asarray(Y)
    with pytest.raises(ValueError, match="predicted must hold labels between 0 and 1, got 2 in row 3"):
        confusion(backend.asarray(np.minimum(Y, 1)), backend.asarray(PREDICTED), 2)
    with pytest.raises(ValueError, match="y must hold labels between 0 and 2, got -1 in row 1"):
        confusion(backend.asarray(np.asarray([0, -1])), backend.asarray(np.asarray([0, 1])), 3)
    with pytest.raises(TypeError, match="predicted must hold integer labels, got dtype"):
        confusion(y, backend.full((6,), 1.0), 3)
    with pytest.raises(ValueError, match="n_classes must be at least 1, got 0"):
        confusion(y, y, 0)
    with pytest.raises(ValueError, match="y must hold at least one label, got none"):
        accuracy(y[:0], y[:0])


def test_of_several_labels_all_must_be_right(backend):
    y, predicted = np.asarray([[0, 1], [1, 1], [0, 0], [1, 0]]), np.asarray([[0, 1], [1, 0], [0, 0], [0, 1]])
    assert accuracy(backend.asarray(y), backend.asarray(predicted)) == 0.5
    with pytest.raises(ValueError, match=r"y must have shape \(m,\) or \(m, 1\), got \(4, 2\)"):
        accuracy(backend.asarray(y), backend.asarray(predicted[:1]))


@pytest.mark.parametrize("dtype", ["int8", "uint16", "uint32", "uint64", "bool"])
def test_labels_of_two_dtypes_are_compared(backend, dtype):
    y, predicted = np.asarray([0, 1, 1]), np.asarray([0, 1, 0])
    assert accuracy(backend.asarray(y.astype(dtype)), backend.asarray(predicted)) == 2 / 3
    assert accuracy(backend.asarray(predicted), backend.asarray(y.astype(dtype))) == 2 / 3


@pytest.mark.parametrize("measure", [accuracy, lambda y, predicted: confusion(y, predicted, 3)])
def test_masked_labels_are_refused(measure):
    masked = np.ma.masked_equal(Y, 1)
    with pytest.raises(ValueError, match="y must not have masked entries"):
        measure(masked, PREDICTED)
    with pytest.raises(ValueError, match="predicted must not have masked entries"):
        measure(Y, masked)


def test_the_area_is_the_share_of_pairs_in_the_right_order(backend):
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 3, 60), rng.integers(0, 9, (60, 3)) / 8.0  # with ties
    for chosen, classes in ((y, (0, 1, 2)), (np.minimum(y, 1), (1,))):
        areas = []
        for c in classes:
            a, b = p[chosen == c, c][:, None], p[chosen != c, c][None, :]
            areas.append(((a > b) + 0.5 * (a == b)).mean())
        given = p if len(classes) > 1 else p[:, :2]
        assert metrics.auc(backend.asarray(chosen), backend.asarray(given)) == pytest.approx(np.mean(areas), abs=1e-12)


def test_classes_without_rows_have_no_area():
    p = np.asarray([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.5, 0.4, 0.1]])
    assert metrics.auc(np.asarray([0, 1, 1]), p) == (0.5 + 0.5) / 2
    assert np.isnan(metrics.auc(np.asarray([1, 1, 1]), p))
    with pytest.raises(ValueError, match="y must hold labels between 0 and 2, got 3 in row 0"):
        metrics.auc(np.asarray([3, 1, 1]), p)
    with pytest.raises(ValueError, match=r"p must have shape \(m, n_classes\), got \(3,\)"):
        metrics.auc(np.asarray([0, 1, 1]), p[:, 0])
