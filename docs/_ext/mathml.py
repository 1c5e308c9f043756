"""Formulas as MathML, written when the site is built: pages need no script and no server of somebody else."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
WORDS = {r"\dots": r"\ldots", r"\cr": r"\\", r"\lt": "<", r"\gt": ">"}  # that docutils does not know
SHORT_FRACTION = re.compile(r"\\([td]?frac)\s*(\d)\s*(\d)")
WORD = re.compile(r"\\[a-zA-Z]+")


def to_mathml(latex: str, block: bool = False) -> str:
    r"""Return LaTeX as a MathML element; \frac12 is \frac{1}{2}.

    Raises
    ------
    ValueError
        If the formula cannot be read.
    """
    latex = SHORT_FRACTION.sub(r"\\\1{\2}{\3}", latex)
    latex = WORD.sub(lambda found: WORDS.get(found[0], found[0]), latex)
    try:
        return str(tex2mathml(latex, as_block=block))
    except Exception as error:
        raise ValueError(f"formula must be readable, got {latex!r}: {error}") from error


def write(translator: Any, node: nodes.Element, block: bool) -> None:
    """Write a formula in place of its node; one that cannot be read is a warning, and is shown as it stands."""
    latex = node.astext()
    try:
        html = to_mathml(latex, block)
    except ValueError as error:
        logger.warning("%s", error, location=node)
        html = f"<code>{translator.encode(latex)}</code>"
    translator.body.append(f'<div class="math-block">{html}</div>' if block else html)
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the renderer "mathml"."""
    app.add_html_math_renderer(
        "mathml",
        (lambda translator, node: write(translator, node, False), None),
        (lambda translator, node: write(translator, node, True), None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
