"""The flags of ``xpnet train`` and of ``xpnet search``: data, network, training, output."""

import argparse

from xpnet.cli.inputs.sources import add_reading
from xpnet.cli.parsing.common import add_backend, command, counted, positive
from xpnet.cli.parsing.usage import Words
from xpnet.data.tables.formats import endings
from xpnet.nn import ACTIVATIONS, COSTS
from xpnet.training import OPTIMIZERS

DATA = (
    "digits (bundled, the default), mnist (downloaded once; the environment variable XPNET_MNIST_MIRRORS lists "
    f"mirrors, XPNET_DATA_DIR names the folder), a folder of IDX files, or a table ({', '.join(endings())})"
)


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the flags of this command."""
    parser.set_defaults(run=command("train"), usage_error=parser.error, default_of=parser.get_default, saves=True)
    parser.add_argument("data", nargs="?", metavar="DATA", help=DATA)
    _add_table(parser)
    add_reading(parser.add_argument_group("the text of a table (what is not said is found out)"))
    _add_network(parser)
    _add_training(parser)
    several = parser.add_argument_group("several networks")
    several.add_argument(
        "--seeds", type=positive, metavar="K", help="train K networks, from --seed on, to see how far figures scatter"
    )
    several.add_argument(
        "--members", type=positive, metavar="K", help="train K networks and save their mean (default: 1; of a table 5)"
    )
    several.add_argument("--fast", action="store_true", help="a first look at a large table: one network, few epochs")
    parser.add_argument("--start", metavar="MODEL", help="train on from this model of a table with the same columns")
    parser.add_argument(
        "--learning-curve", action="store_true", help="also train on parts of the rows: would more of them help?"
    )
    kept = parser.add_argument_group("checkpoints")
    kept.add_argument("--checkpoint", metavar="DIR", help="write the state of the training to this folder")
    kept.add_argument("--every", metavar="TIME", help="how often: 30s, 5m, 1h or 500 steps (default: 1m)")
    kept.add_argument(
        "--resume", metavar="DIR", help="go on with the training of this folder; its flags are known, others are added"
    )
    parser.add_argument(
        "--distributed", action="store_true", help="share each batch among the processes of an MPI job (mpiexec)"
    )
    parser.add_argument(
        "--scale-batch",
        action="store_true",
        help="with --distributed: multiply --batch-size and --eta by the number of processes (of sgd and momentum)",
    )
    add_backend(parser)
    files = parser.add_argument_group("output")
    files.add_argument("--dry-run", action="store_true", help="tell what would be trained on what, and stop")
    files.add_argument("-o", "--out", metavar="FILE", help="model file (default: xpnet-<data>.safetensors)")
    files.add_argument("--force", action="store_true", help="overwrite a file that xpnet did not write")
    files.add_argument("--history", metavar="FILE", help="write a record for each epoch, as .csv or .jsonl")
    files.add_argument(
        "--report",
        nargs="?",
        const=True,
        metavar="PAGE",
        help="also write a page that shows what was learned (default: the model's name with .html)",
    )
    files.add_argument(
        "--film", action="store_true", help="show in the page how it was learned: of digits, or two columns of numbers"
    )
    files.add_argument("--quiet", action="store_true", help="print the backend and the test accuracy only")
    files.add_argument("--json", action="store_true", help="print one JSON object a line")


def add_search(parser: argparse.ArgumentParser) -> None:
    """Add the flags of this command."""
    parser.set_defaults(
        run=command("search"), usage_error=parser.error, default_of=parser.get_default, saves=True, dry_run=False
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
    search.add_argument("--workers", type=positive, default=1, metavar="N", help="processes")
    _add_table(parser)
    add_reading(parser.add_argument_group("the text of a table (what is not said is found out)"))
    _add_network(parser)
    _add_training(parser)
    add_backend(parser)
    files = parser.add_argument_group("output")
    files.add_argument("-o", "--out", metavar="FILE", help="results file (default: xpnet-<data>-search.jsonl)")
    files.add_argument("--resume", action="store_true", help="only go on with a file that exists")
    files.add_argument("--force", action="store_true", help="begin anew, whatever the file holds")
    files.add_argument("--quiet", action="store_true", help="print the backend and the best setting only")
    files.add_argument("--json", action="store_true", help="print one JSON object a line")


def _add_table(parser: argparse.ArgumentParser) -> None:
    table = parser.add_argument_group("data")
    table.add_argument(
        "--target", metavar="COLUMN", help="label column of a table; of an .npy matrix also an .npy file"
    )
    table.add_argument(
        "--task", choices=["classification", "regression"], help="whether numeric labels are classes or values"
    )
    table.add_argument(
        "--impute",
        choices=["indicator", "mean", "median", "none"],
        help="missing cells: a value of their own (the default), filled (categories: the commonest), or refused",
    )
    table.add_argument(
        "--bins",
        type=counted,
        metavar="N",
        help="piecewise-linear inputs of a number column (default: 16, of many fewer)",
    )
    table.add_argument(
        "--rare", type=counted, metavar="N", help="categories with fewer rows share an input (default: none does)"
    )
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
        "--validation",
        type=float,
        metavar="FRACTION",
        help="fraction of the training part to validate on (default: none; of a table another fifth for each network)",
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    network = parser.add_argument_group("network")
    network.add_argument(
        "--hidden",
        action=Words,
        kind=int,
        metavar="N",
        help="hidden layers; 0 is none (default: 30; of a table 128 128)",
    )
    network.add_argument(
        "--activation", help="of the hidden layers: sigmoid (the default), tanh, relu (that of a table), ..."
    )
    classifying = [f.name for f in ACTIVATIONS.values() if f.threshold is not None and f.differentiable]
    network.add_argument("--output", choices=classifying, help="activation of the last layer (default: the cost's)")
    costs = ", ".join(COSTS)
    network.add_argument(
        "--cost", help=f"one of {costs} (default: cross_entropy; of a table log_likelihood; of a regression quadratic)"
    )
    network.add_argument(
        "--scheme", help="initial weights: scaled (the default), large, glorot or he (that of a table)"
    )
    network.add_argument("--dropout", type=float, default=0.0, metavar="RATE", help="of the hidden layers")


def _add_training(parser: argparse.ArgumentParser) -> None:
    training = parser.add_argument_group("training")
    training.add_argument(
        "--epochs", type=int, metavar="N", help="passes over the training part (default: 30; of a table 60)"
    )
    training.add_argument(
        "--batch-size", metavar="N", help="examples a step, or full (default: 10; of a table 128 or 256)"
    )
    training.add_argument(
        "--optimizer", choices=OPTIMIZERS, help="how gradients change the parameters (default: sgd; of a table adam)"
    )
    training.add_argument(
        "--eta", type=float, help="learning rate (default: the optimizer's; sgd 0.5, of a regression 0.05)"
    )
    training.add_argument(
        "--schedule",
        choices=["constant", "cosine", "restarts"],
        help="how the learning rate goes on: one fall to 0, or several, after which training may end (of a table)",
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
