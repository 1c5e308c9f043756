"""The commands and flags of the command line.  ``--help`` is quick: only what `import xpnet` imports is imported."""

import argparse
from collections.abc import Callable
from importlib import import_module

from xpnet import __version__
from xpnet.cli.inputs.sources import add_reading
from xpnet.cli.usage import Parser, Words
from xpnet.data.ratings.files import ENDINGS as RATINGS
from xpnet.data.tables.formats import endings
from xpnet.nn import ACTIVATIONS, COSTS
from xpnet.training import OPTIMIZERS

DATA = f"digits (bundled, the default), mnist, a folder of IDX files, or a table ({', '.join(endings())})"
BACKENDS = "numpy, cupy, auto, torch, jax or array_api_strict (default: XPNET_BACKEND, else numpy)"


def make_parser() -> argparse.ArgumentParser:
    """Return the parser.  The options that it returns hold the function to run as ``run``."""
    parser = Parser(
        prog="xpnet",
        allow_abbrev=False,
        description="Networks of Nielsen's book, on NumPy, CuPy and every other array library.",
        epilog="xpnet train, without arguments, trains on the bundled handwritten digits.",
    )
    parser.add_argument("--version", action="version", version=f"xpnet {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(
        commands.add_parser("train", help="train a network and save it", formatter_class=_Help, allow_abbrev=False)
    )
    _add_search(commands.add_parser("search", help="find good settings", formatter_class=_Help, allow_abbrev=False))
    evaluate = commands.add_parser("evaluate", help="test a saved network", formatter_class=_Help, allow_abbrev=False)
    _add_model_and_data(evaluate, "without it, the test part of the training data")
    evaluate.add_argument("--target", metavar="COLUMN", help="label column of a table (default: as in training)")
    evaluate.set_defaults(run=_command("evaluate"))
    predict = commands.add_parser(
        "predict", help="label new rows with a saved network", formatter_class=_Help, allow_abbrev=False
    )
    _add_model_and_data(predict, "without it, the test part of the training data")
    predict.add_argument("--id", action=Words, default=[], metavar="COLUMN", help="columns to write beside each row")
    predict.add_argument("-o", "--out", metavar="FILE", help="write CSV there instead of to standard output")
    predict.add_argument("--force", action="store_true", help="overwrite a file that xpnet predict did not write")
    predict.add_argument("--proba", action="store_true", help="add a probability for each class")
    predict.add_argument(
        "--spread", action="store_true", help="add how far the members of an ensemble are apart (standard deviation)"
    )
    predict.add_argument(
        "--quote-formulas", action="store_true", help="put ' before labels that a spreadsheet would run as formulas"
    )
    predict.set_defaults(run=_command("predict"))
    _add_recommend(commands.add_parser("recommend", help="recommend items from ratings", allow_abbrev=False))
    bench = commands.add_parser(
        "bench", help="measure how fast training is here", formatter_class=_Help, allow_abbrev=False
    )
    _add_backend(bench)
    bench.add_argument("--quick", action="store_true", help="small networks and little data: only to see that it works")
    bench.add_argument("--json", action="store_true", help="print one JSON object a line")
    bench.set_defaults(run=_command("bench"))
    backends = commands.add_parser("backends", help="list the array libraries and what is wrong with them")
    backends.add_argument("--json", action="store_true", help="one JSON object")
    backends.set_defaults(run=_command("backends"))
    return parser


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    """Shows a default only where there is one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, False, []) or "default" in (action.help or ""):
            return action.help
        return super()._get_help_string(action)


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        code: int = import_module(f"xpnet.cli.commands.{name}").run(options)
        return code

    return run


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_command("train"), usage_error=parser.error, saves=True)
    parser.add_argument("data", nargs="?", metavar="DATA", help=DATA)
    _add_table(parser)
    add_reading(parser.add_argument_group("the text of a table (what is not said is found out)"))
    _add_network(parser)
    _add_training(parser)
    several = parser.add_argument_group("several networks")
    several.add_argument(
        "--seeds", type=_positive, metavar="K", help="train K networks, from --seed on, to see how far figures scatter"
    )
    several.add_argument("--ensemble", type=_positive, metavar="K", help="train K networks and save their mean")
    _add_backend(parser)
    files = parser.add_argument_group("output")
    files.add_argument("--dry-run", action="store_true", help="tell what would be trained on what, and stop")
    files.add_argument("-o", "--out", metavar="FILE", help="model file (default: xpnet-<data>.safetensors)")
    files.add_argument("--force", action="store_true", help="overwrite a file that xpnet did not write")
    files.add_argument("--history", metavar="FILE", help="write a record for each epoch, as .csv or .jsonl")
    files.add_argument("--quiet", action="store_true", help="print the backend and the test accuracy only")
    files.add_argument("--json", action="store_true", help="print one JSON object a line")


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(
        run=_command("search"), usage_error=parser.error, default_of=parser.get_default, saves=True, dry_run=False
    )
    parser.add_argument("data", nargs="?", metavar="DATA", help=DATA)
    search = parser.add_argument_group("search")
    search.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="an axis: eta=0.1,0.5 or hidden=0,30,30x20; with --random also eta=log:0.001:1 (uniform, int, logint)",
    )
    search.add_argument("--random", type=int, metavar="N", help="draw N settings (default: all combinations)")
    search.add_argument("--folds", type=int, default=5, metavar="K", help="folds of the cross-validation")
    search.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds, from --seed on")
    search.add_argument(
        "--score", choices=["accuracy", "cost", "rmse"], help="what to compare (default: accuracy; of values rmse)"
    )
    search.add_argument("--workers", type=_positive, default=1, metavar="N", help="processes")
    _add_table(parser)
    add_reading(parser.add_argument_group("the text of a table (what is not said is found out)"))
    _add_network(parser)
    _add_training(parser)
    _add_backend(parser)
    files = parser.add_argument_group("output")
    files.add_argument("-o", "--out", metavar="FILE", help="results file (default: xpnet-<data>-search.jsonl)")
    files.add_argument("--resume", action="store_true", help="only go on with a file that exists")
    files.add_argument("--force", action="store_true", help="begin anew, whatever the file holds")
    files.add_argument("--quiet", action="store_true", help="print the backend and the best setting only")
    files.add_argument("--json", action="store_true", help="print one JSON object a line")


def _add_table(parser: argparse.ArgumentParser) -> None:
    table = parser.add_argument_group("data")
    table.add_argument("--target", metavar="COLUMN", help="label column of a table")
    table.add_argument(
        "--task", choices=["classification", "regression"], help="whether numeric labels are classes or values"
    )
    table.add_argument("--impute", choices=["mean", "median"], help="fill missing cells (categories: the commonest)")
    table.add_argument(
        "--categorical", action=Words, default=[], metavar="COLUMN", help="columns of codes, not numbers"
    )
    table.add_argument("--ignore", action=Words, default=[], metavar="COLUMN", help="columns to leave out")
    table.add_argument(
        "--keep", action=Words, default=[], metavar="COLUMN", help="columns to keep that would be left out"
    )
    split = table.add_mutually_exclusive_group()
    split.add_argument("--split", choices=["stratified", "random", "ordered"], default="stratified", help="test part")
    split.add_argument("--split-by", metavar="COLUMN", help="keep the rows of a group together, such as a patient's")
    split.add_argument("--split-time", metavar="COLUMN", help="test on the latest rows")
    table.add_argument(
        "--test-size", type=float, default=0.2, metavar="FRACTION", help="fraction of rows for the test part; 0 is none"
    )
    table.add_argument("--split-seed", type=int, metavar="N", help="seed of the split (default: --seed)")
    table.add_argument(
        "--validation", type=float, default=0.0, metavar="FRACTION", help="fraction of the training part to validate on"
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    network = parser.add_argument_group("network")
    network.add_argument("--hidden", action=Words, kind=int, default=[30], metavar="N", help="hidden layers; 0 is none")
    network.add_argument("--activation", default="sigmoid", help="of the hidden layers: sigmoid, tanh, relu, ...")
    classifying = [f.name for f in ACTIVATIONS.values() if f.threshold is not None and f.differentiable]
    network.add_argument("--output", choices=classifying, help="activation of the last layer (default: the cost's)")
    costs = ", ".join(COSTS)
    network.add_argument("--cost", help=f"one of {costs} (default: cross_entropy; of a regression quadratic)")
    network.add_argument("--scheme", default="scaled", help="initial weights: scaled, large, glorot or he")
    network.add_argument("--dropout", type=float, default=0.0, metavar="RATE", help="of the hidden layers")


def _add_training(parser: argparse.ArgumentParser) -> None:
    training = parser.add_argument_group("training")
    training.add_argument("--epochs", type=int, default=30, metavar="N", help="passes over the training part")
    training.add_argument("--batch-size", default="10", metavar="N", help="examples a step, or full")
    training.add_argument("--optimizer", choices=OPTIMIZERS, default="sgd", help="how gradients change the parameters")
    training.add_argument(
        "--eta", type=float, help="learning rate (default: the optimizer's; sgd 0.5, of a regression 0.05)"
    )
    training.add_argument(
        "--l2", type=float, default=0.0, metavar="LAMBDA", help="strength of the L2 penalty, the book's lambda"
    )
    training.add_argument("--l1", type=float, default=0.0, metavar="LAMBDA", help="strength of the L1 penalty")
    training.add_argument(
        "--max-norm", type=float, metavar="NORM", help="limit on the norm of the weights into a neuron"
    )
    training.add_argument("--clip-norm", type=float, metavar="NORM", help="limit on the norm of the gradient")
    training.add_argument("--class-weight", choices=["balanced"], help="give rare and common classes the same weight")
    training.add_argument("--early-stopping", type=int, metavar="N", help="stop N epochs after the best validation")
    training.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the weights, batches and dropout")


def _add_recommend(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    fit = actions.add_parser("fit", help="fit to ratings and save", formatter_class=_Help, allow_abbrev=False)
    fit.set_defaults(usage_error=fit.error, saves=True)
    fit.add_argument("ratings", metavar="RATINGS", help=f"a table of ratings ({', '.join(RATINGS)})")
    for name in ("user", "item", "rating"):
        fit.add_argument(f"--{name}", default=name, metavar="COLUMN", help=f"column of the {name}s")
    fit.add_argument(
        "--duplicates", choices=["error", "last", "first", "mean"], default="error", help="if a pair occurs twice"
    )
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
        "--iterations", type=_positive, metavar="N", help="most iterations, or epochs (default: 15, factorization 12)"
    )
    fit.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the split and the initial factors")
    fit.add_argument("-o", "--out", default="xpnet-recommender.npz", metavar="FILE", help="where to save")
    fit.add_argument("--force", action="store_true", help="overwrite a file that xpnet did not write")
    fit.add_argument("--quiet", action="store_true", help="print the backend and the test errors only")
    update = actions.add_parser(
        "update", help="add new ratings to a saved recommender", formatter_class=_Help, allow_abbrev=False
    )
    evaluate = actions.add_parser(
        "evaluate", help="test a saved recommender", formatter_class=_Help, allow_abbrev=False
    )
    top = actions.add_parser(
        "top", help="list the items that a user should like best", formatter_class=_Help, allow_abbrev=False
    )
    similar = actions.add_parser(
        "similar", help="list the items most like an item", formatter_class=_Help, allow_abbrev=False
    )
    for saved in (update, evaluate, top, similar):
        saved.add_argument("model", metavar="FILE", help="file that xpnet recommend fit wrote")
    update.add_argument("ratings", metavar="RATINGS", help="new ratings, in the columns of those that were fitted")
    update.add_argument("-o", "--out", required=True, metavar="FILE", help="where to save; it ends in .npz")
    update.add_argument("--force", action="store_true", help="overwrite a file that xpnet did not write")
    update.add_argument("--iterations", type=_positive, default=3, metavar="N", help="iterations on all ratings")
    evaluate.add_argument("ratings", metavar="RATINGS", help="the ratings that it was fitted to a part of")
    evaluate.add_argument(
        "--relevant",
        type=float,
        metavar="RATING",
        help="smallest rating that is relevant (default: 4; implicit: all above 0)",
    )
    top.set_defaults(usage_error=top.error)
    top.add_argument("users", nargs="*", metavar="USER", help="ids of users: one gives a list, several a table")
    top.add_argument("--all", action="store_true", help="all users of the ratings that were fitted")
    top.add_argument("--seen", action="store_true", help="list rated items, too")
    top.add_argument("-o", "--out", metavar="FILE", help="write a table of user, item, rank and score there, as CSV")
    top.add_argument("--force", action="store_true", help="overwrite a file that xpnet recommend top did not write")
    similar.add_argument("item", metavar="ITEM", help="id of an item")
    for listed in (evaluate, top, similar):
        listed.add_argument("-n", type=_positive, default=10, metavar="N", help="most items in a list")
    for name, action in actions.choices.items():
        _add_backend(action)
        action.add_argument("--json", action="store_true", help="print one JSON object a line")
        action.set_defaults(run=_command("recommend"), action=name)


def _positive(word: str) -> int:
    try:
        found = int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {word!r}") from None
    if found < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {word}")
    return found


def _add_model_and_data(parser: argparse.ArgumentParser, without: str) -> None:
    parser.add_argument("model", metavar="FILE", help="model file that xpnet train wrote")
    parser.add_argument("data", nargs="?", metavar="DATA", help=f"digits, mnist, a folder or a file; {without}")
    _add_backend(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    add_reading(parser.add_argument_group("the text of a table"))


def _add_backend(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where to compute")
    group.add_argument("--backend", metavar="NAME", help=BACKENDS)
    group.add_argument("--device", metavar="NAME", help="index or name of the library's device")
    group.add_argument(
        "--dtype", choices=["float32", "float64"], help="floating dtype (default: float32, or the file's)"
    )
    group.add_argument("--threads", type=int, metavar="N", help="numpy: threads of the BLAS (default: by the work)")
    group.add_argument("--tf32", action="store_true", default=None, help="cupy: matrix products in TF32, less precise")
    group.add_argument("--memory-limit", type=size, metavar="SIZE", help="cupy: bytes, or a fraction such as 0.5")


def size(word: str) -> int | float:
    """Return a memory size: a number of bytes, or a fraction of the device's memory."""
    return float(word) if "." in word else int(word)
