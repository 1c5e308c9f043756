"""The study notes, as pages: every item has its formula, code and test, and both languages say the same."""

import ast
import importlib
import inspect
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import xpnet

ROOT = Path(__file__).parents[1]
INSTALLED = Path(xpnet.__file__).resolve().parent
ENGLISH, CHINESE = "docs/notes.md", "docs/notes.zh-CN.md"

# the notes' own outline, line by line: level, heading in English and in Chinese, and whether it is an item
OUTLINE = [
    (1, "Study notes on *Neural Networks and Deep Learning*", "《神经网络与深度学习》学习笔记", False),
    (2, "Basic concepts", "基础概念", False),
    (3, "Common terms", "常用名词", False),
    (4, "Bias", "偏置（bias）", True),
    (4, "Threshold", "阈值（threshold）", True),
    (4, "Gradient descent", "梯度下降法（gradient descent）", True),
    (4, "Quadratic cost", "平方损失（quadratic cost）", True),
    (4, "Vectorizing", "向量化（vectorizing）", True),
    (4, "Batch gradient descent", "批梯度下降（batch gradient descent）", True),
    (4, "Stochastic gradient descent", "随机梯度下降（stochastic gradient descent）", True),
    (4, "Mini-batch gradient descent", "小批的梯度下降（mini-batch gradient descent）", True),
    (4, "Singular value decomposition", "奇异值分解（singular value decomposition）", True),
    (2, "The perceptron rule", "感知机规则", True),
    (2, "Sigmoid neurons", "Sigmoid 神经元", False),
    (3, "Logit models and logistic regression", "Logit 模型与逻辑回归", True),
    (3, "Formula and curve", "公式与曲线", True),
    (3, "The threshold effect", "阈值效应", True),
    (2, "Gradient descent", "梯度下降", False),
    (3, "The cost function", "代价函数", True),
    (3, "The iteration", "迭代过程", True),
    (2, "Backpropagation", "反向传播算法", False),
    (3, "The four equations", "四个基本公式", True),
    (3, "The code", "实现代码", True),
    (2, "Cross-entropy", "交叉熵代价函数", False),
    (3, "Definition", "函数定义", True),
    (3, "How the derivative cancels", "化简过程", True),
    (2, "The general result", "通用结果", True),
    (2, "Linear algebra", "线性代数", False),
    (3, "Gram-Schmidt orthogonalization", "施密特正交化", True),
    (3, "Vector norms", "向量范数", True),
    (3, "Matrix norms", "矩阵范数", True),
    (2, "Matrix norms in use", "矩阵范数应用", False),
    (3, "Recommender systems: regularization", "推荐系统：正则化", True),
    (2, "The practice of chapter 3", "第 3 章的实践", False),
]
ITEMS = [place for place, (*_, item) in enumerate(OUTLINE) if item]
WORDS = {ENGLISH: ("Code", "Test", "Measured"), CHINESE: ("代码", "测试", "实测")}

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
DISPLAY, INLINE = re.compile(r"\$\$(.+?)\$\$"), re.compile(r"\$([^$\n]+)\$")


@cache
def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def prose(text):
    """Return the text without blocks of code and words of code."""
    return re.sub(r"`[^`\n]+`", "``", FENCE.sub("", text))


@cache
def sections(page):
    """Return (level, heading, text) of every heading, down to the next one."""
    text = FENCE.sub(lambda block: block[0].replace("#", "\0"), read(page))  # a comment is no heading
    places = [*re.finditer(r"^(#+) (.+)$", text, re.MULTILINE), None]
    return [
        (len(here[1]), here[2], text[here.end() : there.start() if there else None].replace("\0", "#"))
        for here, there in pairwise(places)
    ]


def formulas(text):
    """Return the displayed formulas and those in the lines, without their words, which are in another language."""
    text = prose(text)
    found = DISPLAY.findall(text), INLINE.findall(DISPLAY.sub("", text))
    return [[re.sub(r"\\text\{[^}]*\}", "", formula) for formula in each] for each in found]


def links(text, start):
    """Return (label, target) of the links whose label is a word of code that begins with `start`."""
    return [(label.strip("`"), target) for label, target in LINK.findall(text) if label.startswith(f"`{start}")]


def code_of(text):
    """Return the lines of the examples, without comments."""
    return [re.sub(r"\s*# .*", "", line) for block in FENCE.findall(text) for line in block.splitlines()]


def file_of(page, target):
    return (ROOT / page).parent.joinpath(target).resolve()


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def names(body):
    """Return what these statements define, by name."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield getattr(target, "id", ""), node


def resolve(name):
    """Return what a dotted name stands for, and the names that lead to it inside its module."""
    found, path, parts = importlib.import_module("xpnet"), "xpnet", []
    for part in name.split(".")[1:]:
        path = f"{path}.{part}"
        if inspect.ismodule(found) and not hasattr(found, part):
            importlib.import_module(path)
        found = getattr(found, part)
        parts = [] if inspect.ismodule(found) else [*parts, part]
    return found, parts


def where(item):
    return [(page, sections(page)[item][2]) for page in (ENGLISH, CHINESE)]


def by_heading(item):
    return OUTLINE[item][1].lower().replace(" ", "-")


items = pytest.mark.parametrize("item", ITEMS, ids=by_heading)
pages = pytest.mark.parametrize("page", [ENGLISH, CHINESE])


@pages
def test_the_page_has_the_headings_of_the_notes_in_their_order(page):
    expected = [(level, english if page == ENGLISH else chinese) for level, english, chinese, _ in OUTLINE]
    assert [(level, heading) for level, heading, _ in sections(page)] == expected


@items
def test_every_item_has_a_formula_its_code_a_test_and_something_measured(item):
    for page, text in where(item):
        assert any(formulas(text)), page
        assert links(text, "xpnet."), page
        assert links(text, "test_"), page
        for word in WORDS[page]:
            assert f"- **{word}" in text, page


@items
def test_every_link_to_code_leads_to_the_file_that_defines_it(item):
    for page, text in where(item):
        for name, target in links(text, "xpnet."):
            path = file_of(page, target)
            found, parts = resolve(name)
            assert parts, f"{name} is a module"
            body = tree(path).body
            for part in parts:
                defined = dict(names(body))
                assert part in defined, f"{target} does not define {name}"
                body = getattr(defined[part], "body", [])
            if inspect.isfunction(found) or inspect.isclass(found):
                source = Path(inspect.getsourcefile(inspect.unwrap(found))).resolve()  # as installed
                assert source.relative_to(INSTALLED) == path.relative_to(ROOT.resolve() / "xpnet"), name


@items
def test_every_link_to_a_test_leads_to_it(item):
    for page, text in where(item):
        for name, target in links(text, "test_"):
            assert name in dict(names(tree(file_of(page, target)).body)), f"{target} has no {name}"


@pytest.mark.parametrize("page", [ENGLISH, CHINESE, "README.zh-CN.md"])
def test_every_relative_link_leads_somewhere(page):
    found = [target for _, target in LINK.findall(FENCE.sub("", read(page))) if "://" not in target]
    assert found
    for target in found:
        assert file_of(page, target.split("#")[0]).exists(), target


@pytest.mark.parametrize("item", range(len(OUTLINE)), ids=by_heading)
def test_both_languages_say_the_same(item):
    (_, english), (_, chinese) = where(item)
    (displayed, inline), (displayed_too, inline_too) = formulas(english), formulas(chinese)
    assert displayed == displayed_too
    assert sorted(inline) == sorted(inline_too)  # other words, another order
    assert code_of(english) == code_of(chinese)
    assert english.count("|---") == chinese.count("|---")
    if item:  # the first section has the links between the two
        for text in (english, chinese):
            assert not re.search(r"notes(\.zh-CN)?\.md", text)
        assert [target for _, target in LINK.findall(english)] == [target for _, target in LINK.findall(chinese)]


@pages
def test_formulas_are_written_so_that_github_shows_them(page):
    text = prose(read(page))
    assert all(re.fullmatch(r"\$\$.+\$\$", line) for line in text.splitlines() if "$$" in line)
    rest = DISPLAY.sub("", text)
    assert rest.count("$") == 2 * len(INLINE.findall(rest))
    for formula in INLINE.finditer(rest):
        before, after = rest[formula.start() - 1], rest[formula.end()]
        assert before.isspace(), formula[0]
        assert not after.isalnum(), formula[0]
        assert formula[1] == formula[1].strip(), formula[0]
    for formula in [*DISPLAY.findall(text), *INLINE.findall(rest)]:
        assert not re.search(r"\\[^a-zA-Z]", formula), f"Markdown takes the backslash away: {formula}"
        assert not re.search(r"(^|[^a-zA-Z0-9])_", formula), f"Markdown may begin emphasis: {formula}"
        assert not re.search(r"[*<>|]", formula), f"Markdown or HTML may read it: {formula}"


def test_the_readmes_have_the_same_examples():
    assert code_of(read("README.md")) == code_of(read("README.zh-CN.md"))
