"""Kill a training at random moments, resume it each time, and compare what it ends with: nothing may be lost.

    python scripts/soak_checkpoints.py [--kills 200] [--seed 0] [--quick]

One training of the bundled digits writes its state every few steps, so that a good part of its time is writing.  A
process of it is killed (SIGKILL) at a random moment after it has got past the checkpoint that it began with, and the
next one resumes.  At the end the model must be, bit for bit, that of a training that nobody disturbed.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep

import safetensors.numpy

from xpnet.data import FormatError
from xpnet.io.archives import read_archive
from xpnet.training.resuming.keeper import KIND, written

TRAIN = [sys.executable, "-m", "xpnet", "train", "--quiet"]
FLAGS = ["--hidden", "100", "50", "--batch-size", "10", "--optimizer", "adam", "--dropout", "0.2", "--l2", "0.1"]
FLAGS += ["--validation", "0.2", "--schedule", "cosine"]
STEPS_A_KILL = 40  # steps of training for each kill; a process gets some further


def newest(folder):
    """Return the name of the newest checkpoint, or None."""
    found = written(folder)
    return found[0].name if found else None


def readable(folder):
    """Return how many checkpoints there are, and how many of them cannot be read."""
    paths, broken = written(folder), 0
    for path in paths:
        try:
            read_archive(path, KIND)
        except (FormatError, OSError):
            broken += 1
    return len(paths), broken


def disturb(command, folder, rng):
    """Run a process until it is past the checkpoint that it began with, and kill it at a random moment; None: it ended.

    Returns
    -------
    bool or None
        Whether the process was killed while a temporary file was there.
    """
    before = newest(folder)
    process = subprocess.Popen(command, cwd=folder.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    begun = monotonic()
    while process.poll() is None and newest(folder) == before:
        if monotonic() - begun > 120.0:
            raise SystemExit("a process wrote no checkpoint in two minutes")
        sleep(0.002)
    sleep(rng.uniform(0.0, 0.05))
    process.kill()
    _, errors = process.communicate()
    if process.returncode == 0:
        return None
    if process.returncode != -9:
        raise SystemExit(f"a process failed: {errors.decode()}")
    return any(folder.glob(".xpnet-*.part"))


def main():
    """Disturb a training and compare it with one that was left alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="5 kills")
    options = parser.parse_args()
    kills = 5 if options.quick else options.kills
    rng, writing, killed, broken, seen = random.Random(options.seed), 0, 0, 0, 0
    epochs = 2 + kills * STEPS_A_KILL // 115
    with tempfile.TemporaryDirectory() as place:
        folder, flags = Path(place, "state"), [*FLAGS, "--epochs", str(epochs)]
        folder.mkdir()
        whole = [*TRAIN, *flags, "-o", "whole.safetensors"]
        subprocess.run(whole, cwd=place, check=True, stdout=subprocess.DEVNULL)
        begin = [*TRAIN, *flags, "--checkpoint", "state", "--every", "3 steps", "-o", "killed.safetensors"]
        while killed < kills:
            command = begin if newest(folder) is None else [*TRAIN, "--resume", "state"]
            found = disturb(command, folder, rng)
            if found is None:
                break
            killed, writing = killed + 1, writing + found
            there, bad = readable(folder)
            seen, broken = seen + there, broken + bad
        subprocess.run([*TRAIN, "--resume", "state"], cwd=place, check=True, stdout=subprocess.DEVNULL)
        models = [safetensors.numpy.load_file(Path(place, f"{name}.safetensors")) for name in ("whole", "killed")]
        same = all((models[0][name] == models[1][name]).all() for name in models[0])
    print(f"{killed} kills, {writing} of them while a file was written; {seen} checkpoints looked at, {broken} broken")
    print(f"the final weights are {'identical' if same else 'DIFFERENT'}")
    return 0 if same and not broken and killed == kills else 1


if __name__ == "__main__":
    sys.exit(main())
