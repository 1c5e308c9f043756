"""Source files as pages of the site.

Links from a page to a file of the repository outside docs/ lead there, and so does [source] beside each public name.
"""

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

import xpnet

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = "_files"  # of the site, where the pages are
PAGES = {"CHANGELOG.md": "changelog", "CONTRIBUTING.md": "contributing", "SECURITY.md": "security"}  # docs/ has them


class SourceLinks(SphinxTransform):
    """Make references of what MyST takes for downloads."""

    default_priority = 5  # before the files are collected

    def apply(self, **_: Any) -> None:
        """Replace each download of a file outside docs/ by a reference that is resolved when pages are written."""
        for node in list(self.document.findall(addnodes.download_reference)):
            path = _outside(self.env, node["reftarget"])
            if path is not None:
                node.replace_self(_reference(self.env, path, node.children))


def _reference(env: BuildEnvironment, target: str, children: list[nodes.Node]) -> addnodes.pending_xref:
    options = {"refdomain": "", "reftype": "source-page", "reftarget": target, "refdoc": env.docname}
    return addnodes.pending_xref("", *children, refexplicit=True, refwarn=True, **options)


def add_sources(app: Sphinx, document: nodes.document) -> None:
    """Add [source] to the signatures of Python objects."""
    for signature in document.findall(addnodes.desc_signature):
        place = find_source(signature.get("module"), signature.get("fullname"))
        if place is not None:
            text = nodes.inline("", "[source]", classes=["viewcode-link"])
            signature += _reference(app.env, place, [text])


def find_source(module: str | None, name: str | None) -> str | None:
    """Return the file of a function, class or property and its line, "xpnet/trees.py#L-12", or None if it has none."""
    if not module or not name:
        return None
    value: Any = xpnet
    for part in f"{module}.{name}".split(".")[1:]:
        value = inspect.getattr_static(value, part, None) if inspect.isclass(value) else getattr(value, part, None)
    value = getattr(value, "__func__", getattr(value, "fget", getattr(value, "func", value)))
    try:
        path = Path(inspect.getsourcefile(value) or "")
        line = value.__code__.co_firstlineno if hasattr(value, "__code__") else inspect.getsourcelines(value)[1]
    except (TypeError, OSError):
        return None
    package = Path(xpnet.__file__).parent  # where it is installed
    return f"xpnet/{path.relative_to(package).as_posix()}#L-{line}" if path.is_relative_to(package) else None


def _outside(env: BuildEnvironment, target: str) -> str | None:
    """Return the path in the repository of a file that is linked to, or None for a file of docs/."""
    page = env.doc2path(env.docname)
    path = Path(os.path.normpath(page.parent / target))
    if path.is_relative_to(REPOSITORY) and not path.is_relative_to(REPOSITORY / "docs"):
        return path.relative_to(REPOSITORY).as_posix()
    return None


def resolve(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: Any) -> nodes.Element | None:
    """Return a link to the page of a file, and remember that the page is wanted."""
    if node["reftype"] != "source-page":
        return None
    target, _, line = node["reftarget"].partition("#")
    page = PAGES.get(target, f"{FOLDER}/{target}")
    if page not in env.all_docs:
        wanted(env).add(target)
    uri = app.builder.get_relative_uri(node["refdoc"], page) + (f"#{line}" if line else "")
    return nodes.reference("", "", *node.children, internal=True, refuri=uri)


def wanted(env: BuildEnvironment) -> set[str]:
    """Return the paths of the files that get a page."""
    if not hasattr(env, "source_pages"):
        env.source_pages = set()  # type: ignore[attr-defined]
    return env.source_pages  # type: ignore[attr-defined, no-any-return]


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the pages of files."""
    for target in sorted(wanted(app.env)):
        yield f"{FOLDER}/{target}", {"title": target, "body": to_html(REPOSITORY / target, target)}, "page.html"


def to_html(path: Path, title: str) -> str:
    """Return a file as highlighted HTML with numbered lines."""
    text = path.read_text(encoding="utf-8")
    try:
        lexer = get_lexer_for_filename(path.name)
    except ClassNotFound:
        lexer = get_lexer_for_filename("file.txt")
    code = highlight(text, lexer, HtmlFormatter(linenos="inline", lineanchors="L", wrapcode=True))
    return f"<h1>{title}</h1>\n{code}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Follow links out of docs/."""
    app.add_transform(SourceLinks)
    app.connect("doctree-read", add_sources)
    app.connect("missing-reference", resolve)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
