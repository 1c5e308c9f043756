"""The flags of ``xpnet plot``."""

import argparse
from typing import Any

from xpnet.cli.inputs.sources import add_reading
from xpnet.cli.parsing.common import Help, add_backend, command

KINDS = {
    "history": "learning curves, from what --history wrote or train --json printed",
    "seeds": "the curves of several such files, with their mean and spread",
    "search": "scores, from the file that xpnet search wrote",
    "range": "the cost over the learning rate: JSON with the etas and costs of learning_rate_range",
    "gradients": "the norm of each layer's gradient: a JSON list with a list for each moment",
    "film": "how a network learned, as an animation: a page that xpnet train --film wrote",
    "path": "errors over lambda, from what xpnet recommend fit --json printed",
    "weights": "the first layer's weights as images, from a model file",
    "confusion": "which classes are taken for which: a model file, and --test",
    "mistakes": "images that a model reads wrong: a model file, and --test",
    "boundary": "what a model with two inputs says where: a model file, and --test",
    "spectrum": "the singular values of a matrix in an npy file",
    "lowrank": "a matrix in an npy file as an image, and its best approximations of low rank",
    "balls": "where p-norms are 1: not files, but the orders p, as 1 2 inf",
}


def add_plot(commands: Any) -> None:
    """Add the command."""
    told = "\n".join(f"  {kind:10} {words}" for kind, words in KINDS.items())
    plot = commands.add_parser(
        "plot",
        help="draw a picture of what xpnet wrote",
        description=f"Draw a picture of what other commands wrote; nothing is trained.\n\nkinds:\n{told}",
        formatter_class=type("Lines", (Help, argparse.RawDescriptionHelpFormatter), {}),
        allow_abbrev=False,
    )
    plot.add_argument("kind", choices=list(KINDS), metavar="KIND", help="what to draw, see above")
    plot.add_argument("files", nargs="+", metavar="FILE", help="what to draw it from; several only for seeds and balls")
    plot.add_argument(
        "-o",
        "--out",
        metavar="PICTURE",
        help="png, svg or pdf by its ending; of a film gif or html (default: xpnet-KIND.png, xpnet-film.gif)",
    )
    plot.add_argument("--force", action="store_true", help="overwrite a file that xpnet plot did not write")
    plot.add_argument("--measure", choices=["cost", "accuracy"], default="cost", help="history, seeds: what is drawn")
    plot.add_argument(
        "--test",
        dest="data",
        metavar="DATA",
        help="a model's rows: digits, mnist, a folder or a file (default: the test part of the training data)",
    )
    plot.add_argument("--target", metavar="COLUMN", help="label column of a table (default: as in training)")
    add_backend(plot)
    add_reading(plot.add_argument_group("the text of a table"))
    plot.set_defaults(run=command("looking.plot"), usage_error=plot.error, saves=True)
