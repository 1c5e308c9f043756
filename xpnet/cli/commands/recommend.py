"""``xpnet recommend``: fit to ratings, add new ones, test, and list items that a user should like."""

import argparse

from xpnet.cli.commands.recommending.fitting import fit
from xpnet.cli.commands.recommending.listing import similar, top
from xpnet.cli.commands.recommending.testing import evaluate
from xpnet.cli.commands.recommending.updating import update

ACTIONS = {"fit": fit, "update": update, "evaluate": evaluate, "top": top, "similar": similar}


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    return ACTIONS[options.action](options)
