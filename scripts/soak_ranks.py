"""Kill a process of an MPI job at a random step, resume with another number of processes, and compare the ends.

    python scripts/soak_ranks.py [--kills 20] [--seed 0] [--quick]

Each time a training in float64 begins in one to four processes and writes its state every few steps.  One process is
killed (SIGKILL) a moment after a random step: in a step, in the sum, or while a checkpoint is written.  The job must
end within 10 s, and the job that resumes in another number of processes must end with the weights of a training that
nobody disturbed, to 1e-10.  After that a process raises an error, and one stands still for a while (SIGSTOP).
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import numpy as np
from bench_shards import MPIEXEC

from xpnet import Callback, Network, backend, momentum, train
from xpnet.training import Checkpoint
from xpnet.training.parallel import mpi
from xpnet.training.resuming.keeper import written
from xpnet.trees import leaves

ROWS, BATCH, EPOCHS = 600, 53, 30  # 12 steps an epoch, the last one of 17 rows
STEPS = EPOCHS * -(-ROWS // BATCH)
STILL = 3.0  # seconds for which a process stands still


class Disturbed(Callback):
    """Notes when its process fails, a moment after a step: it is killed, it raises an error, or it stands still."""

    every = 1

    def __init__(self, way, at, delay, folder):
        self.way, self.at, self.delay, self.folder = way, at, delay, folder

    def steps(self, step, parameters):  # noqa: ARG002
        """Fail, if it is the step."""
        if step != self.at:
            return
        if self.way == "raise":
            self._note()
            raise ZeroDivisionError("a callback failed")
        Timer(self.delay, self._stop).start()

    def _stop(self):
        self._note()
        os.kill(os.getpid(), signal.SIGKILL if self.way == "kill" else signal.SIGSTOP)

    def _note(self):
        Path(self.folder, "failed").write_text(f"{os.getpid()} {monotonic()}", encoding="utf-8")


def job(folder, way, rank, at, delay):
    """Train in this process of an MPI job; the first process writes the weights at the end."""
    rng, parallel = np.random.default_rng(0), mpi()
    x, y = rng.standard_normal((ROWS, 20)), rng.integers(0, 4, ROWS)
    network = Network([20, 16, 4], hidden="tanh", cost="log_likelihood", dropout=0.2)
    callbacks = [Disturbed(way, at, delay, folder)] if parallel.rank == rank else []
    how = {"optimizer": momentum(0.02), "batch_size": BATCH, "epochs": EPOCHS, "validation": (x[:70], y[:70])}
    how |= {
        "backend": backend.get("numpy", dtype="float64"),
        "checkpoint": Checkpoint(Path(folder, "state"), "7 steps"),
    }
    result = train(network, (x, y), callbacks=callbacks, parallel=parallel, **how)
    if parallel.rank == 0:
        np.save(Path(folder, "end.npy"), np.concatenate([np.ravel(w) for w in leaves(result.parameters)]))


def start(n, folder, way="none", rank=-1, at=0, delay=0.0):
    """Start a job of n processes."""
    words = ["--job", str(folder), way, str(rank), str(at), str(delay)]
    command = [MPIEXEC, "-n", str(n), sys.executable, __file__, *words]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process, limit=120.0):
    """Wait for a job; return its exit code, what it wrote to standard error, and when it ended."""
    _, errors = process.communicate(timeout=limit)
    return process.returncode, errors, monotonic()


def ended(n, folder, whole):
    """Resume in n processes; return how far the weights are from the undisturbed ones."""
    code, errors, _ = finish(start(n, folder))
    if code:
        raise SystemExit(f"a job of {n} did not resume: {errors}")
    return float(np.abs(np.load(folder / "end.npy") - whole).max())


def fail(way, rng, folder, whole):
    """Let a process of a job fail, and resume with another number; return a row of figures."""
    n = rng.randint(1, 4)
    rank, at, delay = rng.randrange(n), rng.randint(1, STEPS - 12), rng.uniform(0.0, 0.01)
    code, errors, end = finish(start(n, folder, way, rank, at, delay))
    failed = folder / "failed"
    if code == 0 or not failed.exists():
        raise SystemExit(f"a job in which a process failed ended with exit code {code}: {errors}")
    if way == "raise" and n > 1 and f"xpnet: rank {rank} of {n} failed, so all end: ZeroDivisionError" not in errors:
        raise SystemExit(f"a job did not say what failed: {errors}")
    seconds, saved = end - float(failed.read_text(encoding="utf-8").split()[1]), len(written(folder / "state"))
    again = rng.choice([m for m in (1, 2, 3, 4) if m != n])
    return (way, n, rank, at, saved, seconds, again, ended(again, folder, whole))


def stand_still(folder, whole):
    """Stop a process of two for a while; return the seconds that the job waited, and the distance at the end."""
    process = start(2, folder, "stop", 1, STEPS // 2)
    while not (folder / "failed").exists():
        if process.poll() is not None:
            raise SystemExit(f"a job ended before a process stood still: {finish(process)[1]}")
        sleep(0.01)
    sleep(STILL)
    waiting = process.poll() is None
    os.kill(int((folder / "failed").read_text(encoding="utf-8").split()[0]), signal.SIGCONT)
    code, errors, _ = finish(process)
    if code:
        raise SystemExit(f"a job did not go on: {errors}")
    return waiting, float(np.abs(np.load(folder / "end.npy") - whole).max())


def main():
    """Disturb jobs and compare them with one that was left alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="3 kills")
    parser.add_argument("--job", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        folder, way, rank, at, delay = options.job
        return job(folder, way, int(rank), int(at), float(delay))
    kills, raises = (3, 1) if options.quick else (options.kills, 5)
    rng, rows = random.Random(options.seed), []
    with tempfile.TemporaryDirectory() as place:
        folders = iter(Path(place, str(i)) for i in range(kills + raises + 2))

        def fresh():
            folder = next(folders)
            folder.mkdir()
            return folder

        first = fresh()
        finish(start(1, first))
        whole = np.load(first / "end.npy")
        print("failure  processes  rank  step  checkpoints  ended after  resumed in  distance", flush=True)
        for way in ["kill"] * kills + ["raise"] * raises:
            way, n, rank, at, saved, seconds, again, far = row = fail(way, rng, fresh(), whole)
            rows.append(row)
            print(
                f"{way:7s} {n:10d} {rank:5d} {at:5d} {saved:12d} {seconds:10.2f} s {again:11d}  {far:.1e}", flush=True
            )
        waiting, still = stand_still(fresh(), whole)
    slowest, farthest = max(row[5] for row in rows), max(row[7] for row in rows)
    print(f"{kills} kills and {raises} errors: every job ended, the slowest {slowest:.2f} s after the failure")
    print(f"the largest distance of a weight from the undisturbed training is {farthest:.1e}")
    print(
        f"while a process stood still for {STILL:.0f} s, the job {'waited' if waiting else 'ENDED'}; then {still:.1e}"
    )
    return 0 if slowest < 10.0 and max(farthest, still) <= 1e-10 and waiting else 1


if __name__ == "__main__":
    sys.exit(main())
