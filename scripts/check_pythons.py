"""Run the README's two commands on every supported Python that is here.

    python scripts/check_pythons.py [--quick] [--only 3.13,3.14]

The Pythons are those of the classifiers in pyproject.toml.  Each is looked for on the path, and where `uv` keeps them
(`uv python install 3.13` gets one).  `--quick` trains, and runs a few tests on one library.  A Python that is not here
is named and passed over; with `--only` it is an error.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT = shutil.ignore_patterns(".git", ".venv*", "__pycache__", "*_cache", ".hypothesis", "build", "dist")
QUICK = "pytest -q tests/test_public_api.py tests/nn/test_costs.py tests/training/optimizing tests/io"


def main() -> None:
    """Try each Python, and stop at the end if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few tests instead of all")
    parser.add_argument("--only", help="these versions, with commas between them; all must be here")
    options = parser.parse_args()
    bad = []
    for version in options.only.split(",") if options.only else supported():
        python = find(version)
        outcome = "not here" if python is None else try_on(python, quick=options.quick)
        print(f"Python {version}: {outcome}", flush=True)
        if outcome == "failed" or (python is None and options.only):
            bad.append(version)
    if bad:
        sys.exit(f"check_pythons: failed or not here: {', '.join(bad)}")


def supported() -> list[str]:
    """Return the versions that the classifiers name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    words = [line.rpartition(" ")[2] for line in project["classifiers"] if line.startswith("Programming Language")]
    return [word for word in words if "." in word]


def find(version: str) -> str | None:
    """Return the path of a Python that can make environments, or None."""
    candidates = [shutil.which(f"python{version}")]
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        candidates.append(sys.executable)
    if shutil.which("uv"):
        command = ["uv", "python", "find", "--no-python-downloads", version]
        candidates.append(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())
    return next((path for path in candidates if path and can_make_environments(path)), None)


def can_make_environments(python: str) -> bool:
    """Tell whether `venv` works: some systems leave a part of it out."""
    command = [python, "-c", "import venv, ensurepip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def commands(*, quick: bool) -> list[str]:
    """Return the README's two commands, the second shortened where asked."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    train, test = [line for line in lines if line.startswith("python3 -m venv .venv && ")][:2]
    return [train, test.replace(".venv/bin/pytest", f".venv/bin/{QUICK}") if quick else test]


def try_on(python: str, *, quick: bool) -> str:
    """Run the commands in a copy of the checkout in which `python3` is this Python."""
    with tempfile.TemporaryDirectory() as name:
        copy, programs = Path(name) / "xpnet", Path(name) / "bin"
        shutil.copytree(ROOT, copy, ignore=LEFT)
        programs.mkdir()
        # a script, not a link: a link to an environment's Python would lose the environment
        (programs / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n', encoding="utf-8")
        (programs / "python3").chmod(0o755)
        environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        if quick:
            environment["XPNET_TEST_BACKENDS"] = "numpy-float64"
        for command in commands(quick=quick):
            print("$", command, flush=True)
            if subprocess.run(["bash", "-euc", command], cwd=copy, env=environment, check=False).returncode:
                return "failed"
    return "passed"


if __name__ == "__main__":
    main()
