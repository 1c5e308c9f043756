"""The reference, written from the docstrings when the site is built: a page for each room, and for each public name."""

import inspect
from collections.abc import Iterable
from pathlib import Path

from public_names import Entry, Room, read_rooms
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FOLDER = "reference"  # of docs/; git ignores it
INTRODUCTION = """Every public name, grouped as the package is. Most programs need nothing but `xpnet` itself: its names
are listed first, and the other rooms hold what is used less often. The page of a name has its parameters, shapes,
errors and an example that the tests run."""


def summary(value: object) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


def heading(text: str, line: str) -> str:
    """Return a heading in reStructuredText."""
    return f"{text}\n{line * len(text)}\n"


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of two columns."""
    body = "".join(f"   * - {left}\n     - {right}\n" for left, right in rows)
    return f".. list-table::\n   :class: reference-table\n   :widths: 30 70\n\n{body}\n"


def toctree(names: Iterable[str]) -> str:
    """Return a hidden table of contents."""
    return ".. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in names) + "\n"


def index_page(rooms: list[Room]) -> str:
    """Return the page that lists the rooms."""
    rows = [(f":doc:`{room.name} <{room.name}>`", summary(room.module)) for room in rooms]
    return "\n".join([heading("API reference", "="), INTRODUCTION, "", table(rows), toctree(r.name for r in rooms)])


def room_page(room: Room) -> str:
    """Return the page of a room: its docstring, and its names in groups."""
    groups: dict[str, list[Entry]] = {}
    for entry in room.entries:
        groups.setdefault(entry.group if entry.kind != "data" else "values", []).append(entry)
    alone = [name for name, entries in groups.items() if len(entries) == 1 and name != "values"]
    if len(alone) > 1:
        groups["further"] = [entry for name in alone for entry in groups.pop(name)]
    parts = [heading(room.name, "="), f".. py:module:: {room.name}\n", inspect.cleandoc(docstring(room)), ""]
    for name in sorted(groups, key=["further", "values"].count):  # those two last
        parts.append(group_section(room, name, groups[name], alone=len(groups) == 1))
    return "\n".join([*parts, toctree(page_name(entry) for entry in room.entries if entry.kind != "data")])


def docstring(room: Room) -> str:
    """Return a module's docstring, its examples under a plain heading."""
    text = inspect.getdoc(room.module) or ""
    return text.replace("Examples\n--------\n", ".. rubric:: Examples\n\n")


def group_section(room: Room, name: str, entries: list[Entry], alone: bool) -> str:
    """Return a group of a room: the first line of its docstring, and its table or its values."""
    title = "" if alone else heading(name.replace("_", " ").capitalize() or room.name, "-")
    if name == "values":
        return "\n".join([title, *map(value_entry, entries)])
    return "\n".join(
        [title, table((f":py:obj:`{entry.name} <{entry.full_name}>`", summary(entry.value)) for entry in entries)]
    )


def value_entry(entry: Entry) -> str:
    """Return the entry of a value, such as an activation or a table of them."""
    value = entry.value
    lines = [f".. py:data:: {entry.name}"]
    if isinstance(value, dict):
        what = "A mapping with the keys " + ", ".join(f"``{key!r}``" for key in value) + "."
    elif hasattr(value, "__origin__") or isinstance(value, type):
        what = f"The type ``{value}``."
    else:
        what = f"The `{type(value).__name__}` named ``{getattr(value, 'name', value)!r}``."
    return "\n".join([*lines, "", f"   {what}", ""])


def page_name(entry: Entry) -> str:
    """Return the name of an entry's page; classes are marked, since file systems may be blind to case."""
    return entry.full_name + ("_class" if entry.kind == "class" else "")


def entry_page(entry: Entry) -> str:
    """Return the page of a class or a function."""
    directive = {"class": "autoclass", "function": "autofunction"}[entry.kind]
    also = ", ".join(f"``{name}``" for name in entry.aliases)
    parts = [heading(entry.full_name, "="), f".. py:currentmodule:: {entry.room}\n"]
    parts += [f".. {directive}:: {entry.room}::{entry.name}\n"]
    return "\n".join([*parts, f"Also: {also}.\n" if also else ""])


def write_pages(app: Sphinx) -> None:
    """Write the pages before the sources are read; pages that have not changed are left alone."""
    rooms = read_rooms()
    pages = {"index": index_page(rooms)}
    for room in rooms:
        pages[room.name] = room_page(room)
        pages |= {page_name(entry): entry_page(entry) for entry in room.entries if entry.kind != "data"}
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.rst"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def add_aliases(app: Sphinx, env: BuildEnvironment) -> None:
    """Enter the further names of objects in the index of names, which other sites and this one's links use."""
    objects, modules = env.domains["py"].objects, env.domains["py"].modules
    for room in read_rooms():
        for alias in room.aliases:
            modules[alias] = modules[room.name]
            objects[alias] = objects[room.name]._replace(aliased=True)
        for entry in room.entries:
            for alias in entry.aliases:
                objects[alias] = objects[entry.full_name]._replace(aliased=True)


def skip_member(app: Sphinx, what: str, name: str, value: object, skip: bool, options: object) -> bool | None:
    """Leave out what scikit-learn adds to every estimator and documents itself."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the reference with each build."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("env-updated", add_aliases)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
