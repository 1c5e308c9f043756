"""Kill ``xpnet train`` at random moments, from start-up to saving, and see that nothing is lost.

    python scripts/soak_signals.py [--quick] [--times 60] [--seed 0]

A training of a few seconds, which writes a model of 9 MB over an older one, is killed by SIGINT, SIGTERM, SIGHUP,
SIGKILL, and SIGINT twice.  A third of the moments are uniformly distributed over its start, a third over the whole run,
and a third over its end, when it saves.  After each kill

- the model is the old one or the new one, byte for byte, and so is the history;
- the exit code is 0 if the run had ended, else that of the signal;
- nothing on standard error is a traceback;
- no temporary file is left, but after SIGKILL; and that one is gone after the next run.

A signal may come before Python has read the first line of xpnet.  What Python itself prints then is counted, and is
nothing that a package can change.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from xpnet import load

XPNET = [sys.executable, "-m", "xpnet"]
WORDS = [
    "train",
    "--hidden",
    "1500",
    "1500",
    "--batch-size",
    "full",
    "--quiet",
    "--history",
    "h.csv",
    "-o",
    "m.safetensors",
]
KILLS = {
    "SIGINT": [signal.SIGINT],
    "SIGTERM": [signal.SIGTERM],
    "SIGHUP": [signal.SIGHUP],
    "SIGKILL": [signal.SIGKILL],
    "SIGINT twice": [signal.SIGINT, signal.SIGINT],
}
OLD, NEW = ["--epochs", "1"], ["--epochs", "4"]
TEMPORARY = ".xpnet-*.part"


class Run(NamedTuple):
    """A run that nobody kills: what it writes, and when."""

    model: bytes
    weights: bytes
    seconds: float
    saved: float


def weights(model: Path) -> bytes:
    """Return the parameters of a model file; the file also holds how long each epoch took."""
    return b"".join(x.tobytes() for layer in load(model).parameters for x in layer)


def whole_run(folder: Path, epochs: list[str]) -> Run:
    """Return what a run writes that nobody kills, how long it takes, and when the model is there."""
    began = time.time()
    subprocess.run([*XPNET, *WORDS, *epochs], cwd=folder, check=True, capture_output=True)
    model = folder / "m.safetensors"
    return Run(model.read_bytes(), weights(model), time.time() - began, model.stat().st_mtime - began)


def kill(folder: Path, signals: list[int], moment: float, pause: float) -> tuple[int, str]:
    """Start a run, send it the signals, and return its exit code and what it said on standard error."""
    with subprocess.Popen(
        [*XPNET, *WORDS, *NEW], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(moment)
        for i, number in enumerate(signals):
            time.sleep(pause if i else 0.0)
            process.send_signal(number)
        _, said = process.communicate(timeout=120)
        return process.returncode, said


def outcome(code: int, said: str, number: int) -> str:
    """Return in a word how a run ended, or what is wrong with it."""
    if "Traceback" in said or "Exception ignored" in said or "Fatal" in said:
        return f"WRONG traceback: {said}" if "/xpnet/" in said.replace("\\", "/") else "Python was starting"
    if code == 0:
        return "had ended"
    if code == -number:
        return "killed" if number == signal.SIGKILL else "starting or ending"
    if code != 128 + number:
        return f"WRONG exit code {code}: {said}"
    return "epochs kept" if "saved to" in said else "interrupted"


def check_files(folder: Path, models: dict[bytes, str], killed: bool) -> list[str]:
    """Return what is wrong with the files of a run that was killed."""
    wrong = []
    model, kept = folder / "m.safetensors", folder / "m.interrupted.safetensors"
    if weights(model) not in models:
        wrong.append("WRONG model: neither the old one nor the new one")
    if kept.exists():
        load(kept)
    if not (folder / "h.csv").read_text().endswith("\n"):
        wrong.append("WRONG history: not whole")
    left = list(folder.glob(TEMPORARY))
    if left and not killed:
        wrong.append("WRONG temporary file left")
    if left:
        subprocess.run([*XPNET, *WORDS, *OLD], cwd=folder, check=True, capture_output=True)
        wrong += ["WRONG temporary file still there after the next run"] * any(folder.glob(TEMPORARY))
    return [*wrong, *(["left a temporary file, which the next run removed"] if left else [])]


def soak(name: str, times: int, old: Run, new: Run, rng: random.Random) -> Counter[str]:
    """Return how often each outcome was seen."""
    seen: Counter[str] = Counter()
    models = {old.weights: "the old model", new.weights: "the new model"}
    number = KILLS[name][0]
    for _ in range(times):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "m.safetensors").write_bytes(old.model)
            (folder / "h.csv").write_text("epoch,cost,accuracy,validation_cost,validation_accuracy,eta,seconds\n")
            last = 1.1 * new.seconds
            first, latest = rng.choice([(0.0, 0.25 * new.saved), (0.0, last), (0.7 * new.saved, last)])
            code, said = kill(folder, KILLS[name], rng.uniform(first, latest), rng.uniform(0.0, 0.1))
            seen[outcome(code, said, number)] += 1
            seen.update(check_files(folder, models, number == signal.SIGKILL))
            seen[models.get(weights(folder / "m.safetensors"), "another model")] += 1
    return seen


def main(argv: Any = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=60, help="kills by each signal")
    parser.add_argument("--quick", action="store_true", help="3 kills by each signal")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    for number in (signal.SIGINT, signal.SIGHUP):  # a shell's "&" and nohup ignore them, which a child would inherit
        signal.signal(number, signal.default_int_handler)
    rng, times = random.Random(options.seed), 3 if options.quick else options.times
    with tempfile.TemporaryDirectory() as folder:
        old, new = whole_run(Path(folder), OLD), whole_run(Path(folder), NEW)
    print(f"a run takes {new.seconds:.2f} s and saves after {new.saved:.2f} s", flush=True)
    wrong = 0
    for name in KILLS:
        seen = soak(name, times, old, new, rng)
        print(f"{name:13} {times} kills: " + "; ".join(f"{n} {what}" for what, n in seen.most_common()), flush=True)
        wrong += sum(n for what, n in seen.items() if what.startswith("WRONG"))
    print("all right" if not wrong else f"{wrong} WRONG")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
