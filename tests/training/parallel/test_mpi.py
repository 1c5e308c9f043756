"""Jobs of two and three MPI processes end where one process ends; what one of them cannot do ends all."""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

import xpnet

sys.path.insert(0, str(Path(__file__).parent))
import job

pytest.importorskip("mpi4py")
try:
    INSTALLED = [f.locate().resolve() for f in metadata.files("mpich") or ()]
except metadata.PackageNotFoundError:
    INSTALLED = []  # an MPI of the system, perhaps
FOLDERS = [*{str(f.parent) for f in INSTALLED if f.name == "mpiexec"}, os.environ["PATH"]]
MPIEXEC = shutil.which("mpiexec", path=os.pathsep.join(FOLDERS))
JOB = Path(__file__).with_name("job.py")
pytestmark = pytest.mark.skipif(MPIEXEC is None, reason="no mpiexec")


def run(n, task, folder):
    """Run a job of n processes; return the finished process and its seconds."""
    return start(n, [str(JOB), task, str(folder)], folder)


def start(n, arguments, folder):
    """Run Python in n processes with these arguments; return the finished process and its seconds."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    for library in (f for f in INSTALLED if f.name == "libmpi.so.12"):
        environment["MPI4PY_LIBMPI"] = str(
            library
        )  # mpi4py looks beside this Python, which need not be where pip put it
    begun = monotonic()
    command = [MPIEXEC, "-n", str(n), sys.executable, *arguments]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return done, monotonic() - begun


@pytest.fixture(scope="module")
def alone():
    return job.everything(None)


@pytest.mark.parametrize("n", [2, 3])
def test_the_number_of_processes_only_changes_the_rounding(n, alone, tmp_path):
    done, _ = run(n, "train", tmp_path)
    assert done.returncode == 0, done.stderr
    ranks = [np.load(tmp_path / f"{n}-{rank}.npz") for rank in range(n)]
    for name, expected in alone.items():
        for found in ranks:
            np.testing.assert_allclose(found[name], expected, rtol=0.0, atol=1e-10, err_msg=name)
            assert (found[name] == ranks[0][name]).all(), f"{name} differs between processes"


def test_recommenders_are_bit_for_bit_those_of_one_process(tmp_path):
    expected = job.recommenders(None)
    for n in (2, 3):  # the second job goes on from the checkpoints of the first one
        done, _ = run(n, "recommend", tmp_path)
        assert done.returncode == 0, done.stderr
        for rank in range(n):
            found = np.load(tmp_path / f"{n}-{rank}.npz")
            for name, value in expected.items():
                assert (found[name] == value).all(), f"{name} in rank {rank} of {n}"
    assert any((tmp_path / "path").glob("step-*.npz"))


def test_processes_that_differ_are_refused_by_each(tmp_path):
    done, _ = run(2, "differ", tmp_path)
    assert done.returncode != 0
    refused = "processes must have the same seed, got 0 in rank 0 and 1 in 1"
    assert done.stderr.count(refused) == 2


@pytest.mark.parametrize("task", ["die", "fail"])
def test_a_process_that_ends_ends_all(task, tmp_path):
    done, seconds = run(3, task, tmp_path)
    assert done.returncode != 0
    assert seconds < 30.0
    if task == "fail":
        assert "xpnet: rank 2 of 3 failed, so all end: ZeroDivisionError: a callback failed" in done.stderr


def test_the_command_trains_once_in_all_processes(tmp_path):
    command = ["-m", "xpnet", "train", "--epochs", "2", "--dtype", "float64", "--quiet"]
    shared, _ = start(2, [*command, "--distributed", "-o", "shared.safetensors"], tmp_path)
    one = subprocess.run(
        [sys.executable, *command, "-o", "one.safetensors"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (shared.returncode, one.returncode) == (0, 0), shared.stderr
    assert len(shared.stdout.splitlines()) == len(one.stdout.splitlines())
    found, expected = (xpnet.load(tmp_path / f"{name}.safetensors").parameters for name in ("shared", "one"))
    for w, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(w.w, other.w, rtol=0.0, atol=1e-10)


def test_the_command_says_what_one_job_cannot_do(tmp_path):
    done, _ = start(2, ["-m", "xpnet", "train", "--members", "3", "--distributed"], tmp_path)
    assert done.returncode == 2
    assert "--distributed trains one network" in done.stderr


def test_processes_train_on_a_matrix_and_a_file_of_labels(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.standard_normal((203, 5)))
    np.save(tmp_path / "y.npy", rng.integers(0, 3, 203))
    command = ["-m", "xpnet", "train", "x.npy", "--target", "y.npy", "--epochs", "2", "--dtype", "float64", "--quiet"]
    command += ["--distributed", "-o"]  # of a table it means other settings than one process has by default
    shared, _ = start(3, [*command, "shared.safetensors"], tmp_path)
    one, _ = start(1, [*command, "one.safetensors"], tmp_path)
    assert (shared.returncode, one.returncode) == (0, 0), shared.stderr
    found, expected = (xpnet.load(tmp_path / f"{name}.safetensors").parameters for name in ("shared", "one"))
    for w, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(w.w, other.w, rtol=0.0, atol=1e-10)


def test_the_command_fits_a_recommender_once_in_all_processes(tmp_path):
    rng = np.random.default_rng(0)
    pair = rng.permutation(20 * 15)[:150]
    rows = "".join(f"{p // 15},{p % 15},{r}\n" for p, r in zip(pair, rng.integers(1, 6, 150), strict=True))
    (tmp_path / "ratings.csv").write_text("user,item,rating\n" + rows)
    command = ["-m", "xpnet", "recommend", "fit", "ratings.csv", "--lambda", "1", "--factors", "2"]
    shared, _ = start(2, [*command, "--distributed", "-o", "shared.npz"], tmp_path)
    one, _ = start(1, [*command, "-o", "one.npz"], tmp_path)
    assert (shared.returncode, one.returncode) == (0, 0), shared.stderr
    assert shared.stdout.replace("shared.npz", "one.npz") == one.stdout
    assert (tmp_path / "shared.npz").read_bytes() == (tmp_path / "one.npz").read_bytes()
    refused, _ = start(2, [*command, "--model", "soft-impute", "--distributed"], tmp_path)
    assert refused.returncode == 2
    assert "--distributed is for als and implicit; soft-impute is fitted in one process" in refused.stderr


def test_the_command_scales_batch_and_learning_rate_on_request(tmp_path):
    command = ["-m", "xpnet", "train", "--epochs", "1", "--dtype", "float64", "--quiet"]
    scaled = ["--batch-size", "30", "--eta", "0.1", "--distributed", "--scale-batch"]
    shared, _ = start(2, [*command, *scaled, "-o", "shared.safetensors"], tmp_path)
    one, _ = start(1, [*command, "--batch-size", "60", "--eta", "0.2", "-o", "one.safetensors"], tmp_path)
    assert (shared.returncode, one.returncode) == (0, 0), shared.stderr
    found, expected = (xpnet.load(tmp_path / f"{name}.safetensors").parameters for name in ("shared", "one"))
    for w, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(w.w, other.w, rtol=0.0, atol=1e-10)
    for flags, told in [
        (["--distributed", "--optimizer", "adam"], "--scale-batch is the linear rule, for mini-batches of sgd"),
        (["--distributed", "--batch-size", "full"], "got --batch-size full"),
        ([], "--scale-batch needs --distributed"),
    ]:
        refused, _ = start(1, [*command, "--scale-batch", *flags], tmp_path)
        assert refused.returncode == 2
        assert told in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
