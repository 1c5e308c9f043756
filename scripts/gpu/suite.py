"""xpnet's tests on CuPy in float32 and float64: one item for each room, important rooms first.  A part of gpu_evidence.

Each room is a run of pytest in a process of its own, so that a device lost in one does not lose the others.  Near the
deadline pytest is interrupted as from the keyboard; what it found until then is kept.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from gpu import told
from gpu.keeping import OUT_OF_TIME, TAIL, MissingError

ROOT = Path(__file__).resolve().parents[2]
FIRST = ("tests/linalg", "tests/training", "tests/recommend", "tests/execution", "tests/nn")
FEW = ("tests/training/optimizing/test_schedules.py", "tests/nn/regularization/test_penalties.py")  # a dry run's
ENDING = 12.0  # seconds that pytest is given to end after it was interrupted
ENDED, NOTHING_COLLECTED = (0, 1), 5  # pytest's exit status: all well, some failed


def items(bench):
    """Return the items of the part "tests": one for each room."""
    rest = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/*") if _has_tests(path))
    rooms = FEW if bench.dry else [*FIRST, *(room for room in rest if room not in FIRST)]
    return [(room, partial(run_room, bench, room)) for room in rooms if (ROOT / room).exists()]


def _has_tests(path):
    return any(path.glob("test_*.py")) if path.is_dir() else path.match("test_*.py")


def run_room(bench, room):
    """Run the tests of one room and return how many passed, and what failed."""
    if bench.remaining < 2 * ENDING:
        raise MissingError(OUT_OF_TIME)
    with tempfile.TemporaryDirectory() as folder:
        reports, log = Path(folder, "reports"), Path(folder, "log")
        with log.open("w", encoding="utf-8") as out:
            status, cut = run(command(bench, room), variables(bench, reports), out, bench.remaining - ENDING)
        end = log.read_text(encoding="utf-8", errors="replace")[-TAIL:]
        found = told.count(reports)
    if status == NOTHING_COLLECTED:
        raise MissingError("no test here runs on CuPy")
    if not (cut or status in ENDED):
        found["failures"][room] = f"pytest ended with status {status}\n{end}"
    if not (cut or found["passed"] or found["failures"]):
        raise RuntimeError(f"no test passed:\n{end}")
    return {"interrupted": cut} | found


def command(bench, room):
    """Return the command that runs pytest on one room, without other installed plugins."""
    words = [sys.executable, "-m", "pytest", room, "-q", "-p", "no:cacheprovider", "-p", "gpu.told"]
    if bench.dry:
        return words
    words += ["-m", "gpu"]
    workers = min(8, (os.cpu_count() or 1) // 2)
    if workers > 1 and importlib.util.find_spec("xdist"):
        words += ["-p", "xdist.plugin", "-n", str(workers)]
    return words


def variables(bench, reports):
    """Return the environment variables of pytest."""
    paths = [str(ROOT), str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        told.FILE: str(reports),
        "XPNET_TEST_BACKENDS": bench.pick("cupy-float32,cupy-float64", "numpy-float32"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "CI": "true",  # Hypothesis then sets no limit to the time of an example: the first compiles kernels
    }


def run(words, environment, out, seconds):
    """Run a program; return its exit status and whether it had to be interrupted."""
    process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        return process.wait(max(1.0, seconds)), False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(ENDING - 2.0), True
        except subprocess.TimeoutExpired:
            return None, True
    finally:
        process.kill()
        process.wait()
