"""Several labels at once, through training: accuracy, early stopping, weights, and what is refused."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet import Network, adam, stopping, train
from xpnet.backend import get, to_numpy

SEVERAL = Network([4, 3], labels="several")


@pytest.fixture
def examples(rng):
    """60 rows of four numbers; three of their signs are the labels."""
    x = rng.standard_normal((60, 4))
    return x, (x[:, :3] > 0.0).astype("int64")


def test_several_labels_are_learned_and_counted_row_by_row(backend, examples):
    x, y = examples
    result = train(
        SEVERAL,
        (backend.asarray(x), y),
        validation=(backend.asarray(x), y),
        epochs=12,
        optimizer=adam(0.1),
        stopping=stopping.no_improvement(5),
        backend=backend,
    )
    predicted = result.predict(backend.asarray(x))
    assert_at_home(backend, predicted, result.predict_proba(backend.asarray(x)))
    assert backend.xp.isdtype(predicted.dtype, "integral")
    best = result.history.best()
    # what scikit-learn calls the score of several labels: all of a row's labels must be right
    assert (to_numpy(predicted) == y).all(axis=1).mean() == pytest.approx(best.validation_accuracy)
    assert best.validation_accuracy > 0.8
    shares = (to_numpy(result.predict_proba(backend.asarray(x))) > 0.5).astype(int)
    assert shares.tolist() == to_numpy(predicted).tolist()


def test_rows_without_any_label_are_rows_like_others():
    x, y = np.eye(4), np.asarray([[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0]])
    result = train(SEVERAL, (x, y), epochs=300, batch_size=None)
    assert result.predict(x).tolist() == y.tolist()
    assert result.history[-1].accuracy == 1.0


def test_a_weight_of_two_is_the_row_twice_for_several_labels(examples):
    x, y = examples
    home, weight = get("numpy", dtype="float64"), np.where(np.arange(60) < 30, 2.0, 1.0)
    fit = {"epochs": 3, "batch_size": None, "backend": home}
    twice = train(SEVERAL, (np.concatenate([x, x[:30]]), np.concatenate([y, y[:30]])), **fit)
    weighted = train(SEVERAL, (x, y), sample_weight=weight, **fit)
    assert_close(home, weighted.parameters[0].w, twice.parameters[0].w, "training")
    assert weighted.history[-1].accuracy == pytest.approx(twice.history[-1].accuracy)


def test_class_weights_want_one_label_a_row(examples):
    with pytest.raises(ValueError, match="class_weight must come with integer labels, got targets in y"):
        train(SEVERAL, examples, class_weight="balanced")


def test_several_labels_are_refused_by_a_network_that_tells_one(examples):
    with pytest.raises(ValueError, match=r"y must have one label in each row, .* labels='several'"):
        train(Network([4, 3]), examples)
    x, y = examples
    with pytest.raises(ValueError, match=r"validation: y must have one label in each row"):
        train(Network([4, 3]), (x, np.arange(60) % 3), validation=(x, y))
