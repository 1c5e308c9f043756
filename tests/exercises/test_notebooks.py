"""The exercises' notebooks: solutions pass, empty cells are "not yet", wrong answers are told, files are fresh."""

import ast
import contextlib
import importlib.util
import io
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from xpnet.exercises import chapter
from xpnet.exercises.checking import CHAPTERS

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "write_exercises.py"


@cache
def script():
    spec = importlib.util.spec_from_file_location("write_exercises", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def written():
    return {str(path.relative_to(ROOT)): text for path, text in script().notebooks().items()}


def code_of(text):
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def run(cells):
    """Run cells as a notebook does, and return the values of their last lines."""
    names, values = {}, []
    for cell in cells:
        tree = ast.parse(cell)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(tree, "cell", "exec"), names)
            if last:
                values.append(eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    return [value for value in values if value is not None]


def exercises(kind):
    """Return the chapter, the exercise and a text of each exercise."""
    found = []
    for stem, parts in script().sources():
        name = ""
        for part, argument, text in parts:
            name = argument if part == "exercise" else name
            found += [(stem, name, text)] if part == kind else []
    return found


def test_the_notebooks_are_what_the_script_writes():
    folder = ROOT / "docs" / "exercises"
    assert {str(path.relative_to(ROOT)) for path in folder.rglob("*.ipynb")} == set(written())
    for path, text in written().items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"{path}: run python scripts/write_exercises.py"


def test_every_exercise_has_its_text_in_both_languages_and_its_cells_once():
    chapters = [script().chapter_of(stem) for stem, _ in script().sources()]
    assert chapters == list(CHAPTERS)
    for kind in ("en", "zh-CN", "todo", "solution", "wrong"):
        there = [(script().chapter_of(stem), name) for stem, name, _ in exercises(kind) if name]
        assert list(dict.fromkeys(there)) == [(one, name) for one, judges in CHAPTERS.items() for name in judges]


@pytest.mark.parametrize("path", [path for path in written() if "solutions" in path and "zh-CN" not in path])
def test_solutions_run_from_top_to_bottom_and_pass_every_check(path):
    values = run(code_of(written()[path]))
    assert [value.state for value in values] == ["right"] * len(CHAPTERS[script().chapter_of(Path(path).stem)])


@pytest.mark.parametrize("path", [path for path in written() if "solutions" in path and "zh-CN" in path])
def test_the_chinese_solutions_are_the_english_ones(path):
    chinese, english = (code_of(written()[one]) for one in (path, path.replace("zh-CN/", "")))
    assert chinese[1:] == english[1:]
    assert chinese[0] == english[0].replace('")', '", "zh-CN")')


@pytest.mark.parametrize("path", [path for path in written() if "solutions" not in path])
def test_empty_cells_are_not_yet_and_raise_nothing(path):
    values = run(code_of(written()[path]))
    assert {value.state for value in values} == {"not yet"}
    assert all(bool(re.search("[一-鿿]", repr(value))) == ("zh-CN" in path) for value in values)


@pytest.mark.parametrize(
    ("stem", "name", "text"), exercises("wrong"), ids=[f"{stem}-{name}" for stem, name, _ in exercises("wrong")]
)
def test_wrong_answers_are_told_with_a_hint(stem, name, text):
    for language in ("en", "zh-CN"):
        (verdict,) = run([script().setup(stem, language), text, f'check("{name}", answer)'])
        assert verdict.state == "wrong"
        assert len(repr(verdict)) > 8
        assert "of another kind" not in repr(verdict)
        assert "类型" not in repr(verdict)


@pytest.mark.parametrize("answer", ["text", None, object(), [1, [2]], {"a": 1}, (), lambda *_: 1 / 0, lambda: "x"])
def test_any_answer_has_a_verdict_in_both_languages(answer):
    for name, judges in CHAPTERS.items():
        for language in ("en", "zh-CN"):
            verdicts = [chapter(name, language)(exercise, answer) for exercise in judges]
            assert not any(verdicts)
            assert not any("{" in repr(verdict) for verdict in verdicts)


def test_a_function_may_write_to_its_arguments():
    def sigmoid(z):
        z[...] = 1 / (1 + np.exp(-z))
        return z

    check = chapter("sigmoid-neurons")
    assert [check("sigmoid", sigmoid).state for _ in range(2)] == ["right", "right"]


@pytest.mark.parametrize("answer", ["0.125", 0.125 + 0j])
def test_text_and_complex_numbers_are_of_another_kind(answer):
    assert repr(chapter("gradient-descent")("cost", answer)).startswith("Not right. Your answer is of another kind")


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"^name must be one of basic-concepts, .*, got 'x'$"):
        chapter("x")
    with pytest.raises(ValueError, match=r"^language must be one of en, zh-CN, got 'fr'$"):
        chapter("practice", "fr")
    with pytest.raises(ValueError, match=r"^exercise must be one of decay, .*, got 'x'$"):
        chapter("practice")("x", 1)
    assert chapter("practice").exercises[0] == "decay"


def test_the_notebooks_are_valid():
    nbformat = pytest.importorskip("nbformat")
    for text in written().values():
        nbformat.validate(nbformat.reads(text, as_version=4))
