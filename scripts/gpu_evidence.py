"""All evidence about xpnet on a GPU, by one command, on one page: what makes half an hour on a borrowed one count.

    python scripts/gpu_evidence.py [--out FOLDER] [--minutes 8] [--parts device,tests] [--data mnist.npz]
                                   [--wheels FOLDER] [--again] [--dry-run]

Parts: smoke, device, purity, agreement, shards, tests, training, benchmark.  Each runs in processes of its own, within
its share of the time, and is written to gpu-<device>-<date>.json and .md as it goes: a part that fails or a device that
is lost stops nothing else.  Called again, it goes on where it stopped; what is done for this source is done again only
with `--again`.  Nothing outside is needed; `--wheels` names a folder of wheels for packages that are not installed.
`--dry-run` goes through it all without a GPU and without a figure, `--quick` into a folder that is thrown away.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from time import monotonic, sleep

from gpu.keeping import DRY, OUT_OF_TIME, SPOILED, TAIL, clean, nothing_yet, write_json, write_text
from gpu.report import page

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
# module and weight of its time, in this order: what a part leaves over the next ones have, the hungry ones come last
PARTS = {
    "smoke": ("gpu.smoke", 6),
    "device": ("gpu.device", 3),
    "purity": ("gpu.purity", 4),
    "agreement": ("gpu.agreement", 6),
    "shards": ("gpu.shards", 3),
    "tests": ("gpu.suite", 22),
    "training": ("gpu.training", 8),
    "benchmark": ("gpu.benchmark", 27),
}
NAME = "from gpu import bench, device; print(device.name(bench.Bench({dry})))"


def collect(options, environment, say=print, parts=PARTS):
    """Do the parts that are wanted and not done; return the record."""
    end = monotonic() + 60 * options.minutes
    device = DRY if options.dry_run else name_of_device(environment)
    source = fingerprint(ROOT / "xpnet")
    path, record = open_record(options.out, device, source, options.dry_run)
    known = {name: part for name, part in record["parts"].items() if part["source"] == source and not options.again}
    done = [name for name in options.parts if known.get(name, {}).get("status") == "done"]
    for name in done:
        say(f"{name}: done before")
    wanted = [name for name in parts if name in options.parts and name not in done]
    for i, name in enumerate(wanted):

        def keep(state, name=name):
            record["parts"][name] = state | {"source": source, "date": date.today().isoformat()}
            write_json(path, record, options.dry_run)
            write_text(path.with_suffix(".md"), page(clean(record, options.dry_run)))

        began = monotonic()
        weights = [parts[each][1] for each in wanted[i:]]
        limit = (end - began) * weights[0] / sum(weights)
        state = run_part(
            part_command(parts[name][0], options), unfinished(known.get(name, {})), limit, environment, keep
        )
        took = {} if options.dry_run else {"seconds": monotonic() - began}
        keep(state | {"status": status(state)} | took)
        say(f"{name}: {status(state)}, {len(state['items'])} items" + "".join(f", {s:.0f} s" for s in took.values()))
    say(path.with_suffix(".md"))
    say(f"all of it in one file, to send: {path}")
    return record


def part_command(module, options):
    """Return the words that run one part, but for the file and the seconds it is given."""
    words = [sys.executable, "-m", "gpu.part", module]
    words += ["--data", str(Path(options.data).resolve())] if options.data else []
    return words + (["--dry-run"] if options.dry_run else [])


# ---- the record -----------------------------------------------------------------------------------------------------


def open_record(folder, device, source, dry):
    """Return the path and the record to go on with: the newest of this device and source, or a new one of today."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = "dry-run" if dry else "gpu-" + re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")
    today = folder / f"{stem}-{date.today().isoformat()}.json"
    for path in sorted(folder.glob(f"{stem}-????-??-??.json"), reverse=True):
        record = json.loads(path.read_text(encoding="utf-8"))
        if path == today or any(part["source"] == source for part in record["parts"].values()):
            return path, record
    return today, {"device": device, "date": date.today().isoformat(), "dry run": dry, "parts": {}}


def fingerprint(package):
    """Return twelve letters that name the source of a package."""
    files = sorted(package.rglob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


def unfinished(known):
    """Return the state to go on from: what was found, but not what failed, was cut short or had no time."""
    items = {name: item for name, item in known.get("items", {}).items() if not item.get("interrupted")}
    return nothing_yet() | {"items": items}


def status(state):
    """Return "failed" if an item failed, "cut" if time ended first, else "done"."""
    if state["errors"]:
        return "failed"
    cut = OUT_OF_TIME in state["left_out"].values() or any(item.get("interrupted") for item in state["items"].values())
    return "cut" if cut else "done"


# ---- processes ------------------------------------------------------------------------------------------------------


def run_part(words, state, limit, environment, keep):
    """Run a part's process, and again for the rest whenever it dies, until the time is up; return the state."""
    end = monotonic() + limit
    with tempfile.TemporaryDirectory() as folder:
        path, log = Path(folder, "state.json"), Path(folder, "log.txt")
        write_json(path, state)
        while True:
            ended = run_process(
                [*words, "--keep", str(path), "--seconds", str(max(0.0, end - monotonic() - 2.0))],
                log, end, environment, path, lambda: keep(read(path) | {"status": "under way"}),
            )  # fmt: skip
            state = read(path)
            item, state["under_way"] = state["under_way"], None
            if ended is None:
                state["left_out"] |= {item or "the rest": OUT_OF_TIME}
            elif item:
                state["errors"][item] = f"the process ended with status {ended}\n{tail(log)}"
            elif ended not in (0, SPOILED):
                state["errors"]["the part itself"] = tail(log)
            if ended in (0, None) or "the part itself" in state["errors"]:
                return state
            write_json(path, state)


def run_process(words, log, end, environment, path, changed):
    """Return the exit status of a process, or None if it had to be killed at the end of its time."""
    seen = path.stat().st_mtime_ns
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            words, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT, env=environment, start_new_session=True
        )
        try:
            while process.poll() is None and monotonic() < end:
                sleep(0.1)
                if path.stat().st_mtime_ns != seen:
                    seen = path.stat().st_mtime_ns
                    changed()
            return process.poll()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def read(path):
    """Return what a file of JSON holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def tail(path):
    """Return the end of a log."""
    return path.read_text(encoding="utf-8", errors="replace")[-TAIL:]


def name_of_device(environment):
    """Return the name of the GPU, or leave with the reason why there is none."""
    words = [sys.executable, "-c", NAME.format(dry=False)]
    ran = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(
            f"no GPU to be used through CuPy; --dry-run does without\n{ran.stderr.strip().splitlines()[-1]}"
        )
    return ran.stdout.splitlines()[-1].strip()


def variables(dry, wheels=()):
    """Return the environment of the parts: this checkout's xpnet, and no settings of it from outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XPNET_", "CUPY_TF32"))}
    paths = [str(ROOT), str(SCRIPTS), *map(str, wheels), *filter(None, [kept.get("PYTHONPATH")])]
    kept |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    return kept | ({"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""} if dry else {})


def unpack(folder, target):
    """Return where the missing packages of a folder of wheels can be imported from: installed, or as they are."""
    missing = [str(wheel) for wheel in sorted(Path(folder).resolve().glob("*.whl")) if not installed(wheel)]
    words = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--no-compile",
        "--target",
        target,
    ]
    if not missing or subprocess.run([*words, *missing], check=False).returncode == 0:
        return [target] if missing else []
    print("pip could not install the wheels: taken as they are, which pure ones allow")
    return missing


def installed(wheel):
    """Return whether the package of a wheel is here, in whatever version."""
    try:
        importlib.metadata.distribution(wheel.name.partition("-")[0])
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main():
    """Collect the evidence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--minutes", type=float, default=8.0, help="for all parts together")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--data", help="an npz file with x_train, y_train, x_test and y_test, uint8 pixels")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels for what is not installed")
    parser.add_argument("--again", action="store_true", help="do parts that are done again")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a dry run into a folder that is thrown away")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"--parts must be among {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        if options.quick:
            options.dry_run, options.out = True, Path(stack.enter_context(tempfile.TemporaryDirectory()))
        target = stack.enter_context(tempfile.TemporaryDirectory())
        wheels = unpack(options.wheels, target) if options.wheels else []
        record = collect(options, variables(options.dry_run, wheels))
    wanted = [record["parts"][name]["status"] for name in options.parts]
    sys.exit(0 if set(wanted) <= {"done"} else 1)


if __name__ == "__main__":
    main()
