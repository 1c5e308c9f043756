"""``xpnet recommend update``: add new ratings to a saved recommender."""

import argparse
import json
from pathlib import Path

from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.cli.inputs.rows import about
from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.terminal import shown
from xpnet.recommend import Ratings, is_ours, load, load_note, load_ratings, save


def update(options: argparse.Namespace) -> int:
    """Add new ratings, fold newcomers in, improve all factors a few times, and save."""
    out = Path(options.out)
    if out.suffix != ".npz":
        raise ValueError(f"the name of the file must end in .npz, got {out}")
    check_outputs([Output("-o", out, is_ours)], [options.model, options.ratings], force=options.force)
    backend = choose_backend(options)
    found, note = load(options.model, backend), load_note(options.model)
    more = _in_ids_like(found.ratings, load_ratings(options.ratings, **note.get("columns", {})))
    with about(options.ratings):
        updated = found.update(more, iterations=options.iterations)
    known, now = found.ratings, updated.ratings
    facts = {
        "new": more.n,
        "ratings": now.n,
        "new_users": now.n_users - known.n_users,
        "new_items": now.n_items - known.n_items,
    }
    save(out, updated, note={name: x for name, x in note.items() if name != "split"})
    if options.json:
        print(json.dumps({"event": "end", **facts}))
        return 0
    print(backend_line(options, backend))
    print(f"ratings  {more.n} new ones, of {facts['new_users']} new users and {facts['new_items']} new items;", end=" ")
    print(f"{now.n} in all")
    print(f"saved    {shown(out)}")
    return 0


def _in_ids_like(known: Ratings, more: Ratings) -> Ratings:
    """Return new ratings whose whole numbers are text where the known ids are text."""
    users, items = (
        ids.astype(str) if table.dtype.kind == "U" and ids.dtype.kind == "i" else ids
        for table, ids in ((known.user_ids, more.user_ids), (known.item_ids, more.item_ids))
    )
    return Ratings.of(users[more.users], items[more.items], more.values, times=more.times)
