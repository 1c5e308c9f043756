"""A pytest plugin that writes each report to a file at once, as a line of JSON, so that a crash loses none.

The file is named by the environment variable `FILE`.
"""

import json
import os
import re
from pathlib import Path

FILE = "XPNET_TEST_REPORTS"
LINES = 8  # of an error that are kept


def pytest_configure(config):
    """Register the plugin, except in a worker of xdist, whose reports also reach the main process."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reports(Path(os.environ[FILE])))


class Reports:
    """Pytest's reports."""

    def __init__(self, path):
        self.path = path

    def pytest_runtest_logreport(self, report):
        """Write the outcome of a test; pytest calls this for setup, test and teardown."""
        if report.when == "call" or not report.passed:
            self.write(report, "failed" if report.when == "call" else "errors")

    def pytest_collectreport(self, report):
        """Write that a file could not be collected."""
        if report.failed:
            self.write(report, "errors")

    def write(self, report, wrong):
        """Add a line."""
        kind = wrong if report.failed else report.outcome
        line = {"kind": kind, "test": report.nodeid, "text": last_lines(report.longreprtext) if report.failed else ""}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def last_lines(text):
    """Return the lines of a failure that show the error and its place."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"E\s", line)]
    return "\n".join([*errors[:LINES], *[line for line in lines[-2:] if line not in errors]])[:900]


def count(path):
    """Return the number of tests by outcome, and the lines of each failure by the name of the test."""
    found = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0, "failures": {}}
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
    for line in map(json.loads, lines):
        found[line["kind"]] += 1
        if line["text"]:
            found["failures"][line["test"]] = line["text"]
    return found
