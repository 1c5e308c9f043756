"""``xpnet explain``, intervals and calibration: how far a model is to be trusted, from the command line."""

import numpy as np
import pytest

FAST = ("--members", 2, "--epochs", 15, "--quiet")


@pytest.fixture
def houses(xpnet, tmp_path, rng):
    """A table whose price goes by the rooms and, a third as much, by the town; the color tells nothing."""
    rooms, town, color = rng.uniform(1, 9, 400), rng.integers(0, 2, 400), rng.integers(0, 3, 400)
    price = 30.0 * rooms + 20.0 * town + rng.standard_normal(400)
    cells = zip(rooms, np.asarray(["Ulm", "Bonn"])[town], color, price, price > 160.0, strict=True)
    lines = [f"{a:.4f},{b},c{c},{p:.3f},{('cheap', 'dear')[int(d)]}" for a, b, c, p, d in cells]
    (tmp_path / "h.csv").write_text("\n".join(["rooms,town,color,price,kind", *lines]) + "\n")
    return "h.csv"


def test_columns_are_listed_by_what_is_lost_without_them(xpnet, houses):
    assert xpnet("train", houses, "--target", "price", "--ignore", "kind", *FAST).code == 0
    ran = xpnet("explain", "xpnet-h.safetensors")
    assert ran.code == 0
    assert ran.out.splitlines()[1].startswith("R2 0.9")
    assert [line.split()[0] for line in ran.out.splitlines()[2:]] == ["rooms", "town", "color"]
    head, *rows = xpnet("explain", "xpnet-h.safetensors", houses, "--json", "--repeats", 2).events
    assert (head["rows"], head["repeats"], head["score"]) == (400, 2, "R2")
    assert rows[0]["fall"] > 0.5 > rows[1]["fall"] > abs(rows[2]["fall"])


def test_one_row_is_explained(xpnet, houses):
    assert xpnet("train", houses, "--target", "kind", "--ignore", "price", *FAST).code == 0
    head, *rows = xpnet("explain", "xpnet-h.safetensors", houses, "--row", 3, "--json").events
    assert head["prediction"] in ("cheap", "dear")
    assert rows[0]["column"] == "rooms"
    assert sum(row["attribution"] for row in rows) == pytest.approx(head["output"] - head["baseline"], abs=0.05)
    text = xpnet("explain", "xpnet-h.safetensors", houses, "--row", 3).out
    assert f"row 3: {head['prediction']}, whose logit is " in text
    assert "  rooms  " in text


def test_a_row_has_the_number_that_predict_gives_it_and_needs_no_label(xpnet, houses, tmp_path):
    assert xpnet("train", houses, "--target", "kind", "--ignore", "price", *FAST).code == 0
    predicted = [line.split(",") for line in xpnet("predict", "xpnet-h.safetensors").out.splitlines()[1:]]
    number, label = int(predicted[5][0]), predicted[5][1]
    assert number != 5
    head, *alone = xpnet("explain", "xpnet-h.safetensors", "--row", number, "--json").events
    assert (head["row"], head["prediction"]) == (number, label)
    assert xpnet("explain", "xpnet-h.safetensors", houses, "--row", number, "--json").events[1:] == alone
    outside = next(n for n in range(400) if str(n) not in [row[0] for row in predicted])
    ran = xpnet("explain", "xpnet-h.safetensors", "--row", outside)
    assert (ran.code, "--row must be a row of the test part, such as " in ran.err) == (1, True)
    header, *lines = (tmp_path / houses).read_text().splitlines()
    place = header.split(",").index("kind")
    new = tmp_path / "new.csv"
    cells = [line.split(",") for line in (header, *lines)]
    new.write_text("\n".join(",".join(row[:place] + row[place + 1 :]) for row in cells) + "\n")
    assert xpnet("explain", "xpnet-h.safetensors", new, "--row", number, "--json").events[1:] == alone


def test_intervals_are_written_and_their_coverage_is_told(xpnet, houses):
    ran = xpnet("train", houses, "--target", "price", "--ignore", "kind", "--members", 5, "--epochs", 15)
    assert "  90 % intervals hold " in ran.out
    header, *rows = xpnet("predict", "xpnet-h.safetensors", houses, "--interval", 0.9).out.splitlines()
    assert header.startswith("row,prediction,low,high,")
    found = np.asarray([[float(cell) for cell in row.split(",")[1:5]] for row in rows])
    assert (found[:, 1] < found[:, 0]).all()
    assert ((found[:, 1] <= found[:, 3]) & (found[:, 3] <= found[:, 2])).mean() > 0.85
    (told,) = xpnet("evaluate", "xpnet-h.safetensors", "--json").events
    assert 0.75 < told["interval_coverage"] <= 1.0


def test_classes_have_a_calibration_error(xpnet, houses):
    assert xpnet("train", houses, "--target", "kind", "--ignore", "price", *FAST).code == 0
    (told,) = xpnet("evaluate", "xpnet-h.safetensors", "--json").events
    assert 0.0 <= told["calibration_error"] < 0.3
    assert "calibration error " in xpnet("evaluate", "xpnet-h.safetensors").out
    ran = xpnet("predict", "xpnet-h.safetensors", "--interval", 0.9)
    assert (ran.code, "--interval needs a regression that knows its errors" in ran.err) == (1, True)


def test_bad_input(xpnet, houses):
    assert xpnet("train", houses, "--target", "price", "--ignore", "kind", *FAST).code == 0
    ran = xpnet("explain", "xpnet-h.safetensors", houses, "--row", 400)
    assert (ran.code, "--row must be one of the 400 rows, counted from 0, got 400" in ran.err) == (1, True)
    assert "coverage 0.9999 must have" in xpnet("predict", "xpnet-h.safetensors", "--interval", 0.9999).err
    assert xpnet("explain", "xpnet-h.safetensors", houses, "--repeats", 0).code == 2
