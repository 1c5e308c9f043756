"""Tables, regressions, ensembles and films in the page agree with the model."""

import numpy as np
import pytest

import xpnet
from xpnet.data import Encoding, Scaling, load_digits
from xpnet.data.columns.building import table_of
from xpnet.nn import ACTIVATIONS
from xpnet.report import Film, report_numbers
from xpnet.report.measuring.packing import unpack

ANSWERS = "rows => rows.map(row => xpnetPage.answer(row))"


def people(n=160):
    """A table with numbers, gaps, categories, rare ones, booleans and dates."""
    rng = np.random.default_rng(0)
    days = np.datetime64("2021-03-01") + rng.integers(0, 900, n)
    times = np.datetime64("2019-12-30T06:30:00", "us") + rng.integers(0, 10**9, n) * np.timedelta64(10**6, "us")
    towns = np.asarray(["Ulm", "Bonn", "<i>Köln", "rare"])[rng.choice(4, n, p=[0.4, 0.3, 0.28, 0.02])]
    return {
        "age": [None if i % 9 == 0 else float(v) for i, v in enumerate(rng.uniform(20, 90, n).round(2))],
        "town": [None if i % 11 == 0 else str(v) for i, v in enumerate(towns)],
        "member": [bool(v) for v in rng.integers(0, 2, n)],
        "since": [None if i % 13 == 0 else str(v) for i, v in enumerate(days)],
        "seen": [str(v) for v in times],
    }


def model_of(frame, n_out, members=1, impute="indicator", **how):
    encoding = Encoding.fit(frame, impute=impute, bins=4, rare=6)
    network = xpnet.Network([len(encoding.names), 7, n_out], **how)
    models = [xpnet.Model(network, network.initialize(seed=i), encoding) for i in range(members)]
    return xpnet.Model.ensemble(models)


def cells_of(numbers):
    return [list(row) for row in zip(*numbers["rows"]["cells"]["values"], strict=True)]


def agrees(page, numbers, model, frame):
    """Assert that the page says what the model says of the rows that it keeps."""
    kept = table_of(frame)[np.asarray(numbers["rows"]["number"])]
    found = page.evaluate(ANSWERS, cells_of(numbers))
    expected = model.predict_proba(kept) if model.network.classifies else model.predict(kept).reshape(len(kept), -1)
    np.testing.assert_allclose([each["mean"] for each in found], expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    if model.n_members > 1:
        spread = model.spread(kept).reshape(len(kept), -1)
        np.testing.assert_allclose([each["spread"] for each in found], spread, rtol=0, atol=1e-5 * np.abs(spread).max())
    assert len(found) >= 100
    return found


@pytest.mark.parametrize("impute", ["indicator", "mean"])
def test_a_table_of_every_kind_of_column(opened, impute):
    frame = people()
    model = model_of(frame, 3, impute=impute, cost="log_likelihood")
    numbers = report_numbers(model, (frame, np.arange(160) % 3))
    found = agrees(opened(numbers), numbers, model, frame)
    assert [each["said"] for each in found] == numbers["rows"]["said"]


def test_an_ensemble_for_one_of_two_classes(opened):
    frame = people()
    model = model_of(frame, 1, members=5, hidden="relu")
    numbers = report_numbers(model, (frame, np.arange(160) % 2))
    page = opened(numbers)
    found = agrees(page, numbers, model, frame)
    assert [each["said"] for each in found] == numbers["rows"]["said"]
    assert "±" in page.inner_text("#try")
    page.select_option("#weights-member", "4")


def test_an_ensemble_for_values(opened):
    frame = people()
    encoding = Encoding.fit(frame, impute="mean")
    y = np.random.default_rng(1).uniform(1e5, 2e5, 160)
    network = xpnet.Network([len(encoding.names), 5, 1], hidden="gelu", output="linear", cost="quadratic")
    targets = Scaling.standardize(y[:, None])
    models = [xpnet.Model(network, network.initialize(seed=i), encoding, targets=targets) for i in range(3)]
    model = xpnet.Model.ensemble(models)
    numbers = report_numbers(model, (frame, y))
    page = opened(numbers)
    agrees(page, numbers, model, frame)
    errors = [float(((each.predict(table_of(frame)) - y) ** 2).mean()) ** 0.5 for each in models]
    assert numbers["test"]["members"] == pytest.approx(errors)
    words, mean = page.inner_text("#test"), float(f"{np.mean(errors):.4g}")
    assert "Root mean square error" in words
    assert f"Its 3 networks alone: root mean square error {mean:.0f}" in words


@pytest.mark.parametrize("hidden", [sorted(set(ACTIVATIONS) - {"softmax", "step"}), ["step"]])
def test_every_activation(opened, hidden):
    x = np.random.default_rng(0).uniform(-3.0, 3.0, (120, 3)).astype("float32")
    network = xpnet.Network([3, *[6] * len(hidden), 4], hidden=hidden)
    model = xpnet.Model(network, network.initialize("numpy", seed=0))
    numbers = report_numbers(model, (x, np.arange(120) % 4))
    found = opened(numbers).evaluate(ANSWERS, cells_of(numbers))
    expected = model.predict_proba(x[numbers["rows"]["number"]])
    np.testing.assert_allclose([each["mean"] for each in found], expected, rtol=0, atol=1e-5)


def test_several_labels(opened):
    x = np.random.default_rng(0).standard_normal((120, 3))
    network = xpnet.Network([3, 6, 4], labels="several")
    model = xpnet.Model(network, network.initialize(seed=0))
    numbers = report_numbers(model, (x, (x[:, :1] > np.arange(4)).astype(int)))
    found = opened(numbers).evaluate(ANSWERS, cells_of(numbers))
    kept = x[numbers["rows"]["number"]]
    np.testing.assert_allclose([each["mean"] for each in found], model.predict_proba(kept), rtol=0, atol=1e-5)
    assert [[int(yes) for yes in each["said"]] for each in found] == model.predict(kept).tolist()


def test_sliders_and_menus_change_the_answer(opened):
    frame = people()
    model = model_of(frame, 3, cost="log_likelihood")
    numbers = report_numbers(model, (frame, np.arange(160) % 3))
    page = opened(numbers)
    page.select_option("#start-row", "1")
    row = cells_of(numbers)[1]
    values = {"age": 55.5, "town": "Bonn", "since": "2022-02-03"}
    for name, value in values.items():
        place = numbers["rows"]["cells"]["names"].index(name)
        gap, field = page.locator(f"#gap-{place}"), page.locator(f"#field-{place}")
        if gap.count() and gap.is_checked():
            gap.uncheck()
        if name == "town":
            field.select_option(label=value)
        else:
            field.fill(str(value))
            field.dispatch_event("change")
        row[place] = value
    named = dict(zip(numbers["rows"]["cells"]["names"], row, strict=True))
    shown = [float(each.get_attribute("data-value")) for each in page.locator("#try li").all()]
    np.testing.assert_allclose(shown, model.predict_proba(named)[0], rtol=0, atol=1e-5)


# ---- films --------------------------------------------------------------------------------------------------

XOR = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def filmed(x, y, hidden, epochs, **how):
    network = xpnet.Network([2, *hidden, 1])
    film = Film(xpnet.Model(network, network.initialize(seed=0)), x, y)
    kept = []

    class Keep(xpnet.training.Callback):
        def epoch(self, record, parameters):
            kept.append(parameters)

    result = xpnet.train(network, (x, y), epochs=epochs, callbacks=[film, Keep()], seed=1, **how)
    return film, [xpnet.Model(network, parameters) for parameters in kept], result


def spirals(n=120):
    turn = np.linspace(0.5, 2.5, n // 2) * np.pi
    arm = np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1) / 8.0
    return np.concatenate([arm, -arm]), np.repeat([0, 1], n // 2)


@pytest.mark.parametrize("data", [(XOR, np.asarray([0, 1, 1, 0])), spirals()], ids=["xor", "spirals"])
def test_a_film_is_what_xpnet_computed_frame_for_frame(opened, data):
    film, models, result = filmed(*data, [8], 60, batch_size=4, optimizer="adam")
    told = film.to_json()
    numbers = report_numbers(models[-1], data, histories=[result.history], film=told)
    frames = np.asarray(opened(numbers).evaluate("xpnetPage.frames()")).reshape(len(film.epochs), 48, 48, 2)
    (low, high), (bottom, top) = told["ranges"]
    centers = (np.arange(48) + 0.5) / 48
    for frame, epoch in zip(frames, told["epochs"], strict=True):
        for i, j in ((0, 0), (20, 31), (47, 5)):  # lines count from the top
            place = [[low + (high - low) * centers[j], top - (top - bottom) * centers[i]]]
            said, p = models[epoch - 1].predict(place)[0], models[epoch - 1].predict_proba(place).max()
            assert frame[i, j].tolist() == [said, round(255 * float(p))]


def test_a_perceptron_cannot_learn_xor_and_a_hidden_layer_can():
    y = np.asarray([0, 1, 1, 0])
    how = {"batch_size": 4, "optimizer": xpnet.adam(0.1)}
    right = [
        max(float((model.predict(XOR) == y).mean()) for model in filmed(XOR, y, hidden, 120, **how)[1])
        for hidden in ([], [4])
    ]
    assert right[0] < 1.0
    assert right[1] == 1.0


def test_the_film_plays_in_the_page(opened):
    film, models, result = filmed(XOR, np.asarray([0, 1, 1, 0]), [4], 30)
    page = opened(report_numbers(models[-1], (XOR, [0, 1, 1, 0]), histories=[result.history], film=film.to_json()))
    page.focus("#film")
    page.keyboard.press("End")
    assert "epoch 30" in page.inner_text("#film-section")
    page.click("#play")
    page.locator("#film-section", has_text="epoch 2:").wait_for()


def test_the_film_of_first_weights():
    digits = load_digits()
    network = xpnet.Network([64, 20, 10])
    model = xpnet.Model(network, network.initialize(seed=0), Scaling.divide_by(16))
    film = Film(model, digits.x, digits.y, frames=3)
    result = xpnet.train(network, (digits.x / 16.0, digits.y), epochs=4, batch_size=100, callbacks=[film])
    told = film.to_json()
    last = (unpack(told["frames"])[-1].astype(float) - 127.0) / 127.0 * told["limits"][-1]
    w = result.parameters[0].w[:16]
    assert told["epochs"] == [1, 2, 4]
    np.testing.assert_allclose(last, w, rtol=0, atol=told["limits"][-1] / 127.0)


def test_a_film_needs_a_plane_or_images():
    network = xpnet.Network([3, 2])
    with pytest.raises(ValueError, match="film must have images of digits or two columns of numbers"):
        Film(xpnet.Model(network, network.initialize(seed=0)), np.zeros((4, 3)))
