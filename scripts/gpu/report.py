"""Evidence as Markdown, generated from the JSON file only.  Needs only Python."""

DRY_HEAD = "**Dry run.** NumPy stood in the place of CuPy: nothing here says anything about a GPU.\n"
NO_CARD = "no GPU"  # what dry runs name in its place
WIDE = 10  # columns
WORDS = {"done": "done", "failed": "some items failed", "cut": "time ended before all was done"}


def page(record):
    """Return the page of a record of `gpu_evidence.py`."""
    lines = [
        f"# xpnet on {record['device']}",
        "",
        f"`scripts/gpu_evidence.py`, begun on {record['date']}.",
        "",
    ]
    if record["dry run"]:
        lines += [DRY_HEAD]
    card = NO_CARD if record["dry run"] else record["device"]
    for name, part in record["parts"].items():
        lines += [
            f"## {name}",
            "",
            f"{WORDS.get(part['status'], part['status'])}{_took(part)}; source {part['source']}.",
            "",
        ]
        if name == "purity":
            lines += [*purity(part["items"]), ""]
        lines += [tables(part, card)]
    return "\n".join(lines).rstrip() + "\n"


def _took(part):
    seconds = part.get("seconds")
    return f", {seconds:.0f} s" if isinstance(seconds, int | float) else ""


def tables(state, card):
    """Return the items as tables, then what failed and what was left out.

    The name of an item may begin with the heading of its table: ``"heading: row"``.  The corner of each table names the
    `card` on which its figures were found.
    """
    groups, below = {}, []
    for name, item in opened(state["items"]):
        heading, colon, row = name.partition(": ")
        heading, row = (heading, row) if colon else ("", name)
        cells = {key: value for key, value in item.items() if not _is_long(value)}
        groups.setdefault((heading, *list(cells)[:1]), []).append((row, cells))
        below += [beneath(f"{name}, {key} ({card})", value) for key, value in item.items() if _is_long(value) and value]
    found = [_group(heading, rows, card) for (heading, *_), rows in groups.items()] + below
    if state["left_out"]:
        found.append("Left out:\n\n" + "\n".join(f"- {name}: {why}" for name, why in state["left_out"].items()))
    for name, error in state["errors"].items():
        found.append(f"Failed: {name}\n\n```\n{error.strip()}\n```")
    return "\n\n".join(found) + "\n"


def opened(items):
    """Return (name, item) pairs; an item that holds only mappings becomes one pair for each."""
    found = []
    for name, item in items.items():
        if item and all(isinstance(each, dict) for each in item.values()):
            found += [(name if len(item) == 1 else f"{name}, {key}", each) for key, each in item.items()]
        else:
            found.append((name, item))
    return found


def _is_long(value):
    return isinstance(value, dict) or len(str(value)) > 160


def _group(heading, rows, card):
    """Return rows under their heading; a single row or a wide table is transposed."""
    title = f"### {heading}\n\n" if heading else ""
    columns = list(dict.fromkeys(key for _, cells in rows for key in cells))
    if len(rows) == 1 or len(columns) > WIDE:
        names = [name for name, _ in rows]
        return title + table([card, *names], [[key, *(_cell(cells, key) for _, cells in rows)] for key in columns])
    return title + table([card, *columns], [[name, *(_cell(cells, key) for key in columns)] for name, cells in rows])


def _cell(cells, key):
    return show(cells[key]) if key in cells else ""


def beneath(title, value):
    """Return a mapping of texts, or a long text, under its title."""
    if not isinstance(value, dict):
        return f"{title}: {value}"
    return f"{title}:\n\n" + "\n".join(f"- {name}\n\n  ```\n  {_indented(each)}\n  ```" for name, each in value.items())


def _indented(text):
    return str(text).replace("\n", "\n  ")


def table(heads, rows):
    """Return rows of text as a Markdown table."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (heads, *rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (cells[0], ["---"] * len(heads), *cells[1:]))


def show(x):
    """Return a cell: numbers with four digits."""
    if x is None:
        return "none"
    if isinstance(x, bool):
        return "yes" if x else "no"
    if isinstance(x, list):
        return ", ".join(map(show, x))
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def purity(items):
    """Return a line for each method: "clean" if it found nothing in the steps but found the planted violation.

    Examples
    --------
    >>> purity({"plug: as it comes": {"caught": False}, "plug: planted": {"caught": False}})
    ['- plug: proves nothing, it did not find what was planted']
    """
    lines = []
    for way in dict.fromkeys(name.partition(": ")[0] for name in items):
        runs = {name.partition(": ")[2]: item["caught"] for name, item in items.items() if name.startswith(f"{way}: ")}
        planted = runs.pop("planted", None)
        if planted is None or not runs:
            lines.append(f"- {way}: not finished")
        elif isinstance(planted, str):
            lines.append(f"- {way}: {planted}")
        elif not planted:
            lines.append(f"- {way}: proves nothing, it did not find what was planted")
        else:
            told = "; ".join(f"{name}: {'found something' if caught else 'clean'}" for name, caught in runs.items())
            lines.append(f"- {way}: {told}")
    return lines
