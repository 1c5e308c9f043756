"""A pytest plugin that writes every report down at once, as a line of JSON: what comes after can't take it back.

The file is named by the environment variable `FILE`.
"""

import json
import os
import re
from pathlib import Path

FILE = "XPNET_TEST_REPORTS"
LINES = 8  # of an error that are kept


def pytest_configure(config):
    """Write, unless this is a worker of xdist: the process that started it is told everything, too."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reports(Path(os.environ[FILE])))


class Reports:
    """What pytest tells."""

    def __init__(self, path):
        self.path = path

    def pytest_runtest_logreport(self, report):
        """Write down how a test ended; pytest calls this for its setup, the test itself and its teardown."""
        if report.when == "call" or not report.passed:
            self.write(report, "failed" if report.when == "call" else "errors")

    def pytest_collectreport(self, report):
        """Write down that a file could not be collected."""
        if report.failed:
            self.write(report, "errors")

    def write(self, report, wrong):
        """Add a line."""
        kind = wrong if report.failed else report.outcome
        line = {"kind": kind, "test": report.nodeid, "text": last_lines(report.longreprtext) if report.failed else ""}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def last_lines(text):
    """Return the lines of a failure that say what is wrong, and where."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"E\s", line)]
    return "\n".join([*errors[:LINES], *[line for line in lines[-2:] if line not in errors]])[:900]


def count(path):
    """Return how many tests ended how, and what is kept of the failures, by the test's name."""
    found = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0, "failures": {}}
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
    for line in map(json.loads, lines):
        found[line["kind"]] += 1
        if line["text"]:
            found["failures"][line["test"]] = line["text"]
    return found
