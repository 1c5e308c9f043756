"""Groups handed to executors: results in order however they finish, errors with their setting, nothing lost."""

import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

import pytest
import search_cases

import xpnet
from xpnet.data import Scaling, stratified_folds
from xpnet.training.runs.trials.groups import size_for

ROOT = Path(__file__).parents[4]
NETWORK, GRID = xpnet.Network([2, 3, 2]), {"eta": [0.1, 0.5, 1.0], "hidden": [0, 3]}


def find(**arguments):
    return xpnet.search(NETWORK, **({"data": search_cases.clouds(), "grid": GRID, "folds": 2, "epochs": 2} | arguments))


def without_seconds(results):
    return [trial._replace(seconds=0.0) for trial in results.trials]


class Backwards(Executor):
    """Runs the last group first, and says how many workers it has as MPI's executor does."""

    def __init__(self, workers=2):
        self.num_workers, self.submitted, self.run = workers, [], []

    def submit(self, f, /, *args, **kwargs):
        future = Future()
        self.submitted.append((future, f, args))
        if len(self.submitted) == self.expected:
            for each, function, given in reversed(self.submitted):
                self._finish(each, function, given)
        return future

    def _finish(self, future, function, given):
        self.run.append(given[0])
        try:
            future.set_result(function(*given))
        except BaseException as error:
            future.set_exception(error)


def test_results_are_in_order_however_groups_finish():
    executor = Backwards()
    executor.expected = 4  # two shapes, two parts of at most three networks
    assert without_seconds(find(executor=executor, at_once=3)) == without_seconds(find())
    assert [group.jobs[0].setting for group in executor.run] == [3, 1, 2, 0]


@pytest.mark.parametrize(("jobs", "workers", "size"), [(1000, 2, 64), (64, 2, 8), (7, 4, 1), (100, 5, 5), (1, 1, 1)])
def test_groups_are_several_for_each_worker(jobs, workers, size):
    assert size_for(Backwards(workers), jobs) == size
    with ThreadPoolExecutor(workers) as executor:
        assert size_for(executor, jobs) == size
    assert size_for(None, jobs) == 64


@pytest.mark.skipif("forkserver" not in get_all_start_methods(), reason="Windows starts processes in one way only")
def test_processes_of_a_fork_server_find_the_same():  # the default of Python 3.14 on Linux
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as executor:
        found = find(seeds=2, executor=executor)
    assert without_seconds(found) == without_seconds(find(seeds=2))


def test_processes_find_the_same(tmp_path):
    expected = find(seeds=2, preprocessing=Scaling.standardize)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        found = find(seeds=2, preprocessing=Scaling.standardize, executor=executor)
        assert without_seconds(found) == without_seconds(expected)
        # data that each process reads itself, a score by name, folds that finish in another order
        arguments = {"score": search_cases.share_of_right, "preprocessing": search_cases.late, "folds": 3}
        found = find(data=search_cases.clouds, executor=executor, **arguments)
        assert without_seconds(found) == without_seconds(find(**arguments))
        path = tmp_path / "found.jsonl"
        with pytest.raises(RuntimeError, match="'no such metric', in the setting eta="):
            find(score=search_cases.failing, executor=executor, path=path)
        with pytest.raises(RuntimeError, match=r"pickle .*, in the setting eta=0\.1"):
            find(score=lambda y, predicted: 0.5, executor=executor)
        with pytest.raises(RuntimeError, match=r"terminated abruptly .* in the setting eta="):
            find(score=search_cases.dying, executor=executor, at_once=2)


def test_an_error_names_its_setting_and_keeps_what_has_finished(tmp_path):
    path, calls = tmp_path / "found.jsonl", []

    def score(y, predicted):
        calls.append(1)
        if len(calls) > 3:
            raise KeyError("no such metric")
        return 0.5

    with pytest.raises(RuntimeError, match=r"'no such metric', in the setting eta=0\.5 hidden=0 or another"):
        find(score=score, path=path, at_once=3)
    assert len(path.read_text().splitlines()) == 1 + 3
    calls.clear()
    executor = Backwards()
    executor.expected = 4
    with pytest.raises(RuntimeError, match="'no such metric', in the setting"):
        find(score=score, path=tmp_path / "other.jsonl", at_once=3, executor=executor)
    assert len((tmp_path / "other.jsonl").read_text().splitlines()) == 1 + 3


def test_groups_that_have_not_begun_are_not_run_after_an_error():
    class Failing(Backwards):
        def submit(self, f, /, *args, **kwargs):
            future = Future()
            self.submitted.append(future)
            if len(self.submitted) == 1:
                future.set_exception(ValueError("eta must be smaller"))
            return future

    failing = Failing()
    with pytest.raises(ValueError, match=r"eta must be smaller, in the setting eta=0\.1"):
        find(executor=failing, at_once=2)
    assert all(future.cancelled() for future in failing.submitted[1:])


@pytest.mark.parametrize("threads", [None, 2])
def test_an_interrupt_keeps_what_has_finished(tmp_path, threads):
    path, calls = tmp_path / "found.jsonl", []

    def score(y, predicted):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return 0.5

    executor = None if threads is None else ThreadPoolExecutor(1)
    with pytest.raises(KeyboardInterrupt):
        find(score=score, path=path, at_once=2, executor=executor)
    if executor:
        executor.shutdown()
    finished = len(path.read_text().splitlines()) - 1
    # a worker may finish further groups before it is told to stop: they are kept, too; the group of the fifth is lost
    assert finished == 4 if threads is None else finished in (4, 6, 8, 10)
    calls[:] = [1] * 9
    found = find(score=score, path=path, at_once=2)
    assert len(calls) == 9 + 12 - finished
    assert len(found.trials) == 12


def test_an_interrupt_while_workers_are_waited_for_keeps_what_they_have_finished(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("xpnet.training.runs.trials.executing.wait", interrupt)
    executor = Backwards()
    executor.expected = 2  # of four groups, two have finished when the interrupt comes
    found = find(executor=executor, at_once=3, interrupt="return")
    assert len(found.trials) == 6
    assert all(future.cancelled() for future, *_ in executor.submitted[2:])


def test_an_interrupt_may_return_what_has_finished():
    calls = []

    def score(y, predicted):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return 0.5

    found = find(score=score, at_once=2, interrupt="return")
    assert len(found.trials) == 4
    assert [row.trials for row in found] == [2, 0, 2, 0, 0, 0]
    assert found.best.number == 0
    assert "8 trials not finished" in repr(found)
    assert found.table().count("2 missing") == 4


def mpiexec():
    """Return what starts MPI's processes, or skip."""
    if find_spec("mpi4py") is None:
        pytest.skip("mpi4py is not installed")
    here = Path(find_spec("mpi4py").origin).parents[4] / "bin" / "mpiexec"  # beside a wheel of MPI's
    found = str(here) if here.exists() else shutil.which("mpiexec")
    if found is None:
        pytest.skip("mpiexec is not installed")
    return found


def test_mpi_finds_the_same(tmp_path):
    start = mpiexec()
    script = tmp_path / "find.py"
    script.write_text(
        textwrap.dedent("""
        from mpi4py.futures import MPIPoolExecutor
        import search_cases, xpnet

        if __name__ == "__main__":
            with MPIPoolExecutor() as executor:
                found = xpnet.search(
                    xpnet.Network([2, 3, 2]), search_cases.clouds, {"eta": [0.1, 0.5, 1.0], "hidden": [0, 3]},
                    folds=2, epochs=2, executor=executor,
                )
            print([(trial.place, trial.score, trial.cost) for trial in found.trials])
        """)
    )
    library = Path(start).parents[1] / "lib"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, [str(library), os.environ.get("LD_LIBRARY_PATH")])),
    }
    command = [start, "-n", "2", sys.executable, "-m", "mpi4py.futures", str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, cwd=tmp_path)
    if ran.returncode and "cannot load MPI library" in ran.stderr:
        pytest.skip("mpi4py finds no MPI library")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str([(trial.place, trial.score, trial.cost) for trial in find().trials])


def test_a_function_is_sent_in_the_place_of_large_data():
    executor = Backwards()
    executor.expected = 2
    found = find(data=search_cases.clouds, executor=executor, at_once=9)
    assert without_seconds(found) == without_seconds(find())
    assert all(run.args[0].data is search_cases.clouds for _, run, _ in executor.submitted)


def test_folds_are_not_needed_to_pickle_as_they_were_given():
    with ThreadPoolExecutor(1) as executor:
        found = find(folds=iter(stratified_folds(search_cases.clouds()[1], 2)), executor=executor)
    assert without_seconds(found) == without_seconds(find())
