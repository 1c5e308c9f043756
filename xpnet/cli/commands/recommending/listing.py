"""``xpnet recommend top`` and ``similar``: lists of items, for a user, for many users, or like an item."""

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from xpnet.cli.commands.train import choose_backend
from xpnet.cli.outputs import Output, begins, check_outputs
from xpnet.cli.terminal import shown
from xpnet.data.ratings.ids import from_word, lookup
from xpnet.io import write_atomically
from xpnet.recommend import Lists, Recommender, Scored, load

HEADER = ("user", "item", "rank", "score")
is_lists = begins(",".join(HEADER), '{"user": ')


def top(options: argparse.Namespace) -> int:
    """List what a user, some users or all users should like best."""
    if options.all == bool(options.users):
        options.usage_error("name users, or --all of them" if not options.all else "name users or --all, not both")
    out = [Output("-o", Path(options.out), is_lists, "xpnet recommend top")] if options.out else []
    check_outputs(out, [options.model], force=options.force)
    found = load(options.model, choose_backend(options))
    for word in options.users:
        if _number(found, word) < 0:
            order = "by the items' biases" if found.bounded else "in the order of the items' ids, since all score 0"
            print(f"xpnet: user {word!r} is unknown: listed {order}", file=sys.stderr)
    if len(options.users) == 1 and not out:
        _print_scored(options, _list(options, found, options.users[0])[0])
        return 0
    pieces = _table(options, _lists(options, found))
    if out:
        write_atomically(options.out, (piece.encode() for piece in pieces))
    else:
        sys.stdout.writelines(pieces)
    return 0


def similar(options: argparse.Namespace) -> int:
    """List the items most like an item."""
    found = load(options.model, choose_backend(options))
    item = from_word(found.ratings.item_ids, options.item)
    near = found.similar_items(item, options.n + 1)
    others = near.ids != item
    _print_scored(options, Scored(near.ids[others][: options.n], near.scores[others][: options.n]))
    return 0


def _lists(options: argparse.Namespace, found: Recommender) -> Iterator[Lists]:
    """Yield the lists of all users by blocks, or of those who were named, one by one."""
    if options.all:
        yield from found.recommend_blocks(found.ratings.user_ids, options.n, seen=options.seen)
    for word in options.users:
        yield _list(options, found, word)


def _list(options: argparse.Namespace, found: Recommender, word: str) -> Lists:
    user, number = np.asarray([from_word(found.ratings.user_ids, word)]), _number(found, word)
    if number < 0:
        return found.listed(user, np.asarray([-1]), options.n, None)
    return found.recommend(user, options.n, seen=options.seen)


def _number(found: Recommender, word: str) -> int:
    """Return the row number of a user, -1 for one who is unknown: such a word may be of another kind than the ids."""
    ids = found.ratings.user_ids
    return int(lookup("users", ids, [from_word(ids, word)])[0])


def _table(options: argparse.Namespace, blocks: Iterator[Lists]) -> Iterator[str]:
    """Yield the lists as CSV with a header, or as JSON lines, a piece for each block."""
    safe = shown if not options.out and sys.stdout.isatty() else (lambda cell: cell)
    if not options.json:
        yield ",".join(HEADER) + "\n"
    for lists in blocks:
        users, items, ranks, scores = (column.tolist() for column in lists.columns().values())
        rows = zip(map(safe, users), map(safe, items), ranks, (float(f"{x:.6g}") for x in scores), strict=True)
        if options.json:
            yield "".join(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in rows)
        else:
            written = io.StringIO()
            csv.writer(written, lineterminator="\n").writerows(rows)
            yield written.getvalue()


def _print_scored(options: argparse.Namespace, scored: Scored) -> None:
    for one, score in zip(scored.ids.tolist(), scored.scores.tolist(), strict=True):
        print(json.dumps({"item": one, "score": score}) if options.json else f"{shown(one)}\t{score:.4f}")
