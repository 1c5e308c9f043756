"""``xpnet report``: a page that shows what a saved network learned."""

import argparse
from pathlib import Path

from xpnet.cli.commands.looking.evaluate import labelled, open_model, read_test_part
from xpnet.cli.commands.train import choose_backend
from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.report import rows_and_labels, tell_remarks
from xpnet.cli.terminal import shown
from xpnet.data import Dataset
from xpnet.io import Model, load
from xpnet.report import is_page, report_numbers, write_page


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    out = Path(options.out or Path(options.model).with_suffix(".html").name)
    check_outputs([Output("-o", out, is_page, "xpnet report")], [options.model, options.data], force=options.force)
    model, test, why_not = _model_and_rows(options)
    rows = None if test is None else rows_and_labels(model, test)
    write_page(out, report_numbers(model, rows, name=Path(options.model).stem, why_no_test=why_not))
    if why_not:
        tell_remarks([f"the page has no test figures: {why_not}"])
    print(f"saved to {shown(out)}")
    return 0


def _model_and_rows(options: argparse.Namespace) -> tuple[Model, Dataset | None, str]:
    """Return the model, the rows to test on, or why there are none."""
    if options.data is not None:
        model = open_model(options)
        if model.network.several:
            raise ValueError(f"--test needs a table of the labels, but {options.model} predicts several for each row")
        return model, labelled(model, options), ""
    model = load(options.model, "numpy")
    model = model.to(choose_backend(options, dtype=model.backend.dtype_name))
    if model.data is None or "source" not in model.data:
        return model, None, "the model was saved from a program, without its data"
    if model.network.several:
        return model, None, "the model predicts several labels for each row, but a table has one label column"
    try:
        return model, read_test_part(model)[0], ""
    except (OSError, ValueError, ImportError) as error:
        return model, None, str(error)
