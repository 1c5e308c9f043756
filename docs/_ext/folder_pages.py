"""Navigation by folders: an index page takes in the other pages of its folder; a folder that is absent is left out."""

from fnmatch import filter as matching
from pathlib import PurePosixPath

from sphinx.application import Sphinx


def add_pages(app: Sphinx, docname: str, source: list[str]) -> None:
    """Append a table of contents to an index page in Markdown that has none."""
    name, pages = PurePosixPath(docname), sorted(app.env.found_docs)
    markdown = app.env.doc2path(docname).suffix == ".md"
    if markdown and name.name == "index" and len(name.parts) > 1 and "{toctree}" not in source[0]:
        inside = [PurePosixPath(page).relative_to(name.parent) for page in pages if page.startswith(f"{name.parent}/")]
        names = [f"{page}\n" for page in inside if str(page) != "index" and page.parts[1:] in ((), ("index",))]
        source[0] += "\n\n```{toctree}\n:hidden:\n\n" + "".join(names) + "```\n"


def drop_absent(app: Sphinx, docname: str, source: list[str]) -> None:
    """Drop the lines of tables of contents that end in * and match no page, which Sphinx would warn of."""
    lines = source[0].split("\n")
    inside = False
    kept = []
    for line in lines:
        inside = line.startswith("```{toctree}") or (inside and line != "```")
        if not (inside and line.endswith("*") and not matching(app.env.found_docs, line)):
            kept.append(line)
    source[0] = "\n".join(kept)


def setup(app: Sphinx) -> dict[str, bool]:
    """Read index pages with it."""
    app.connect("source-read", add_pages)
    app.connect("source-read", drop_absent)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
