"""The commands and flags of the command line.  ``--help`` is quick: only what `import xpnet` imports is imported."""

import argparse
from typing import Any

from xpnet import __version__
from xpnet.cli.inputs.sources import add_reading
from xpnet.cli.parsing.common import Help, add_backend, command, counted, positive
from xpnet.cli.parsing.plot_flags import add_plot
from xpnet.cli.parsing.recommend_flags import add_recommend
from xpnet.cli.parsing.train_flags import add_search, add_train
from xpnet.cli.parsing.usage import Parser, Words


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
    add_train(
        commands.add_parser("train", help="train a network and save it", formatter_class=Help, allow_abbrev=False)
    )
    add_search(commands.add_parser("search", help="find good settings", formatter_class=Help, allow_abbrev=False))
    _add_uses_of_a_model(commands)
    add_plot(commands)
    add_recommend(commands.add_parser("recommend", help="recommend items from ratings", allow_abbrev=False))
    bench = commands.add_parser(
        "bench", help="measure how fast training is here", formatter_class=Help, allow_abbrev=False
    )
    add_backend(bench)
    bench.add_argument("--quick", action="store_true", help="small networks and little data: only to see that it works")
    bench.add_argument("--json", action="store_true", help="print one JSON object a line")
    bench.set_defaults(run=command("bench"))
    backends = commands.add_parser("backends", help="list the array libraries and what is wrong with them")
    backends.add_argument("--json", action="store_true", help="one JSON object")
    backends.set_defaults(run=command("backends"))
    return parser


def _add_uses_of_a_model(commands: Any) -> None:
    """Add the commands that take a model file."""
    evaluate = commands.add_parser("evaluate", help="test a saved network", formatter_class=Help, allow_abbrev=False)
    _add_model_and_data(evaluate, "without it, the test part of the training data")
    evaluate.add_argument("--target", metavar="COLUMN", help="label column of a table (default: as in training)")
    evaluate.set_defaults(run=command("looking.evaluate"))
    predict = commands.add_parser(
        "predict", help="label new rows with a saved network", formatter_class=Help, allow_abbrev=False
    )
    _add_model_and_data(predict, "or a picture of a digit; without it, the test part of the training data")
    predict.add_argument("--id", action=Words, default=[], metavar="COLUMN", help="columns to write beside each row")
    predict.add_argument("-o", "--out", metavar="FILE", help="write CSV there instead of to standard output")
    predict.add_argument("--force", action="store_true", help="overwrite a file that xpnet predict did not write")
    predict.add_argument("--proba", action="store_true", help="add a probability for each class")
    predict.add_argument(
        "--spread", action="store_true", help="add how far the members of an ensemble are apart (standard deviation)"
    )
    predict.add_argument(
        "--interval",
        type=float,
        metavar="COVERAGE",
        help="add an interval that holds the value of a regression with this probability, such as 0.9",
    )
    predict.add_argument(
        "--quote-formulas", action="store_true", help="put ' before labels that a spreadsheet would run as formulas"
    )
    predict.set_defaults(run=command("predict"))
    explain = commands.add_parser(
        "explain", help="tell which columns a saved network goes by", formatter_class=Help, allow_abbrev=False
    )
    _add_model_and_data(explain, "without it, the test part of the training data")
    explain.add_argument("--target", metavar="COLUMN", help="label column of a table (default: as in training)")
    explain.add_argument(
        "--row", type=counted, metavar="N", help="explain the answer for this row, numbered as in xpnet predict"
    )
    explain.add_argument("--repeats", type=positive, default=5, metavar="N", help="how often each column is permuted")
    explain.add_argument("--seed", type=counted, default=0, metavar="N", help="seed of the permutations")
    explain.set_defaults(run=command("looking.explain"))
    _add_export(commands)
    _add_report(commands)


def _add_export(commands: Any) -> None:
    """Add the command that writes a model in another form."""
    export = commands.add_parser(
        "export", help="write a saved network as an ONNX graph", formatter_class=Help, allow_abbrev=False
    )
    export.add_argument("model", metavar="FILE", help="model file that xpnet train or xpnet.save wrote")
    export.add_argument(
        "--onnx", metavar="OUT", required=True, help="write the graph there (pip install 'xpnet[onnx]')"
    )
    export.add_argument("--force", action="store_true", help="overwrite a file that xpnet export did not write")
    export.add_argument("--json", action="store_true", help="print one JSON object: the inputs and outputs")
    export.set_defaults(run=command("export"))


def _add_report(commands: Any) -> None:
    report = commands.add_parser(
        "report", help="write a page that shows what a saved network learned", formatter_class=Help, allow_abbrev=False
    )
    report.add_argument("model", metavar="FILE", help="model file that xpnet train wrote")
    report.add_argument(
        "--test",
        dest="data",
        metavar="DATA",
        help="rows to test on: digits, mnist, a folder or a file (default: the test part of the training data)",
    )
    report.add_argument("--target", metavar="COLUMN", help="label column of a table (default: as in training)")
    report.add_argument("-o", "--out", metavar="PAGE", help="the page (default: the model's name with .html)")
    report.add_argument("--force", action="store_true", help="overwrite a file that xpnet report did not write")
    add_backend(report)
    add_reading(report.add_argument_group("the text of a table"))
    report.set_defaults(run=command("looking.report"))


def _add_model_and_data(parser: argparse.ArgumentParser, without: str) -> None:
    parser.add_argument("model", metavar="FILE", help="model file that xpnet train wrote")
    parser.add_argument("data", nargs="?", metavar="DATA", help=f"digits, mnist, a folder or a file; {without}")
    add_backend(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    add_reading(parser.add_argument_group("the text of a table"))
