"""The Chinese pages keep up: every flag of the commands, every link, every name of the glossary."""

import contextlib
import importlib
import io
import re
from pathlib import Path

import pytest

import xpnet
from xpnet.cli import main

ZH = Path(__file__).resolve().parents[1] / "docs" / "zh"
FLAG = re.compile(r"(?<![\w-])(--?[a-z][\w-]*)")
PLACE, TEXT = "### 在哪里计算", "### 表格的文字怎样读"
ACTIONS = ("fit", "update", "evaluate", "top", "similar")
PAGES = sorted([*ZH.glob("*.md"), *ZH.parent.glob("exercises/*.md")])
# terms that the notes do without
ELSEWHERE = {"激活函数", "输入层", "标签", "训练集", "验证集", "测试集", "权重衰减"}
COMMANDS = ["train", "evaluate", "predict", "report", "plot", *[f"recommend {action}" for action in ACTIONS]]


def read(name):
    return (ZH / name).read_text(encoding="utf-8")


def flags_of_help(command):
    """Return the flags that begin a line of the help."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*command.split(), "--help"]) == 0
    lines = re.findall(r"^  (-[^\n]*?)(?:  |$)", out.getvalue(), re.MULTILINE)
    return {flag for line in lines for flag in FLAG.findall(line)} - {"-h", "--help"}


def flags_of_page(command):
    """Return the flags in the first cells of a command's tables, with the common ones that its help must have."""
    page = read("cli.md")
    level = "##" if " " not in command else "###"
    section = re.split(rf"^{level} ", page.split(f"{level} xpnet {command}", 1)[1], flags=re.MULTILINE)[0]
    if level == "###":
        section = section.split("\n## ")[0]
    common = [PLACE] if level == "###" else [PLACE, TEXT]
    tables = [section, *[page.split(heading, 1)[1].split("\n##", 1)[0] for heading in common]]
    rows = [line.split("|")[1] for table in tables for line in table.splitlines() if line.startswith("| `-")]
    return {flag for row in rows for flag in FLAG.findall(row)}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_names_every_flag_and_no_other(command):
    assert flags_of_page(command) == flags_of_help(command)


def test_the_kinds_of_plots_are_all_named():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["plot", "--help"]) == 0
    kinds = re.findall(r"^  (\w+) +\S", out.getvalue().split("kinds:")[1].split("\n\n")[0], re.MULTILINE)
    assert re.findall(r"^\| `([a-z]+)` \|", read("cli.md"), re.MULTILINE) == kinds


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target.split("#")[0]).exists(), target


def test_the_index_leads_to_every_page():
    assert {path.name for path in ZH.glob("*.md")} - {"index.md"} <= set(
        re.findall(r"\(([\w-]+\.md)\)", read("index.md"))
    )


def test_every_public_name_of_the_glossary_is_there():
    names = re.findall(r"`xpnet\.([\w.]+)`", read("glossary.md"))
    assert len(names) > 15
    for name in names:
        found = xpnet
        for part in name.split("."):
            found = getattr(found, part) if hasattr(found, part) else importlib.import_module(f"xpnet.{name}")


def test_the_glossary_speaks_as_the_notes_do():
    notes = (ZH.parent / "notes.zh-CN.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| ([^|`-]+) \| [a-zA-Z]", read("glossary.md"), re.MULTILINE)
    missing = [one for term in terms for one in re.split("[、，]", term.strip()) if one not in notes]
    assert set(missing) <= ELSEWHERE
