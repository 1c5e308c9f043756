"""Both languages have the same words, with the same places for numbers, and the script asks for no others."""

import json
import re

from xpnet.report.page.rendering import SCRIPTS, asset

WORDS = json.loads(asset("words.json"))


def test_both_languages_have_every_word_with_the_same_places():
    assert list(WORDS) == ["en", "zh"]
    places = [{key: sorted(re.findall(r"\{\d\}", text)) for key, text in words.items()} for words in WORDS.values()]
    assert places[0] == places[1]


def test_the_script_asks_for_words_that_there_are():
    script = "".join(asset(f"{name}.js") for name in SCRIPTS)
    asked = set(re.findall(r'\bt\(\s*"([a-z_]+)"\s*[,)]', script))
    assert len(asked) > 80
    assert asked <= set(WORDS["en"])
    assert all(f"why_{why}" in WORDS["en"] for why in ("functions", "preprocessing", "size"))


def test_the_script_writes_no_markup():
    script = "".join(asset(f"{name}.js") for name in SCRIPTS)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", script + asset("page.css") + asset("page.html"))
