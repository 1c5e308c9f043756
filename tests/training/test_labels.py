"""Labels that are text or booleans: numbered before training, given back by predictions and files."""

import numpy as np
import pytest

from xpnet import load, save
from xpnet.nn import Network
from xpnet.training import learning_rate_range, train
from xpnet.trees import leaves

NETWORK = Network([2, 4, 3])
NAMES = ("ant", "bee", "cow")


@pytest.fixture
def clouds(rng):
    y = np.arange(60) % 3
    return rng.standard_normal((60, 2)) + 4.0 * np.stack([y == 1, y == 2], axis=1), y


def test_text_trains_as_its_numbers_and_is_predicted(clouds, tmp_path):
    x, y = clouds
    names = [NAMES[i] for i in y]
    told, plain = (train(NETWORK, (x, labels), validation=(x[:9], labels[:9]), epochs=9) for labels in (names, y))
    for a, b in zip(leaves(told.parameters), leaves(plain.parameters), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (told.classes, plain.classes) == (NAMES, None)
    assert told.predict(x).tolist() == [NAMES[i] for i in plain.predict(x)]
    save(tmp_path / "m", told)
    assert load(tmp_path / "m").predict(x).tolist() == told.predict(x).tolist()
    assert told.to("numpy").classes == NAMES


@pytest.mark.parametrize("sizes", [[2, 1], [2, 2]])
def test_booleans_are_predicted(backend, clouds, sizes):
    x, y = backend.asarray(clouds[0], backend.dtype), backend.asarray(clouds[1])
    result = train(Network(sizes), (x, y == 1), epochs=3)
    predicted = result.predict(x)
    assert type(predicted) is type(x)
    assert backend.xp.isdtype(predicted.dtype, "bool")
    assert result.classes == (False, True)


def test_class_weights_are_named_by_label(clouds):
    x, y = clouds
    names = np.asarray(NAMES)[y]
    by_name = train(NETWORK, (x, names), epochs=1, class_weight={"cow": 3.0})
    by_number = train(NETWORK, (x, y), epochs=1, class_weight={2: 3.0})
    np.testing.assert_array_equal(by_name.parameters[0].w, by_number.parameters[0].w)
    train(NETWORK, (x, names), epochs=1, class_weight="balanced")
    with pytest.raises(ValueError, match=r"class_weight must name labels of y \('ant', 'bee', 'cow'\), got 'dog'"):
        train(NETWORK, (x, names), class_weight={"dog": 3.0})


def test_the_validation_is_counted_in_the_same_classes(clouds):
    x, y = clouds
    names = np.asarray(NAMES)[y]
    few = names != "ant"
    watched = train(NETWORK, (x, names), validation=(x[few], names[few]), epochs=3).history[-1].validation_cost
    assert watched == train(NETWORK, (x, y), validation=(x[few], y[few]), epochs=3).history[-1].validation_cost
    with pytest.raises(ValueError, match=r"validation: y must hold labels of the training data .*, got 'dog'"):
        train(NETWORK, (x, names), validation=(x[:3], ["ant", "dog", "bee"]))
    with pytest.raises(TypeError, match="validation: y must hold labels such as 'ant', as y does, got numbers"):
        train(NETWORK, (x, names), validation=(x, y))
    with pytest.raises(TypeError, match="validation: y must hold numbers, as y does, got labels such as 'ant'"):
        train(NETWORK, (x, y), validation=(x, names))


def test_labels_that_the_network_cannot_tell_are_refused(clouds):
    x, y = clouds
    with pytest.raises(ValueError, match=r"y must hold 3 classes, as many as .*, got 2: 'no', 'yes'"):
        train(NETWORK, (x, np.where(y == 1, "yes", "no")))
    with pytest.raises(ValueError, match=r"y must hold 3 classes, .*, got 2: False, True"):
        train(NETWORK, (x, y == 1))
    values = Network([2, 1], output="linear", cost="quadratic")
    with pytest.raises(TypeError, match="y must hold numbers for a network that gives values, got labels such as 'no'"):
        train(values, (x, np.where(y == 1, "yes", "no")))


def test_the_range_test_takes_them_too(clouds):
    x, y = clouds
    assert learning_rate_range(NETWORK, (x, np.asarray(NAMES)[y]), steps=3) == learning_rate_range(
        NETWORK, (x, y), steps=3
    )


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_and_columns_keep_their_names_and_labels(library, clouds, tmp_path):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    x, y = clouds
    frame = module.DataFrame({"width": x[:, 0], "height": x[:, 1]})
    result = train(NETWORK, (frame, module.Series([NAMES[i] for i in y])), epochs=3)
    assert (result.features, result.classes) == (("width", "height"), NAMES)
    save(tmp_path / "m", result)
    swapped = module.DataFrame({"height": x[:, 1], "more": y, "width": x[:, 0]})
    assert load(tmp_path / "m").predict(swapped).tolist() == result.predict(x).tolist()
