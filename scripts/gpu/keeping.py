"""Run items in order, and save each result at once.  Needs only Python.

An item is a name and a call that returns a mapping of results, or raises `MissingError` with the reason why it cannot
run here.  A dry run measures nothing: its figures are not-a-number, written as "dry run".
"""

import json
import re
import traceback
from math import inf, isfinite
from pathlib import Path

DRY = "dry run"
OUT_OF_TIME = "out of time"
SPOILED = 70  # exit status: the device may be unusable in this process, the rest needs another
SPOILING = ("CUDARuntime", "CUDADriver", "AcceleratorError", "OutOfMemory")  # in what such errors say
TAIL = 2500  # characters of an error that are kept
_NUMBER_WITH_UNIT = re.compile(
    r"\d[\d.,]*(?:e[-+]?\d+)?\s*(?:[kMGT]?(?:B|bytes|FLOPs?|flops?)/s|[mµun]?s\b|sec\b|(?:micro|milli|nano)?seconds?\b"
    r"|minutes?\b|it/s|[kMG]?Hz)"
)


class MissingError(Exception):
    """An item that cannot run here, such as a peer that is not installed; the message says why."""


def carry_out(items, state, keep, remaining=lambda: inf):
    """Run the items that `state` does not have yet; call `keep(state)` before and after each.

    Returns
    -------
    bool
        Whether this process can go on; after an error of the device it cannot.
    """
    for name, call in items:
        if any(name in state[kind] for kind in ("items", "errors", "left_out")):
            continue
        if remaining() <= 0:
            state["left_out"][name] = OUT_OF_TIME
            keep(state)
            continue
        state["under_way"] = name
        keep(state)
        spoiled = False
        try:
            state["items"][name] = call()
        except MissingError as why:
            state["left_out"][name] = str(why)
        except Exception:
            told = traceback.format_exc()
            state["errors"][name] = told[-TAIL:]
            spoiled = any(word in told for word in SPOILING)
        state["under_way"] = None
        keep(state)
        if spoiled:
            return False
    return True


def nothing_yet():
    """Return the state of a part before its first item."""
    return {"items": {}, "errors": {}, "left_out": {}, "under_way": None}


def clean(tree, dry=False):
    """Return `tree` for JSON: not-a-number becomes "dry run" in a dry run, else null."""
    if isinstance(tree, dict):
        return {str(key): clean(value, dry) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [clean(value, dry) for value in tree]
    if isinstance(tree, float) and not isfinite(tree):
        return DRY if dry else None
    if isinstance(tree, str) and dry:
        return _NUMBER_WITH_UNIT.sub(DRY, tree)  # such as the last line of a test run
    return tree


def write_text(path, text):
    """Write a file atomically: it has either the new text or the old."""
    path = Path(path)
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def write_json(path, tree, dry=False):
    """Write `tree`, cleaned, as JSON."""
    write_text(path, json.dumps(clean(tree, dry), indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n")
