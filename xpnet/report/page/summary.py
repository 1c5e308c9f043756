"""What a browser without JavaScript shows: figures in words, in English."""

from html import escape
from typing import Any

MOST_LETTERS = 60  # of a name


def summary(numbers: dict[str, Any], words: dict[str, str]) -> str:
    """Return the figures as a list in HTML; all that comes from files is escaped.

    Examples
    --------
    >>> numbers = {"model": {"sizes": [2, 2], "members": 1, "classes": ["<b>", "no"]}, "test": None, "command": ""}
    >>> print(summary(numbers | {"why_no_test": "moved", "settings": [], "curves": None}, {"no_script": "No script."}))
    <p>No script.</p>
    <ul>
    <li>network: 2-2</li>
    <li>classes: &lt;b&gt;, no</li>
    <li>test: moved</li>
    </ul>
    """
    lines = [f"<li>{escape(line)}</li>" for line in _lines(numbers)]
    return "\n".join([f"<p>{escape(words['no_script'])}</p>", "<ul>", *lines, "</ul>"])


def _lines(numbers: dict[str, Any]) -> list[str]:
    model, curves = numbers["model"], numbers["curves"]
    several = f", {model['members']} networks" if model["members"] > 1 else ""
    lines = [f"network: {'-'.join(map(str, model['sizes']))}{several}"]
    classes = model["classes"]
    more = f" and {len(classes) - 20} more" if len(classes) > 20 else ""
    lines += [f"classes: {', '.join(map(_short, classes[:20]))}{more}"] if classes else []
    lines.append(f"test: {_test_line(numbers)}")
    lines += [f"epochs: {len(curves['epoch'])}"] if curves else []
    lines += [f"{name}: {value}" for name, value in numbers["settings"]]
    return lines + ([f"command: {numbers['command']}"] if numbers["command"] else [])


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"


def _test_line(numbers: dict[str, Any]) -> str:
    test = numbers["test"]
    if test is None:
        return str(numbers["why_no_test"] or "no test rows were given")
    if "rmse" in test:
        return f"root mean square error {test['rmse']:.4g}, R2 {test['r2']:.4f} ({test['rows']} rows)"
    return f"accuracy {100 * test['accuracy']:.2f} % of {test['rows']} rows"
