import math
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

import xpnet
from xpnet.notebooks import picture
from xpnet.training import History, Record

DATA = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 3, [0, 1, 1, 0] * 3


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>".replace("&#9632;", "x"))


@pytest.mark.parametrize("n", [0, 1, 2, 10, 11, 400])
def test_a_history_shows_its_curves_and_at_most_ten_epochs(n):
    history = History(tuple(Record(i + 1, 1.0 / (i + 1), None, 2.0, None, 0.5, 0.1) for i in range(n)))
    tree = parsed(history._repr_html_())
    epochs = [int(row[0].text) for row in tree.iter("tr") if row[0].tag == "td"]
    assert len(epochs) == min(n, 10)
    assert epochs[:1] + epochs[-1:] == ([1, n] if n else [])
    assert len(list(tree.iter("polyline"))) == (2 if n > 1 else 0)


def test_a_diverged_history_has_gaps():
    drawn = picture({"cost": [1.0, math.nan, 3.0, 2.0, None]})
    assert drawn.count("<polyline") == 2
    assert "nan" not in drawn
    assert 'aria-label="cost: 5 epochs, from 1 to 3"' in drawn


def test_a_result_shows_itself_and_names_are_text():
    result = xpnet.train(xpnet.Network([2, 2, 1]), DATA, epochs=2)
    hostile = replace(result, stopped_by="<script>alert(1)</script>")
    html = hostile._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert len(list(parsed(html).iter("table"))) == 1
    assert "<table" not in replace(result, history=History())._repr_html_()


def test_a_search_shows_its_best_settings():
    found = xpnet.search(xpnet.Network([2, 1]), DATA, {"eta": [0.1 * i for i in range(1, 13)]}, folds=2, epochs=1)
    tree = parsed(found._repr_html_())
    rows = [[cell.text or "" for cell in row] for row in tree.iter("tr")]
    assert rows[0][:4] == ["rank", "setting", "eta", "accuracy"]
    assert [row[1] for row in rows[1:]] == [str(row.number) for row in found.ranking[:10]]
    assert "2 more settings" in "".join(tree.itertext())
    assert "2 more settings" in repr(found)
