"""The flags of ``xpnet recommend``."""

import argparse

from xpnet.cli.parsing.common import Help, add_backend, command, positive
from xpnet.data.ratings.columns import DUPLICATES
from xpnet.data.ratings.files import ENDINGS as RATINGS


def add_recommend(parser: argparse.ArgumentParser) -> None:
    """Add the flags of this command."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _add_fit(actions.add_parser("fit", help="fit to ratings and save", formatter_class=Help, allow_abbrev=False))
    update, evaluate, top, similar = (
        actions.add_parser(name, help=told, formatter_class=Help, allow_abbrev=False)
        for name, told in (
            ("update", "add new ratings to a saved recommender"),
            ("evaluate", "test a saved recommender"),
            ("top", "list the items that a user should like best"),
            ("similar", "list the items most like an item"),
        )
    )
    for saved in (update, evaluate, top, similar):
        saved.add_argument("model", metavar="FILE", help="file that xpnet recommend fit wrote")
    _add_update(update)
    _add_evaluate(evaluate)
    _add_top(top)
    similar.add_argument("item", metavar="ITEM", help="id of an item")
    for listed in (evaluate, top, similar):
        listed.add_argument("-n", type=positive, default=10, metavar="N", help="most items in a list")
    for name, action in actions.choices.items():
        add_backend(action)
        action.add_argument("--json", action="store_true", help="print one JSON object a line")
        action.set_defaults(run=command("recommend"), action=name)


def _add_fit(fit: argparse.ArgumentParser) -> None:
    fit.set_defaults(usage_error=fit.error, saves=True)
    fit.add_argument("ratings", metavar="RATINGS", help=f"a table of ratings ({', '.join(RATINGS)})")
    for name in ("user", "item", "rating"):
        fit.add_argument(f"--{name}", default=name, metavar="COLUMN", help=f"column of the {name}s")
    fit.add_argument("--clicks", action="store_true", help="implicit: every row is a click, no rating is read")
    fit.add_argument("--duplicates", choices=DUPLICATES, default="error", help="if a pair occurs twice")
    fit.add_argument("--test", type=float, default=0.1, metavar="FRACTION", help="fraction of rows for the test part")
    fit.add_argument("--time", metavar="COLUMN", help="column of times: the test part is the latest ratings")
    fit.add_argument(
        "--model",
        choices=["als", "soft-impute", "implicit", "factorization", "bias"],
        default="als",
        help="what to fit: implicit for clicks and plays, the others for ratings",
    )
    fit.add_argument("--factors", type=int, metavar="K", help="most factors (default: 16, soft-impute 64)")
    fit.add_argument(
        "--lambda",
        dest="lam",
        type=float,
        metavar="LAMBDA",
        help="penalty (default: implicit 1, factorization 12, else chosen on a validation part)",
    )
    fit.add_argument("--alpha", type=float, help="implicit: a pair weighs 1 + alpha times its value (default: 10)")
    fit.add_argument(
        "--iterations", type=positive, metavar="N", help="most iterations, or epochs (default: 15, factorization 12)"
    )
    fit.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the split and the initial factors")
    fit.add_argument(
        "--distributed", action="store_true", help="als, implicit: share the work among the processes of an MPI job"
    )
    fit.add_argument("-o", "--out", default="xpnet-recommender.npz", metavar="FILE", help="where to save")
    fit.add_argument("--force", action="store_true", help="overwrite a file that xpnet did not write")
    fit.add_argument("--quiet", action="store_true", help="print the backend and the test errors only")


def _add_update(update: argparse.ArgumentParser) -> None:
    update.add_argument("ratings", metavar="RATINGS", help="new ratings, in the columns of those that were fitted")
    update.add_argument("-o", "--out", required=True, metavar="FILE", help="where to save; it ends in .npz")
    update.add_argument("--force", action="store_true", help="overwrite a file that xpnet did not write")
    update.add_argument("--iterations", type=positive, default=3, metavar="N", help="iterations on all ratings")


def _add_evaluate(evaluate: argparse.ArgumentParser) -> None:
    evaluate.add_argument("ratings", metavar="RATINGS", help="the ratings that it was fitted to a part of")
    evaluate.add_argument(
        "--relevant",
        type=float,
        metavar="RATING",
        help="smallest rating that is relevant (default: 4; implicit: all above 0)",
    )


def _add_top(top: argparse.ArgumentParser) -> None:
    top.set_defaults(usage_error=top.error)
    top.add_argument("users", nargs="*", metavar="USER", help="ids of users: one gives a list, several a table")
    top.add_argument("--all", action="store_true", help="all users of the ratings that were fitted")
    top.add_argument("--seen", action="store_true", help="list rated items, too")
    top.add_argument("-o", "--out", metavar="FILE", help="write a table of user, item, rank and score there, as CSV")
    top.add_argument("--force", action="store_true", help="overwrite a file that xpnet recommend top did not write")
