"""Write the notebooks of docs/exercises from the texts in scripts/exercises.

    python scripts/write_exercises.py

A text has parts, each of which begins with a line: ``@en`` and ``@zh-CN`` are Markdown in both languages, ``@code`` is
a cell of every notebook, and ``@exercise NAME`` begins an exercise, with its cell to fill in (``@todo``), its
``@solution`` and an answer that is ``@wrong``, which only the tests use.
"""

import json
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "docs" / "exercises"
LANGUAGES = {"en": OUT, "zh-CN": OUT / "zh-CN"}
BEGIN = {
    "en": "Put your answers in place of the dots (`...`) and run the cells, from the first on. The cells need xpnet (how to install it: its README). The chapter of the notes: [notes.md]({notes}).",
    "zh-CN": "请把省略号（`...`）换成你的答案，从第一格开始逐格运行。运行需要先安装 xpnet（方法见它的 README）。对应的笔记：[notes.zh-CN.md]({notes})。",
}
SOLUTIONS = {"en": "(solutions)", "zh-CN": "（解答）"}


def parts(text):
    """Return (kind, argument, text) of the parts of a source, in their order."""
    found = re.split(r"^@([\w-]+) ?(.*)\n", text, flags=re.MULTILINE)[1:]
    return [(found[i], found[i + 1], found[i + 2].strip("\n")) for i in range(0, len(found), 3)]


def sources():
    """Return the name and the parts of each chapter, in the order of the notes."""
    return [(path.stem, parts(path.read_text(encoding="utf-8"))) for path in sorted(HERE.glob("exercises/*.md"))]


def chapter_of(stem):
    """Return the name of a chapter without its number."""
    return stem.split("-", 1)[1]


def setup(stem, language):
    """Return the first cell of code."""
    chosen = "" if language == "en" else f', "{language}"'
    return f'import numpy as np\n\nimport xpnet\nfrom xpnet.exercises import chapter\n\ncheck = chapter("{chapter_of(stem)}"{chosen})'


def cells(stem, found, language, code):
    """Return (type, text) of the cells of a notebook; `code` is the part that fills the exercises' cells."""
    notes = ("../notes.md", "../../notes.zh-CN.md")[language != "en"]
    exercise, made = "", []
    for kind, argument, text in found:
        if kind == "exercise":
            exercise = argument
        elif kind == language:
            made.append(("markdown", text))
        elif kind == "code":
            made.append(("code", text))
        elif kind == code:
            made += [("code", text), ("code", f'check("{exercise}", answer)')]
    if code == "solution":
        title, *rest = made[0][1].split("\n", 1)
        made[0] = ("markdown", "\n".join([f"{title} {SOLUTIONS[language]}", *rest]))
    begin = BEGIN[language].format(notes=notes if code == "todo" else f"../{notes}")
    return [made[0], ("markdown", begin), ("code", setup(stem, language)), *made[1:]]


def cell(number, kind, text):
    """Return a cell in nbformat's form, without outputs."""
    made = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def notebook(stem, found, language, code):
    """Return the text of a notebook."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {
        "cells": [cell(i, *one) for i, one in enumerate(cells(stem, found, language, code))],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def notebooks():
    """Return the texts of all notebooks by path."""
    made = {}
    for stem, found in sources():
        for language, folder in LANGUAGES.items():
            made[folder / f"{stem}.ipynb"] = notebook(stem, found, language, "todo")
            made[folder / "solutions" / f"{stem}.ipynb"] = notebook(stem, found, language, "solution")
    return made


if __name__ == "__main__":
    for path, text in notebooks().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(notebooks())} notebooks in {OUT}")
