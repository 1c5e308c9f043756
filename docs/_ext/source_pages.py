"""Links from a page to a file of the repository outside docs/ lead to a page of the site that shows the file."""

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
                options = {"refdomain": "", "reftype": "source-page", "reftarget": path, "refexplicit": True}
                node.replace_self(addnodes.pending_xref("", *node.children, refwarn=True, **options))


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
    target = node["reftarget"]
    page = PAGES.get(target, f"{FOLDER}/{target}")
    if page not in env.all_docs:
        wanted(env).add(target)
    return nodes.reference("", "", *node.children, internal=True, refuri=app.builder.get_relative_uri(node["refdoc"], page))


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
    app.connect("missing-reference", resolve)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
