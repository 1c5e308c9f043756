"""From numbers to one HTML text: the page's own style, words and script, and the numbers as data.

Names of classes and columns come from people's files.  In the data block every ``<`` is escaped, so that nothing ends
the block early, and the script writes names as text only.  The content-security policy allows this very style and this
very script, by their hashes, and nothing else: no network, no markup that runs.
"""

import base64
import hashlib
import json
from importlib import resources
from math import isfinite
from typing import Any

from xpnet.report.page.summary import summary

SCRIPTS = (
    *("data", "forward", "encoding", "drawing", "dom", "charts"),
    *("test", "network", "answer", "pad", "fields", "film", "page"),
)
POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data:; base-uri 'none'; form-action 'none'"
)


def render(numbers: dict[str, Any]) -> str:
    """Return the page of these numbers, which `report_numbers` returned.

    Parameters
    ----------
    numbers : dict
        Plain numbers, text and lists.

    Examples
    --------
    >>> from xpnet import Model, Network
    >>> from xpnet.report import report_numbers
    >>> network = Network([2, 3, 2])
    >>> model = Model(network, network.initialize(seed=0), classes=("</script>", "yes"))
    >>> page = render(report_numbers(model))
    >>> page.count("</script>"), page.isascii()
    (2, False)
    """
    script = "\n".join(['"use strict";', *(asset(f"{name}.js") for name in SCRIPTS)])
    style = asset("page.css")
    words = json.loads(asset("words.json"))
    data = json.dumps({"words": words, **finite(numbers)}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    parts = {
        "@POLICY@": POLICY.format(script=_hash(script), style=_hash(style)),
        "@STYLE@": style,
        "@SUMMARY@": summary(numbers, words["en"]),
        "@DATA@": _in_html(data),
        "@SCRIPT@": script,
    }
    page = asset("page.html")
    pieces = []
    for mark, text in parts.items():  # in the order of the template: what is filled in is not looked at again
        before, found, page = page.partition(mark)
        assert found, mark
        pieces += [before, text]
    return "".join([*pieces, page])


def finite(value: Any) -> Any:
    """Return plain JSON with None in the place of numbers that are not finite, which JSON does not have.

    Examples
    --------
    >>> finite({"rmse": float("inf"), "of": [1.0, float("nan")]})
    {'rmse': None, 'of': [1.0, None]}
    """
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def asset(name: str) -> str:
    """Return a file of the page's own."""
    return resources.files("xpnet.report.page").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return what the content-security policy calls this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _in_html(data: str) -> str:
    r"""Return JSON that cannot end the block that holds it.

    Examples
    --------
    >>> print(_in_html('"</script>"'))
    "\u003c/script>"
    """
    for character in "<\u2028\u2029":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return data.encode("utf-8", "backslashreplace").decode()
