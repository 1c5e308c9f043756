"""Code in pages.

Names of xpnet lead to the reference: `xpnet.train(...)` in a page's text, `Result` in a docstring.
"""

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

NAME = re.compile(r"(?:xpnet\.)?([A-Za-z_][\w.]*)(?:\(.*\))?", re.DOTALL)
PARTS = (nodes.reference, nodes.title, addnodes.desc_signature)  # that get no further links


class CodeNames(SphinxPostTransform):
    """Link code that begins with `xpnet.` or with a room's name, and that names something public."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Wrap each such piece of code in a reference."""
        for code in list(self.document.findall(nodes.literal)):
            found = NAME.fullmatch(code.astext())
            if found and "." in code.astext() and not any(isinstance(node, PARTS) for node in _above(code)):
                link(self.app, self.env.docname, code, f"xpnet.{found[1]}")


def _above(node: nodes.Node) -> list[nodes.Node]:
    above = []
    while node.parent is not None:
        node = node.parent
        above.append(node)
    return above


def link(app: Sphinx, page: str, code: nodes.literal, name: str) -> None:
    """Wrap `code` in a reference to `name`, if the reference has it."""
    entry = app.env.domains["py"].objects.get(name)
    if entry is not None:
        uri = f"{app.builder.get_relative_uri(page, entry.docname)}#{entry.node_id}"
        reference = nodes.reference("", "", internal=True, refuri=uri, reftitle=name)
        code.replace_self(reference)
        reference += code


class TrimmedCode(SphinxTransform):
    """Drop the empty line at the end of a block of code, which a doctest in Markdown needs."""

    default_priority = 300

    def apply(self, **_: Any) -> None:
        """Strip every block."""
        for block in self.document.findall(nodes.literal_block):
            block[:] = [nodes.Text(block.astext().rstrip("\n"))]


class TypeNames(SphinxPostTransform):
    """Look up the words of a parameter's type exactly: x in "shape (x, y)" is not `Dataset.x`."""

    default_priority = 5  # before references are resolved

    def run(self, **_: Any) -> None:
        """Turn off Sphinx's search for any object whose name ends so."""
        for reference in self.document.findall(addnodes.pending_xref):
            reference.attributes.pop("refspecific", None)


def resolve(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: Any) -> nodes.Element | None:
    """Resolve `Result` or `Model.predict` in a docstring: by the front door's name, or if one object has that name."""
    target = node["reftarget"]
    if node.get("refdomain") != "py" or not (target[:1].isupper() or "." in target):
        return None
    objects = env.domains["py"].objects
    found = [objects[name] for name in objects if name.endswith(f".{target}")]
    first = objects.get(f"xpnet.{target}")
    if first is None and len({entry.docname for entry in found}) != 1:
        return None
    entry = first or min(found, key=lambda entry: entry.aliased)
    uri = f"{app.builder.get_relative_uri(node['refdoc'], entry.docname)}#{entry.node_id}"
    return nodes.reference("", "", content, internal=True, refuri=uri)


def setup(app: Sphinx) -> dict[str, bool]:
    """Link names."""
    app.add_transform(TrimmedCode)
    app.add_post_transform(CodeNames)
    app.add_post_transform(TypeNames)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
